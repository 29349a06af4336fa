"""The closing line of a check."""

from collections.abc import Sequence
from datetime import datetime

from nhi.model.finding import Finding
from nhi.model.instant import format_instant
from nhi.output.plain import counted


def summary(as_of: datetime, checked: int, findings: Sequence[Finding]) -> str:
    """How many manifests, when, and what was found."""
    covered = sum(one.exception is not None for one in findings)
    errors = sum(one.blocks for one in findings)
    warnings = len(findings) - covered - errors
    parts = [counted(errors, "error"), counted(warnings, "warning")]
    if covered:
        parts.append(f"{covered} under an accepted exception")
    return f"{counted(checked, 'manifest')} checked as of {format_instant(as_of)}: {', '.join(parts)}"
