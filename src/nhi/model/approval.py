"""The approvals that a change needs."""

from dataclasses import dataclass


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
