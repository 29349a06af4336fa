"""CloudTrail's events, read out of the answers of LookupEvents, whoever and whatever they are about.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from nhi.cloud.inventory import OddAnswer, entries, inner, text
from nhi.model.instant import NotAnInstant, parse_instant
from nhi.model.trail import Actor, TrailEvent

_SESSION = re.compile(r"arn:(?P<partition>[\w-]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/[^/]+")
_UNIQUE_ID = re.compile(r"(?P<id>(AROA|AIDA)\w+)(:.*)?", re.ASCII | re.DOTALL)
_NAMES_OF_THE_ACTOR = ("arn", "invokedBy", "userName", "principalId", "type")
"""An assumed role has an ARN; of a service, a web identity or another account's caller CloudTrail knows only less."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EXPIRATION = re.compile(
    r"(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}), (?P<year>\d{4}),?"
    r" (?P<hour>0?[1-9]|1[0-2]):(?P<clock>\d\d:\d\d) (?P<half>[AP])M",
    re.ASCII,
)
"""`Oct 2, 2019, 11:12:29 PM`, in UTC: https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html"""
_MADE = {"iam:CreateRole": ("role", "roleId"), "iam:CreateUser": ("user", "userId")}
_ABOUT = ("roleName", "roleArn", "userName", "accessKeyId", "policyArn", "policyName", "instanceProfileName")


def read_events(answer: Mapping[str, object], account: str) -> tuple[TrailEvent, ...]:
    """The events of one page of LookupEvents.

    Raises:
        OddAnswer: one of them is not of the documented shape, or is of another account's record.
    """
    return tuple(_event(one, account) for one in entries(answer, "Events"))


def in_order(events: Iterable[TrailEvent]) -> tuple[TrailEvent, ...]:
    """Oldest first, each once: CloudTrail delivers late, out of order, and sometimes twice.

    Raises:
        OddAnswer: two that are not the same have the same id.
    """
    known: dict[str, TrailEvent] = {}
    for event in events:
        if known.setdefault(event.id, event) != event:
            raise OddAnswer(f"two different events have the id {event.id}")
    return tuple(sorted(known.values(), key=lambda one: (one.at, one.id)))


def read_caller(answer: Mapping[str, object], account: str) -> Actor:
    """Who the answer of GetCallerIdentity says that we are.

    Raises:
        OddAnswer: it does not say, or says another account.
    """
    arn, found = text(answer, "Arn"), text(answer, "Account")
    if found != account:
        raise OddAnswer(f"the credentials are suddenly of the account {found}")
    session = _SESSION.fullmatch(arn)
    user_id = text(answer, "UserId")
    unique_id = user_id.partition(":")[0] if session or ":user/" in arn else None
    return Actor(arn, _role_of(arn), account, unique_id)


def _event(summary: Mapping[str, object], account: str) -> TrailEvent:
    event = _record(text(summary, "CloudTrailEvent"))
    recipient = text(event, "recipientAccountId")
    if recipient != account:
        raise OddAnswer(f"CloudTrail answered with an event of the account {recipient}")
    event_id = text(event, "eventID")
    if event_id != text(summary, "EventId"):
        raise OddAnswer(f"the event {event_id} is listed under another id")
    action = f"{text(event, 'eventSource').partition('.')[0]}:{text(event, 'eventName')}"
    asked, answered = _object(event, "requestParameters"), _object(event, "responseElements")
    return TrailEvent(
        id=event_id,
        at=_instant(text(event, "eventTime")),
        action=action,
        actor=_actor(inner(event, "userIdentity")),
        resources=tuple(dict.fromkeys((*_listed(summary, event), *_named(asked), *_keys(action, answered)))),
        unique_id=_made(action, answered),
        error=_optional(event, "errorCode") or _optional(event, "errorMessage"),
        renamed=_optional(asked, "newUserName") if action == "iam:UpdateUser" else None,
        expires=_expiry(_object(answered, "credentials")) if action.startswith("sts:") else None,
    )


