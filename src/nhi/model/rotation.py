"""The rotation of a key that an identity is used with: two keys overlap, then the old one is off, then it is gone.

Each step is an edit of the manifest's `scope.credential`, `{rotate_every: days, rotated: day, previous: {rotated: day,
active: true or false}}`, and the merge of that edit is what Terraform then does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nhi.errors import ExitCode
from nhi.model.declared import DeclaredIdentity, UnreadableFile
from nhi.model.edit import KeyEdit
from nhi.model.usage import LastUse


class Step(StrEnum):
    """One of the three steps of a rotation."""

    ROTATE = "rotate"
    """A new key is made; the old one goes on working, and is `previous` from then on."""
    RETIRE = "retire"
    """The old key is switched off. It can be switched on again."""
    DROP = "drop"
    """The old key is deleted."""

    @property
    def does(self) -> str:
        """What it is to do, in words."""
        match self:
            case Step.ROTATE:
                return "make a new key beside the old one"
            case Step.RETIRE:
                return "switch the old key off"
            case Step.DROP:
                return "delete the old key"


@dataclass(frozen=True, slots=True)
class LiveKey:
    """One key of an identity, as it stands in the cloud."""

    id: str
    created: datetime
    active: bool
    last_use: LastUse


@dataclass(frozen=True, slots=True)
class Turn:
    """The next step of one identity's rotation."""

    declared: DeclaredIdentity
    step: Step
    due: datetime
    """From when on it is to be taken."""
    rotated: datetime
    """When the newest key was made, as the manifest says."""
    overlap: timedelta
    """How long an old key works on, and then stays switched off."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A step as a branch with one commit."""

    turn: Turn
    branch: str
    """`nhi/rotate/<stack>/<name>/<digest>`: the same step from the same manifest is the same branch."""
    edits: tuple[KeyEdit, ...]
    message: str
    """Of the commit."""


@dataclass(frozen=True, slots=True)
class Resting:
    """A step that is due, and is not taken as the identity is."""

    turn: Turn
    reason: str
    """Such as `suspended`."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A step that is due, and that something stands in the way of."""

    declared: DeclaredIdentity
    step: Step | None
    """None where it cannot be told which step is the next."""
    reason: str
    """For a person: what stands in the way, and who has to do what."""
    unknown: bool = False
    """Whether the cloud could not tell."""


@dataclass(frozen=True, slots=True)
class Occupied:
    """A branch that has the name of a step, but does not do what its name says, or no longer in time."""

    turn: Turn
    branch: str
    commit: str
    reason: str


@dataclass(frozen=True, slots=True)
class RotationReport:
    """What a run decided and did."""

    base: str
    """Full id of the commit that the branches are based upon."""
    as_of: datetime
    dry_run: bool
    proposed: tuple[Proposed, ...]
    """Branches that are made, or would be."""
    made: Mapping[str, str]
    """Branch → commit id. Empty in a dry run."""
    already: tuple[Proposed, ...]
    """Branches that are there, from an earlier run, and do what they should."""
    later: tuple[Turn, ...]
    """What is due and was too much for one run."""
    waiting: tuple[Turn, ...]
    """What is not due yet."""
    resting: tuple[Resting, ...]
    stopped: tuple[Stopped, ...]
    occupied: tuple[Occupied, ...]
    superseded: tuple[str, ...]
    """Branches of a rotation that do not say what is due now. They are named, never deleted; on a forge, the pull
    request is closed."""
    unreadable: tuple[UnreadableFile, ...]

    @property
    def exit_code(self) -> ExitCode:
        """Not knowing weighs more than what somebody has to see to."""
        if any(one.unknown for one in self.stopped):
            return ExitCode.OUTSIDE
        return ExitCode.FINDINGS if self.stopped or self.occupied or self.unreadable else ExitCode.CLEAN
