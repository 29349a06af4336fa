"""Accounts and Apps: who the caller is, who others are, tokens of installations, the rate limit."""

from collections.abc import Callable, Mapping

from nhi.sandbox.github import shapes
from nhi.sandbox.github.call import Answer, Call, Refusal
from nhi.sandbox.github.operations.asked import body_of, number_of
from nhi.sandbox.github.shapes import Shape, instant
from nhi.sandbox.github.things import Account, App
from nhi.sandbox.github.world import World

_MADE = "2026-01-01T00:00:00Z"
_READS = ("read", "write", "admin")
_LIMIT = 5000
"""Calls an hour: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api"""


def authenticated_user(world: World, call: Call) -> Answer:
    """`users/get-authenticated`: people only."""
    if call.caller.app_id is not None:
        raise Refusal(403, "Resource not accessible by integration")
    account = world.actor(call.caller)
    counts = dict.fromkeys(
        ("private_gists", "total_private_repos", "owned_private_repos", "disk_usage", "collaborators"), 0
    )
    return Answer(200, {**_public(call.origin, account), **counts, "two_factor_authentication": True})


def user_by_login(world: World, call: Call) -> Answer:
    """`users/get-by-username`. The bot of an App is somebody too; a login that was given up is nobody."""
    account = world.account(call.parameters["username"])
    if account is None:
        raise Refusal(404, "Not Found")
    return Answer(200, _public(call.origin, account))


def authenticated_app(world: World, call: Call) -> Answer:
    """`apps/get-authenticated`: for the App's own JWT."""
    app = _app_itself(world, call)
    owner = next((one.owner for one in world.repositories.values() if app.id in one.installed), app.bot)
    return Answer(200, {**shapes.app(call.origin, app, owner), "installations_count": 1})


def installation(world: World, call: Call) -> Answer:
    """`apps/get-installation`."""
    app = _app_itself(world, call)
    if number_of(call, "installation_id") != app.installation_id:
        raise Refusal(404, "Not Found")
    return Answer(200, _installation(world, call.origin, app))


def repository_installation(world: World, call: Call) -> Answer:
    """`apps/get-repo-installation`."""
    app = _app_itself(world, call)
    repository = world.found(f"{call.parameters['owner']}/{call.parameters['repo']}")
    if repository.installed.get(app.id) is not app:
        raise Refusal(404, "Not Found")
    return Answer(200, _installation(world, call.origin, app))


def installation_token(world: World, call: Call) -> Answer:
    """`apps/create-installation-access-token`: with all permissions, or those that are asked for."""
    app = _app_itself(world, call)
    if number_of(call, "installation_id") != app.installation_id:
        raise Refusal(404, "Not Found")
    body = body_of(call)
    wanted: Mapping[str, str] | None = body.get("permissions")
    for key, level in (wanted or {}).items():
        if key not in app.permissions or _READS.index(level) > _READS.index(app.permissions[key]):
            raise Refusal(422, "The permissions requested are not granted to this installation.")
    names = {one.name.lower() for one in world.repositories.values() if app.id in one.installed}
    if any(str(one).lower() not in names for one in body.get("repositories") or []):
        why = "There is at least one repository that does not exist or is not accessible to the parent installation."
        raise Refusal(422, why)
    token, until = world.tokens.of_installation(app.id, app.slug, wanted)
    has = dict(app.permissions if wanted is None else {**wanted, "metadata": "read"})
    return Answer(
        201, {"token": token, "expires_at": instant(until), "permissions": has, "repository_selection": "selected"}
    )


def rate_limit(_: World, __: Call) -> Answer:
    """`rate-limit/get`."""
    whole = {"limit": _LIMIT, "used": 0, "remaining": _LIMIT, "reset": 1_900_000_000}
    return Answer(200, {"resources": {"core": whole, "search": whole, "graphql": whole}, "rate": whole})


def _app_itself(world: World, call: Call) -> App:
    app = world.apps.get(call.caller.app_id or 0)
    if app is None or not call.caller.is_app_itself:
        raise Refusal(401, "A JSON web token could not be decoded")
    return app


def _installation(world: World, origin: str, app: App) -> Shape:
    owner = next((one.owner for one in world.repositories.values() if app.id in one.installed), app.bot)
    return {
        "id": app.installation_id,
        "account": shapes.user(origin, owner),
        "repository_selection": "selected",
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": owner.id,
        "target_type": "Organization",
        "permissions": dict(app.permissions),
        "events": [],
        "created_at": _MADE,
        "updated_at": _MADE,
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
        "access_tokens_url": f"{origin}/app/installations/{app.installation_id}/access_tokens",
        "repositories_url": f"{origin}/installation/repositories",
        "html_url": f"{origin}/organizations/{owner.login}/settings/installations/{app.installation_id}",
    }


def _public(origin: str, account: Account) -> Shape:
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    nothing = dict.fromkeys(("company", "blog", "location", "email", "hireable", "bio"))
    named = {"name": account.name or None, "created_at": _MADE, "updated_at": _MADE}
    return {**shapes.user(origin, account), **counts, **nothing, **named}


OPERATIONS: Mapping[str, Callable[[World, Call], Answer]] = {
    "users/get-authenticated": authenticated_user,
    "users/get-by-username": user_by_login,
    "apps/get-authenticated": authenticated_app,
    "apps/get-installation": installation,
    "apps/get-repo-installation": repository_installation,
    "apps/create-installation-access-token": installation_token,
    "rate-limit/get": rate_limit,
}
