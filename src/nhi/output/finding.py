"""The words of one finding that several views share. Each is one line, safe for a terminal and a log."""

from nhi.model.finding import Finding, GrantedException
from nhi.model.instant import format_instant
from nhi.output.plain import one_line


def place(found: Finding) -> str:
    """`identities/prod/ledger-writer.yaml:3`."""
    return f"{one_line(found.path)}:{found.line}"


def advice(found: Finding) -> str:
    """What to write instead, with the word that introduces it; empty where there is no hint."""
    if not found.hint:
        return ""
    return f"{'write' if found.hint.startswith('`') else 'help'}: {one_line(found.hint)}"


def acceptance(granted: GrantedException) -> str:
    """Who accepted it, until when, and why."""
    reason = f": {one_line(granted.reason)}" if granted.reason else ""
    return f"accepted by {one_line(granted.approver)} until {format_instant(granted.expiry)}{reason}"
