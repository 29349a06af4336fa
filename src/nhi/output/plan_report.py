"""What `nhi plan` has to say: of each stack its plan, or why there is none. The formats print this."""

from collections.abc import Sequence
from dataclasses import dataclass

from nhi.model.plan import PlanSummary
from nhi.model.settings import Stack


@dataclass(frozen=True, slots=True)
class Planned:
    """A stack whose plan is saved."""

    stack: Stack
    summary: PlanSummary
    digest: str
    """Of what the plan would do, whenever it was made."""
    place: str
    """The folder in which the plan is saved."""


@dataclass(frozen=True, slots=True)
class NotPlanned:
    """A stack that could not be planned: nothing is known of what is to change there."""

    stack: Stack
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class PlanReport:
    """One run of `nhi plan`."""

    commit: str | None
    """The commit that is checked out; None outside of Git."""
    base: str | None
    """The commit that the change starts from, where one was named."""
    stacks: Sequence[Planned | NotPlanned]
    """Sorted by name."""
