"""What a sweep does with the pull requests of a forge: which it opens, which are there, which became wrong.

Pure: it decides, and touches nothing. The same declared set over the same pull requests gives the same decisions.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nhi.lifecycle.breaker import Tripped, tripped_limits
from nhi.lifecycle.due import Held
from nhi.lifecycle.sweep import Blocked, DueGroups, RemovalGroup, superseded
from nhi.model.declared import DeclaredIdentity, DeclaredState
from nhi.model.forge import PullRequest
from nhi.model.instant import format_instant
from nhi.model.moment import Moment
from nhi.model.settings import CircuitBreaker

WITHDRAWN = "<!-- nhi:withdrawn -->"
"""The first line of the comment with which a sweep closes a pull request. One without it was closed by a person."""
OCCUPIED = "<!-- nhi:occupied -->"
"""The first line of the comment on a pull request whose branch is not as the sweep made it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there of earlier sweeps, or of one that runs at the same time."""

    branches: frozenset[str]
    """Of the remote, with their names."""
    pulls: tuple[PullRequest, ...]
    """Open, of a branch of a sweep, into the branch that changes are merged into."""
    refused: Mapping[str, PullRequest]
    """Branch → the pull request of it that a person closed last, without merging it."""
    occupied: frozenset[str]
    """Branches that do not remove what their name says."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why one manifest is not to be removed by a pull request."""

    path: str
    words: str
    number: int | None
    """The pull request that removes it instead."""


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """What a sweep does. Where `tripped` is not empty, nothing of `new` is opened."""

    new: tuple[RemovalGroup, ...]
    """Pull requests to open."""
    there: tuple[tuple[RemovalGroup, PullRequest], ...]
    """Pull requests that are there."""
    refused: tuple[tuple[RemovalGroup, PullRequest], ...]
    """What is due, and what a person refused to remove by closing the pull request."""
    occupied: tuple[RemovalGroup, ...]
    stale: tuple[str, ...]
    """Branches that do not say what is due now, with or without a pull request."""
    held: tuple[Held, ...]
    blocked: tuple[Blocked, ...]
    tripped: tuple[Tripped, ...]


def request_key(branch: str) -> str:
    """Stack and owner as a branch of a sweep names them: its pull requests follow one another."""
    return branch.rpartition("/")[0]


def request_marker(group: RemovalGroup) -> str:
    """The first line of a pull request's body."""
    return f"<!-- nhi:sweep {group.digest} -->"


def plan_requests(
    declared: DeclaredState,
    due: DueGroups,
    standing: Standing,
    breaker: CircuitBreaker,
    max_removals: int | None,
) -> RequestPlan:
    """Decide what a sweep does. `max_removals` is what a person allows for this run, see `tripped_limits`.

    A group whose pull request was closed by a person is not asked for again: the same question once more each night
    is no question. Another content (one identity more, another end) is another question.
    """
    pulls = {pull.head_branch: pull for pull in standing.pulls}
    free = [group for group in due.groups if group.branch not in standing.occupied]
    there = tuple((group, pulls[group.branch]) for group in free if group.branch in pulls)
    missing = [group for group in free if group.branch not in pulls]
    new = tuple(group for group in missing if group.branch not in standing.refused)
    return RequestPlan(
        new=new,
        there=there,
        refused=tuple((one, standing.refused[one.branch]) for one in missing if one.branch in standing.refused),
        occupied=tuple(group for group in due.groups if group.branch in standing.occupied),
        stale=superseded(standing.branches | pulls.keys(), due),
        held=due.held,
        blocked=due.blocked,
        tripped=tripped_limits(
            _by_stack(new),
            Counter(one.identity.stack for one in declared.identities),
            breaker,
            max_removals,
            _by_stack(group for group, _ in there),
        ),
    )


def waits_for(plan: RequestPlan, removed: Mapping[str, str], branch: str) -> RemovalGroup | None:
    """What would be asked for in place of a stale pull request, and is not: it stays for as long.

    What is due must not be left without a pull request because of what became due beside it. `removed`: path →
    SHA-256 of the content that the stale one removes.
    """
    waiting = plan.occupied + (plan.new if plan.tripped else ())
    for group in waiting:
        contents = {(one.identity.path, one.sha256) for one in group.identities}
        if request_key(group.branch) == request_key(branch) and removed.items() <= contents:
            return group
    return None


def why_wrong(
    removed: Mapping[str, str],
    standing: Mapping[str, DeclaredIdentity],
    numbers: Mapping[str, int | None],
    now: Moment,
) -> tuple[Wrong, ...]:
    """Why a pull request is not right any more, for each manifest that it would remove, by path.

    Args:
        removed: path → SHA-256 of the content that the pull request removes.
        standing: path → what is declared there now.
        numbers: path → the pull request that removes it now.
        now: the moment.
    """
    return tuple(
        Wrong(path, _why(removed[path], standing.get(path), now), numbers.get(path) if path in standing else None)
        for path in sorted(removed)
    )


def _why(content: str, one: DeclaredIdentity | None, now: Moment) -> str:
    if one is None:
        return "not declared any more"
    identity = one.identity
    if not now.reached(identity.expiry):
        return f"not due: it ends on {format_instant(identity.expiry)}"
    if identity.hold is not None:
        return f"held by {identity.hold.authority}"
    return "edited since" if one.sha256 != content else "due together with others"


def _by_stack(groups: Iterable[RemovalGroup]) -> Counter[str]:
    return Counter(one.identity.stack for group in groups for one in group.identities)
