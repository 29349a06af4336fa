"""Terraform's plan, as JSON, to what it means for each identity. Names of attributes only: a value may be a secret.

The format is https://developer.hashicorp.com/terraform/internals/json-format. What it says that we do not know how to
show is an error, since a change that nobody was shown must not be applied.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.model.plan import Action, IdentityChange, PlanSummary, ResourceChange
from nhi.terraform.address import identity_in

_ACTIONS: Mapping[tuple[str, ...], Action] = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("delete",): Action.DESTROY,
    ("read",): Action.READ,
}
_NO_ACTION = ("no-op",)
_OTHER_WORK = ("deferred_changes", "action_invocations", "deferred_action_invocations")
"""Where Terraform lists work that is not in `resource_changes`, or that this plan leaves for a later one."""


def summarise(plan: Mapping[str, Json], stack: str) -> PlanSummary:
    """What the plan of a stack would do. What belongs to no identity comes first.

    A resource whose address alone changes (a `moved` block in a kind's module) is an update without attributes.

    Raises:
        OutsideError: it is not a plan, it is incomplete, or it would do something that a summary cannot show.
    """
    _refuse_unusable(plan)
    found: defaultdict[str | None, list[ResourceChange]] = defaultdict(list)
    for resource in _objects(plan.get("resource_changes"), "resource_changes"):
        change = _resource_change(resource)
        if change:
            found[_identity(resource, stack)].append(change)
    found[None] += _output_changes(plan)
    return PlanSummary(
        stack=stack,
        identities=tuple(
            IdentityChange(identity=identity, changes=tuple(sorted(changes, key=lambda change: change.address)))
            for identity, changes in sorted(found.items(), key=lambda item: item[0] or "")
            if changes
        ),
    )


def plan_digest(plan: Mapping[str, Json]) -> str:
    """`sha256:` and the hash of everything that the plan says, except when it was made.

    Two plans of the same root, state and cloud have the same digest.
    """
    content: dict[str, Json] = {name: value for name, value in plan.items() if name != "timestamp"}
    relevant = content.get("relevant_attributes")
    if isinstance(relevant, list):  # a set, which Terraform writes in an order of its own
        content["relevant_attributes"] = sorted(relevant, key=_canonical)
    return "sha256:" + hashlib.sha256(_canonical(content).encode()).hexdigest()


def _refuse_unusable(plan: Mapping[str, Json]) -> None:
    version = plan.get("format_version")
    if not isinstance(version, str) or not version.startswith("1."):
        raise _unknown(f"its format version is {_shown(version)}, and only version 1 is known")
    if "planned_values" not in plan:
        raise _unknown("it is not a plan")
    if plan.get("errored"):
        raise OutsideError(
            "Terraform's plan broke off with an error", hint="run `nhi plan` again and read what Terraform says"
        )
    for name in _OTHER_WORK:
        waiting = _objects(plan.get(name), name)
        if waiting:
            raise _unknown(f"it has {name.replace('_', ' ')}, the first for {_shown(_address_within(waiting[0]))}")
    if plan.get("complete") is False:
        raise _unknown("it is incomplete: applying it would leave work for another plan")


def _resource_change(resource: Mapping[str, Json]) -> ResourceChange | None:
    address = _address(resource)
    change = _object(resource.get("change"), f"change of {address}")
    actions = _actions(change, address)
    if change.get("importing"):
        raise _unknown(f"it would import {address}")
    if actions == _NO_ACTION:
        moved = resource.get("previous_address") is not None
        return ResourceChange(address=address, action=Action.UPDATE, attributes=()) if moved else None
    return ResourceChange(address=address, action=_action(actions, address), attributes=_attributes(change))


def _output_changes(plan: Mapping[str, Json]) -> Iterator[ResourceChange]:
    for name, value in _object(plan.get("output_changes") or {}, "output_changes").items():
        address = f"output.{name}"
        actions = _actions(_object(value, address), address)
        if actions != _NO_ACTION:
            yield ResourceChange(address=address, action=_action(actions, address), attributes=())


def _identity(resource: Mapping[str, Json], stack: str) -> str | None:
    module = resource.get("module_address")
    name = identity_in(module) if isinstance(module, str) else None
    return f"{stack}/{name}" if name else None


def _actions(change: Mapping[str, Json], address: str) -> tuple[str, ...]:
    actions = change.get("actions")
    if not isinstance(actions, list) or not actions:
        raise _unknown(f"it does not say what happens to {address}")
    return tuple(str(action) for action in actions)


def _action(actions: tuple[str, ...], address: str) -> Action:
    action = _ACTIONS.get(actions)
    if action is None:
        raise _unknown(f"it would {' and '.join(actions)} {address}")
    return action


def _attributes(change: Mapping[str, Json]) -> tuple[str, ...]:
    """Names of the attributes whose value, or whose being secret, changes or will be known only afterwards."""
    before, after, unknown, was_secret, is_secret = (
        part if isinstance(part, dict) else {}
        for part in map(change.get, ("before", "after", "after_unknown", "before_sensitive", "after_sensitive"))
    )
    both = bool(before and after)
    return tuple(
        name
        for name in sorted(before.keys() | after.keys() | unknown.keys())
        if _canonical(before.get(name)) != _canonical(after.get(name))
        or _marked(unknown.get(name))
        or (both and _marked(was_secret.get(name)) != _marked(is_secret.get(name)))
    )


def _marked(marks: Json) -> Json:
    """A structure of marks without what is not marked; None where nothing is."""
    match marks:
        case True:
            return True
        case dict():
            return {name: kept for name, mark in marks.items() if (kept := _marked(mark))} or None
        case list():
            kept_marks = [_marked(mark) for mark in marks]
            return kept_marks if any(kept_marks) else None
        case _:
            return None


def _address(resource: Mapping[str, Json]) -> str:
    address = resource.get("address")
    if not isinstance(address, str):
        raise _unknown("it has a change without an address")
    deposed = resource.get("deposed")
    return f"{address} (deposed object {deposed})" if deposed else address


def _address_within(waiting: Mapping[str, Json]) -> Json:
    resource = waiting.get("resource_change")
    return (resource if isinstance(resource, dict) else waiting).get("address")


def _objects(value: Json, where: str) -> list[dict[str, Json]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _unknown(f"{where} is not a list")
    return [_object(item, where) for item in value]


def _object(value: Json, where: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise _unknown(f"{where} is not an object")
    return value


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _shown(value: Json) -> str:
    return _canonical(value)[:200]


def _unknown(what: str) -> OutsideError:
    return OutsideError(
        f"Terraform's plan cannot be shown in full: {what}",
        hint="do not apply it; look at it with `terraform show`, and find out who or what made it so",
    )
