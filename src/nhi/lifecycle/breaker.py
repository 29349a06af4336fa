"""The circuit breaker on removals: on by default, and the whole run stops before it acts.

Cloud Custodian's `max-resources` and `max-resources-percent` do the same for its deletions
(https://cloudcustodian.io/docs/quickstart/advanced.html), but have to be switched on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nhi.model.settings import CircuitBreaker


class Limit(StrEnum):
    """What a sweep can be stopped by."""

    REMOVALS = "removals"
    """`circuit_breaker.removals`: identities in one run."""
    SHARE = "percent"
    """`circuit_breaker.percent`: the share of one stack's identities."""
    ALLOWED = "max-removals"
    """What the person who started the run allowed."""


@dataclass(frozen=True, slots=True)
class Tripped:
    """A limit that a sweep would have passed."""

    limit: Limit
    stack: str | None
    """The stack, where the limit is a share of one."""
    removals: int
    """How many identities would have been removed: in the run, or in the stack."""
    allowed: int
    """How many may be."""
    total: int
    """How many identities there are: in the repository, or in the stack."""

    @property
    def excess(self) -> int:
        """By how many removals the limit would have been passed."""
        return self.removals - self.allowed

    @property
    def words(self) -> str:
        """For a person: which limit, and by how much."""
        match self.limit:
            case Limit.REMOVALS:
                what, of = f"{self.removals} removals in one run", "circuit_breaker.removals allows"
            case Limit.SHARE:
                what, of = f"{self.stack}: {self.removals} of {self.total} identities", "circuit_breaker.percent allows"
            case Limit.ALLOWED:
                what, of = f"{self.removals} removals in one run", "--max-removals allows"
        return f"{what}: {self.excess} more than {of} ({self.allowed})"


def tripped_limits(
    removals: Mapping[str, int], totals: Mapping[str, int], breaker: CircuitBreaker, max_removals: int | None
) -> tuple[Tripped, ...]:
    """The limits that a run would pass: the run's own first, then stacks by name. Both mappings are by stack.

    Only what this run would do counts: a branch that an earlier run made has had its own run's limits.

    `max_removals` stands for every limit: a person who has read the dry run and names a number has judged the stacks'
    shares too, and a stack that is given up must not need a change of `nhi.yaml`. The number itself still holds.
    """
    removed, declared = sum(removals.values()), sum(totals.values())
    if max_removals is not None:
        over = removed > max_removals
        return (Tripped(Limit.ALLOWED, None, removed, max_removals, declared),) if over else ()
    found = []
    if removed > breaker.removals:
        found.append(Tripped(Limit.REMOVALS, None, removed, breaker.removals, declared))
    for stack in sorted(removals):
        allowed = max(breaker.few, totals[stack] * breaker.percent // 100)
        if removals[stack] > allowed:
            found.append(Tripped(Limit.SHARE, stack, removals[stack], allowed, totals[stack]))
    return tuple(found)
