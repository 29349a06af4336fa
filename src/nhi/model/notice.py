"""What an owner is told before identities end."""

from dataclasses import dataclass

from nhi.model.declared import UnreadableFile
from nhi.model.identity import Identity


@dataclass(frozen=True, slots=True)
class Ending:
    """An identity that ends soon."""

    identity: Identity
    step: int
    """The last step of `sweep.notice_days` that it has reached: so many days before its end, or fewer."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything that one owner is told."""

    owner: str
    """Whose issue it is. The security team's has also what nobody answers for."""
    endings: tuple[Ending, ...]
    """The next end first."""
    unreadable: tuple[UnreadableFile, ...]
    """Manifests whose end is not known, by path."""
