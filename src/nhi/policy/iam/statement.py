"""A statement of a scope's `allow`, as a value: what it allows, on what, under which conditions.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html:
all keys of a statement must hold; of a key's values any one is enough, or, where the operator negates, none may match.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nhi.model.identity import Json

_KEYS = {"actions", "resources", "conditions"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of one operator. All conditions of a statement must hold."""

    operator: str
    """As written: `StringEquals`, `ForAnyValue:StringLike`, `BoolIfExists`."""
    key: str
    """In lower case: capitals do not count."""
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. It allows each of its actions on each of its resources while all its conditions hold."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: frozenset[Condition] = frozenset()
    unread: str = ""
    """Its JSON, where it has another shape: it is taken to allow all that it may, and is compared with itself alone."""


def read(allow: Json) -> tuple[Statement, ...]:
    """The statements of a list `allow`. None and an empty list allow nothing; another shape may allow everything."""
    if allow is None:
        return ()
    return tuple(map(_statement, allow)) if isinstance(allow, list) else (_statement(allow),)


def implies(these: frozenset[Condition], those: frozenset[Condition]) -> bool:
    """Whether whatever passes these conditions passes those too: True only where that is certain."""
    return these >= those or all(any(_stricter(one, other) for one in these) for other in those)


def words(conditions: frozenset[Condition]) -> str:
    """The conditions in one line, sorted: `aws:sourcevpce StringEquals vpce-1 or vpce-2`. Not escaped."""
    return " and ".join(sorted(f"{one.key} {one.operator} {' or '.join(sorted(one.values))}" for one in conditions))


def _stricter(one: Condition, other: Condition) -> bool:
    if (one.operator, one.key) != (other.operator, other.key) or not one.values or not other.values:
        return one == other
    name = one.operator.rpartition(":")[2].removesuffix("IfExists")
    if name == "Null":
        return one == other
    # StringNotEquals, ArnNotLike, NotIpAddress: none of the values may match, so more of them ask for more.
    return one.values >= other.values if "Not" in name else one.values <= other.values


def _statement(value: Json) -> Statement:
    if not isinstance(value, dict):
        return Statement(("*",), ("*",), unread=_text(value))
    actions, resources = _texts(value.get("actions")), _texts(value.get("resources"))
    conditions = _conditions(value.get("conditions"))
    if actions and resources and conditions is not None and value.keys() <= _KEYS:
        return Statement(actions, resources, conditions)
    return Statement(actions or ("*",), resources or ("*",), conditions or frozenset(), unread=_text(value))


def _conditions(value: Json) -> frozenset[Condition] | None:
    if value is None:
        return frozenset()
    if not isinstance(value, dict):
        return None
    found = list(_flat(value))
    return None if None in found else frozenset(one for one in found if one is not None)


def _flat(operators: dict[str, Json]) -> Iterator[Condition | None]:
    for operator, keys in operators.items():
        if not isinstance(keys, dict):
            yield None
            continue
        for key, value in keys.items():
            texts = _values(value if isinstance(value, list) else [value])
            yield None if texts is None else Condition(operator, key.lower(), texts)


def _values(values: Sequence[Json]) -> frozenset[str] | None:
    if not all(isinstance(one, str | int | float) for one in values):
        return None
    return frozenset(one if isinstance(one, str) else json.dumps(one) for one in values)


def _texts(value: Json) -> tuple[str, ...]:
    """A list of texts; empty where it is anything else."""
    if not isinstance(value, list):
        return ()
    texts = tuple(one for one in value if isinstance(one, str))
    return texts if len(texts) == len(value) else ()


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
