"""The proof that one identity is removed: four times that are never taken for each other, and who saw them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nhi.model.trail import Actor
from nhi.model.verification import Answer


class Doubt(StrEnum):
    """A reason why a removal is not proven, or proven and not in order."""

    NOT_MERGED = "not-merged"
    """Git does not say when the manifest was removed."""
    NO_REMOVAL_EVENT = "no-removal-event"
    """The cloud's own record shows no removal: not yet, or it is older than the record reaches."""
    ANOTHER_IDENTITY = "another-identity"
    """Something of the same name stands there whose unique id is another: it is not the identity that was removed."""
    STILL_THERE = "still-there"
    COULD_NOT_TELL = "could-not-tell"
    SAME_CREDENTIAL = "same-credential"
    """Who looked is who removed."""
    LOOKED_ONCE = "looked-once"
    LATE = "late"
    """Removed later after its due time than the service level allows."""
    USED_AFTER_DUE = "used-after-due"
    """The cloud recorded a call by it, allowed or denied, after its access was to end."""
    USED_AFTER_REMOVAL = "used-after-removal"
    """The cloud recorded a call by it after it was removed: a session that lived on."""
    UNIQUE_ID_UNKNOWN = "unique-id-unknown"


@dataclass(frozen=True, slots=True)
class Look:
    """One independent look at the cloud."""

    at: datetime
    by: Actor
    answer: Answer


@dataclass(frozen=True, slots=True)
class Removed:
    """The removal as the cloud recorded it."""

    at: datetime
    by: Actor
    event_id: str


@dataclass(frozen=True, slots=True)
class RemovalProof:
    """One identity's removal."""

    identity: str
    unique_id: str | None
    """IAM's own id of what was removed; None where nothing says it."""
    due: datetime
    """When its access was to end: its expiry, or the merge of its removal where that came first."""
    merged: datetime | None
    merge_commit: str | None
    removed: Removed | None
    looks: tuple[Look, ...]
    doubts: tuple[Doubt, ...]
    """Sorted; empty where the removal is proven and in order."""
