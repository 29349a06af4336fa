"""`nhi sweep`: commit the removal of what has expired, each stack's and owner's on a branch of its own.

The declared state was read by the caller, from the very commit that the removals are based upon; that this is so is
proved here, by content, before anything is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from nhi.errors import InputError, UsageError
from nhi.lifecycle.sweep import BRANCHES, RemovalGroup, SweepPlan, plan_sweep
from nhi.model.declared import DeclaredState
from nhi.model.moment import Moment
from nhi.model.settings import CircuitBreaker
from nhi.model.source import ChangeType, PathChange
from nhi.repository.interface import Removal, Repository


@dataclass(frozen=True, slots=True)
class SweepOrder:
    """What a sweep was told to do."""

    as_of: datetime
    dry_run: bool
    max_removals: int | None = None
    """How many identities this run may remove, in place of the circuit breaker's own limits."""


@dataclass(frozen=True, slots=True)
class Occupied:
    """A branch that has the name of a removal, but does not remove what its name says."""

    group: RemovalGroup
    commit: str
    reason: str
    """For a person."""


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep decided and did."""

    base: str
    """Full id of the commit that the removals are based upon."""
    order: SweepOrder
    plan: SweepPlan
    """`plan.already` has only branches that were looked at and remove what they should."""
    occupied: tuple[Occupied, ...]
    made: Mapping[str, str]
    """Branch → commit id. Empty in a dry run, and where the circuit breaker tripped."""

    @property
    def clean(self) -> bool:
        """Whether nothing stood in the way: no limit passed, no stack blocked, no branch occupied."""
        return not (self.plan.tripped or self.plan.blocked or self.occupied)


def sweep(
    declared: DeclaredState,
    repository: Repository,
    base: str,
    order: SweepOrder,
    breaker: CircuitBreaker,
) -> SweepReport:
    """Remove what is due, upon the commit that `base` names. A tripped circuit breaker is an answer, not an error.

    Raises:
        InputError: `declared` was not read from `base`.
        OutsideError: git failed; no branch was made.
    """
    if order.max_removals is not None and order.max_removals < 0:
        raise UsageError("--max-removals is below zero", hint="name how many identities this run may remove")
    commit = repository.commit_id(base)
    branches = repository.branches(BRANCHES)
    plan = plan_sweep(declared, branches, Moment(order.as_of), breaker, max_removals=order.max_removals)
    _prove_read_from(commit, repository, plan.removals)
    occupied = tuple(filter(None, (look(repository, commit, one, branches[one.branch]) for one in plan.already)))
    elsewhere = {one.group.branch for one in occupied}
    plan = replace(plan, already=tuple(one for one in plan.already if one.branch not in elsewhere))
    made: Mapping[str, str] = {}
    if not order.dry_run and not plan.tripped:
        removals = [Removal(group.branch, group.paths, group.message, order.as_of) for group in plan.removals]
        made = repository.commit_removals(commit, removals)
    return SweepReport(commit, order, plan, occupied, made)


def _prove_read_from(commit: str, repository: Repository, groups: Sequence[RemovalGroup]) -> None:
    """What is removed is what was judged: a manifest that was renewed meanwhile has another content."""
    judged = {one.identity.path: one.sha256 for group in groups for one in group.identities}
    standing = {file.path: sha256(file.data).hexdigest() for file in repository.snapshot(commit).read(judged)}
    for path, digest in judged.items():
        if standing.get(path) != digest:
            raise InputError(
                f"{path} has another content in commit {commit} than the one that was found expired",
                hint="run the sweep again; it reads the manifests from the commit that it works on",
            )


def look(repository: Repository, base: str, group: RemovalGroup, commit: str) -> Occupied | None:
    """Whether an existing branch still removes what its name says; None where it does.

    It may not: somebody pushed to it, or it was merged and the merge was undone, so that its identities are back.
    """
    try:
        found = repository.changes(repository.merge_base(base, commit), commit, (".",))
    except InputError as cause:
        return Occupied(group, commit, cause.message)
    if set(found) == {PathChange(path, ChangeType.REMOVED) for path in group.paths}:
        return None
    was = "merged, and what it removed is declared again" if not found else "changed since nhi made it"
    return Occupied(group, commit, f"the branch was {was}; delete it, and the next sweep makes it anew")
