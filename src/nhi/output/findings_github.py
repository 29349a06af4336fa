"""Findings as GitHub workflow commands, which show as annotations on the lines of a pull request.

Escaping follows @actions/toolkit `packages/core/src/command.ts`: a value may not end the command or start another.
"""

from collections.abc import Sequence

from nhi.model.finding import Finding, Severity
from nhi.output.plain import one_line

_LONGEST_PATH = 4_096
"""A path with hidden characters is written out: then GitHub shows the words without their line."""


def findings_github(findings: Sequence[Finding]) -> str:
    """One annotation a line; nothing for no findings."""
    return "\n".join(_annotation(one) for one in findings)


def _annotation(found: Finding) -> str:
    level = "notice" if found.exception else "error" if found.severity is Severity.ERROR else "warning"
    properties = {
        "file": one_line(found.path, _LONGEST_PATH),
        "line": str(found.line),
        "col": str(found.column),
        "title": f"{found.code} {found.rule}",
    }
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = one_line(found.message) + (f"\n{one_line(found.hint)}" if found.hint else "")
    return f"::{level} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
