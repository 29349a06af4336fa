"""Run the rules. Pure: no file, no clock; the caller says where in a file a key stands."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from nhi.model.change import Change, ManifestChange
from nhi.model.facts import Neighbour
from nhi.model.finding import Finding, GrantedException
from nhi.model.identity import Manifest
from nhi.model.moment import Moment
from nhi.policy.discovery import Rulebook, RuleEntry
from nhi.policy.rule import AnyRule, ChangeContext, ChangeRule, Context, KeyPath, Outcome, Rule, StackRule, Violation

Locate: TypeAlias = Callable[[KeyPath], tuple[int, int]]
"""Line and column, from 1, of a key path of the manifest in hand."""


def judge(
    manifest: Manifest, context: Context, rules: Sequence[RuleEntry[Rule]]
) -> list[tuple[RuleEntry[Rule], Violation]]:
    """Every violation, in the order of the rules."""
    return [(entry, violation) for entry in rules for violation in entry.rule.check(manifest, context)]


def findings(manifest: Manifest, context: Context, rules: Sequence[RuleEntry[Rule]], locate: Locate) -> list[Finding]:
    """Every violation as a finding at its place, in the order of the rules.

    What a live accepted exception covers is marked with it, never dropped. `locate` is called only where there is a
    violation. Whatever depends on the time was asked of `context.now`, so the answer holds for that moment's span.
    """
    return [
        finding(manifest, context.now, entry, violation, locate) for entry, violation in judge(manifest, context, rules)
    ]


def judge_outcome(
    manifest: Manifest, context: Context, rulebook: Rulebook, found: Sequence[Finding], locate: Locate
) -> list[Finding]:
    """What the rules about outcomes make of what was found."""
    slugs, blocks = frozenset(one.rule for one in found), any(one.blocks for one in found)
    outcome = Outcome(rulebook.about_manifests, slugs, blocks)
    return [
        finding(manifest, context.now, entry, violation, locate)
        for entry in rulebook.of_outcomes
        for violation in entry.rule.check(manifest, context, outcome)
    ]


def judge_stack(
    neighbours: Sequence[Neighbour], rules: Sequence[RuleEntry[StackRule]]
) -> Iterator[tuple[RuleEntry[StackRule], Neighbour, Violation]]:
    """Every violation of the rules that compare the manifests of one stack, and the manifest that it is about."""
    for entry in rules:
        for neighbour, violation in entry.rule.check(neighbours):
            yield entry, neighbour, violation


def judge_change(
    change: Change, context: ChangeContext, rules: Sequence[RuleEntry[ChangeRule]]
) -> Iterator[tuple[RuleEntry[ChangeRule], ManifestChange, Violation]]:
    """Every violation of the rules about what a change does, and the identity that it is about."""
    for one in change.manifests:
        for entry in rules:
            for violation in entry.rule.check(one, context):
                yield entry, one, violation


def finding(
    manifest: Manifest, now: Moment, entry: RuleEntry[AnyRule], violation: Violation, locate: Locate
) -> Finding:
    """A violation as a finding, marked with the accepted exception of its manifest that covers it."""
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
        exception=granted(manifest, now, entry.slug) if entry.rule.may_be_excepted else None,
    )


def granted(manifest: Manifest, now: Moment, rule: str) -> GrantedException | None:
    """The first accepted exception of the manifest for the rule that has not ended."""
    for accepted in manifest.exceptions:
        if accepted.rule == rule and not now.reached(accepted.expiry):
            return GrantedException(accepted.approver, accepted.expiry, accepted.reason)
    return None
