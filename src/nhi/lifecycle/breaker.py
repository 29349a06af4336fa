"""The circuit breaker on removals: on by default, and the whole run stops before it acts.

Cloud Custodian's `max-resources` and `max-resources-percent` do the same for its deletions
(https://cloudcustodian.io/docs/quickstart/advanced.html), but have to be switched on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from nhi.model.settings import CircuitBreaker


class Limit(StrEnum):
    """What a sweep can be stopped by."""

    REMOVALS = "removals"
    """`circuit_breaker.removals`: identities in one run."""
    SHARE = "percent"
    """`circuit_breaker.percent`: the share of one stack's identities."""
    ALLOWED = "max-removals"
    """What the person who started the run allowed."""


class Beside(StrEnum):
    """What the removals are that count with those of a run, and that it would not make."""

    PROPOSED = "proposed already"
    """Open pull requests, which wait to be merged."""
    TOGETHER = "in other stacks, by the same commits"
    """Of the same change, applied by other runs."""


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
    standing: int = 0
    """As many of `removals` would not be made by this run, and count all the same."""
    beside: Beside = Beside.PROPOSED
    """What those are."""

    @property
    def excess(self) -> int:
        """By how many removals the limit would have been passed."""
        return self.removals - self.allowed

    @property
    def words(self) -> str:
        """For a person: which limit, and by how much."""
        at_once = f"{self.removals} removals in one run"
        if self.standing:
            at_once = f"{self.removals} removals at once, {self.standing} of them {self.beside.value}"
        match self.limit:
            case Limit.REMOVALS:
                what, of = at_once, "circuit_breaker.removals allows"
            case Limit.SHARE:
                what, of = f"{self.stack}: {self.removals} of {self.total} identities", "circuit_breaker.percent allows"
            case Limit.ALLOWED:
                what, of = at_once, "--max-removals allows"
        return f"{what}: {self.excess} more than {of} ({self.allowed})"


def tripped_limits(
    removals: Mapping[str, int],
    totals: Mapping[str, int],
    breaker: CircuitBreaker,
    max_removals: int | None,
    standing: Mapping[str, int] = MappingProxyType({}),
) -> tuple[Tripped, ...]:
    """The limits that a run would pass: the run's own first, then stacks by name. The mappings are by stack.

    Branches in a clone are a person's to merge, so only what this run would make counts. Pull requests are merged by
    the forge: those that are open count too (`standing`), or a limit would allow as much again every night. What is
    applied stack by stack counts what the same commits removed elsewhere, or a limit would be one for each stack. A run
    that makes nothing new, in all or in a stack, passes no limit there.

    `max_removals` stands for every limit: a person who has read the dry run and names a number has judged the stacks'
    shares too, and a stack that is given up must not need a change of `nhi.yaml`. The number itself still holds. On a
    forge the gate and the apply have no such person: what passes the limits there needs a change of `nhi.yaml` first.
    """
    new, declared, already = sum(removals.values()), sum(totals.values()), sum(standing.values())
    removed = new + already
    if max_removals is not None:
        over = bool(new) and removed > max_removals
        return (Tripped(Limit.ALLOWED, None, removed, max_removals, declared, already),) if over else ()
    found = []
    if new and removed > breaker.removals:
        found.append(Tripped(Limit.REMOVALS, None, removed, breaker.removals, declared, already))
    for stack in sorted(stack for stack, number in removals.items() if number):
        allowed = max(breaker.few, totals[stack] * breaker.percent // 100)
        there = standing.get(stack, 0)
        if removals[stack] + there > allowed:
            found.append(Tripped(Limit.SHARE, stack, removals[stack] + there, allowed, totals[stack], there))
    return tuple(found)
