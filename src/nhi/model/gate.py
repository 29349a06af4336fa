"""What the gate says of a pull request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nhi.errors import ExitCode
from nhi.model.approval import ApprovalsReport, Requirement
from nhi.model.difference import Meaning
from nhi.model.finding import Finding
from nhi.model.forge import PullRequest, StatusState
from nhi.model.plan import PlanSummary
from nhi.model.risk import Assessment
from nhi.model.settings import Stack
from nhi.model.source import PathChange

MARKER = "<!-- nhi:gate -->"
"""The first line of the gate's comment."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stopped a part of the gate's work."""

    where: str
    """Such as "reading the pull request" or "the plan of prod"."""
    message: str
    hint: str
    code: ExitCode
    """FINDINGS where the change itself is what is wrong; else something of ours failed, and there is no answer."""

    @property
    def is_ours(self) -> bool:
        """Whether there is no answer because of us, our tools, or what stands at the base."""
        return self.code is not ExitCode.FINDINGS


@dataclass(frozen=True, slots=True)
class StackReport:
    """What is known of one stack that the change touches."""

    stack: Stack
    summary: PlanSummary | None = None
    """What the plan would do; None where there is none."""
    digest: str = ""
    """Of what the plan does, without its times."""
    left_out: str = ""
    """Why nothing was planned though nothing failed; "" otherwise."""
    elsewhere: int = 0
    """Findings of the scan that block, in what the change leaves alone: they are not blamed on it."""


@dataclass(frozen=True, slots=True)
class GateReport:
    """The gate's answer. What is not known stands in `troubles`, never as an absence."""

    as_of: datetime
    repository: str
    """`owner/name`."""
    pull: PullRequest
    branch: str
    """The branch that changes are merged into."""
    base: str = ""
    """Full id of the tip of the base branch; "" where it was not read."""
    judged: bool = False
    """Whether check and diff looked at the whole change."""
    merges: bool = True
    merged: str = ""
    """Full id of the commit that merging makes, which no branch has; "" where there is none."""
    conflicts: tuple[str, ...] = ()
    """Paths in the way of a merge."""
    changes: tuple[PathChange, ...] = ()
    """Every path that merging would change."""
    control_plane: tuple[str, ...] = ()
    """Those of them that govern identities."""
    checked: int = 0
    """How many manifests were looked at."""
    findings: tuple[Finding, ...] = ()
    """Of the check and of the scans, in order."""
    checks: Mapping[str, str] = field(default_factory=dict)
    """Every check of the scanner that something did not pass → what it asks for."""
    meanings: tuple[Meaning, ...] = ()
    unreadable: tuple[str, ...] = ()
    """Changed manifests of which nobody knows what becomes of them."""
    risk: Assessment | None = None
    """None where nothing changes that bears a risk."""
    requirements: tuple[Requirement, ...] = ()
    planned: bool = True
    """Whether stacks were to be planned at all."""
    stacks: tuple[StackReport, ...] = ()
    """Those that the change touches, sorted by name; without those in `troubles`."""
    troubles: tuple[Trouble, ...] = ()
    approvals: ApprovalsReport | None = None
    """None where it is not known."""

    @property
    def blocking(self) -> int:
        """How many findings block."""
        return sum(one.blocks for one in self.findings)

    @property
    def state(self) -> StatusState:
        """What is said of the head. Only what was judged as a whole, and found good, is a success."""
        if any(one.is_ours for one in self.troubles):
            return StatusState.ERROR
        if self.blocking or self.troubles or self.unreadable or not (self.judged and self.merges):
            return StatusState.FAILURE
        return StatusState.SUCCESS

    @property
    def exit_code(self) -> ExitCode:
        """What a command ends with that says this."""
        match self.state:
            case StatusState.SUCCESS:
                return ExitCode.CLEAN
            case StatusState.ERROR:
                return max(one.code for one in self.troubles)
            case _:
                return ExitCode.FINDINGS
