"""The rules about an expiry that a change moves, where examples cannot show it."""

import pytest
from tests.fixtures.policy import OWNERS, STACKS, change_of, change_violations, context, sample, violations

from nhi.model.change import Change, ManifestChange
from nhi.model.finding import Severity
from nhi.model.instant import parse_instant
from nhi.model.moment import Moment
from nhi.model.settings import Limits, Settings
from nhi.policy.discovery import discover
from nhi.policy.renewal import is_fresh
from nhi.policy.rule import Context, Violation
from nhi.policy.written_day import has_come

BOOK = discover()
RULES = {entry.slug: entry for entry in BOOK.of_changes}
CONTRACT = next(entry for entry in BOOK.of_manifests if entry.slug == "beyond-contract")
RENEWAL = change_of(sample(), sample(expiry=parse_instant("2027-06-30")))
ID = "prod/ledger-writer"


def _limited(renewals: int) -> Context:
    settings = Settings(stacks=STACKS, limits=Limits(renewals=renewals))
    return Context(OWNERS, settings, Moment(parse_instant("2026-11-20")), edited=True)


def _found(slug: str, change: ManifestChange, renewals: dict[str, int], **given: Context) -> list[Violation]:
    asked = Change((change,), (), renewals=renewals)
    return [found for _, found in change_violations(RULES[slug], asked, **given)]


def test_a_change_is_held_to_the_limit_at_its_base_not_to_its_own() -> None:
    strict, lax = _limited(1), _limited(50)

    assert len(_found("renewal-limit", RENEWAL, {ID: 1}, base=strict, head=lax)) == 1
    assert _found("renewal-limit", RENEWAL, {ID: 1}, base=lax, head=strict) == []


def test_where_the_base_cannot_be_read_the_limit_of_the_head_holds() -> None:
    assert len(_found("renewal-limit", RENEWAL, {ID: 1}, head=_limited(1))) == 1


def test_a_limit_of_none_asks_for_a_certification_of_each_renewal() -> None:
    (violation,) = _found("renewal-limit", RENEWAL, {ID: 0}, base=_limited(0))

    assert violation.message.endswith("0 times, where 0 are allowed")
    assert "let it end on 2027-03-31T00:00:00Z" in violation.hint


@pytest.mark.parametrize("count", [{}, {"prod/other": 0}, {ID: 0}, {ID: 2}, {ID: 3}, {ID: 99}])
def test_a_renewal_without_a_certification_is_reported_by_one_rule(count: dict[str, int]) -> None:
    found = {slug: _found(slug, RENEWAL, count) for slug in ("renewal-limit", "uncertified-renewal", "revived-expiry")}

    assert sorted(len(each) for each in found.values()) == [0, 0, 1]


def test_what_is_not_known_of_the_history_is_not_taken_for_few() -> None:
    (violation,) = _found("uncertified-renewal", RENEWAL, {})

    assert violation.severity is Severity.ERROR
    assert "how often it was renewed before is not known" in violation.message


@pytest.mark.parametrize("slug", ["renewal-limit", "uncertified-renewal", "revived-expiry"])
@pytest.mark.parametrize("key", ["expiry", "certified"])
def test_what_could_not_be_read_is_reported_by_the_reading(slug: str, key: str) -> None:
    later = {"expiry": parse_instant("2027-06-30"), key: None}
    unread = sample(**later, unreadable=frozenset({key}))
    count = 0 if key == "certified" else 9

    assert _found(slug, ManifestChange(ID, RENEWAL.before, unread), {ID: count}) == []


def test_a_certification_at_the_end_of_the_calendar_is_fresh_there() -> None:
    end = parse_instant("9999-12-31")

    assert is_fresh(end, Moment(parse_instant("9999-12-31T01:00:00Z")))


def test_an_identity_that_comes_back_is_asked_for_anew() -> None:
    over = change_of(sample(expiry=parse_instant("2026-10-31T18:00:00Z")), sample())

    (violation,) = _found("revived-expiry", over, {})

    assert violation.message == "the identity was over on 2026-10-31T18:00:00Z, and the change gives its access back"
    assert "the day since 2026-10-31 on which the owner confirmed that it is needed again" in violation.hint


def test_a_vendor_is_named_and_its_name_is_quoted() -> None:
    scope = {"vendor": {"name": "Acme\n::error::", "contract_end": "2027-01-01"}}

    (violation,) = violations(CONTRACT, sample(scope=scope))

    assert violation.message == (
        "2027-03-31T00:00:00Z is after the contract with 'Acme\\n::error::' ends, 2027-01-01T00:00:00Z"
    )
    assert violation.hint.startswith("write 2027-01-01T00:00:00Z or earlier")


@pytest.mark.parametrize("name", [None, "", " ", 7, ["Acme"]])
def test_a_vendor_without_a_name_is_just_the_contract(name: object) -> None:
    (violation,) = violations(CONTRACT, sample(scope={"vendor": {"name": name, "contract_end": "2027-01-01"}}))

    assert "is after the contract ends, 2027-01-01" in violation.message


@pytest.mark.parametrize("end", [None, "", "soon", "2027-02-30", "2027-01-01T00:00", 2027, True, ["2027-01-01"]])
def test_a_contract_that_ends_nobody_knows_when_does_not_end_late_enough(end: object) -> None:
    (violation,) = violations(CONTRACT, sample(scope={"vendor": {"name": "Acme", "contract_end": end}}))

    assert violation.at == ("scope", "vendor", "contract_end")
    assert violation.message == "when the contract with 'Acme' ends cannot be read"


def test_a_certification_of_today_counts_wherever_it_is_today() -> None:
    certified = change_of(sample(), sample(expiry=parse_instant("2027-06-30"), certified=parse_instant("2026-11-20")))

    assert _found("renewal-limit", certified, {ID: 3}, head=context("2026-11-19T10:00:00Z")) == []
    assert len(_found("renewal-limit", certified, {ID: 3}, head=context("2026-11-19T09:59:59Z"))) == 1


def test_the_first_day_of_the_calendar_has_come() -> None:
    assert has_come(parse_instant("0001-01-01"), Moment(parse_instant("2026-11-20")))
