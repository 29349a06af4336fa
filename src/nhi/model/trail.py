"""What the cloud itself recorded of who did what, and when."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made a call, as the cloud knows it."""

    arn: str
    """Of the session or the user."""
    issuer: str | None
    """ARN of the role behind a session; None for what is no session of a role."""
    account: str

    @property
    def principal(self) -> str:
        """The role or user that acts, in whatever session: two sessions of one role are one actor."""
        return self.issuer or self.arn


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
    """IAM's own id of what was made (the answer to CreateRole and CreateUser has it); None elsewhere."""
    error: str | None
    """The error code, where the call was refused."""
    session_issuer_unique_id: str | None = None
    """IAM's own id (AROA…) of the role, or of the user (AIDA…), that the actor is."""


@dataclass(frozen=True, slots=True)
class Trail:
    """What was recorded in a span of time. Events can come 15 minutes late, so the end of a span is open."""

    since: datetime
    until: datetime
    events: tuple[TrailEvent, ...]
    """Oldest first."""
