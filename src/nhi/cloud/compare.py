"""What was declared against what AWS answered: every difference, for a person to read."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nhi.cloud.policy_document import Document, Statement, read_document
from nhi.model.identity import Json
from nhi.model.revocation import REVOKED_SID
from nhi.model.verification import Difference, ExpectedEventRule, ExpectedRole, ExpectedSecret, ExpectedUser

MISSING = "missing"
NOTHING_MORE = "nothing more"
REVOKED = f"revoked: {REVOKED_SID} denies everything since somebody ended access at once (--now)"
DENY_NOW: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": REVOKED_SID, "Effect": "Deny", "Action": "*", "Resource": "*"}],
}
"""The policy that ends access at once."""
_MAX_TEXT = 300
_RESERVED_TAGS = "aws:"
"""Tags that only AWS itself can set (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html)."""


@dataclass(frozen=True, slots=True)
class FoundRole:
    """One IAM role as AWS describes it."""

    name: str
    path: str
    trust: Json
    inline: Mapping[str, Json]
    """Policy name → policy document."""
    attached: tuple[str, ...]
    """ARNs of managed policies."""
    tags: Mapping[str, str]
    max_session_seconds: int
    permissions_boundary: str | None = None
    """ARN of a managed policy."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person or program can prove to be an IAM user with: for each sort, the status of each of them."""

    access_keys: tuple[str, ...] = ()
    """The newest first."""
    has_password: bool = False
    """For the console."""
    ssh_keys: tuple[str, ...] = ()
    signing_certificates: tuple[str, ...] = ()
    service_credentials: tuple[str, ...] = ()
    """Passwords and keys for one service, such as CodeCommit or Bedrock
    (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceSpecificCredentialMetadata.html)."""


@dataclass(frozen=True, slots=True)
class FoundUser:
    """One IAM user as AWS describes it."""

    name: str
    path: str
    inline: Mapping[str, Json]
    """Policy name → policy document."""
    attached: tuple[str, ...]
    """ARNs of managed policies."""
    groups: tuple[str, ...]
    """Names."""
    tags: Mapping[str, str]
    credentials: Credentials
    permissions_boundary: str | None = None
    """ARN of a managed policy."""


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """One secret as AWS describes it, without what it holds."""

    name: str
    tags: Mapping[str, str]
    scheduled_for_deletion: bool = False
    """Its value cannot be read, and AWS deletes it unless somebody restores it
    (https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html)."""


@dataclass(frozen=True, slots=True)
class FoundEventRule:
    """One EventBridge rule as AWS describes it."""

    name: str
    state: str
    pattern: Json
    """None where the rule has no pattern."""
    schedule: str | None
    """When it runs without an event; None where it does not."""
    targets: tuple[str, ...]
    """ARNs."""


def compare_role(expected: ExpectedRole, found: FoundRole) -> tuple[Difference, ...]:
    """Every way in which a role is not as declared.

    It has its tags, inline policies and attached policies and no others; only tags that AWS reserves for itself do not
    count. Policies are compared by their meaning.

    Raises:
        OddPolicy: one of the policies is not a policy document.
    """
    role = f"role {expected.name}"
    return (
        *_value(f"{role}, name", expected.name, found.name),
        *_value(f"{role}, path", expected.path, found.path),
        *_value(f"{role}, longest session", f"{expected.max_session_seconds} s", f"{found.max_session_seconds} s"),
        *_value(f"{role}, permissions boundary", "none", found.permissions_boundary or "none"),
        *_documents(f"{role}, trust policy", read_document(expected.trust), read_document(found.trust)),
        *_inline(role, expected.inline, found.inline),
        *_members(f"{role}, attached policies", _as_is(expected.attached), _as_is(found.attached)),
        *_tags(role, expected.tags, found.tags),
    )


def compare_user(expected: ExpectedUser, found: FoundUser) -> tuple[Difference, ...]:
    """Every way in which a user is not as declared: as with a role, and it can be used by its access keys alone.

    Raises:
        OddPolicy: one of the policies is not a policy document.
    """
    user, credentials = f"user {expected.name}", found.credentials
    return (
        *_value(f"{user}, name", expected.name, found.name),
        *_value(f"{user}, path", expected.path, found.path),
        *_value(f"{user}, permissions boundary", "none", found.permissions_boundary or "none"),
        *_value(f"{user}, access keys, newest first", _each(expected.access_keys), _each(credentials.access_keys)),
        *_value(f"{user}, console password", "none", "present" if credentials.has_password else "none"),
        *_value(f"{user}, SSH keys", "none", _counted(credentials.ssh_keys)),
        *_value(f"{user}, signing certificates", "none", _counted(credentials.signing_certificates)),
        *_value(f"{user}, credentials for one service", "none", _counted(credentials.service_credentials)),
        *_inline(user, expected.inline, found.inline),
        *_members(f"{user}, attached policies", _as_is(expected.attached), _as_is(found.attached)),
        *_members(f"{user}, groups", {}, _as_is(found.groups)),
        *_tags(user, expected.tags, found.tags),
    )


def compare_secret(expected: ExpectedSecret, found: FoundSecret) -> tuple[Difference, ...]:
    """Every way in which a secret is not as declared, but for what it holds."""
    secret = f"secret {expected.name}"
    there = "scheduled for deletion" if found.scheduled_for_deletion else "present"
    return (
        *_value(short(secret), "present", there),
        *_value(short(f"{secret}, name"), expected.name, found.name),
        *_tags(secret, expected.tags, found.tags),
    )


