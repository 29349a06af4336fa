"""What one `nhi apply` of one stack intended, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nhi.model.plan import PlanSummary


class Outcome(StrEnum):
    """How far an apply came."""

    STARTED = "started"
    """It began, and nothing says that it ended: it is running, or it was killed."""
    APPLIED = "applied"
    FAILED = "failed"
    """Terraform failed; what it had done until then stands."""


class Fate(StrEnum):
    """What became of one resource that was to change."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It was begun, and nothing says how it ended."""
    NOT_BEGUN = "not-begun"


@dataclass(frozen=True, slots=True)
class ResourceFate:
    """One resource of the plan, after the apply."""

    address: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class Application:
    """One apply of one stack, from the saved plan to its end."""

    stack: str
    commit: str | None
    base: str | None
    policy: str
    """Digest of the settings, owners and rules that the plan was judged by."""
    root: str
    """Digest of the rendered root."""
    plan: str
    """Digest of what the plan does (`nhi.terraform.plan.plan_digest`)."""
    intended: PlanSummary
    began: datetime
    ended: datetime | None
    outcome: Outcome
    resources: tuple[ResourceFate, ...]
    """Every resource that was to change, sorted by address."""
    failure: str | None
    """Terraform's own words, bounded and without values; None where it did not fail."""
    insisted: tuple[str, ...] = ()
    """What whoever started it insisted on, in the place of a guard: options of `nhi apply`."""
