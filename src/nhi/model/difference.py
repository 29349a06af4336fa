"""What a change means for one identity."""

from dataclasses import dataclass
from enum import StrEnum

from nhi.model.risk import Assessment


class Effect(StrEnum):
    """What happens to an identity."""

    CREATED = "created"
    REMOVED = "removed"
    RENEWED = "renewed"
    SHORTENED = "shortened"
    SCOPE_UP = "scope up"
    SCOPE_DOWN = "scope down"
    KIND_CHANGED = "kind changed"
    OWNER_CHANGED = "owner changed"
    PURPOSE_CHANGED = "purpose changed"
    ROTATED = "rotated"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    HELD = "held"
    HOLD_LIFTED = "hold lifted"
    EXCEPTIONS_CHANGED = "exceptions changed"
    MOVED = "moved"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a change does to one identity."""

    identity: str
    effects: tuple[tuple[Effect, str], ...]
    """Each with its words: `("renewed", "from 2027-03-31T00:00:00Z to 2027-06-30T00:00:00Z")`."""
    risk: Assessment
