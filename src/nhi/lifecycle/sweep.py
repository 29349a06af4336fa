"""What a sweep does: which expired identities it removes on which branch, and when it stops before it acts.

Pure: it decides, and touches nothing. It never removes what a hold keeps, and nothing of a stack in which something
could not be read: unreadable is never expired. Twice the same declared set gives twice the same branches.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from nhi.lifecycle.branch import DIGEST_LETTERS, branch_part
from nhi.lifecycle.breaker import Tripped, tripped_limits
from nhi.lifecycle.due import Held, due_for_removal
from nhi.lifecycle.message import removal_message
from nhi.model.declared import DeclaredIdentity, DeclaredState, UnreadableFile
from nhi.model.moment import Moment
from nhi.model.settings import CircuitBreaker

BRANCHES = "nhi/sweep/"
"""Every branch of a sweep starts so."""
_BRANCH = re.compile(r"nhi/sweep/(?P<stack>[^/]+)/[^/]+/[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class RemovalGroup:
    """The removals of one stack and one owner: one branch, one commit, one pull request."""

    stack: str
    owner: str
    branch: str
    """`nhi/sweep/<stack>/<owner>/<digest>`: the same content to remove is the same branch."""
    identities: tuple[DeclaredIdentity, ...]
    """Sorted by id."""
    message: str
    """Of the commit."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The manifests to remove."""
        return tuple(one.identity.path for one in self.identities)

    @property
    def digest(self) -> str:
        """What stands for the content to remove, in the branch's name."""
        return self.branch.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Blocked:
    """A stack that is not swept, since a file of it could not be read."""

    stack: str | None
    """None blocks every stack: the file may belong to any."""
    files: tuple[UnreadableFile, ...]


@dataclass(frozen=True, slots=True)
class DueGroups:
    """What is due at a moment, whatever was made of it already."""

    groups: tuple[RemovalGroup, ...]
    """By stack and owner; without what is held, and without stacks that are blocked."""
    held: tuple[Held, ...]
    blocked: tuple[Blocked, ...]

    @property
    def closed(self) -> frozenset[str | None]:
        """The stacks that are blocked; None is every one."""
        return frozenset(one.stack for one in self.blocked)


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What a sweep does. Where `tripped` is not empty it does nothing, and `removals` is what it would have done."""

    removals: tuple[RemovalGroup, ...]
    """Branches to make."""
    already: tuple[RemovalGroup, ...]
    """Branches that are there, from an earlier run."""
    superseded: tuple[str, ...]
    """Sweep branches that do not say what is due now: merged, or their identities were renewed, edited or held since.
    They are named, never deleted."""
    held: tuple[Held, ...]
    blocked: tuple[Blocked, ...]
    tripped: tuple[Tripped, ...]


def plan_sweep(
    declared: DeclaredState,
    branches: Iterable[str],
    now: Moment,
    breaker: CircuitBreaker,
    *,
    max_removals: int | None = None,
) -> SweepPlan:
    """Decide what a sweep does. `branches` are the names of the branches that exist.

    `max_removals` is what a person allows for this run, see `tripped_limits`.
    """
    due = due_groups(declared, now)
    existing = set(branches)
    removals = tuple(group for group in due.groups if group.branch not in existing)
    return SweepPlan(
        removals=removals,
        already=tuple(group for group in due.groups if group.branch in existing),
        superseded=superseded(existing, due),
        held=due.held,
        blocked=due.blocked,
        tripped=tripped_limits(
            Counter(one.identity.stack for group in removals for one in group.identities),
            Counter(one.identity.stack for one in declared.identities),
            breaker,
            max_removals,
        ),
    )


def due_groups(declared: DeclaredState, now: Moment) -> DueGroups:
    """What is due, by stack and owner."""
    due = due_for_removal(declared.identities, now)
    blocked = _blocked(declared.unreadable)
    closed = {one.stack for one in blocked}
    groups = _groups(one for one in due.removable if not closed & {one.identity.stack, None})
    return DueGroups(groups, due.held, blocked)


def superseded(branches: Iterable[str], due: DueGroups) -> tuple[str, ...]:
    """The sweep branches among these that do not say what is due now, sorted.

    Of a stack that is closed to this sweep, nothing is known of its branches either.
    """
    if None in due.closed:
        return ()
    current = {group.branch for group in due.groups}
    unknown = {branch_part(stack) for stack in due.closed if stack is not None}
    found = ((name, _BRANCH.fullmatch(name)) for name in branches if name not in current)
    return tuple(sorted(name for name, match in found if match and match["stack"] not in unknown))


def removal_digest(contents: Iterable[tuple[str, str]]) -> str:
    """Of what is removed: each manifest's path and the SHA-256 of its content, in hexadecimal.

    A path is escaped, so that no path can look like two.
    """
    lines = sorted(f"{content} {path!a}\n" for path, content in contents)
    return sha256("".join(lines).encode()).hexdigest()


def _blocked(unreadable: Sequence[UnreadableFile]) -> tuple[Blocked, ...]:
    stacks: dict[str | None, set[UnreadableFile]] = {}
    for file in unreadable:
        stacks.setdefault(file.stack, set()).add(file)
    in_order = sorted(stacks, key=lambda stack: (stack is not None, stack or ""))
    return tuple(
        Blocked(stack, tuple(sorted(stacks[stack], key=lambda file: (file.path, file.reason)))) for stack in in_order
    )


def _groups(removable: Iterable[DeclaredIdentity]) -> tuple[RemovalGroup, ...]:
    owned: dict[tuple[str, str], list[DeclaredIdentity]] = {}
    for one in removable:
        owned.setdefault((one.identity.stack, one.identity.owner), []).append(one)
    return tuple(_group(stack, owner, owned[stack, owner]) for stack, owner in sorted(owned))


def _group(stack: str, owner: str, identities: Sequence[DeclaredIdentity]) -> RemovalGroup:
    digest = removal_digest((one.identity.path, one.sha256) for one in identities)
    return RemovalGroup(
        stack=stack,
        owner=owner,
        branch=f"{BRANCHES}{branch_part(stack)}/{branch_part(owner)}/{digest[:DIGEST_LETTERS]}",
        identities=tuple(identities),
        message=removal_message(stack, owner, [one.identity for one in identities], digest),
    )
