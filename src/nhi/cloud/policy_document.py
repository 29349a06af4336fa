"""IAM policy documents by their meaning: the same permissions, however they are spelt, have the same normal form.

One string is a list of one; the order of lists and keys says nothing; actions and the names of condition keys ignore
case; an account's root has two spellings, and everybody has two.
Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from nhi.model.identity import Json

_OLDEST_VERSION = "2008-10-17"
"""What IAM takes a document for that names no version."""
_ACCOUNT_ROOT = re.compile(r"arn:[\w-]+:iam::(\d{12}):root")
_LABELS = frozenset({"Sid", "Effect"})
_IGNORING_CASE = frozenset({"Action", "NotAction"})
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})


class OddPolicy(ValueError):
    """The value is not a policy document."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: for each element its members, in normal form and as they were written."""

    sid: str
    effect: str
    elements: Mapping[str, Mapping[tuple[str, ...], str]]

    @property
    def meaning(self) -> tuple[str, str, frozenset[tuple[str, frozenset[tuple[str, ...]]]]]:
        """Equal for statements that mean the same and carry the same Sid."""
        return self.sid, self.effect, frozenset((name, frozenset(members)) for name, members in self.elements.items())


@dataclass(frozen=True, slots=True)
class Document:
    """One policy document."""

    version: str
    statements: tuple[Statement, ...]


def read_document(value: Json) -> Document:
    """A policy document: an object, or the URL-encoded JSON text that IAM's API answers with.

    Raises:
        OddPolicy: it is not a policy document.
    """
    if isinstance(value, str):
        try:
            value = json.loads(unquote(value))
        except ValueError as cause:
            raise OddPolicy("it is not JSON") from cause
    if not isinstance(value, dict):
        raise OddPolicy("it is not an object")
    version = value.get("Version", _OLDEST_VERSION)
    statements = value.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(version, str) or not isinstance(statements, list):
        raise OddPolicy("it has no statements")
    return Document(version, tuple(_statement(one) for one in statements))


def _statement(value: Json) -> Statement:
    if not isinstance(value, dict):
        raise OddPolicy("a statement is not an object")
    sid, effect = value.get("Sid", ""), value.get("Effect")
    if not isinstance(sid, str) or not isinstance(effect, str):
        raise OddPolicy("a statement has no effect")
    elements = {name: _members(name, inner) for name, inner in value.items() if name not in _LABELS}
    elements.pop("Condition" if elements.get("Condition") == {} else "", None)
    return Statement(sid, effect, elements)


def _members(element: str, value: Json) -> dict[tuple[str, ...], str]:
    if element in _PRINCIPALS:
        return _principals(value)
    if element == "Condition":
        return _conditions(value)
    written = _texts(value)
    return {(text.lower() if element in _IGNORING_CASE else text,): text for text in written}


def _principals(value: Json) -> dict[tuple[str, ...], str]:
    if value == "*":
        return {("*",): "*"}
    if not isinstance(value, dict):
        raise OddPolicy("a principal is neither * nor an object")
    members: dict[tuple[str, ...], str] = {}
    for kind, names in value.items():
        for name in _texts(names):
            root = _ACCOUNT_ROOT.fullmatch(name)
            everybody = (kind, name) == ("AWS", "*")
            members[("*",) if everybody else (kind, root[1] if root else name)] = f"{kind} {name}"
    return members


def _conditions(value: Json) -> dict[tuple[str, ...], str]:
    if not isinstance(value, dict):
        raise OddPolicy("a condition is not an object")
    members: dict[tuple[str, ...], str] = {}
    seen: set[tuple[str, str]] = set()
    for operator, tests in value.items():
        if not isinstance(tests, dict):
            raise OddPolicy("a condition operator has no keys")
        for key, values in tests.items():
            place = (operator, key.lower())
            if place in seen:
                raise OddPolicy(f"the condition key {key} stands twice")
            seen.add(place)
            for text in _texts(values):
                members[(*place, text)] = f"{operator} {key} {text}"
            if values == []:
                members[place] = f"{operator} {key} without a value"
    return members


def _texts(value: Json) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(one if isinstance(one, str) else json.dumps(one, sort_keys=True) for one in values)
