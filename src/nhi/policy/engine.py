"""Run the rules on one manifest. Pure: no file, no clock; the caller says where in the file a key stands."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from nhi.model.finding import Finding, GrantedException
from nhi.model.identity import Manifest
from nhi.policy.discovery import RuleEntry
from nhi.policy.rule import Context, KeyPath, Violation

Locate: TypeAlias = Callable[[KeyPath], tuple[int, int]]
"""Line and column, from 1, of a key path of the manifest in hand."""


def judge(manifest: Manifest, context: Context, rules: Sequence[RuleEntry]) -> list[tuple[RuleEntry, Violation]]:
    """Every violation, in the order of the rules."""
    return [(entry, violation) for entry in rules for violation in entry.rule.check(manifest, context)]


def findings(manifest: Manifest, context: Context, rules: Sequence[RuleEntry], locate: Locate) -> list[Finding]:
    """Every violation as a finding at its place, in the order of the rules.

    What a live accepted exception covers is marked with it, never dropped. `locate` is called only where there is a
    violation. Whatever depends on the time was asked of `context.now`, so the answer holds for that moment's span.
    """
    return [
        _finding(manifest, context, entry, violation, locate) for entry, violation in judge(manifest, context, rules)
    ]


def _finding(manifest: Manifest, context: Context, entry: RuleEntry, violation: Violation, locate: Locate) -> Finding:
    line, column = locate(violation.at)
    return Finding(
        rule=entry.slug,
        code=entry.rule.code,
        severity=violation.severity or entry.rule.severity,
        identity=manifest.id,
        path=manifest.path,
        line=line,
        column=column,
        message=violation.message,
        hint=violation.hint,
        exception=_exception(manifest, context, entry),
    )


def _exception(manifest: Manifest, context: Context, entry: RuleEntry) -> GrantedException | None:
    """The first accepted exception for the rule that has not ended."""
    if not entry.rule.may_be_excepted:
        return None
    for accepted in manifest.exceptions:
        if accepted.rule == entry.slug and not context.now.reached(accepted.expiry):
            return GrantedException(approver=accepted.approver, expiry=accepted.expiry)
    return None
