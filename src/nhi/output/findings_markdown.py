"""Findings as Markdown, for a comment on a pull request or a job's summary on GitHub."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import IntEnum

from nhi.model.finding import Finding
from nhi.output.finding import acceptance, advice, place
from nhi.output.markdown import code, prose
from nhi.output.plain import counted
from nhi.output.summary import summary

COMMENT_CHARACTERS = 65_000
"""A little below the 65,536 that GitHub takes as the body of a comment."""
_CLOSING_CHARACTERS = 200
"""Room for the end of a section and the line that counts what is left out."""


_BREAK = "  \n"
"""A line's end that is one in comments, where each is, and in summaries, where none is."""


class _Section(IntEnum):
    """In this order."""

    ERRORS = 0
    WARNINGS = 1
    ACCEPTED = 2


def findings_markdown(
    as_of: datetime,
    checked: int,
    findings: Sequence[Finding],
    most: int = COMMENT_CHARACTERS,
    *,
    command: str = "nhi check",
) -> str:
    """The verdict, then errors, warnings and accepted exceptions, each by identity.

    At most `most` characters (1,000 or more); errors come first, and what does not fit is counted.
    """
    verdict = "blocked" if any(one.blocks for one in findings) else "passed"
    text = f"### {command}: {verdict}\n\n{summary(as_of, checked, findings)}.\n"
    ordered = sorted(findings, key=_section)
    shown = 0
    for chunk in _chunks(ordered):
        if len(text) + len(chunk) + _CLOSING_CHARACTERS > most:
            break
        text += chunk
        shown += 1
    if shown and ordered[shown - 1].exception:
        text += "\n</details>\n"
    return text + _left_out(ordered[shown:], command)


def _section(found: Finding) -> _Section:
    if found.exception:
        return _Section.ACCEPTED
    return _Section.ERRORS if found.blocks else _Section.WARNINGS


def _chunks(ordered: Sequence[Finding]) -> Iterator[str]:
    """One for each finding, with the headings that it begins."""
    counts = Counter(map(_section, ordered))
    section, path = None, ""
    for found in ordered:
        chunk = ""
        if _section(found) is not section:
            section, path = _section(found), ""
            chunk += _opened(section, counts[section])
        if found.path != path:
            path = found.path
            chunk += f"\n**{code(found.identity or path)}**\n\n"
        yield chunk + _item(found)


def _opened(section: _Section, number: int) -> str:
    match section:
        case _Section.ERRORS:
            return f"\n#### {counted(number, 'error')}\n"
        case _Section.WARNINGS:
            return f"\n#### {counted(number, 'warning')}\n"
        case _Section.ACCEPTED:
            return f"\n<details><summary>{number} under an accepted exception</summary>\n"


def _item(found: Finding) -> str:
    second = acceptance(found.exception) if found.exception else advice(found)
    first = f"- {code(place(found))} **{prose(found.rule)}** ({prose(found.code)}): {prose(found.message)}"
    return f"{first}{_BREAK}  {prose(second)}\n" if second else f"{first}\n"


def _left_out(findings: Sequence[Finding], command: str) -> str:
    if not findings:
        return ""
    counts = Counter(map(_section, findings))
    parts = [
        counted(counts[_Section.ERRORS], "error"),
        counted(counts[_Section.WARNINGS], "warning"),
        f"{counts[_Section.ACCEPTED]} under an accepted exception",
    ]
    return f"\nand {len(findings)} more, left out here ({', '.join(parts)}): `{command}` lists them all\n"
