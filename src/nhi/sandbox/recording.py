"""What CloudTrail records of a call: who, when, from where, what was asked and answered, and never a secret.

Shape: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from nhi.model.identity import Json
from nhi.model.instant import format_instant

GLOBAL_REGION = "us-east-1"
"""Events of IAM are found in this region only, since November 2021."""
_NOON = 12
_HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_SECRETS = frozenset(
    {
        "password",
        "oldPassword",
        "newPassword",
        "webIdentityToken",
        "sAMLAssertion",
        "tokenCode",
        "secretString",
        "secretBinary",
    }
)
_READS = re.compile(r"(Get|List|Simulate|Generate|Describe|BatchGet|Test|Validate)[A-Z]\w*")
_SESSIONS = re.compile(r"AssumeRole\w*|Get(Session|Federation)Token")
_WRITES_OF = frozenset({"iam", "events", "secretsmanager"})
_SESSION: dict[str, tuple[str, ...]] = {"credentials": ("AccessKeyId", "Expiration")}
_ROLE_SESSION: dict[str, tuple[str, ...]] = {**_SESSION, "assumedRoleUser": ("AssumedRoleId", "Arn")}
_ANSWERS: dict[str, dict[str, tuple[str, ...]]] = {
    "CreateRole": {"role": ("Path", "RoleName", "RoleId", "Arn", "CreateDate")},
    "CreateUser": {"user": ("Path", "UserName", "UserId", "Arn", "CreateDate")},
    "CreateAccessKey": {"accessKey": ("UserName", "AccessKeyId", "Status", "CreateDate")},
    "AssumeRole": _ROLE_SESSION,
    "AssumeRoleWithSAML": _ROLE_SESSION,
    "AssumeRoleWithWebIdentity": _ROLE_SESSION,
    "GetSessionToken": _SESSION,
    "GetFederationToken": _SESSION,
}
"""What of an answer is recorded; where an answer has secrets, they are not among it."""
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
    "secretId": "AWS::SecretsManager::Secret",
    "rule": "AWS::Events::Rule",
}
_NAMED = {"events": "AWS::Events::Rule", "secretsmanager": "AWS::SecretsManager::Secret"}
"""What the parameter `name` is about."""


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
    parameters: Mapping[str, Json]
    """As CloudTrail writes them: `form_parameters`, `json_parameters`."""
    answer: str
    """The body that was answered."""
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

    @property
    def resources(self) -> tuple[tuple[str, str], ...]:
        """Name and type of what the call was about."""
        kinds = dict(_RESOURCES)
        named = _NAMED.get(str(self.event["eventSource"]).partition(".")[0])
        if named is not None:
            kinds["name"] = named
        answered = self.event["responseElements"]
        made = answered.get("accessKey") if isinstance(answered, dict) else None
        places = (place for place in (self.event["requestParameters"], made) if isinstance(place, dict))
        found = ((value, kinds[key]) for place in places for key, value in place.items() if key in kinds)
        return tuple(dict.fromkeys((value, kind) for value, kind in found if isinstance(value, str)))


def is_recorded(service: str, action: str) -> bool:
    """Whether the sandbox records the call: writes to some services, and every session that STS hands out."""
    if service in _WRITES_OF:
        return _READS.fullmatch(action) is None
    return service == "sts" and _SESSIONS.fullmatch(action) is not None


def form_parameters(form: Mapping[str, str]) -> dict[str, Json]:
    """The parameters of a form (`Tags.member.1.Key`) in camel case, members as lists, secrets hidden."""
    tree: dict[str, Json] = {}
    for key, value in form.items():
        if key in {"Action", "Version"}:
            continue
        *folders, last = map(_camel, key.split("."))
        branch = tree
        for folder in folders:
            step = branch.setdefault(folder, {})
            if not isinstance(step, dict):
                break
            branch = step
        branch[last] = _HIDDEN if last in _SECRETS else value
    return {key: _with_lists(value) for key, value in tree.items()}


def json_parameters(body: bytes) -> dict[str, Json]:
    """The parameters of a JSON body in camel case, secrets hidden. What is not JSON has none."""
    try:
        found = _in_camel_case(json.loads(body or b"{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def response_elements(action: str, answer: str) -> dict[str, Json] | None:
    """What is recorded of an answer in XML: ids and names, and nothing that would give access."""
    found: dict[str, Json] = {}
    for element, keys in _ANSWERS.get(action, {}).items():
        texts = {key: re.search(rf"<{key}>([^<]*)</{key}>", answer) for key in keys}
        found[element] = {_camel(key): _written(key, text[1]) for key, text in texts.items() if text}
    return found or None


def _written(key: str, text: str) -> str:
    """CloudTrail writes the end of credentials for people: `Oct 2, 2019, 11:12:29 PM`."""
    if key != "Expiration":
        return text
    at = datetime.fromisoformat(text).astimezone(UTC)
    return f"{at:%b} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M:%S} {'AM' if at.hour < _NOON else 'PM'}"


def record(call: Call, number: int) -> Recorded:
    """The event of one call. A session of another account's role is seen by both accounts."""
    region = GLOBAL_REGION if call.service == "iam" else call.region
    owner = re.fullmatch(r"arn:[\w-]+:iam::(\d{12}):role/.+", str(call.parameters.get("roleArn", "")))
    event: dict[str, Json] = {
        "eventVersion": "1.11",
        "userIdentity": dict(call.caller.user_identity),
        "eventTime": format_instant(call.at),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.action,
        "awsRegion": region,
        "sourceIPAddress": call.source_address,
        "userAgent": call.user_agent,
        "requestParameters": dict(call.parameters) or None,
        "responseElements": None if call.error_code else response_elements(call.action, call.answer),
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


def _with_lists(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    if set(value) == {"member"}:
        members = value["member"]
        if isinstance(members, dict) and all(key.isdecimal() for key in members):
            return [_with_lists(members[key]) for key in sorted(members, key=int)]
    return {key: _with_lists(inner) for key, inner in value.items()}


def _in_camel_case(value: Json) -> Json:
    if isinstance(value, list):
        return [_in_camel_case(one) for one in value]
    if not isinstance(value, dict):
        return value
    named = ((_camel(key), inner) for key, inner in value.items())
    return {key: _HIDDEN if key in _SECRETS else _in_camel_case(inner) for key, inner in named}


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