def _expiry(credentials: Mapping[str, object]) -> datetime | None:
    """When credentials end. What is written in another way is not known, and no reason to refuse the event."""
    written = credentials.get("expiration")
    found = (
        _EXPIRATION.fullmatch(written.replace("\N{NARROW NO-BREAK SPACE}", " ")) if isinstance(written, str) else None
    )
    if found is None or found["month"] not in _MONTHS:
        return None
    month, hour = _MONTHS.index(found["month"]) + 1, int(found["hour"]) % 12 + (12 if found["half"] == "P" else 0)
    try:
        return parse_instant(f"{found['year']}-{month:02}-{int(found['day']):02}T{hour:02}:{found['clock']}Z")
    except NotAnInstant:
        return None


def _record(written: str) -> Mapping[str, object]:
    try:
        event = json.loads(written)
    except (ValueError, RecursionError) as cause:
        raise OddAnswer("an event is not JSON") from cause
    if not isinstance(event, dict):
        raise OddAnswer("an event is not an object")
    return event


def _instant(written: str) -> datetime:
    try:
        return parse_instant(written)
    except NotAnInstant as cause:
        raise OddAnswer("the time of an event is none") from cause


def _actor(identity: Mapping[str, object]) -> Actor:
    issuer = _object(_object(identity, "sessionContext"), "sessionIssuer")
    arn = next(filter(None, (_optional(identity, name) for name in _NAMES_OF_THE_ACTOR)), None)
    if arn is None:
        raise OddAnswer("an event does not say whose call it was")
    role = _optional(issuer, "arn") if _optional(issuer, "type") == "Role" else None
    account = _optional(identity, "accountId") or _optional(issuer, "accountId")
    return Actor(arn, role or _role_of(arn), account or "", _unique_id(identity, issuer))


def _unique_id(identity: Mapping[str, object], issuer: Mapping[str, object]) -> str | None:
    """A session's principal is `AROA…:<session>`, a web identity's is its provider's own word for it."""
    principal = _optional(issuer, "principalId") or _optional(identity, "principalId")
    if principal is None or _optional(identity, "type") == "IAMUser":
        return principal
    found = _UNIQUE_ID.fullmatch(principal)
    return found["id"] if found else None


def _role_of(arn: str) -> str | None:
    """The role of a session, whose ARN does not have the role's path."""
    found = _SESSION.fullmatch(arn)
    return None if found is None else f"arn:{found['partition']}:iam::{found['account']}:role/{found['role']}"


def _made(action: str, answered: Mapping[str, object]) -> str | None:
    if action.startswith("sts:AssumeRole"):
        return (_optional(_object(answered, "assumedRoleUser"), "assumedRoleId") or "").partition(":")[0] or None
    if action not in _MADE:
        return None
    kind, key = _MADE[action]
    return _optional(_object(answered, kind), key)


def _listed(summary: Mapping[str, object], event: Mapping[str, object]) -> Iterator[str]:
    yield from filter(None, (_optional(one, "ResourceName") for one in _objects(summary, "Resources")))
    yield from filter(None, (_optional(one, "ARN") for one in _objects(event, "resources")))


def _named(asked: Mapping[str, object]) -> Iterator[str]:
    """Another service may mean something else by the same word."""
    yield from (one for one in (asked.get(key) for key in _ABOUT) if one and isinstance(one, str))


def _keys(action: str, answered: Mapping[str, object]) -> Iterator[str]:
    """The access keys that were given out."""
    if action == "iam:CreateAccessKey":
        yield from filter(None, [_optional(_object(answered, "accessKey"), "accessKeyId")])
    elif action.startswith("sts:"):
        yield from filter(None, [_optional(_object(answered, "credentials"), "accessKeyId")])


def _optional(place: Mapping[str, object], key: str) -> str | None:
    """A text that may be missing or empty, never something of another type."""
    return text(place, key) if place.get(key) else None


def _object(place: Mapping[str, object], key: str) -> Mapping[str, object]:
    return {} if place.get(key) is None else inner(place, key)


def _objects(place: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    return [] if place.get(key) is None else entries(place, key)
