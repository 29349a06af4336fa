"""Findings as JSON: the format `nhi/findings/v1`, a contract with other tools."""

from collections.abc import Sequence
from datetime import datetime

from nhi.model.finding import Finding
from nhi.model.instant import format_instant
from nhi.output.plain import json_text


def findings_json(as_of: datetime, checked: int, findings: Sequence[Finding]) -> str:
    """The whole result as one JSON document."""
    document = {
        "schema": "nhi/findings/v1",
        "as_of": format_instant(as_of),
        "checked": checked,
        "findings": [_finding(one) for one in findings],
    }
    return json_text(document)


def _finding(found: Finding) -> dict[str, object]:
    granted = found.exception
    return {
        "rule": found.rule,
        "code": found.code,
        "severity": found.severity.value,
        "identity": found.identity,
        "path": found.path,
        "line": found.line,
        "column": found.column,
        "message": found.message,
        "hint": found.hint,
        "exception": None
        if granted is None
        else {"approver": granted.approver, "expiry": format_instant(granted.expiry)},
    }
