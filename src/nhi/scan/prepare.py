"""A plan's JSON as checkov is to read it.

A plan as Terraform prints it is judged wrongly by checkov 3.3.30:

- It keeps each policy under its resource's type and name. A kind's module names its resources the same for every
  identity, so that all would be judged by the policy of the first. Here each resource has a name of its own.
- It does not read conditions, so that DenyAfterExpiry passes for a Deny of everything and hides every Allow. Here
  policies have no Deny statements: a Deny never grants, so that nothing is missed without them.
- It names the first statement that has an action in question, also where another one is to blame. What is not limited
  to resources comes first here.

Nothing else of the plan is told: no value that is marked as sensitive, no state, no variable, no constant of the
configuration. And something is planted that checkov has to find: a scan that does not find it did not look.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from nhi.errors import OutsideError
from nhi.model.identity import Json

POLICIES = MappingProxyType(
    {
        "aws_iam_group_policy": "policy",
        "aws_iam_policy": "policy",
        "aws_iam_role": "assume_role_policy",
        "aws_iam_role_policy": "policy",
        "aws_iam_user_policy": "policy",
    }
)
"""Types of resource that say who may do what, and the attribute that says it, as JSON."""
PLANTED = MappingProxyType({f"{kind}.nhi_planted": kind for kind in POLICIES})
"""Address → type of what every scan has to find: a policy that allows everybody everything, of each of these types."""
REDACTED = "(sensitive)"

_VERSION = "2012-10-17"
_EVERYTHING: Mapping[str, Json] = MappingProxyType({"Effect": "Allow", "Action": ["*"], "Resource": ["*"]})
_EVERYBODY: Mapping[str, Json] = MappingProxyType(
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
)
_CALL = re.compile(r"module\.[^.\[]+")
"""One step of a module's address, without the key of `count` or `for_each`."""
_NOT_RESOURCES = frozenset(
    {"count", "data", "each", "ephemeral", "local", "module", "path", "self", "terraform", "var"}
)
"""What a reference can begin with beside a resource's type:
https://developer.hashicorp.com/terraform/language/expressions/references"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan for checkov, and what is needed to understand the answer."""

    document: dict[str, Json] = field(repr=False)
    resources: Mapping[str, str]
    """Address → type of every resource that is to be scanned."""
    statements: Mapping[str, tuple[str, ...]]
    """Address → the Sids of its policy's statements, in the order that checkov counts them ("" where there is none)."""
    unreadable: tuple[str, ...]
    """Addresses of resources whose policy the plan does not tell: it is sensitive, or known only after the apply."""


def prepare(plan: Mapping[str, Json]) -> Prepared:
    """The plan as checkov is to read it.

    Raises:
        OutsideError: it is not a plan as `terraform show -json` prints it.
    """
    found = _Found({}, {}, [], {}, Counter())
    root = _module(_object(_object(plan.get("planned_values")).get("root_module")), found)
    root["resources"] = [*_objects(root.get("resources")), *map(_planted, PLANTED)]
    configured = _object(plan.get("configuration")).get("root_module")
    document: dict[str, Json] = {
        "format_version": plan.get("format_version"),
        "terraform_version": plan.get("terraform_version"),
        "planned_values": {"root_module": root},
        "configuration": {"root_module": _configured(_object(configured), "", found.numbers)},
        "resource_changes": [_change(one, found.resources) for one in _objects(plan.get("resource_changes"))],
    }
    return Prepared(document, found.resources, found.statements, tuple(sorted(found.unreadable)))


@dataclass(frozen=True, slots=True)
class _Found:
    """What is learnt on the way."""

    resources: dict[str, str]
    statements: dict[str, tuple[str, ...]]
    unreadable: list[str]
    numbers: dict[str, int]
    """Address of a module's call → a number that no other has."""
    instances: Counter[str]
    """How many resources have a name already: with `count` and `for_each`, several do."""


def _module(module: Mapping[str, Json], found: _Found) -> dict[str, Json]:
    address = _text(module.get("address", ""))
    call = ".".join(_CALL.findall(address))
    number = found.numbers.setdefault(call, len(found.numbers))
    result: dict[str, Json] = {"address": address} if address else {}
    resources = [one for one in _objects(module.get("resources")) if one.get("mode") == "managed"]
    result["resources"] = [_planned(one, number, found) for one in resources]
    result["child_modules"] = [_module(child, found) for child in _objects(module.get("child_modules"))]
    return result


