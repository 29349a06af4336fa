"""What the gate looks at: the merge, the manifests, what they mean, their plans and scans, the approvals.

A part that fails says so in the report, and stops no other.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from nhi.errors import ExitCode, InputError, NhiError
from nhi.flows.check_change import Proposal, check_change
from nhi.flows.diff import diff
from nhi.flows.gate_removals import bulk_removal
from nhi.flows.gate_stacks import Examine, Examined, PlanTask, broken_before, proposed, select
from nhi.flows.ground import read_ground
from nhi.flows.pull import Moved, ReadPull, read_pull
from nhi.forge.interface import Forge
from nhi.model.approval import ApprovalsReport
from nhi.model.finding import Finding, in_order
from nhi.model.forge import PullRequest
from nhi.model.gate import GateReport, StackReport, Trouble
from nhi.model.risk import Assessment, Risk, highest
from nhi.model.settings import Stack
from nhi.policy.control_plane import is_control_plane
from nhi.policy.discovery import Rulebook
from nhi.repository.interface import Remote, Repository

_Answer = TypeVar("_Answer")
_NOTHING = Assessment(Risk.LOW, ())
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a pull request is judged with."""

    forge: Forge
    remote: Remote
    repository: Repository
    rules: Rulebook
    branch: str
    """The branch that changes are merged into."""
    examine: Examine | None
    """Plans and scans; None where nothing is to be planned."""
    approvals: Callable[[ReadPull], ApprovalsReport]


def judge(evidence: Evidence, pull: PullRequest, as_of: datetime) -> GateReport:
    """Judge a pull request.

    Raises:
        Moved: its head never stood still.
    """
    report = GateReport(as_of, evidence.forge.repository, pull, evidence.branch, planned=evidence.examine is not None)
    if pull.base_branch != evidence.branch:
        return _with(report, _elsewhere(evidence.branch))
    try:
        read = read_pull(evidence.forge, evidence.remote, evidence.repository, pull.number, branch=evidence.branch)
    except Moved:
        raise
    except NhiError as error:
        return _with(report, _unread(evidence, error))
    report = replace(report, pull=read.pull, base=read.base, conflicts=read.merge.conflicts)
    proposal = read.proposal
    if proposal is None or read.merge.commit is None:
        return replace(report, merges=False)
    report = replace(report, merged=read.merge.commit, changes=proposal.paths)
    report = _judged(report, evidence, proposal, as_of)
    if not report.judged:
        return report
    bulk = _attempt("counting the removals", lambda: bulk_removal(proposal))
    report = report if bulk is None else _with(report, bulk)
    if evidence.examine is not None:
        report = _examined(report, evidence.examine, read, proposal)
    approvals = _attempt("counting the approvals", lambda: evidence.approvals(read))
    return _with(report, approvals) if isinstance(approvals, Trouble) else replace(report, approvals=approvals)


def _judged(report: GateReport, evidence: Evidence, proposal: Proposal, as_of: datetime) -> GateReport:
    """The check and the difference."""
    control = tuple(one.path for one in proposal.paths if is_control_plane(one.path))
    report = replace(report, control_plane=control)
    check = _attempt("checking the change", lambda: check_change(proposal, evidence.repository, evidence.rules, as_of))
    if isinstance(check, Trouble):
        return _with(report, check)
    report = replace(report, checked=check.checked, findings=check.findings)
    change = _attempt("reading what the change means", lambda: diff(proposal, evidence.repository, as_of))
    if isinstance(change, Trouble):
        return _with(report, change)
    return replace(
        report,
        judged=True,
        meanings=change.meanings,
        unreadable=change.unreadable,
        risk=_risk(change.risk, control),
        requirements=change.approvals,
    )


def _examined(report: GateReport, examine: Examine, read: ReadPull, proposal: Proposal) -> GateReport:
    """The plan of each stack that the change touches, and the scan of each plan."""
    where = "choosing the stacks to plan"
    chosen = _attempt(where, lambda: select(proposal, read.ground, read_ground(proposal.head)[0], report.findings))
    if isinstance(chosen, Trouble):
        return _with(report, chosen)
    report = replace(report, stacks=tuple(StackReport(one, left_out=why) for one, why in chosen.left_out.values()))
    if not chosen.to_plan:
        return report
    task = PlanTask(proposed(proposal), read.ground, read.base, report.merged, chosen.to_plan, report.as_of)
    try:
        answers = examine(task)
    except NhiError as error:
        return _with(report, _trouble("planning", error, ours=True))
    for stack, answer in zip(chosen.to_plan, answers, strict=True):
        if isinstance(answer, NhiError):
            report = _with(report, _unplanned(stack, answer, read, proposal))
            continue
        report = _with_plan(report, StackReport(stack, answer.summary, answer.digest), answer)
    return replace(report, stacks=tuple(sorted(report.stacks, key=lambda one: one.stack.name)))