def compare_event_rule(expected: ExpectedEventRule, found: FoundEventRule) -> tuple[Difference, ...]:
    """Every way in which an EventBridge rule is not as declared."""
    rule = f"event rule {expected.name}"
    return (
        *_value(short(f"{rule}, name"), expected.name, found.name),
        *_value(short(f"{rule}, state"), expected.state, found.state),
        *_value(
            short(f"{rule}, pattern"),
            _json(expected.pattern),
            "none" if found.pattern is None else _json(found.pattern),
        ),
        *_value(short(f"{rule}, schedule"), "none", found.schedule or "none"),
        *_members(f"{rule}, targets", _numbered(expected.targets), _numbered(found.targets)),
    )


def short(text: str) -> str:
    """The text in one bounded line that can be printed anywhere."""
    printable = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[: _MAX_TEXT + 1])
    return printable if len(printable) <= _MAX_TEXT else printable[:_MAX_TEXT] + "…"


def _value(where: str, expected: str, found: str) -> Iterator[Difference]:
    if expected != found:
        yield Difference(where, short(expected), short(found))


def _inline(owner: str, expected: Mapping[str, Json], found: Mapping[str, Json]) -> Iterator[Difference]:
    for name in sorted(expected.keys() | found.keys()):
        where = short(f"{owner}, inline policy {name}")
        if name not in found:
            yield Difference(where, "present", MISSING)
        elif name not in expected:
            yield Difference(where, NOTHING_MORE, short(_summary(read_document(found[name]))))
        elif _revoked(read_document(found[name])):
            yield Difference(where, "as declared", REVOKED)
        else:
            yield from _documents(where, read_document(expected[name]), read_document(found[name]))


def _revoked(found: Document) -> bool:
    """Whether a policy ends access at once, whatever was declared since: a statement that was weakened does not."""
    wanted = {one.meaning for one in read_document(DENY_NOW).statements}
    return any(one.meaning in wanted for one in found.statements)


def _tags(owner: str, expected: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Difference]:
    for key in sorted(expected.keys() | found.keys()):
        if key.startswith(_RESERVED_TAGS) and key not in expected:
            continue
        yield from _value(short(f"{owner}, tag {key}"), expected.get(key, NOTHING_MORE), found.get(key, MISSING))


def _documents(where: str, expected: Document, found: Document) -> Iterator[Difference]:
    yield from _value(f"{where}, version", expected.version, found.version)
    there = {one.meaning for one in found.statements}
    declared = {one.meaning for one in expected.statements}
    missing = [one for one in expected.statements if one.meaning not in there]
    extra = [one for one in found.statements if one.meaning not in declared]
    for one in missing:
        other = _counterpart(one, missing, extra)
        if other is None:
            yield Difference(short(f"{where}, {_label(one)}"), "present", MISSING)
        else:
            extra.remove(other)
            yield from _statements(short(f"{where}, {_label(one)}"), one, other)
    for one in extra:
        yield Difference(short(f"{where}, {_label(one)}"), NOTHING_MORE, short(_text(one)))


def _counterpart(one: Statement, missing: list[Statement], extra: list[Statement]) -> Statement | None:
    """The statement that this one was edited into: the same Sid, or the only one left beside the only one missing."""
    named = [other for other in extra if other.sid == one.sid]
    if len(named) == 1 and sum(other.sid == one.sid for other in missing) == 1:
        return named[0]
    return extra[0] if len(missing) == len(extra) == 1 else None


def _statements(where: str, expected: Statement, found: Statement) -> Iterator[Difference]:
    yield from _value(f"{where}, Sid", expected.sid or "none", found.sid or "none")
    yield from _value(f"{where}, Effect", expected.effect, found.effect)
    for name in sorted(expected.elements.keys() | found.elements.keys()):
        yield from _members(f"{where}, {name}", expected.elements.get(name, {}), found.elements.get(name, {}))


def _members(
    where: str, expected: Mapping[tuple[str, ...], str], found: Mapping[tuple[str, ...], str]
) -> Iterator[Difference]:
    missing = sorted(text for member, text in expected.items() if member not in found)
    extra = sorted(text for member, text in found.items() if member not in expected)
    if missing or extra:
        yield Difference(short(where), short(", ".join(missing) or NOTHING_MORE), short(", ".join(extra) or MISSING))


def _as_is(texts: Iterable[str]) -> dict[tuple[str, ...], str]:
    return {(text,): text for text in texts}


def _numbered(texts: Iterable[str]) -> dict[tuple[str, ...], str]:
    """Also what stands there twice is told from what stands there once."""
    return {(text, str(place)): text for text, count in Counter(texts).items() for place in range(count)}


def _counted(statuses: Iterable[str]) -> str:
    return ", ".join(f"{count} {status}" for status, count in sorted(Counter(statuses).items())) or "none"


def _each(statuses: Iterable[str]) -> str:
    return ", ".join(statuses) or "none"


def _json(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _label(statement: Statement) -> str:
    return f"statement {statement.sid}" if statement.sid else "statement without a Sid"


def _summary(document: Document) -> str:
    return "; ".join(_text(one) for one in document.statements)


def _text(statement: Statement) -> str:
    parts = [f"{name} {', '.join(sorted(members.values()))}" for name, members in sorted(statement.elements.items())]
    return " ".join([statement.effect, *parts])
