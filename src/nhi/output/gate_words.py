"""The gate's verdict, on one line: in the status of a commit, at the head of its comment, at the end of its output."""

from nhi.errors import NhiError
from nhi.model.forge import StatusState
from nhi.model.gate import GateReport, Trouble
from nhi.output.plain import counted, one_line

_STATUS_CHARACTERS = 140
"""What GitHub takes: https://docs.github.com/en/rest/commits/statuses."""
_HEADS = {
    StatusState.SUCCESS: "passed",
    StatusState.FAILURE: "blocked",
    StatusState.ERROR: "could not judge",
    StatusState.PENDING: "at work",
}


def verdict(report: GateReport) -> str:
    """`passed: no findings; 2 identities change, high risk`."""
    return f"{_HEADS[report.state]}: {reason(report)}"


def description(report: GateReport) -> str:
    """The reason alone, as long as a status may be."""
    return _cut(reason(report))


def failure_description(error: Exception) -> str:
    """Why there is no answer, as long as a status may be."""
    message = error.message if isinstance(error, NhiError) else str(error)
    return _cut(f"failed: {_first_line(message)}")


def reason(report: GateReport) -> str:
    """Why the verdict is what it is: what is wrong first, else what changes."""
    ours = [_failed(one) for one in report.troubles if one.is_ours]
    theirs = [_first_line(one.message) for one in report.troubles if not one.is_ours]
    found = [counted(report.blocking, "finding")] if report.blocking else []
    if not report.merges:
        theirs.append(_unmerged(report))
    if report.unreadable and not found:
        theirs.append(f"{counted(len(report.unreadable), 'manifest')} cannot be read")
    if report.state is StatusState.SUCCESS:
        warnings = sum(one.exception is None for one in report.findings)
        return f"{counted(warnings, 'warning') if warnings else 'no findings'}; {changing(report)}{_unplanned(report)}"
    return "; ".join([*ours, *found, *theirs]) or "it was not judged as a whole"


def changing(report: GateReport) -> str:
    """`2 identities change, high risk`."""
    number = len(report.meanings)
    words = f"{number} identity changes" if number == 1 else f"{number or 'no'} identities change"
    return words if report.risk is None else f"{words}, {report.risk.risk.word} risk"


def _unplanned(report: GateReport) -> str:
    """What was not looked at though nothing failed."""
    if not report.planned:
        return "; neither planned nor scanned"
    left_out = sum(bool(one.left_out) for one in report.stacks)
    return f"; {counted(left_out, 'stack')} not planned" if left_out else ""


def _failed(one: Trouble) -> str:
    return f"{one.where} failed: {_first_line(one.message)}"


def _unmerged(report: GateReport) -> str:
    files = f" in {counted(len(report.conflicts), 'file')}" if report.conflicts else ""
    return f"conflicts with {report.branch}{files}: update the branch"


def _cut(text: str) -> str:
    """What is not printable is written out, and so becomes longer."""
    return one_line(text, _STATUS_CHARACTERS)[:_STATUS_CHARACTERS]


def _first_line(message: str) -> str:
    return next(iter(message.splitlines()), "")
