"""Findings as a table for the gate's comment, each with a link to its line."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from nhi.model.finding import Finding
from nhi.model.gate import GateReport
from nhi.model.source import ChangeType
from nhi.output.finding import acceptance, advice, place
from nhi.output.markdown import code, prose
from nhi.output.plain import counted

_PULL = re.compile(r"(https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)/pull/[0-9]+")
_HEAD = "\n| where | rule | what is wrong |\n| --- | --- | --- |\n"
_CLOSING_CHARACTERS = 120
_LONGEST = 600
"""Characters of one cell's text."""


def findings_table(report: GateReport, room: int) -> str:
    """Errors, then warnings, then what is accepted: at most `room` characters, and what does not fit is counted."""
    if not report.findings:
        return ""
    ordered = sorted(report.findings, key=lambda one: (one.exception is not None, not one.blocks))
    text = f"\n#### {_counts(ordered)}\n{_HEAD}"
    removed = {one.path for one in report.changes if one.type is ChangeType.REMOVED}
    shown = 0
    for one in ordered:
        row = _row(one, report, was_there=one.path in removed)
        if len(text) + len(row) + _CLOSING_CHARACTERS > room:
            break
        text += row
        shown += 1
    left = ordered[shown:]
    return text + (f"\nand {len(left)} more, left out here ({_counts(left)})\n" if left else "")


def link_to(report: GateReport, path: str, line: int | None = None, *, was_there: bool = False) -> str:
    """Where a file stands on the forge, at the head or (`was_there`) at the base; "" where that is not known."""
    repository = _PULL.fullmatch(report.pull.url)
    if repository is None:
        return ""
    commit = report.base if was_there else report.pull.head
    return f"{repository[1]}/blob/{commit}/{_quoted(path)}" + (f"#L{line}" if line is not None else "")


def _row(found: Finding, report: GateReport, *, was_there: bool) -> str:
    where, link = code(_cell(place(found))), link_to(report, found.path, found.line, was_there=was_there)
    level = "accepted" if found.exception else found.severity.value
    second = acceptance(found.exception) if found.exception else advice(found)
    told = prose(_cell(found.message)) + (f"<br>{prose(_cell(second))}" if second else "")
    rule = f"{level}: **{prose(_cell(found.rule))}** {prose(_cell(found.code))}"
    return f"| {f'[{where}]({link})' if link else where} | {rule} | {told} |\n"


def _cell(text: str) -> str:
    """Text in which nothing ends a cell: not even code keeps a bar from that (https://github.github.com/gfm/#tables)."""
    return (text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…").replace("|", "\\u007c")


def _quoted(path: str) -> str:
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(path, errors="replace")


def _counts(findings: Sequence[Finding]) -> str:
    accepted = sum(one.exception is not None for one in findings)
    errors = sum(one.blocks for one in findings)
    parts = [(errors, counted(errors, "error"))]
    warnings = len(findings) - errors - accepted
    parts += [(warnings, counted(warnings, "warning")), (accepted, f"{accepted} under an accepted exception")]
    return ", ".join(words for number, words in parts if number)
