"""A kind's `expected.json.j2`, rendered for one identity: what must stand in the cloud."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nhi.cloud.policy_document import OddPolicy, read_document
from nhi.errors import InputError
from nhi.model.identity import Identity, Json
from nhi.model.kind import Kind
from nhi.model.module_input import module_input
from nhi.model.settings import Stack
from nhi.model.verification import Expectation, ExpectedRole

_ROLE_KEYS = frozenset({"name", "path", "trust", "inline", "attached", "tags", "max_session_seconds"})
_MAX_TEXT = 256 * 1024
_BROKEN = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)
"""What rendering raises: jinja's own errors, and whatever an expression in the template does to a value."""
# Autoescape is for HTML: here every value becomes JSON by the filter `tojson`.
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)

T = TypeVar("T")


class _WrongShape(ValueError):
    """The rendered text is not an expectation; the message says where."""


def expectation(identity: Identity, kind: Kind, stack: Stack) -> Expectation | None:
    """What must stand in the cloud for an identity, or None where the kind has no API that can be asked.

    The template sees `identity` and `scope`, as the kind's Terraform module does.

    Raises:
        InputError: the template does not render, or not to `{"roles": [{"name", "path", "trust", "inline", "attached",
            "tags", "max_session_seconds"}]}` with at least one role.
    """
    if kind.expectation is None:
        return None
    place = f"modules/{kind.name}/expected.json.j2, rendered for {identity.id}"
    hint = "See what another kind's expected.json.j2 renders to; every value becomes JSON by the filter `tojson`."
    try:
        text = _template(kind.expectation).render(module_input(identity, stack))
    except _BROKEN as cause:
        raise InputError(f"{place}: {str(cause).rstrip('.')}.", hint=hint) from cause
    try:
        return Expectation(_roles(_parse(text)))
    except _WrongShape as cause:
        raise InputError(f"{place}: {cause}.", hint=hint) from cause


@lru_cache(maxsize=64)
def _template(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)


def _parse(text: str) -> Json:
    if len(text) > _MAX_TEXT:
        raise _WrongShape(f"it is longer than {_MAX_TEXT} characters")
    try:
        return json.loads(text, object_pairs_hook=_closed)  # type: ignore[no-any-return]  # any JSON value
    except (ValueError, RecursionError) as cause:
        raise _WrongShape(f"it is not JSON: {cause}") from cause


def _closed(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _WrongShape("a key stands twice in one object")
    return value


def _roles(value: Json) -> tuple[ExpectedRole, ...]:
    top = _object(value, "it", frozenset({"roles"}))
    roles = _typed(top["roles"], list, "roles")
    if not roles:
        raise _WrongShape("it declares no role")
    found = tuple(_role(one, f"roles[{place}]") for place, one in enumerate(roles))
    if len({role.name.lower() for role in found}) != len(found):
        raise _WrongShape("two roles have the same name")
    return found


def _role(value: Json, where: str) -> ExpectedRole:
    role = _object(value, where, _ROLE_KEYS)
    seconds = role["max_session_seconds"]
    if isinstance(seconds, bool):
        raise _WrongShape(f"{where}.max_session_seconds is not a number")
    return ExpectedRole(
        name=_typed(role["name"], str, f"{where}.name"),
        path=_typed(role["path"], str, f"{where}.path"),
        trust=_policy(role["trust"], f"{where}.trust"),
        inline={
            name: _policy(document, f"{where}.inline.{name}")
            for name, document in _typed(role["inline"], dict, f"{where}.inline").items()
        },
        attached=tuple(
            _typed(arn, str, f"{where}.attached") for arn in _typed(role["attached"], list, f"{where}.attached")
        ),
        tags={
            key: _typed(tag, str, f"{where}.tags.{key}")
            for key, tag in _typed(role["tags"], dict, f"{where}.tags").items()
        },
        max_session_seconds=_typed(seconds, int, f"{where}.max_session_seconds"),
    )


def _object(value: Json, where: str, keys: frozenset[str]) -> Mapping[str, Json]:
    found = _typed(value, dict, where)
    if found.keys() != keys:
        odd = ", ".join(sorted(found.keys() ^ keys))
        raise _WrongShape(f"{where} lacks or does not know {odd}")
    return found


def _policy(value: Json, where: str) -> Json:
    try:
        read_document(_typed(value, dict, where))
    except OddPolicy as cause:
        raise _WrongShape(f"{where} is not a policy: {cause}") from cause
    return value


def _typed(value: Json, wanted: type[T], where: str) -> T:
    if not isinstance(value, wanted):
        raise _WrongShape(f"{where} is not of the type {wanted.__name__}")
    return value
