"""How LookupEvents finds again what CloudTrail recorded.

Shapes: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from nhi.model.identity import Json
from nhi.model.instant import format_instant
from nhi.sandbox.recording import Recorded

PAGE_SIZE = 50
"""The most events that one answer of LookupEvents holds."""


class RefusedLookup(Exception):
    """A LookupEvents request that CloudTrail refuses. `code` is AWS's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def lookup(
    events: Sequence[Recorded], request: Mapping[str, Json], account: str, region: str, *, doubled: bool = False
) -> dict[str, Json]:
    """The answer of LookupEvents: newest first, PAGE_SIZE at most; `doubled` has each event twice.

    Raises:
        RefusedLookup: the request is not one that CloudTrail answers.
    """
    size = request.get("MaxResults", PAGE_SIZE)
    if not isinstance(size, int) or not 1 <= size <= PAGE_SIZE:
        raise RefusedLookup("InvalidMaxResultsException", f"MaxResults is from 1 to {PAGE_SIZE}.")
    query = {key: value for key, value in request.items() if key not in {"NextToken", "MaxResults"}}
    seal = hashlib.sha256(json.dumps([query, account, region], sort_keys=True).encode()).hexdigest()[:16]
    below = _read_token(request.get("NextToken"), seal)
    matching = [
        one
        for one in reversed(events)
        if account in one.accounts and one.region == region and (below is None or one.number < below)
    ]
    found = list(_matching(matching, request))
    copies = 2 if doubled and size > 1 else 1
    most = size // copies
    answer: dict[str, Json] = {"Events": [_summary(one, account) for one in found[:most] for _ in range(copies)]}
    if len(found) > most:
        answer["NextToken"] = f"{found[most - 1].number}.{seal}"
    return answer


def _read_token(token: Json, seal: str) -> int | None:
    if token is None:
        return None
    number, _, sealed = str(token).partition(".")
    if sealed != seal or not number.isdecimal():
        raise RefusedLookup("InvalidNextTokenException", "The token is not one of this query.")
    return int(number)


def _matching(events: Iterable[Recorded], request: Mapping[str, Json]) -> Iterator[Recorded]:
    since, until = (_moment(request.get(key)) for key in ("StartTime", "EndTime"))
    if since is not None and until is not None and since > until:
        raise RefusedLookup("InvalidTimeRangeException", "The start is after the end.")
    key, wanted = _attribute(request.get("LookupAttributes"))
    for one in events:
        at = str(one.event["eventTime"])
        in_time = (since is None or format_instant(since) <= at) and (until is None or at <= format_instant(until))
        if in_time and (key is None or wanted in _values(one, key)):
            yield one


def _moment(value: Json) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, int | float):
        raise RefusedLookup("InvalidTimeRangeException", "Times are seconds since 1970.")
    return datetime.fromtimestamp(value, UTC)


def _attribute(attributes: Json) -> tuple[str | None, str]:
    if not attributes:
        return None, ""
    match attributes:
        case [{"AttributeKey": str(key), "AttributeValue": str(value)}]:
            return key, value
        case _:
            raise RefusedLookup("InvalidLookupAttributesException", "One attribute with a key and a value.")


def _values(one: Recorded, key: str) -> frozenset[str]:
    identity = one.event["userIdentity"]
    match key:
        case "EventName" | "EventId" | "EventSource" | "ReadOnly":
            name = {"EventId": "eventID"}.get(key, key[:1].lower() + key[1:])
            return frozenset({str(one.event[name]).lower() if key == "ReadOnly" else str(one.event[name])})
        case "Username":
            return frozenset({one.user_name})
        case "AccessKeyId":
            return frozenset({str(identity.get("accessKeyId"))} if isinstance(identity, dict) else ())
        case "ResourceName":
            return frozenset(name for name, _ in one.resources)
        case "ResourceType":
            return frozenset(kind for _, kind in one.resources)
        case _:
            raise RefusedLookup("InvalidLookupAttributesException", f"There is no attribute {key}.")


def _summary(one: Recorded, account: str) -> Json:
    identity = one.event["userIdentity"]
    at = datetime.fromisoformat(str(one.event["eventTime"]))
    return {
        "EventId": one.id,
        "EventName": one.event["eventName"],
        "ReadOnly": str(one.event["readOnly"]).lower(),
        "AccessKeyId": identity.get("accessKeyId") if isinstance(identity, dict) else None,
        "EventTime": int(at.timestamp()),
        "EventSource": one.event["eventSource"],
        "Username": one.user_name,
        "Resources": [{"ResourceName": name, "ResourceType": kind} for name, kind in one.resources],
        "CloudTrailEvent": json.dumps({**one.event, "recipientAccountId": account}),
    }
