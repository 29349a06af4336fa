"""A kind's `expected.json.j2`, rendered for one identity: what must stand in the cloud."""

import json
from collections.abc import Callable, Iterable, Mapping
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
from nhi.model.verification import Expectation, ExpectedEventRule, ExpectedRole, ExpectedSecret, ExpectedUser

_TOP_KEYS = frozenset({"roles", "users", "secrets", "event_rules"})
_ROLE_KEYS = frozenset({"name", "path", "trust", "inline", "attached", "tags", "max_session_seconds"})
_USER_KEYS = frozenset({"name", "path", "inline", "attached", "tags", "access_keys"})
_SECRET_KEYS = frozenset({"name", "tags"})
_EVENT_RULE_KEYS = frozenset({"name", "pattern", "targets", "state"})
_KEY_STATUSES = frozenset({"Active", "Inactive"})
_RULE_STATES = frozenset({"ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"})
"""https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"""
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
            "tags", "max_session_seconds"}], "users": [{"name", "path", "inline", "attached", "tags", "access_keys"}],
            "secrets": [{"name", "tags"}], "event_rules": [{"name", "pattern", "targets", "state"}]}`, where each of
            the four and `state` (`ENABLED`) may be left out and at least one role or user must be there.
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
        return _expectation(_parse(text))
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


def _expectation(value: Json) -> Expectation:
    top = _typed(value, dict, "it")
    if not top.keys() <= _TOP_KEYS:
        raise _WrongShape(f"it does not know {', '.join(sorted(top.keys() - _TOP_KEYS))}")
    found = Expectation(
        roles=_each(top, "roles", _role),
        users=_each(top, "users", _user),
        secrets=_each(top, "secrets", _secret),
        event_rules=_each(top, "event_rules", _event_rule),
    )
    if not found.roles and not found.users:
        raise _WrongShape("it declares no role and no user")
    _refuse_twice("roles", (role.name.lower() for role in found.roles))
    _refuse_twice("users", (user.name.lower() for user in found.users))
    _refuse_twice("secrets", (secret.name for secret in found.secrets))
    _refuse_twice("event rules", (rule.name for rule in found.event_rules))
    return found


def _each(top: Mapping[str, Json], key: str, read: Callable[[Json, str], T]) -> tuple[T, ...]:
    listed = _typed(top.get(key, []), list, key)
    return tuple(read(one, f"{key}[{place}]") for place, one in enumerate(listed))


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    seen = list(names)
    if len(set(seen)) != len(seen):
        raise _WrongShape(f"two {what} have the same name")


def _role(value: Json, where: str) -> ExpectedRole:
    role = _object(value, where, _ROLE_KEYS)
    seconds = role["max_session_seconds"]
    if isinstance(seconds, bool):
        raise _WrongShape(f"{where}.max_session_seconds is not a number")
    return ExpectedRole(
        name=_typed(role["name"], str, f"{where}.name"),
        path=_typed(role["path"], str, f"{where}.path"),
        trust=_policy(role["trust"], f"{where}.trust"),
        inline=_policies(role["inline"], f"{where}.inline"),
        attached=_texts(role["attached"], f"{where}.attached"),
        tags=_tags(role["tags"], f"{where}.tags"),
        max_session_seconds=_typed(seconds, int, f"{where}.max_session_seconds"),
    )


def _user(value: Json, where: str) -> ExpectedUser:
    user = _object(value, where, _USER_KEYS)
    access_keys = _texts(user["access_keys"], f"{where}.access_keys")
    if not _KEY_STATUSES.issuperset(access_keys):
        raise _WrongShape(f"{where}.access_keys knows only {' and '.join(sorted(_KEY_STATUSES))}")
    return ExpectedUser(
        name=_typed(user["name"], str, f"{where}.name"),
        path=_typed(user["path"], str, f"{where}.path"),
        inline=_policies(user["inline"], f"{where}.inline"),
        attached=_texts(user["attached"], f"{where}.attached"),
        tags=_tags(user["tags"], f"{where}.tags"),
        access_keys=access_keys,
    )


def _secret(value: Json, where: str) -> ExpectedSecret:
    secret = _object(value, where, _SECRET_KEYS)
    return ExpectedSecret(_typed(secret["name"], str, f"{where}.name"), _tags(secret["tags"], f"{where}.tags"))


def _event_rule(value: Json, where: str) -> ExpectedEventRule:
    given = {"state": "ENABLED", **value} if isinstance(value, dict) else value
    rule = _object(given, where, _EVENT_RULE_KEYS)
    state = _typed(rule["state"], str, f"{where}.state")
    if state not in _RULE_STATES:
        raise _WrongShape(f"{where}.state knows only {' and '.join(sorted(_RULE_STATES))}")
    pattern: Json = _typed(rule["pattern"], dict, f"{where}.pattern")
    name = _typed(rule["name"], str, f"{where}.name")
    return ExpectedEventRule(name, pattern, _texts(rule["targets"], f"{where}.targets"), state)


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


def _policies(value: Json, where: str) -> dict[str, Json]:
    return {name: _policy(document, f"{where}.{name}") for name, document in _typed(value, dict, where).items()}


def _texts(value: Json, where: str) -> tuple[str, ...]:
    return tuple(_typed(one, str, where) for one in _typed(value, list, where))


def _tags(value: Json, where: str) -> dict[str, str]:
    return {key: _typed(tag, str, f"{where}.{key}") for key, tag in _typed(value, dict, where).items()}


def _typed(value: Json, wanted: type[T], where: str) -> T:
    if not isinstance(value, wanted):
        raise _WrongShape(f"{where} is not of the type {wanted.__name__}")
    return value
