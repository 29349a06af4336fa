"""Terraform's plan, as JSON, to what it means for each identity. Names of attributes only: a value may be a secret.

The format is https://developer.hashicorp.com/terraform/internals/json-format. What it says that we do not know how to
show is an error, since a change that nobody was shown must not be applied. Of values only two are taken, and never
where they are marked as secret: the name of a role or user, and the unique id that IAM gave it.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.model.plan import Action, IdentityChange, PlanSummary, Principal, PrincipalType, ResourceChange
from nhi.terraform.address import identity_in
from nhi.terraform.revocations import lifted_revocations

_ACTIONS: Mapping[tuple[str, ...], Action] = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("delete",): Action.DESTROY,
    ("read",): Action.READ,
    ("forget",): Action.FORGET,
}
_NO_ACTION = ("no-op",)
_OF_OUTPUTS = frozenset({Action.CREATE, Action.UPDATE, Action.DESTROY})
_TAKEN_IN = frozenset({_NO_ACTION, ("update",)})
"""What may happen to a resource together with its import."""
_PRINCIPALS: Mapping[Json, PrincipalType] = {"aws_iam_role": PrincipalType.ROLE, "aws_iam_user": PrincipalType.USER}
_OTHER_WORK = ("deferred_changes", "action_invocations", "deferred_action_invocations")
"""Where Terraform lists work that is not in `resource_changes`, or that this plan leaves for a later one."""


def summarise(plan: Mapping[str, Json], stack: str) -> PlanSummary:
    """What the plan of a stack would do. What belongs to no identity comes first.

    A resource whose address alone changes (a `moved` block in a kind's module) is an update without attributes. What
    is taken in only to be made anew is a replacement.

    Raises:
        OutsideError: it is not a plan, it is incomplete, or it would do something that a summary cannot show.
    """
    _refuse_unusable(plan)
    resources = _objects(plan.get("resource_changes"), "resource_changes")
    found: defaultdict[str | None, list[ResourceChange]] = defaultdict(list)
    principals: list[Principal] = []
    whole: defaultdict[str | None, set[Action | None]] = defaultdict(set)
    for resource in resources:
        identity, change = _identity(resource, stack), _resource_change(resource)
        if resource.get("mode") != "data":
            whole[identity].add(change.action if change else None)
        if change:
            found[identity].append(change)
            principals += _principals(resource, change)
    found[None] += _output_changes(plan)
    identities = _by_identity(found)
    return PlanSummary(
        stack=stack,
        identities=identities,
        principals=tuple(sorted(principals, key=lambda one: one.address)),
        created=_all_of_which(whole, Action.CREATE),
        destroyed=_all_of_which(whole, Action.DESTROY),
        drift=_by_identity(_drift(plan, stack, identities)),
        lifted=lifted_revocations(plan, stack),
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
    if change.get("importing") and _ACTIONS.get(actions) is not Action.REPLACE:
        if actions not in _TAKEN_IN:
            raise _unknown(f"it would import {address} and {' and '.join(actions)} it at once")
        attributes = () if actions == _NO_ACTION else _attributes(change)
        return ResourceChange(address=address, action=Action.IMPORT, attributes=attributes)
    if actions == _NO_ACTION:
        moved = resource.get("previous_address") is not None
        return ResourceChange(address=address, action=Action.UPDATE, attributes=()) if moved else None
    return ResourceChange(address=address, action=_action(actions, address), attributes=_attributes(change))


def _output_changes(plan: Mapping[str, Json]) -> Iterator[ResourceChange]:
    for name, value in _object(plan.get("output_changes") or {}, "output_changes").items():
        address = f"output.{name}"
        actions = _actions(_object(value, address), address)
        if actions != _NO_ACTION:
            yield ResourceChange(address=address, action=_action(actions, address, _OF_OUTPUTS), attributes=())


def _principals(resource: Mapping[str, Json], change: ResourceChange) -> Iterator[Principal]:
    """The role or user that a changed resource is, by the name that it has before the change where it exists."""
    what = _PRINCIPALS.get(resource.get("type"))
    if what is None or resource.get("mode") == "data":
        return
    values = _object(resource.get("change"), change.address)
    name = _clear(values, "before", "name") or _clear(values, "after", "name")
    if name is None:
        raise _unknown(f"it does not say which {what.value} {change.address} is")
    unique_id = _clear(values, "before", "unique_id")
    yield Principal(address=change.address, type=what, name=name, action=change.action, unique_id=unique_id)


def _clear(change: Mapping[str, Json], when: str, attribute: str) -> str | None:
    """The text that an attribute has, where it is known and no secret."""
    values, marks = change.get(when), change.get(f"{when}_sensitive")
    secret = marks is True or (isinstance(marks, dict) and _marked(marks.get(attribute)) is not None)
    value = values.get(attribute) if isinstance(values, dict) and not secret else None
    return value if isinstance(value, str) else None


def _drift(
    plan: Mapping[str, Json], stack: str, planned: Iterable[IdentityChange]
) -> dict[str | None, list[ResourceChange]]:
    """What the cloud has otherwise than the state, by identity.

    Of a changed resource only what somebody declares: an attribute that is configured for its type, or that this plan
    updates. The others mirror what was made beside it, and differ after every apply (a role's list of its inline
    policies). So nothing is told of a change of what goes with the last of its type; that it goes is told anyway.
    """
    updated = {
        change.address: set(change.attributes)
        for one in planned
        for change in one.changes
        if change.action is Action.UPDATE
    }
    configured = _configured(_object(plan.get("configuration") or {}, "configuration"))
    found: defaultdict[str | None, list[ResourceChange]] = defaultdict(list)
    for resource in _objects(plan.get("resource_drift"), "resource_drift"):
        address = _address(resource)
        change = _object(resource.get("change"), f"drift of {address}")
        actions = _actions(change, address)
        if actions == _NO_ACTION:
            continue  # its address alone is another
        action = _action(actions, address)
        declared = configured.get(str(resource.get("type")), set()) | updated.get(address, set())
        attributes = tuple(name for name in _attributes(change) if name in declared) if action is Action.UPDATE else ()
        if attributes or action is not Action.UPDATE:
            found[_identity(resource, stack)].append(ResourceChange(address, action, attributes))
    return found


def _configured(configuration: Mapping[str, Json]) -> dict[str, set[str]]:
    """The attributes that are configured anywhere, by the type of their resource."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    modules = [configuration.get("root_module")]
    while modules:
        module = modules.pop()
        if not isinstance(module, dict):
            continue
        for resource in _objects(module.get("resources"), "configuration"):
            expressions = _object(resource.get("expressions") or {}, "configuration")
            found[str(resource.get("type"))].update(expressions)
        calls = _object(module.get("module_calls") or {}, "configuration").values()
        modules += [call.get("module") for call in calls if isinstance(call, dict)]
    return found


def _by_identity(found: Mapping[str | None, list[ResourceChange]]) -> tuple[IdentityChange, ...]:
    """What belongs to no identity first; without the identities of which there is nothing to say."""
    return tuple(
        IdentityChange(identity=identity, changes=tuple(sorted(changes, key=lambda change: change.address)))
        for identity, changes in sorted(found.items(), key=lambda item: item[0] or "")
        if changes
    )


def _all_of_which(whole: Mapping[str | None, set[Action | None]], action: Action) -> tuple[str, ...]:
    """The identities to all of whose resources the same happens, sorted. `whole` has None for what stays as it is."""
    return tuple(sorted(one for one, actions in whole.items() if one is not None and actions == {action}))


def _identity(resource: Mapping[str, Json], stack: str) -> str | None:
    module = resource.get("module_address")
    name = identity_in(module) if isinstance(module, str) else None
    return f"{stack}/{name}" if name else None


def _actions(change: Mapping[str, Json], address: str) -> tuple[str, ...]:
    actions = change.get("actions")
    if not isinstance(actions, list) or not actions:
        raise _unknown(f"it does not say what happens to {address}")
    return tuple(str(action) for action in actions)


def _action(actions: tuple[str, ...], address: str, known: frozenset[Action] = frozenset(Action)) -> Action:
    action = _ACTIONS.get(actions)
    if action not in known:
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
