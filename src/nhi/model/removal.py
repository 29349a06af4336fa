"""The proof that one identity is removed: four times that are never taken for each other, and who saw them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nhi.model.trail import Actor, TrailEvent
from nhi.model.verification import Answer, CouldNotTell


class Doubt(StrEnum):
    """A reason why a removal is not proven, or proven and not in order."""

    NOT_MERGED = "not-merged"
    """Git does not say when the manifest was removed: it is deleted here only, or never stood on this branch."""
    DECLARED_AGAIN = "declared-again"
    """A manifest declares the same name again."""
    EXPIRY_UNKNOWN = "expiry-unknown"
    """Its last manifest says no expiry that can be read, so it may have been due earlier than is said."""
    NO_REMOVAL_EVENT = "no-removal-event"
    """The cloud's own record shows no removal: not yet, or it is older than the record reaches."""
    NOTHING_RECORDED = "nothing-recorded"
    """The cloud's own record shows neither a making nor a removal: it was never applied, or all that is too old."""
    RECORD_TOO_SHORT = "record-too-short"
    """The cloud's own record of it, or of its use, begins after it was due or removed: what was before is not in it."""
    ANOTHER_IDENTITY = "another-identity"
    """Something of the same name stands there whose unique id is another: it is not the identity that was removed."""
    STILL_THERE = "still-there"
    COULD_NOT_TELL = "could-not-tell"
    SAME_CREDENTIAL = "same-credential"
    """Who looked is who removed, or may be."""
    LOOKED_ONCE = "looked-once"
    LATE = "late"
    """Not removed within the time that `removal_hours` of nhi.yaml gives it, counted from when it was due."""
    USED_AFTER_DUE = "used-after-due"
    """The cloud recorded a call by it, allowed or denied, or a session of it, after its access was to end."""
    USED_AFTER_REMOVAL = "used-after-removal"
    """The cloud recorded a call by it after it was removed: a session that lived on."""
    UNIQUE_ID_UNKNOWN = "unique-id-unknown"


@dataclass(frozen=True, slots=True)
class Look:
    """One independent look at the cloud."""

    at: datetime
    by: Actor | CouldNotTell
    """Whose credentials it was made with."""
    answer: Answer
    standing: tuple[str, ...] = ()
    """IAM's own ids of what stands under the identity's name or carries its id."""


@dataclass(frozen=True, slots=True)
class Removed:
    """The removal as the cloud recorded it."""

    at: datetime
    by: Actor
    action: str
    """Such as `iam:DeleteRole`."""
    event_id: str


@dataclass(frozen=True, slots=True)
class RemovalProof:
    """One identity's removal."""

    identity: str
    unique_id: str | None
    """IAM's own id of what was removed; None where nothing says it."""
    due: datetime | None
    """When its access was to end: its expiry, or the merge of its removal where that came first; None where neither is
    known."""
    deadline: datetime | None
    """Until when it had to be removed."""
    merged: datetime | None
    merge_commit: str | None
    removed: Removed | None
    record: tuple[datetime, datetime] | None
    """From when to when the cloud's own record was read; None where it could not be."""
    open_until: datetime | None
    """Until then an event can still come late, a use say: what is proven is proven so far. None where it is past."""
    looks: tuple[Look, ...]
    uses: tuple[TrailEvent, ...]
    """The calls by it, and the sessions of it, after it was due or removed. Oldest first."""
    unknown: tuple[str, ...]
    """Why something could not be found out, for a person."""
    doubts: tuple[Doubt, ...]
    """Sorted; empty where the removal is proven and in order."""
