"""Printing with style. Imported only when there is something to style, since rich takes its time to load."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from nhi.cli.progress import Row
from nhi.model.finding import Finding
from nhi.output.findings_text import findings_text
from nhi.repository.interface import Snapshot

_REFRESHES = 8
"""A second, so that seconds are seen to pass."""


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


@contextmanager
def live_rows(rows: Callable[[], Sequence[Row]]) -> Iterator[None]:
    """Show rows at the bottom of the terminal, apart from the results, for as long as the block lasts.

    What is printed to the standard error meanwhile appears above them.
    """
    console = Console(stderr=True, highlight=False)
    with Live(
        get_renderable=lambda: _lines(rows(), console.height),
        console=console,
        refresh_per_second=_REFRESHES,
        redirect_stdout=False,
    ):
        yield


def _lines(rows: Sequence[Row], height: int) -> Text:
    """One line for each stack; where they are too many, those that are worked on or failed, and how many there are."""
    shown = rows if len(rows) < height else [row for row in rows if row.failed or (row.begun and not row.ended)]
    width = max((len(row.name) for row in rows), default=0)
    text = Text()
    for row in shown[: height - 2]:
        style = "red" if row.failed else "green" if row.ended else "yellow" if row.begun else "dim"
        text.append(f"{row.name:{width}}  ").append(row.words, style)
        text.append(f"  {row.seconds:.0f} s\n" if row.begun else "\n")
    if len(shown) < len(rows):
        ended, begun = sum(row.ended for row in rows), sum(row.begun for row in rows)
        text.append(f"{ended} of {len(rows)} ended, {len(rows) - begun} waiting\n", "dim")
    return text
