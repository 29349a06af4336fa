from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.fixtures.policy import context, sample

from nhi.model.finding import Finding, GrantedException, Severity
from nhi.model.identity import AcceptedException, Manifest
from nhi.model.instant import parse_instant
from nhi.policy.discovery import RuleEntry, discover
from nhi.policy.engine import findings, judge
from nhi.policy.rule import Context, KeyPath, Rule, Violation

RULES = discover().of_manifests


def _entry(
    slug: str, *violations: Violation, may_be_excepted: bool = True, severity: Severity = Severity.ERROR
) -> RuleEntry[Rule]:
    def check(_manifest: Manifest, _context: Context) -> Iterator[Violation]:
        return iter(violations)

    rule = Rule("NHI777", severity, (), check, may_be_excepted=may_be_excepted)
    return RuleEntry(slug, rule, "A manual.")


def _accepted(rule: str = "lonely-star", expiry: str = "2027-01-31", approver: str = "security") -> AcceptedException:
    return AcceptedException(rule, "a reason", "a control", approver, parse_instant(expiry))


def _nowhere(path: KeyPath) -> tuple[int, int]:
    pytest.fail(f"nothing is wrong, but the place of {path} was asked for")


def _found(manifest: Manifest, *entries: RuleEntry[Rule], given: Context | None = None) -> list[Finding]:
    return findings(manifest, given or context(), entries, lambda _path: (7, 3))


STAR = _entry("lonely-star", Violation(("scope", "allow", 0), "a star", "write a name"))


def test_a_clean_manifest_has_no_findings_and_its_places_are_not_looked_up() -> None:
    assert findings(sample(), context(), RULES, _nowhere) == []


def test_a_violation_becomes_a_finding_at_its_place() -> None:
    asked: list[KeyPath] = []

    def locate(path: KeyPath) -> tuple[int, int]:
        asked.append(path)
        return 12, 5

    assert findings(sample(), context(), [STAR], locate) == [
        Finding(
            rule="lonely-star",
            code="NHI777",
            severity=Severity.ERROR,
            identity="prod/ledger-writer",
            path="identities/prod/ledger-writer.yaml",
            line=12,
            column=5,
            message="a star",
            hint="write a name",
        )
    ]
    assert asked == [("scope", "allow", 0)]


def test_a_violation_can_have_another_severity_than_its_rule() -> None:
    entry = _entry("lonely-star", Violation((), "a star", "…", Severity.WARNING), Violation((), "a star", "…"))

    assert [found.severity for found in _found(sample(), entry)] == [Severity.WARNING, Severity.ERROR]


def test_every_violation_of_every_rule_is_kept_in_the_order_of_the_rules() -> None:
    first = _entry("first", Violation((), "1", "…"), Violation((), "2", "…"))
    second = _entry("second", Violation((), "3", "…"))

    assert [(entry.slug, one.message) for entry, one in judge(sample(), context(), [first, second])] == [
        ("first", "1"),
        ("first", "2"),
        ("second", "3"),
    ]


def test_a_live_exception_marks_the_finding_and_keeps_it() -> None:
    (found,) = _found(sample(exceptions=(_accepted(),)), STAR)

    assert found.exception == GrantedException("security", datetime(2027, 1, 31, tzinfo=UTC), "a reason")
    assert not found.blocks


@pytest.mark.parametrize(
    "accepted",
    [
        _accepted(expiry="2026-11-20"),
        _accepted(expiry="2020-01-01"),
        _accepted(rule="lonely"),
        _accepted(rule="LONELY-STAR"),
        _accepted(rule="NHI777"),
        _accepted(rule="*"),
    ],
)
def test_an_exception_that_has_ended_or_is_for_another_rule_covers_nothing(accepted: AcceptedException) -> None:
    (found,) = _found(sample(exceptions=(accepted,)), STAR)

    assert found.exception is None
    assert found.blocks


def test_an_exception_covers_until_the_second_before_its_end() -> None:
    manifest = sample(exceptions=(_accepted(expiry="2026-12-01T12:00:00Z"),))

    (before,) = _found(manifest, STAR, given=context("2026-12-01T11:59:59Z"))
    (at,) = _found(manifest, STAR, given=context("2026-12-01T12:00:00Z"))

    assert before.exception is not None
    assert at.exception is None


def test_the_first_live_exception_of_several_counts() -> None:
    manifest = sample(exceptions=(_accepted(expiry="2026-01-01"), _accepted(approver="alice"), _accepted()))

    (found,) = _found(manifest, STAR)

    assert found.exception is not None
    assert found.exception.approver == "alice"


def test_no_exception_covers_a_rule_that_may_not_be_excepted() -> None:
    entry = _entry("lonely-star", Violation((), "a star", "…"), may_be_excepted=False)

    (found,) = _found(sample(exceptions=(_accepted(),)), entry)

    assert found.blocks


def test_the_span_of_a_verdict_ends_where_an_answer_would_change() -> None:
    given = context()
    manifest = sample(
        exceptions=(_accepted("wildcard-action", "2026-12-24"),), scope={"allow": [{"actions": ["s3:*"]}]}
    )

    rules = [entry for entry in RULES if entry.slug == "wildcard-action"]

    assert len(findings(manifest, given, rules, lambda _path: (1, 1))) == 1
    assert given.now.until == parse_instant("2026-12-24")


def test_the_span_of_a_clean_verdict_ends_at_the_expiry_and_begins_where_the_lifetime_fits() -> None:
    given = context()

    assert findings(sample(), given, RULES, _nowhere) == []
    assert given.now.since == parse_instant("2026-03-31")
    assert given.now.until == parse_instant("2027-03-31")
