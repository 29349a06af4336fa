"""What a check found: one finding says what is wrong, where, and what to write instead."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """An error blocks; a warning is listed."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class GrantedException:
    """The accepted exception that covers a finding."""

    approver: str
    expiry: datetime
    reason: str = ""
    """Why it was accepted, in the manifest's words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding at one place. Lines and columns count from 1."""

    rule: str
    """The rule's slug, as in `nhi explain <slug>`."""
    code: str
    severity: Severity
    identity: str | None
    """`<stack>/<name>`, or None where the file's identity is not known."""
    path: str
    line: int
    column: int
    message: str
    """What is wrong."""
    hint: str
    """What to write instead."""
    exception: GrantedException | None = None

    @property
    def blocks(self) -> bool:
        """Whether this finding alone makes a check fail."""
        return self.severity is Severity.ERROR and self.exception is None


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """The findings in the order that every output uses: by path, line, column, code."""
    return tuple(sorted(findings, key=lambda found: (found.path, found.line, found.column, found.code, found.message)))
