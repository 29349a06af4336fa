"""Access that was ended at once in the cloud, before any change of a manifest: what was done, and to what."""

from dataclasses import dataclass
from datetime import datetime

REVOKED_SID = "DenyRevokedNow"
"""The Sid of the one statement of a policy that ended access at once."""


@dataclass(frozen=True, slots=True, order=True)
class PolicyPlace:
    """Where an inline policy stands in an account."""

    type: str
    """`role` or `user`."""
    principal: str
    """The name of the role or user."""
    policy: str
    """The policy's name."""


@dataclass(frozen=True, slots=True)
class RevokedKey:
    """An access key that is off now, as was read back."""

    id: str
    was: str
    """Its status before: `Active` or `Inactive`."""
    request_id: str
    """Of the call that switched it off; "" where it was off already."""


@dataclass(frozen=True, slots=True)
class RevokedPrincipal:
    """A role or user that is denied everything now, as was read back."""

    type: str
    """`role` or `user`."""
    name: str
    policy: str
    """The inline policy that denies."""
    before: str | None
    """SHA-256 of what the policy was before, as JSON with sorted keys and no space; None where there was none."""
    request_id: str
    """Of the call that denied; "" where it was denied already."""
    at: str
    """When AWS answered that call, by its own clock; "" likewise."""
    keys: tuple[RevokedKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Denial:
    """What a cloud did to deny an identity everything."""

    by: str
    """ARN of who did it."""
    principals: tuple[RevokedPrincipal, ...]
    absent: tuple[str, ...] = ()
    """What the cloud says does not exist, such as `role ledger-writer`: nobody can use it."""
    failures: tuple[str, ...] = ()
    """What could not be done, for a person."""

    @property
    def changed(self) -> bool:
        """Whether anything was done that was not so already."""
        return any(one.request_id or any(key.request_id for key in one.keys) for one in self.principals)


@dataclass(frozen=True, slots=True)
class Revocation:
    """A denial, whose and why."""

    identity: str
    account: str
    at: datetime
    """By our clock."""
    reason: str
    denial: Denial