def _planned(resource: Mapping[str, Json], number: int, found: _Found) -> Json:
    address, kind = _text(resource.get("address")), _text(resource.get("type"))
    if address in found.resources or address in PLANTED:
        raise _odd(f"{address} stands twice")
    found.resources[address] = kind
    values = _redacted(_object(resource.get("values") or {}), resource.get("sensitive_values"))
    if not isinstance(values, dict):
        raise _odd(f"all of {address} is sensitive")
    attribute = POLICIES.get(kind)
    if attribute is not None:
        statements = _statements(values.get(attribute))
        if statements is None:
            found.unreadable.append(address)
        else:
            found.statements[address] = tuple(_sid(one) for one in statements)
            values[attribute] = _policy(statements)
    name = f"{_text(resource.get('name'))}-{number}"
    instance = found.instances[f"{kind}.{name}"]
    found.instances[f"{kind}.{name}"] += 1
    return _resource(address, kind, f"{name}[{instance}]" if instance else name, values)


def _planted(address: str) -> dict[str, Json]:
    kind = PLANTED[address]
    statement = _EVERYBODY if kind == "aws_iam_role" else _EVERYTHING
    return _resource(address, kind, "nhi_planted", {POLICIES[kind]: _policy([dict(statement)])})


def _policy(statements: Sequence[Mapping[str, Json]]) -> str:
    return json.dumps({"Version": _VERSION, "Statement": statements})


def _resource(address: str, kind: str, name: str, values: dict[str, Json]) -> dict[str, Json]:
    return {"address": address, "mode": "managed", "type": kind, "name": name, "values": values}


def _statements(policy: Json) -> list[dict[str, Json]] | None:
    """What a policy allows, what is not limited to resources first; None where it cannot be read."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else None
    except (ValueError, RecursionError):
        return None
    written = document.get("Statement") if isinstance(document, dict) else None
    statements = [written] if isinstance(written, dict) else written
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        return None
    return sorted((one for one in statements if one.get("Effect") != "Deny"), key=_is_limited)


def _is_limited(statement: Mapping[str, Json]) -> bool:
    resources = statement.get("Resource")
    return "*" not in (resources if isinstance(resources, list) else [resources])


def _sid(statement: Mapping[str, Json]) -> str:
    sid = statement.get("Sid")
    return sid if isinstance(sid, str) else ""


def _redacted(value: Json, marks: Json) -> Json:
    match value, marks:
        case _, True:
            return REDACTED
        case dict(), dict():
            return {key: _redacted(one, marks.get(key)) for key, one in value.items()}
        case list(), list():
            return [_redacted(one, mark) for one, mark in zip(value, _endless(marks), strict=False)]
        case _:
            return value


def _endless(marks: Sequence[Json]) -> Iterator[Json]:
    yield from marks
    while True:
        yield None


def _change(change: Mapping[str, Json], resources: Mapping[str, str]) -> Json:
    """What happens to a resource, without its values."""
    address = _text(change.get("address"))
    actions = _object(change.get("change")).get("actions") if address in resources else []
    return {"address": address, "change": {"actions": actions, "before": None, "after": None}}


def _configured(module: Mapping[str, Json], call: str, numbers: Mapping[str, int]) -> dict[str, Json]:
    """Which resource refers to which: nothing else of the configuration."""
    number = numbers.get(call)
    calls: dict[str, Json] = {
        name: {"module": _configured(_object(_object(one).get("module")), f"{call}.module.{name}".strip("."), numbers)}
        for name, one in _object(module.get("module_calls") or {}).items()
    }
    resources = [_references(one, number) for one in _objects(module.get("resources")) if one.get("mode") == "managed"]
    return {"resources": list[Json](resources), "module_calls": calls}


def _references(resource: Mapping[str, Json], number: int | None) -> dict[str, Json]:
    expressions: dict[str, Json] = {}
    for name, expression in _object(resource.get("expressions") or {}).items():
        if isinstance(expression, dict) and isinstance(references := expression.get("references"), list):
            expressions[name] = {"references": [_renamed(_text(one), number) for one in references]}
    kept: dict[str, Json] = {key: resource.get(key) for key in ("address", "mode", "type", "name")}
    return kept | {"expressions": expressions}


def _renamed(reference: str, number: int | None) -> str:
    """`aws_iam_role.this.name` → `aws_iam_role.this-3.name`, as `_planned` names it."""
    kind, _, rest = reference.partition(".")
    if kind in _NOT_RESOURCES or not rest or number is None:
        return reference
    name = re.split(r"[.\[]", rest, maxsplit=1)[0]
    return f"{kind}.{name}-{number}{rest[len(name) :]}"


def _objects(value: Json) -> list[dict[str, Json]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _odd("a list is missing")
    return [_object(one) for one in value]


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise _odd("an object is missing")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise _odd("an address, type or name is missing")
    return value


def _odd(what: str) -> OutsideError:
    return OutsideError(f"Terraform's plan cannot be scanned: {what}", hint="run `nhi plan` again, with this Terraform")
