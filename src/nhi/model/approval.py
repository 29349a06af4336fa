"""The approvals that a change needs, and those that it has."""

from dataclasses import dataclass
from datetime import datetime

from nhi.model.forge import Account, PullState


@dataclass(frozen=True, slots=True)
class Requirement:
    """So many people of one team must approve, or the one person."""

    who: str
    """A team or person of owners.yaml."""
    count: int
    candidates: tuple[str, ...]
    """The people who can: there at the base of the change, and not who asks. Sorted."""
    reasons: tuple[str, ...]
    """What needs it: `prod/ledger-writer is of high risk`."""

    @property
    def can_be_met(self) -> bool:
        """Whether there are enough people."""
        return len(self.candidates) >= self.count


@dataclass(frozen=True, slots=True)
class Approval:
    """A review that counts."""

    person: str
    """The name in owners.yaml."""
    account: Account
    review: int
    commit: str
    """The head that was approved. Its content is the one that would be merged now."""
    at: datetime


@dataclass(frozen=True, slots=True)
class SetAside:
    """A review that does not count."""

    account: Account | None
    review: int
    reason: str
    """For a person: is the author, approved another content, has left, …"""


@dataclass(frozen=True, slots=True)
class Held:
    """A requirement, and who met it."""

    requirement: Requirement
    approvals: tuple[Approval, ...]
    """Of its candidates, each once, sorted by person."""

    @property
    def met(self) -> bool:
        """Whether enough people approved."""
        return len(self.approvals) >= self.requirement.count


@dataclass(frozen=True, slots=True)
class EmergencyLane:
    """What the emergency lane asks of a pull request that carries its label."""

    incident: str
    """As named in the pull request; "" where none is."""
    problems: tuple[str, ...]
    """Why this is no emergency change: no incident, an expiry too far, something that is not made or renewed."""
    retroactive: tuple[Held, ...]
    """What is waived now and must be approved after the merge."""
    due: datetime | None
    """Until when; None before the merge."""

    @property
    def waived(self) -> tuple[Held, ...]:
        """What of it nobody has approved yet."""
        return tuple(one for one in self.retroactive if not one.met)


@dataclass(frozen=True, slots=True)
class ApprovalsReport:
    """Whose approval a pull request needs and has, as of a moment."""

    as_of: datetime
    number: int
    head: str
    base: str
    """Full id of the tip of the base branch, whose owners and settings judged it."""
    held: tuple[Held, ...]
    """Sorted by who. Empty where nothing is needed."""
    set_aside: tuple[SetAside, ...]
    objections: tuple[SetAside, ...]
    """Standing requests for changes by those who may write: each must be withdrawn or dismissed."""
    doubts: tuple[str, ...]
    """What could not be known, and so stands in the way: who made a commit."""
    preapproved: str
    """Why nobody needs to approve: all it does is to remove what expired, and that was approved. "" otherwise."""
    emergency: EmergencyLane | None
    """None without the label."""
    state: PullState = PullState.OPEN
    is_draft: bool = False
    merges: bool = True
    """Whether it merges into its base by itself; where it does not, nobody knows what would be approved."""
    conflicts: tuple[str, ...] = ()
    """Paths in the way of a merge."""

    @property
    def satisfied(self) -> bool:
        """Whether everything needed now is there, and nothing stands in the way of a merge."""
        lane = self.emergency is None or not self.emergency.problems
        return lane and self.state is PullState.OPEN and self._undisputed and all(one.met for one in self.held)

    @property
    def ratified(self) -> bool:
        """Of a merged emergency: whether everything that it waived was approved by now."""
        lane = self.emergency
        return lane is not None and not lane.problems and not lane.waived and self._undisputed

    @property
    def overdue(self) -> bool:
        """Of a merged emergency: whether that should have been so before."""
        due = None if self.emergency is None else self.emergency.due
        return due is not None and not self.ratified and self.as_of >= due

    @property
    def _undisputed(self) -> bool:
        return self.merges and not self.objections and not self.doubts
