"""Rulesets: made, changed, read, and what comes of them for a branch."""

from typing import Any

from nhi.sandbox.github import access, rules
from nhi.sandbox.github.call import Answer, Call, Refusal
from nhi.sandbox.github.operations.asked import body_of, invalid, number_of
from nhi.sandbox.github.shapes import Shape, instant, node, repository_url
from nhi.sandbox.github.things import Repository, Ruleset
from nhi.sandbox.github.world import World

_PULL_DEFAULTS: Shape = {
    "allowed_merge_methods": ["merge", "squash", "rebase"],
    "dismiss_stale_reviews_on_push": False,
    "require_code_owner_review": False,
    "require_last_push_approval": False,
    "required_approving_review_count": 0,
    "required_review_thread_resolution": False,
    "required_reviewers": [],
}
_CHECK_DEFAULTS: Shape = {
    "do_not_enforce_on_create": False,
    "required_status_checks": [],
    "strict_required_status_checks_policy": False,
}


def list_(_: World, repository: Repository, call: Call) -> Answer:
    """`repos/get-repo-rulesets`: without rules, conditions and bypass actors."""
    return Answer(200, [_short(repository, call.origin, one) for one in repository.rulesets.values()])


def get(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/get-repo-ruleset`."""
    return Answer(200, _full(world, repository, call, _ruleset(repository, call)))


def create(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/create-repo-ruleset`."""
    body, at = body_of(call), world.tick()
    _check_name(repository, str(body["name"]), None)
    one = Ruleset(
        next(world.ids),
        str(body["name"]),
        str(body.get("target", "branch")),
        str(body["enforcement"]),
        _bypass(body.get("bypass_actors")),
        _conditions(body.get("conditions")),
        _rules(body.get("rules")),
        at,
        at,
    )
    repository.rulesets[one.id] = one
    return Answer(201, _full(world, repository, call, one))


def update(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/update-repo-ruleset`: what is not in the body stays."""
    one, body = _ruleset(repository, call), body_of(call)
    found = _rules(body["rules"]) if "rules" in body else one.rules
    if "name" in body:
        _check_name(repository, str(body["name"]), one)
    one.name, one.target = str(body.get("name", one.name)), str(body.get("target", one.target))
    one.enforcement, one.rules = str(body.get("enforcement", one.enforcement)), found
    if "bypass_actors" in body:
        one.bypass_actors = _bypass(body["bypass_actors"])
    if "conditions" in body:
        one.conditions = _conditions(body["conditions"])
    one.updated_at = world.tick()
    return Answer(200, _full(world, repository, call, one))


def of_branch(_: World, repository: Repository, call: Call) -> Answer:
    """`repos/get-branch-rules`: those in force, of a branch that need not be there."""
    found: list[Shape] = []
    for rule in rules.rules_of(repository, f"refs/heads/{call.parameters['branch']}"):
        shape: Shape = {"type": rule.type}
        if rule.parameters:
            shape["parameters"] = dict(rule.parameters)
        shape |= {
            "ruleset_source_type": "Repository",
            "ruleset_source": repository.full_name,
            "ruleset_id": rule.ruleset.id,
        }
        found.append(shape)
    return Answer(200, found)


def _ruleset(repository: Repository, call: Call) -> Ruleset:
    found = repository.rulesets.get(number_of(call, "ruleset_id"))
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def _check_name(repository: Repository, name: str, own: Ruleset | None) -> None:
    if any(one.name == name and one is not own for one in repository.rulesets.values()):
        raise invalid("RepositoryRuleset", "name", "custom", "Name must be unique")


def _bypass(given: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # any JSON value
    return [
        {
            "actor_id": one.get("actor_id"),
            "actor_type": one["actor_type"],
            "bypass_mode": one.get("bypass_mode", "always"),
        }
        for one in given or []
    ]


def _conditions(given: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON value
    names = (given or {}).get("ref_name") or {}
    return {"ref_name": {"include": list(names.get("include", [])), "exclude": list(names.get("exclude", []))}}


def _rules(given: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # any JSON value
    found = []
    for one in given or []:
        kind = one["type"]
        if kind not in rules.ENFORCED:
            raise Refusal(501, f"the loopback GitHub does not enforce the rule {kind}")
        match kind:
            case "pull_request":
                parameters = {**_PULL_DEFAULTS, **(one.get("parameters") or {})}
            case "required_status_checks":
                parameters = {**_CHECK_DEFAULTS, **(one.get("parameters") or {})}
            case "update":
                parameters = {"update_allows_fetch_and_merge": False, **(one.get("parameters") or {})}
            case _:
                parameters = {}
        if parameters.get("required_reviewers"):
            raise Refusal(501, "the loopback GitHub does not enforce required_reviewers")
        found.append({"type": kind, "parameters": parameters} if parameters else {"type": kind})
    return found


def _short(repository: Repository, origin: str, one: Ruleset) -> Shape:
    place = f"{repository_url(origin, repository)}/rulesets/{one.id}"
    return {
        "id": one.id,
        "name": one.name,
        "target": one.target,
        "source_type": "Repository",
        "source": repository.full_name,
        "enforcement": one.enforcement,
        "node_id": node("RRS", one.id),
        "_links": {"self": {"href": place}, "html": {"href": f"{origin}/{repository.full_name}/rules/{one.id}"}},
        "created_at": instant(one.created_at),
        "updated_at": instant(one.updated_at),
    }


def _full(world: World, repository: Repository, call: Call, one: Ruleset) -> Shape:
    """With the bypass actors only for those who may change the ruleset."""
    shape = {**_short(repository, call.origin, one), "conditions": one.conditions, "rules": one.rules}
    if rules.bypasses(world, repository, one, call.caller, by_pull=False):
        shape["current_user_can_bypass"] = "always"
    elif rules.bypasses(world, repository, one, call.caller, by_pull=True):
        shape["current_user_can_bypass"] = "pull_requests_only"
    else:
        shape["current_user_can_bypass"] = "never"
    if access.may_administer(world, repository, call.caller):
        shape["bypass_actors"] = one.bypass_actors
    return shape


OPERATIONS = {
    "repos/get-repo-rulesets": list_,
    "repos/get-repo-ruleset": get,
    "repos/create-repo-ruleset": create,
    "repos/update-repo-ruleset": update,
    "repos/get-branch-rules": of_branch,
}
