"""What a forge says of a pull request, its reviews, its comments: as found, believed by nobody yet.

Titles, bodies, branch names and logins are hostile text. Accounts are compared by their number: logins can be renamed,
and taken by somebody else then.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

GATE = "nhi/gate"
"""The commit status that says whether a change may be merged, as far as its content goes."""
APPROVALS = "nhi/approvals"
"""The commit status that says whether those approved a change who must."""
EMERGENCY_LABEL = "nhi/emergency"
"""A pull request with this label asks for the emergency lane."""
SWEEP_LABEL = "nhi/sweep"
"""What a sweep opened."""
NOTICE_LABEL = "nhi/notice"
"""An issue that tells an owner what will end."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody, or some program, on the forge."""

    id: int
    login: str
    is_bot: bool = False


class PullState(StrEnum):
    """Where a pull request stands."""

    OPEN = "open"
    CLOSED = "closed"
    """Without a merge."""
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request at the moment it was asked for."""

    number: int
    node_id: str
    """The forge's own handle, for GraphQL."""
    title: str
    body: str
    """Empty where there is none."""
    author: Account | None
    """None where the account is gone."""
    state: PullState
    is_draft: bool
    head: str
    """Full commit id."""
    head_branch: str
    own_branch: bool
    """Whether the head is a branch of this repository; else it is a fork's, or of a fork that is gone."""
    base_branch: str
    labels: frozenset[str]
    url: str
    created_at: datetime
    closed_at: datetime | None
    merged_at: datetime | None
    merge_commit: str | None
    """Of a merged pull request: the commit that it became on its base branch."""
    auto_merge: bool
    """Whether the forge merges it as soon as its rules allow it."""

    @property
    def head_reference(self) -> str:
        """Where the head can be fetched, whoever's branch it is and whether or not that is still there."""
        return f"refs/pull/{self.number}/head"


class ReviewState(StrEnum):
    """What a review says: https://docs.github.com/en/rest/pulls/reviews."""

    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    COMMENTED = "COMMENTED"
    DISMISSED = "DISMISSED"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class Review:
    """One review of a pull request."""

    id: int
    author: Account | None
    state: ReviewState
    commit: str | None
    """The head that was reviewed; None where the forge does not know it any more."""
    submitted_at: datetime | None
    """None of a review that was never submitted."""


@dataclass(frozen=True, slots=True)
class CommitMakers:
    """Who made a commit of a pull request: the accounts that the forge takes its addresses to be, and the addresses."""

    commit: str
    author: Account | None
    """None where the forge knows nobody of that address."""
    committer: Account | None
    author_email: str
    committer_email: str
    co_authors: tuple[str, ...] = ()
    """Addresses of those whom its message names as co-authors."""


@dataclass(frozen=True, slots=True)
class Makers:
    """Who made the commits of a pull request."""

    commits: tuple[CommitMakers, ...]
    complete: bool
    """Whether these are all of them: GitHub lists 250 at most."""


class Permission(StrEnum):
    """What somebody may do in the repository now, from least to most."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    @property
    def may_write(self) -> bool:
        """GitHub counts approvals of those alone (docs.github.com, "About protected branches")."""
        return self in (Permission.WRITE, Permission.MAINTAIN, Permission.ADMIN)


class StatusState(StrEnum):
    """https://docs.github.com/en/rest/commits/statuses."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    """The answer is no."""
    ERROR = "error"
    """There is no answer: something of ours failed."""


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """What is said of a commit under one name. The newest counts."""

    context: str
    state: StatusState
    description: str
    """One line; cut at 140 characters when it is set."""
    url: str = ""
    """Where more is told."""
    is_ours: bool = True
    """Whether our own App said it, where we are one: the same words of somebody else's do not count on the forge."""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of ours."""

    number: int
    title: str
    body: str
    is_open: bool
    labels: frozenset[str]
    url: str


def says(body: str, text: str) -> bool:
    """Whether the body of an issue or a pull request is this text. What was edited in a browser has other line ends."""
    return body.replace("\r\n", "\n").strip() == text.strip()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of ours on an issue or a pull request."""

    id: int
    body: str
    created_at: datetime
    url: str


class Merging(StrEnum):
    """What became of the wish to have a pull request merged."""

    MERGED = "merged"
    WAITING = "waiting"
    """The forge merges it as soon as its rules allow it."""
    REFUSED = "refused"
    """The repository does not allow it: people have to merge."""


@dataclass(frozen=True, slots=True)
class MergeAnswer:
    """What became of the wish, and the forge's own words where it refused."""

    outcome: Merging
    reason: str = ""
