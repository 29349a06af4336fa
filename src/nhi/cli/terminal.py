"""Printing with style. Imported only when there is something to style, since rich takes its time to load."""

import sys
from collections.abc import Callable, Sequence

from rich.console import Console

from nhi.model.finding import Finding
from nhi.output.findings_text import findings_text
from nhi.repository.interface import Snapshot


def print_findings(findings: Sequence[Finding], snapshot: Snapshot, *, apart: bool = False) -> None:
    """Print findings with their lines, in colour where the output is a terminal; `apart` from the results."""
    console = Console(soft_wrap=True, highlight=False, stderr=apart)
    with console.capture() as captured:  # rich, writing itself, ends the process with 1 where the reader has gone
        console.print(findings_text(findings, _line_reader(snapshot)), end="")
    (sys.stderr if apart else sys.stdout).write(captured.get())


def plain_findings(findings: Sequence[Finding], snapshot: Snapshot) -> str:
    """The same words without colours, for a file."""
    return findings_text(findings, _line_reader(snapshot)).plain


def _line_reader(snapshot: Snapshot) -> Callable[[str, int], str | None]:
    """A function that gives a file's line. Findings come file by file, so one file at a time is kept."""
    kept: dict[str, list[str]] = {}

    def line_of(path: str, line: int) -> str | None:
        if path not in kept:
            kept.clear()
            file = snapshot.file(path)
            kept[path] = [] if file is None else file.data.decode("utf-8", "replace").split("\n")
        return kept[path][line - 1] if 0 < line <= len(kept[path]) else None

    return line_of
