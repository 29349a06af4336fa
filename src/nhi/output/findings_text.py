"""Findings for a person at a terminal: where, what, the line with a caret, and what to write instead."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.text import Text

from nhi.model.finding import Finding, Severity
from nhi.model.instant import format_instant
from nhi.output.plain import one_line

_NEVER_QUOTED = frozenset({"secret"})
"""No line of a file with such a finding is shown: the output could end up in a log."""
_WIDTH = 110


def findings_text(findings: Sequence[Finding], line_of: Callable[[str, int], str | None]) -> Text:
    """The findings, one block each. `line_of(path, line)` gives a file's line, or None."""
    text = Text()
    unquoted = {found.path for found in findings if found.rule in _NEVER_QUOTED}
    for found in findings:
        _append(text, found, None if found.path in unquoted else line_of(found.path, found.line))
    return text


def _append(text: Text, found: Finding, line: str | None) -> None:
    style = "red" if found.severity is Severity.ERROR else "yellow"
    text.append(f"{one_line(found.path)}:{found.line}:{found.column}", style="bold")
    text.append(": ")
    text.append(found.severity.value, style=style)
    text.append(f" {found.code} {found.rule}", style="dim")
    text.append(f": {one_line(found.message)}\n")
    if line is not None:
        _append_line(text, found, line, style)
    if found.exception is not None:
        until = format_instant(found.exception.expiry)
        text.append(f"  accepted by {one_line(found.exception.approver)} until {until}\n", style="dim")
    elif found.hint:
        text.append("  write: " if found.hint.startswith("`") else "  help: ", style="green")
        text.append(f"{one_line(found.hint)}\n")
    text.append("\n")


def _append_line(text: Text, found: Finding, line: str, style: str) -> None:
    """The source line and a caret below the column; a long line is cut around it."""
    line, at = line.rstrip("\r"), found.column - 1
    start = max(0, at - _WIDTH // 2) if len(line) > _WIDTH else 0
    before, shown = one_line(line[start:at]), one_line(line[start : start + _WIDTH])
    gutter = f"{found.line:>6} | "
    text.append(gutter, style="dim")
    text.append(f"{shown}\n")
    text.append(" " * (len(gutter) - 2) + "| ", style="dim")
    text.append(" " * cell_len(before) + "^\n", style=style)
