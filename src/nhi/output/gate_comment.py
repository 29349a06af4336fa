"""The gate's answer as Markdown: the one comment on a pull request, and the job's summary.

Nothing that a change brings is shown but as text: paths, names and messages become plain words or code. Its title,
branch and author are not shown at all: GitHub does that.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from nhi.model.difference import Meaning
from nhi.model.forge import StatusState
from nhi.model.gate import MARKER, GateReport, StackReport, Trouble
from nhi.model.instant import format_instant
from nhi.output.approvals import approvals_section
from nhi.output.gate_findings import findings_table
from nhi.output.gate_words import changing, verdict
from nhi.output.markdown import code, prose
from nhi.output.plain import counted, one_line
from nhi.output.plan_markdown import plan_markdown
from nhi.output.plan_report import Planned, PlanReport

COMMENT_CHARACTERS = 64_000
"""Below the 65,536 that GitHub takes as the body of a comment."""
SUMMARY_BYTES = 1_000_000
"""Below the 1 MiB that GitHub takes as the summary of a step:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits"""
_LEAST_OF_A_PLAN = 4_000
_PLAN_SHARE = 4
"""A quarter of the room is kept for the plans, where there are any."""
_PATHS_IN_A_LINE = 5
_REASONS = 12
_VERDICT = 300
_PATH = 100
_LINES = 12
_LONGEST = 800
"""Characters of one line of an error or an explanation."""
_MARKS = {
    StatusState.SUCCESS: ":white_check_mark:",
    StatusState.FAILURE: ":x:",
    StatusState.ERROR: ":warning:",
    StatusState.PENDING: ":hourglass:",
}


def gate_comment(report: GateReport, url: str = "", most: int = COMMENT_CHARACTERS) -> str:
    """The verdict, what stopped us, the approvals, the findings, what changes, the plans; `url` is the run's page.

    At most `most` characters (60,000 or more); what does not fit is counted.
    """
    said = prose(one_line(verdict(report), _VERDICT))
    text = f"{MARKER}\n### {_MARKS[report.state]} nhi gate {said}\n\n{_judged(report, url)}\n"
    text += _troubles(report, most // 8) + _conflicts(report, most // 16) + _control_plane(report, most // 16)
    if report.approvals is not None:
        text += f"\n{approvals_section(report.approvals)}\n"
    kept = max(most // _PLAN_SHARE, _LEAST_OF_A_PLAN) if _planned(report) else 0
    text += findings_table(report, (most - len(text) - kept) * 2 // 3)
    text += _changes(report, most - len(text) - kept - _LONGEST)
    return text + _plans(report, most - len(text))


def gate_summary(report: GateReport, most: int = SUMMARY_BYTES) -> str:
    """The same for the job's summary, of which GitHub counts bytes."""
    room = most
    while len((text := gate_comment(report, most=room)).encode()) > most:
        room = room * 3 // 4
    return text


def _judged(report: GateReport, url: str) -> str:
    """What was looked at, of which content, and as of when."""
    parts = []
    if report.base:
        parts.append(f"Judged: what merging {code(report.pull.head)} into {code(report.branch)} at {code(report.base)}")
        parts[-1] += f" would make, as of {format_instant(report.as_of)}."
    else:
        parts.append(f"About {code(report.pull.head)}, as of {format_instant(report.as_of)}.")
    if report.base and report.merges:
        parts.append(_looked_at(report))
    if not report.pull.own_branch:
        parts.append("It comes from a fork: it was read as data only, as every other.")
    if report.pull.is_draft:
        parts.append("It is a draft.")
    if url:
        parts.append(f"[This run]({url}) has the whole report in its summary.")
    return " ".join(parts)


def _looked_at(report: GateReport) -> str:
    files = f"{counted(len(report.changes), 'file')} {'changes' if len(report.changes) == 1 else 'change'}"
    words = f"{files}, and {counted(report.checked, 'manifest')} {'was' if report.checked == 1 else 'were'} checked."
    if report.checked or report.meanings or report.control_plane or not report.judged:
        return words
    shown = ", ".join(code(one_line(one.path, _PATH)) for one in report.changes[:_PATHS_IN_A_LINE])
    left = len(report.changes) - _PATHS_IN_A_LINE
    more = f" and {left} more" if left > 0 else ""
    return (
        f"{words} No identity is among them, and nothing that governs identities{f': {shown}{more}' if shown else ''}."
    )


def _troubles(report: GateReport, room: int) -> str:
    """What stopped us, ours first."""
    ordered = sorted(report.troubles, key=lambda one: not one.is_ours)
    if not ordered:
        return ""
    heading = "What failed" if ordered[0].is_ours else "What has to be mended"
    return f"\n#### {heading}\n\n" + _fitting(map(_trouble, ordered), len(ordered), room, ("trouble", "troubles"))


