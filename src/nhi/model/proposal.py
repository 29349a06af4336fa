"""A change of one identity that somebody asks for by name: to be renewed, suspended or revoked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from nhi.errors import ExitCode
from nhi.model.approval import Requirement
from nhi.model.difference import Meaning
from nhi.model.edit import KeyEdit
from nhi.model.finding import Finding


class Verb(StrEnum):
    """What is to happen."""

    RENEW = "renew"
    SUSPEND = "suspend"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for."""

    verb: Verb
    reason: str = ""
    until: datetime | None = None
    """Of a renewal: the new expiry."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A wish as one commit on one branch. The same wish for the same manifest has the same branch."""

    branch: str
    edits: tuple[KeyEdit, ...]
    """None at all where the manifest goes."""
    title: str
    """Of the pull request, and the commit's subject."""
    message: str


class Fate(StrEnum):
    """What became of a wish."""

    SETTLED = "settled"
    """It is so already."""
    REFUSED = "refused"
    BLOCKED = "blocked"
    """By findings, before anything was made."""
    OCCUPIED = "occupied"
    """Its branch holds something else."""
    LOOKED = "looked"
    """A dry run: nothing was made."""
    COMMITTED = "committed"
    """On a branch of this clone."""
    PROPOSED = "proposed"
    """In a pull request."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the change would do, and what is found about it."""

    meanings: tuple[Meaning, ...] = ()
    risk: str = ""
    """Its class in a word."""
    approvals: tuple[Requirement, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether a check of the change would fail."""
        return any(one.blocks for one in self.findings)


@dataclass(frozen=True, slots=True)
class ProposalReport:
    """A wish, and what became of it."""

    wish: Wish
    identity: str
    path: str
    owner: str
    base: str
    """Full id of the commit that the change is based upon."""
    as_of: datetime
    fate: Fate
    words: str = ""
    """Why, for a person."""
    hint: str = ""
    branch: str = ""
    commit: str = ""
    pull: int | None = None
    url: str = ""
    asked: Sequence[str] = ()
    """Logins of those who were asked for a review."""
    judgement: Judgement = field(default_factory=Judgement)

    @property
    def exit_code(self) -> ExitCode:
        """Whether all is well."""
        stopped = self.fate in (Fate.REFUSED, Fate.BLOCKED, Fate.OCCUPIED) or self.judgement.blocks
        return ExitCode.FINDINGS if stopped else ExitCode.CLEAN