def _unplanned(stack: Stack, error: NhiError, read: ReadPull, proposal: Proposal) -> Trouble:
    """Why a stack has no plan. Manifests that were broken before are not blamed on a change that leaves them alone."""
    trouble = _trouble(f"the plan of {stack.name}", error)
    if not isinstance(error, InputError):
        return trouble
    broken = _attempt(trouble.where, lambda: broken_before(proposal, read.ground, stack))
    if isinstance(broken, Trouble) or not broken:
        return trouble
    branch = read.pull.base_branch
    lines = [f"{one.path} is broken on {branch} already, not by this change: {one.reason}" for one in broken[:_SHOWN]]
    more = len(broken) - len(lines)
    return Trouble(
        trouble.where,
        "\n".join(lines + ([f"and {more} more"] if more else [])),
        f"mend it in a pull request of its own, which can pass, or in this one; until then {stack.name} is not planned",
        ExitCode.INPUT,
    )


def _with_plan(report: GateReport, stack: StackReport, examined: Examined) -> GateReport:
    scan = examined.scan
    if isinstance(scan, NhiError):
        trouble = _trouble(f"the scan of {stack.stack.name}", scan, ours=True)
        return _with(replace(report, stacks=(*report.stacks, stack)), trouble)
    edited = {one.path for one in report.changes}
    blamed = [one for one in scan.findings if one.path in edited]
    elsewhere = sum(one.blocks for one in scan.findings if one.path not in edited)
    return replace(
        report,
        stacks=(*report.stacks, replace(stack, elsewhere=elsewhere)),
        findings=_together(report.findings, blamed),
        checks={**report.checks, **scan.checks},
    )


def _together(before: tuple[Finding, ...], more: list[Finding]) -> tuple[Finding, ...]:
    return in_order([*before, *more])


def _risk(of_identities: Assessment | None, control: tuple[str, ...]) -> Assessment | None:
    """Whoever can change what governs identities can change what the gate allows: no risk is higher for that."""
    if not control:
        return of_identities
    more = f" and {len(control) - 1} more" if len(control) > 1 else ""
    found = [(Risk.HIGH, f"{control[0]}{more} governs identities")]
    found += [(of_identities.risk, reason) for reason in of_identities.reasons] if of_identities else []
    return highest(found, _NOTHING)


def _unread(evidence: Evidence, error: NhiError) -> Trouble:
    """Whose fault it is that a pull request cannot be read. Where the base itself cannot be, it is ours."""
    if not isinstance(error, InputError):
        return _trouble("reading the pull request", error, ours=True)
    target = f"refs/heads/{evidence.branch}"
    base = _attempt(
        f"reading {evidence.branch}",
        lambda: read_ground(evidence.repository.snapshot(evidence.remote.fetch([target])[target])),
    )
    if isinstance(base, Trouble):
        return replace(base, code=max(base.code, ExitCode.INPUT))
    return _trouble("reading the pull request", error)


def _elsewhere(branch: str) -> Trouble:
    return Trouble(
        "reading the pull request",
        f"it is meant for another branch than {branch}",
        f"changes of identities are merged into {branch}: choose it as the base of the pull request",
        ExitCode.FINDINGS,
    )


def _attempt(where: str, work: Callable[[], _Answer]) -> _Answer | Trouble:
    try:
        return work()
    except NhiError as error:
        return _trouble(where, error)


def _trouble(where: str, error: NhiError, *, ours: bool = False) -> Trouble:
    """What the change brings and cannot be read is the change's; what fails outside of it is ours."""
    its_own = error.exit_code is not ExitCode.OUTSIDE and not ours
    return Trouble(where, error.message, error.hint, ExitCode.FINDINGS if its_own else error.exit_code)


def _with(report: GateReport, trouble: Trouble) -> GateReport:
    return replace(report, troubles=(*report.troubles, trouble))
