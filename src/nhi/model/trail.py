"""What the cloud itself recorded of who did what, and when."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_PRINCIPAL = re.compile(r"arn:[\w-]+:iam::(?P<account>\d{12}):(?P<type>role|user)/(?:[!-~]*/)?(?P<name>[\w+=,.@-]+)")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made a call, as the cloud knows it."""

    arn: str
    """Of the session or the user; of what has none, such as one of the cloud's own services, its name."""
    issuer: str | None
    """ARN of the role behind a session; None for what is no session of a role.

    The cloud's record gives it with the role's path. Who asks the cloud about itself is not told the path, so compare
    with `same_principal`, never as text.
    """
    account: str
    """Empty where the cloud does not say."""
    unique_id: str | None = None
    """IAM's own id of the role (AROA…) or the user (AIDA…) that acts; None where the cloud does not say."""

    @property
    def principal(self) -> str:
        """The role or user that acts, in whatever session: two sessions of one role are one actor."""
        return self.issuer or self.arn


def same_principal(one: Actor, other: Actor) -> bool:
    """Whether two actors are, or may be, one role or user: only who is certainly another one is independent.

    A name belongs to one role and one user of an account, ignoring case and whatever their paths:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html. One that was made again under the same
    name counts as the same.
    """
    first, second = _named(one), _named(other)
    if first is None or second is None:
        return True
    return first == second or (one.unique_id is not None and one.unique_id == other.unique_id)


class Attribute(StrEnum):
    """What the cloud's record can be searched by: one at a time."""

    RESOURCE = "ResourceName"
    USER = "Username"
    """The name of a session, or of a user."""
    ACCESS_KEY = "AccessKeyId"
    """The key that a call was signed with, never one that it was about."""
    ACTION = "EventName"
    """Without the service, such as `DeleteRole`."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for in the cloud's record."""

    by: Attribute
    value: str


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One call that the cloud recorded."""

    id: str
    at: datetime
    action: str
    """Such as `iam:DeleteRole`."""
    actor: Actor
    resources: tuple[str, ...]
    """Names and ARNs that the call was about."""
    unique_id: str | None
    """IAM's own id of what was made (the answer to CreateRole and CreateUser has it), or of the role that a session is
    of (the answer to AssumeRole has it); None elsewhere."""
    error: str | None
    """The error code, where the call was refused."""
    renamed: str | None = None
    """The new name that the call gave to a user; a role cannot be renamed."""
    expires: datetime | None = None
    """When the credentials end that the call gave out; None where there are none, or the record does not say."""


@dataclass(frozen=True, slots=True)
class Trail:
    """What was recorded in a span of time. Events can come 15 minutes late, so the end of a span is open."""

    since: datetime
    """From here on the record was read: later than what was asked for where the record does not reach so far back."""
    until: datetime
    """Up to here; never later than the moment of asking."""
    events: tuple[TrailEvent, ...]
    """Oldest first, each once."""


def _named(actor: Actor) -> tuple[str, str, str] | None:
    found = _PRINCIPAL.fullmatch(actor.principal)
    return None if found is None else (found["account"], found["type"], found["name"].lower())
