"""What CloudTrail records of a call, and how LookupEvents finds it again.

Shapes: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html and
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from nhi.model.identity import Json
from nhi.model.instant import format_instant

PAGE_SIZE = 50
"""The most events that one answer of LookupEvents holds."""
GLOBAL_REGION = "us-east-1"
"""Events of IAM are found in this region only, since November 2021."""
_SECRETS = frozenset({"password", "oldPassword", "newPassword", "webIdentityToken", "sAMLAssertion", "tokenCode"})
_READS = re.compile(r"(Get|List|Simulate|Generate)[A-Z]\w*")
_SESSIONS = re.compile(r"AssumeRole\w*|Get(Session|Federation)Token")
_RESOURCES = {
    "roleName": "AWS::IAM::Role",
    "roleArn": "AWS::IAM::Role",
    "userName": "AWS::IAM::User",
    "groupName": "AWS::IAM::Group",
    "policyName": "AWS::IAM::Policy",
    "policyArn": "AWS::IAM::Policy",
    "instanceProfileName": "AWS::IAM::InstanceProfile",
    "accessKeyId": "AWS::IAM::AccessKey",
    "openIDConnectProviderArn": "AWS::IAM::OIDCProvider",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call."""

    account: str
    user_identity: Mapping[str, Json]
    """CloudTrail's `userIdentity`."""
    user_name: str
    """What LookupEvents calls the user: the session's or the user's name."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was answered."""

    at: datetime
    service: str
    action: str
    region: str
    caller: Caller
    form: Mapping[str, str]
    """The request's parameters as they were sent (`Tags.member.1.Key`)."""
    request_id: str
    source_address: str
    user_agent: str
    error_code: str | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event, and the accounts that see it."""

    number: int
    accounts: frozenset[str]
    region: str
    event: Mapping[str, Json]
    user_name: str

    @property
    def id(self) -> str:
        """CloudTrail's eventID."""
        return str(self.event["eventID"])


class RefusedLookup(Exception):
    """A LookupEvents request that CloudTrail refuses. `code` is AWS's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def is_recorded(service: str, action: str) -> bool:
    """Whether the sandbox records the call: writes to IAM, and every session that STS hands out."""
    if service == "iam":
        return _READS.fullmatch(action) is None
    return service == "sts" and _SESSIONS.fullmatch(action) is not None


def request_parameters(form: Mapping[str, str]) -> dict[str, Json]:
    """The parameters as CloudTrail writes them: camel case, members as lists, secrets hidden."""
    tree: dict[str, Json] = {}
    for key, value in form.items():
        if key in {"Action", "Version"}:
            continue
        *folders, last = (part[:1].lower() + part[1:] for part in key.split("."))
        branch = tree
        for folder in folders:
            step = branch.setdefault(folder, {})
            if not isinstance(step, dict):
                break
            branch = step
        branch[last] = "HIDDEN_DUE_TO_SECURITY_REASONS" if last in _SECRETS else value
    return {key: _with_lists(value) for key, value in tree.items()}


def record(call: Call, number: int) -> Recorded:
    """The event of one call. A session of another account's role is seen by both accounts."""
    parameters = request_parameters(call.form)
    region = GLOBAL_REGION if call.service == "iam" else call.region
    owner = re.fullmatch(r"arn:[\w-]+:iam::(\d{12}):role/.+", str(parameters.get("roleArn", "")))
    event: dict[str, Json] = {
        "eventVersion": "1.11",
        "userIdentity": dict(call.caller.user_identity),
        "eventTime": format_instant(call.at),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.action,
        "awsRegion": region,
        "sourceIPAddress": call.source_address,
        "userAgent": call.user_agent,
        "requestParameters": parameters or None,
        "responseElements": None,
        "requestID": call.request_id,
        "eventID": str(uuid4()),
        "readOnly": call.service == "sts",
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "eventCategory": "Management",
        "recipientAccountId": call.caller.account,
    }
    if call.error_code is not None:
        event |= {"errorCode": call.error_code, "errorMessage": call.error_message}
    accounts = frozenset({call.caller.account, owner[1]} if owner else {call.caller.account})
    return Recorded(number, accounts, region, event, call.caller.user_name)


def lookup(events: Sequence[Recorded], request: Mapping[str, Json], account: str, region: str) -> dict[str, Json]:
    """The answer of LookupEvents: newest first, PAGE_SIZE at most.

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
    answer: dict[str, Json] = {"Events": [_summary(one, account) for one in found[:size]]}
    if len(found) > size:
        answer["NextToken"] = f"{found[size - 1].number}.{seal}"
    return answer


def _with_lists(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    if set(value) == {"member"}:
        members = value["member"]
        if isinstance(members, dict) and all(key.isdecimal() for key in members):
            return [_with_lists(members[key]) for key in sorted(members, key=int)]
    return {key: _with_lists(inner) for key, inner in value.items()}


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
            return frozenset(name for name, _ in _resources(one))
        case "ResourceType":
            return frozenset(kind for _, kind in _resources(one))
        case _:
            raise RefusedLookup("InvalidLookupAttributesException", f"There is no attribute {key}.")


def _resources(one: Recorded) -> tuple[tuple[str, str], ...]:
    parameters = one.event["requestParameters"]
    if not isinstance(parameters, dict):
        return ()
    return tuple(
        (value, _RESOURCES[key]) for key, value in parameters.items() if key in _RESOURCES and isinstance(value, str)
    )


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
        "Resources": [{"ResourceName": name, "ResourceType": kind} for name, kind in _resources(one)],
        "CloudTrailEvent": json.dumps({**one.event, "recipientAccountId": account}),
    }