def _trouble(one: Trouble) -> str:
    lines = [line for line in one.message.splitlines() if line.strip()] or [""]
    text = f"- **{prose(one.where)}**: {_said(lines[0])}\n"
    text += "".join(f"  - {_said(line)}\n" for line in lines[1:_LINES])
    if len(lines) > _LINES:
        text += f"  - and {counted(len(lines) - _LINES, 'line')} more\n"
    return text + (f"  - help: {_said(one.hint)}\n" if one.hint else "")


def _said(text: str) -> str:
    return prose(one_line(text, _LONGEST))


def _conflicts(report: GateReport, room: int) -> str:
    if report.merges:
        return ""
    text = f"\n#### It does not merge\n\nUpdate the branch with {code(report.branch)}, and resolve what is in the way."
    return text + " Until then nothing can be judged.\n" + _paths(report.conflicts, room)


def _control_plane(report: GateReport, room: int) -> str:
    if not report.control_plane:
        return ""
    return (
        "\n#### It changes what governs identities\n\n"
        "**High risk: the security team must approve it.** Whoever can change these files can change what this gate"
        " allows. Nothing of them is run, and nothing is planned with them, before they are merged.\n"
        + _paths(report.control_plane, room)
    )


def _paths(paths: Sequence[str], room: int) -> str:
    lines = (f"- {code(one)}\n" for one in paths)
    return "\n" + _fitting(lines, len(paths), room, ("path", "paths")) if paths else ""


def _changes(report: GateReport, room: int) -> str:
    """What each identity may do more or less, the riskiest first; then why the whole is of its risk."""
    if not report.meanings and not report.unreadable and report.risk is None:
        return ""
    text = f"\n#### What changes: {changing(report)}\n\n"
    if report.risk is not None:
        text += f"Risk: **{report.risk.risk.word}**: {_reasons(report.risk.reasons)}\n\n"
    if report.approvals is None and report.requirements:
        asked = "; ".join(f"{counted(one.count, 'approval')} of {one.who}" for one in report.requirements)
        text += f"Approvals needed: {_said(asked)}\n\n"
    ordered = sorted(report.meanings, key=lambda one: (-one.risk.risk, one.identity))
    unread = (
        f"- :warning: {code(path)} cannot be read: what becomes of it is not known\n" for path in report.unreadable
    )
    number = len(ordered) + len(report.unreadable)
    return text + _fitting(chain(unread, map(_meaning, ordered)), number, room - len(text), ("identity", "identities"))


def _meaning(one: Meaning) -> str:
    text = f"- {code(one.identity)}, {one.risk.risk.word} risk: {_reasons(one.risk.reasons)}\n"
    return text + "".join(f"  - {effect.value}: {_said(words)}\n" for effect, words in one.effects)


def _reasons(reasons: Sequence[str]) -> str:
    more = f" and {len(reasons) - _REASONS} more" if len(reasons) > _REASONS else ""
    return _said("; ".join(reasons[:_REASONS])) + more


def _fitting(chunks: Iterable[str], number: int, room: int, nouns: tuple[str, str]) -> str:
    """As many of `number` chunks as there is room for, and how many are left; no more of them are made than that."""
    text, shown = "", 0
    for chunk in chunks:
        if len(text) + len(chunk) > room:
            break
        text += chunk
        shown += 1
    left = number - shown
    return text + (f"\nand {left} more {nouns[left != 1]}, left out here\n" if left else "")


def _plans(report: GateReport, room: int) -> str:
    """The plans. Names and attributes only: a value may be a secret."""
    if not report.judged:
        return ""
    if not report.planned:
        return "\nNo plan was made and nothing scanned: this run was told to leave that out.\n"
    planned = _planned(report)
    told = [one for one in report.stacks if one.left_out or one.elsewhere]
    text = _fitting(map(_stack, told), len(told), room // 3, ("stack", "stacks"))
    text = f"\n{text}" if text else ""
    if planned:
        report_of_plans = PlanReport(None, None, planned)
        return f"{text}\n{plan_markdown(report_of_plans, room - len(text) - 1)}"
    if not text and not any(one.where.startswith(("the plan", "planning")) for one in report.troubles):
        return "\nNo stack is touched: there is nothing to plan.\n"
    return text


def _planned(report: GateReport) -> list[Planned]:
    return [Planned(one.stack, one.summary, one.digest, "") for one in report.stacks if one.summary is not None]


def _stack(one: StackReport) -> str:
    if one.left_out:
        return f"- {code(one.stack.name)} is not planned: {_said(one.left_out)}\n"
    found = counted(one.elsewhere, "finding")
    return f"- {code(one.stack.name)}: {found} in what this change leaves alone, not blamed on it (`nhi scan`)\n"
