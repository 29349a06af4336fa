"""Who may call which operation: roles of people, permissions of Apps, and the 403 and 404 of those who may not."""

from collections.abc import Mapping
from dataclasses import dataclass

from nhi.sandbox.github.call import Call, Caller, Refusal
from nhi.sandbox.github.things import LEVELS, Account, Repository
from nhi.sandbox.github.world import World

_READS = ("read", "write", "admin")


@dataclass(frozen=True, slots=True)
class Need:
    """What one operation asks of its caller."""

    role: str
    """The least role of a person."""
    permissions: tuple[str, ...]
    """`contents:write`: any one of these permissions of an App."""
    refused: int = 404
    """What somebody gets who may read, but not do this: 403 where the description has it."""


def _need(role: str, *permissions: str, refused: int = 404) -> Need:
    return Need(role, permissions, refused)


_METADATA = _need("read", "metadata:read")
_READ_STATUS = _need("read", "statuses:read")
_READ_PULL = _need("read", "pull_requests:read")
_READ_ISSUE = _need("read", "issues:read", "pull_requests:read")
_WRITE_ISSUE = _need("read", "issues:write", "pull_requests:write", refused=403)
_TRIAGE_ISSUE = _need("triage", "issues:write", "pull_requests:write", refused=403)
NEEDS: Mapping[str, Need] = {
    "repos/get": _METADATA,
    "repos/update": _need("admin", "administration:write", refused=403),
    "repos/get-branch": _need("read", "contents:read"),
    "repos/get-collaborator-permission-level": _METADATA,
    "repos/list-commit-statuses-for-ref": _READ_STATUS,
    "repos/get-combined-status-for-ref": _READ_STATUS,
    "repos/create-commit-status": _need("write", "statuses:write", refused=403),
    "repos/list-pull-requests-associated-with-commit": _need("read", "contents:read", "pull_requests:read"),
    "repos/get-branch-rules": _METADATA,
    "repos/get-repo-rulesets": _METADATA,
    "repos/get-repo-ruleset": _METADATA,
    "repos/create-repo-ruleset": _need("admin", "administration:write"),
    "repos/update-repo-ruleset": _need("admin", "administration:write"),
    "repos/codeowners-errors": _need("read", "contents:read"),
    "repos/get-environment": _need("read", "actions:read"),
    "repos/list-deployment-branch-policies": _need("read", "actions:read"),
    "repos/create-dispatch-event": _need("write", "contents:write"),
    "repos/list-activities": _need("read", "contents:read"),
    "pulls/get": _READ_PULL,
    "pulls/list": _READ_PULL,
    "pulls/create": _need("read", "pull_requests:write", refused=403),
    "pulls/update": _need("read", "pull_requests:write", refused=403),
    "pulls/list-reviews": _READ_PULL,
    "pulls/create-review": _need("read", "pull_requests:write", refused=403),
    "pulls/dismiss-review": _need("write", "pull_requests:write"),
    "pulls/list-commits": _READ_PULL,
    "pulls/list-files": _READ_PULL,
    "pulls/merge": _need("write", "contents:write", refused=403),
    "pulls/request-reviewers": _need("triage", "pull_requests:write", refused=403),
    "pulls/list-requested-reviewers": _READ_PULL,
    "issues/list-for-repo": _READ_ISSUE,
    "issues/create": _need("read", "issues:write", refused=403),
    "issues/get": _READ_ISSUE,
    "issues/update": _WRITE_ISSUE,
    "issues/list-comments": _READ_ISSUE,
    "issues/create-comment": _WRITE_ISSUE,
    "issues/update-comment": _WRITE_ISSUE,
    "issues/delete-comment": _WRITE_ISSUE,
    "issues/add-labels": _TRIAGE_ISSUE,
    "issues/remove-label": _TRIAGE_ISSUE,
    "issues/list-labels-on-issue": _READ_ISSUE,
    "issues/create-label": _need("write", "issues:write", "pull_requests:write", refused=403),
    "issues/get-label": _READ_ISSUE,
    "issues/add-assignees": _TRIAGE_ISSUE,
    "issues/check-user-can-be-assigned": _READ_ISSUE,
    "git/get-ref": _need("read", "contents:read"),
    "git/delete-ref": _need("write", "contents:write", refused=403),
    "git/get-commit": _need("read", "contents:read"),
    "actions/get-github-actions-permissions-repository": _need("admin", "administration:read", refused=403),
    "actions/get-github-actions-default-workflow-permissions-repository": _need(
        "admin", "administration:read", refused=403
    ),
    "actions/get-custom-oidc-sub-claim-for-repo": _need("read", "actions:read"),
    "code-scanning/upload-sarif": _need("write", "security_events:write", refused=403),
}
"""Of Apps: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps; of people:
https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization#permissions-for-each-role"""


