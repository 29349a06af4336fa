"""Which identities a plan would give back the access that was ended at once. Pure: the plan's JSON in, names out.

`nhi revoke --now` replaces an inline policy by one that denies everything. Terraform finds the policy changed, and
would write the old one again: that must be no side effect of an apply that is about something else. A plan that was
saved before does not know of it, so it says here which policies it would write: who applies it looks at them.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from nhi.model.identity import Json
from nhi.model.revocation import REVOKED_SID, PolicyPlace
from nhi.terraform.address import identity_in

_OWNERS = {"aws_iam_role_policy": "role", "aws_iam_user_policy": "user"}
"""The attribute of an inline policy that names whose it is."""
_CREATE, _DELETE, _FORGET, _NO_OP = ["create"], ["delete"], ["forget"], ["no-op"]


def lifted_revocations(plan: Mapping[str, Json], stack: str) -> tuple[str, ...]:
    """The identities, sorted, of which a policy denies everything at once now and would not after the plan.

    Not where the policy then denies everything in another way (the identity is suspended), nor where it goes together
    with the role or user that it is of.
    """
    lifted = [one for one in _lifting(_changes(plan)) if _is_revoked(_before(one))]
    return tuple(sorted({_identity(one, stack) for one in lifted}))


def written_policies(plan: Mapping[str, Json], stack: str) -> dict[PolicyPlace, str]:
    """The inline policies that would be written or go, and not deny everything then: place → whose.

    Without those whose access the plan itself knows as ended at once, and without those of a role or user that the
    plan makes.
    """
    changes = _changes(plan)
    found = [one for one in _lifting(changes) if not _is_revoked(_before(one))]
    made = _all_that(changes, _CREATE, "after")
    return {place: _identity(one, stack) for one in found if (place := _place(one)) and _principal(place) not in made}


def revoked_now(plan: Mapping[str, Json], stack: str) -> frozenset[str]:
    """The identities of which a policy that the plan would change or destroy denies everything at once now."""
    modules = {str(one.get("module_address")) for one in _changes(plan) if _is_revoked(_before(one))}
    return frozenset(f"{stack}/{name}" for module in modules if (name := identity_in(module)))


def _changes(plan: Mapping[str, Json]) -> list[dict[str, Any]]:
    changes: Any = plan.get("resource_changes") or []
    return [one for one in changes if one.get("mode") != "data"]


def _before(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return resource.get("change", {}).get("before") or {}


def _identity(resource: Mapping[str, Any], stack: str) -> str:
    module = str(resource.get("module_address"))
    return f"{stack}/{identity_in(module) or module}"


def _all_that(changes: Collection[Mapping[str, Any]], actions: list[str], when: str) -> set[tuple[str, str]]:
    """Type and name, before or after, of the resources to which just this happens."""
    wanted = [one for one in changes if one.get("change", {}).get("actions") == actions]
    return {(str(one.get("type")), str((one["change"].get(when) or {}).get("name"))) for one in wanted}


def _principal(place: PolicyPlace) -> tuple[str, str]:
    return f"aws_iam_{place.type}", place.principal


def _place(policy: Mapping[str, Any]) -> PolicyPlace | None:
    """Where an inline policy stands, or is to stand; None for what is none, or where that is not known yet."""
    owner = _OWNERS.get(str(policy.get("type")))
    values = _before(policy) or policy.get("change", {}).get("after") or {}
    match owner, values.get(str(owner)), values.get("name"):
        case str(), str(principal), str(name):
            return PolicyPlace(owner, principal, name)
        case _:
            return None


def _lifting(changes: Collection[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """What would be written or go, and not deny everything then: unless its role or user goes with it for good."""
    ended = _all_that(changes, _DELETE, "before") - _all_that(changes, _CREATE, "after")
    for one in changes:
        change, place = one.get("change", {}), _place(one)
        actions = change.get("actions")
        if actions in (_FORGET, _NO_OP) or _denials((change.get("after") or {}).get("policy")):
            continue
        if not (actions == _DELETE and place and _principal(place) in ended):
            yield one


def _is_revoked(before: Mapping[str, Any]) -> bool:
    return any(one.get("Sid") == REVOKED_SID for one in _denials(before.get("policy")))


def _denials(policy: object) -> list[dict[str, Any]]:
    """The statements of a policy document that deny everything, whatever the circumstances."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else None
    except (ValueError, RecursionError):
        return []
    statements = document.get("Statement") if isinstance(document, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    return [one for one in listed if isinstance(one, dict) and _denies_everything(one)]


def _denies_everything(statement: Mapping[str, Any]) -> bool:
    whole = all(statement.get(key) in ("*", ["*"]) for key in ("Action", "Resource"))
    return whole and statement.get("Effect") == "Deny" and not statement.get("Condition")
