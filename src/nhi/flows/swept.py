"""What a sweep against a forge was told, decided and wrote."""

from dataclasses import dataclass
from datetime import datetime

from nhi.errors import ExitCode
from nhi.flows.attempts import Failed
from nhi.flows.notices import NoticeReport
from nhi.flows.pull_requests import Settled
from nhi.lifecycle.removal_requests import RequestPlan, Wrong
from nhi.lifecycle.sweep import RemovalGroup


@dataclass(frozen=True, slots=True)
class RequestOrder:
    """What a sweep against a forge was told to do."""

    as_of: datetime
    dry_run: bool
    max_removals: int | None = None
    """How many removals may be open at once, in place of the circuit breaker's own limits."""
    reopen: bool = False
    """Ask again for what a person refused."""
    notices: bool = True


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A branch that says nothing that is due now, and its pull request, if it has one: closed and deleted."""

    branch: str
    number: int | None
    reasons: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A branch that is left as it is, and why."""

    branch: str
    number: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class RequestReport:
    """What a sweep decided, and what it wrote, or would in a dry run."""

    repository: str
    base: str
    """Full id of the tip of the branch that changes are merged into."""
    order: RequestOrder
    plan: RequestPlan
    settled: tuple[tuple[RemovalGroup, Settled], ...]
    """Pull requests that are open now, or merged."""
    occupied: tuple[Left, ...]
    """Somebody pushed to them."""
    withdrawn: tuple[Withdrawn, ...]
    left: tuple[Left, ...]
    """Wrong, but nothing is open in their place yet; or not to be deleted."""
    notices: tuple[NoticeReport, ...]
    failed: tuple[Failed, ...]
    """What was to be done and is not. The next run does it."""

    @property
    def exit_code(self) -> ExitCode:
        """What a command ends with that says this."""
        if self.failed:
            return ExitCode.OUTSIDE
        return ExitCode.CLEAN if self.clean else ExitCode.FINDINGS

    @property
    def clean(self) -> bool:
        """Whether no limit was passed, no stack blocked, no branch occupied, no removal refused, nothing failed."""
        plan = self.plan
        return not (plan.tripped or plan.blocked or self.occupied or plan.refused or self.failed)