def level(repository: Repository, account: Account) -> str:
    """What somebody may do in a repository, one of LEVELS."""
    if account is repository.owner:
        return "admin"
    found = repository.collaborators.get(account.id, "none")
    return "read" if found == "none" and repository.settings.visibility == "public" else found


def at_least(repository: Repository, account: Account, role: str) -> bool:
    """Whether somebody has this role or a greater one."""
    return LEVELS.index(level(repository, account)) >= LEVELS.index(role)


def granted(world: World, repository: Repository, caller: Caller) -> Mapping[str, str]:
    """What an installation's token lets through in a repository; nothing where its App is not installed."""
    app = repository.installed.get(caller.app_id or 0)
    if app is None or world.apps.get(app.id) is not app or caller.is_app_itself:
        return {}
    if caller.permissions is None:
        return app.permissions
    narrowed = {**caller.permissions, "metadata": "read"}
    return {key: value for key, value in narrowed.items() if _covers(app.permissions.get(key), value)}


def may_write(world: World, repository: Repository, caller: Caller) -> bool:
    """Whether a caller may push."""
    if caller.app_id is not None:
        return _covers(granted(world, repository, caller).get("contents"), "write")
    return at_least(repository, world.actor(caller), "write")


def may_administer(world: World, repository: Repository, caller: Caller) -> bool:
    """Whether a caller may change the repository's settings and rules."""
    if caller.app_id is not None:
        return _covers(granted(world, repository, caller).get("administration"), "write")
    return at_least(repository, world.actor(caller), "admin")


def may_triage(world: World, repository: Repository, caller: Caller, permission: str = "issues") -> bool:
    """Whether a caller may label, assign and close what others wrote."""
    if caller.app_id is not None:
        return _covers(granted(world, repository, caller).get(permission), "write")
    return at_least(repository, world.actor(caller), "triage")


def repository_for(world: World, call: Call) -> Repository:
    """The repository that a call is about, for somebody who may make this call.

    Raises:
        Refusal: 404 where the caller may not even know of it; 403 or 404 where this is not for them.
    """
    repository = world.found(f"{call.parameters['owner']}/{call.parameters['repo']}")
    need = NEEDS[call.operation]
    writes = any(not one.endswith(":read") for one in need.permissions)
    if call.caller.app_id is None:
        _check_person(repository, world.actor(call.caller), need)
    else:
        _check_app(granted(world, repository, call.caller), need, repository)
    if repository.settings.archived and writes and call.operation != "repos/update":
        raise Refusal(403, "Repository was archived so is read-only.")
    return repository


def _check_person(repository: Repository, account: Account, need: Need) -> None:
    if not at_least(repository, account, "read"):
        raise Refusal(404, "Not Found")
    if not at_least(repository, account, need.role):
        if need.refused == 404:  # noqa: PLR2004  # HTTP's own number
            raise Refusal(404, "Not Found")
        right = "admin" if need.role == "admin" else "push" if need.role == "write" else need.role
        raise Refusal(403, f"Must have {right} rights to Repository.")


def _check_app(has: Mapping[str, str], need: Need, repository: Repository) -> None:
    if not has and repository.settings.visibility != "public":
        raise Refusal(404, "Not Found")
    wanted = (one.split(":") for one in need.permissions)
    if not any(_covers(has.get(key), value) for key, value in wanted):
        raise Refusal(403, "Resource not accessible by integration")


def _covers(has: str | None, wanted: str) -> bool:
    return has is not None and _READS.index(has) >= _READS.index(wanted)
