"""The rules about accepted exceptions, where examples cannot show it."""

from dataclasses import replace

import pytest
from tests.fixtures.policy import OWNERS, STACKS, change_of, change_violations, context, sample, violations

from nhi.model.change import Change
from nhi.model.finding import Severity
from nhi.model.identity import AcceptedException
from nhi.model.instant import parse_instant
from nhi.model.moment import Moment
from nhi.model.owners import Owners, Team
from nhi.model.settings import Settings
from nhi.policy.discovery import discover
from nhi.policy.placeholders import is_placeholder, says_enough
from nhi.policy.rule import Context, Violation

BOOK = discover()
RULES = {entry.slug: entry for entry in BOOK.of_manifests}
RENEWED = next(entry for entry in BOOK.of_changes if entry.slug == "renewed-exception")
ABOUT_EXCEPTIONS = [entry for entry in BOOK.entries if entry.rule.code.startswith("NHI50")]
GOOD = AcceptedException(
    rule="static-credential",
    reason="The vendor cannot federate before its 2027 release.",
    compensating_control="Key is limited to the office range and alarms on use.",
    approver="security",
    expiry=parse_instant("2027-01-31"),
)
HOSTILE = "\x1b]8;;http://evil.example\x07\r\n::error::\u202e" + "A" * 70_000


def _only(slug: str, one: AcceptedException, given: Context | None = None, **changes: object) -> Violation:
    (violation,) = violations(RULES[slug], sample(exceptions=(one,), **changes), given)
    return violation


def _known(**rules: bool) -> Context:
    return replace(context(), rules={slug.replace("_", "-"): may for slug, may in rules.items()})


def _secured_by(team: str, owners: Owners = OWNERS) -> Context:
    settings = Settings(stacks=STACKS, security_team=team)
    return Context(owners, settings, Moment(parse_instant("2026-11-20")), edited=True)


def test_no_rule_about_exceptions_can_be_excepted() -> None:
    assert len(ABOUT_EXCEPTIONS) == 9
    assert not any(entry.rule.may_be_excepted for entry in ABOUT_EXCEPTIONS)


@pytest.mark.parametrize("slug", ["expired-exception", "bare-exception", "unentitled-approver", "overlong-exception"])
def test_the_second_exception_is_found_at_its_own_place(slug: str) -> None:
    at_fault = {
        "expired-exception": replace(GOOD, expiry=parse_instant("2026-10-31")),
        "bare-exception": replace(GOOD, reason="tbd"),
        "unentitled-approver": replace(GOOD, approver="treasury"),
        "overlong-exception": replace(GOOD, expiry=parse_instant("2030-01-31")),
    }[slug]

    (violation,) = violations(RULES[slug], sample(exceptions=(GOOD, at_fault)))

    assert violation.at[:2] == ("exceptions", 1)


def test_where_one_of_them_could_not_be_read_the_others_are_not_counted() -> None:
    unread = sample(exceptions=(replace(GOOD, reason="tbd"),), unreadable=frozenset({"exceptions"}))

    (violation,) = violations(RULES["bare-exception"], unread)

    assert violation.at == ("exceptions", "reason")


def test_an_exception_that_has_ended_says_whom_to_ask() -> None:
    violation = _only("expired-exception", replace(GOOD, expiry=parse_instant("2026-10-31")), _secured_by("platform"))

    assert violation.message == "the exception for 'static-credential' ended on 2026-10-31T00:00:00Z"
    assert "ask 'platform' to accept it anew" in violation.hint


@pytest.mark.parametrize("text", ["", " ", "tbd", "n/a", "-", "12345", "TODO: write this", "<reason>", "as needed"])
def test_a_text_that_tells_nothing_is_a_placeholder(text: str) -> None:
    assert is_placeholder(text)
    assert "is a placeholder" in _only("bare-exception", replace(GOOD, compensating_control=text)).message


@pytest.mark.parametrize("text", ["office range", "alarmed alarmed alarmed", "the vendor", "SEC-1 and SEC-2"])
def test_a_text_of_few_words_is_too_short(text: str) -> None:
    assert "is too short to be judged" in _only("bare-exception", replace(GOOD, reason=text)).message


@pytest.mark.parametrize(
    "text", ["The key alarms on use", "la clé est limitée", "ключ ограничен офисом", "密钥仅限办公网络"]
)
def test_a_text_in_whatever_language_says_enough(text: str) -> None:
    assert says_enough(text, 3)


@pytest.mark.parametrize(
    ("text", "says"), [("法務部門承認", True), ("法務部門承", False), ("法務部門承!", False), ("ऋतुओंक", False)]
)
def test_where_words_cannot_be_told_apart_letters_are_counted(text: str, *, says: bool) -> None:
    assert says_enough(text, 3) is says


def test_a_hostile_reason_is_quoted_and_cut() -> None:
    both = replace(GOOD, reason=HOSTILE, compensating_control=HOSTILE)

    found = violations(RULES["bare-exception"], sample(exceptions=(both,)))

    assert found
    assert all(one.message.isprintable() and len(one.message) < 200 for one in found)


def test_an_approver_whom_nobody_knows_is_asked_for_what_was_meant() -> None:
    violation = _only("unentitled-approver", replace(GOOD, approver="securtiy"))

    assert violation.message == "'securtiy' is neither a team nor a person of identities/owners.yaml"
    assert violation.hint == "did you mean 'security'?"
    assert violation.severity is None


def test_an_approver_without_the_right_is_told_who_has_it() -> None:
    violation = _only("unentitled-approver", replace(GOOD, approver="treasury"))

    assert violation.message == "'treasury' may not accept exceptions"
    assert violation.hint == "ask the security team, and name who accepted it: 'security', 'erin'"


def test_people_of_security_who_have_left_are_not_named() -> None:
    after = context("2027-02-01")

    violation = _only("unentitled-approver", replace(GOOD, approver="carol", expiry=parse_instant("2027-03-01")), after)

    assert violation.hint.endswith("name who accepted it: 'security'")


def test_the_security_team_is_not_named_for_an_identity_of_its_own() -> None:
    violation = _only("unentitled-approver", GOOD, owner="security")

    assert violation.message == "'security' answers for the identity: who needs an exception does not grant it"
    assert violation.hint.endswith("name who accepted it: 'erin'")


def test_an_approver_who_has_left_is_named_with_the_day() -> None:
    violation = _only("unentitled-approver", replace(GOOD, approver="bob"))

    assert violation.message == "the approver is gone: 'bob' left on 2026-10-31"


def test_where_there_is_no_security_team_nobody_can_accept() -> None:
    violation = _only("unentitled-approver", GOOD, _secured_by("guards"))

    assert violation.message == (
        "nobody can accept exceptions: the security team 'guards' is not in identities/owners.yaml"
    )
    assert violation.hint == "name the security team in `security_team` of nhi.yaml, in a change of its own"


def test_the_security_team_is_the_one_that_the_settings_name() -> None:
    assert violations(RULES["unentitled-approver"], sample(exceptions=(GOOD,)), _secured_by("platform"))
    accepted = replace(GOOD, approver="platform")
    assert violations(RULES["unentitled-approver"], sample(exceptions=(accepted,)), _secured_by("platform")) == []


def test_a_person_who_owns_the_identity_does_not_accept_for_it() -> None:
    guards = Team("guards", accountable="carol", deputy=None, members=("carol", "alice"))
    given = _secured_by("guards", Owners(OWNERS.people, {**OWNERS.teams, "guards": guards}))

    violation = _only("unentitled-approver", replace(GOOD, approver="alice"), given, owner="alice")

    assert violation.message == "'alice' answers for the identity: who needs an exception does not grant it"


def test_an_identity_without_an_owner_has_nobody_who_accepts_for_themselves() -> None:
    assert violations(RULES["unentitled-approver"], sample(exceptions=(GOOD,), owner=None)) == []


def test_where_the_rules_are_not_known_no_exception_is_unknown() -> None:
    assert violations(RULES["unknown-exception"], sample(exceptions=(GOOD,)), context()) == []
    assert violations(RULES["forbidden-exception"], sample(exceptions=(GOOD,)), context()) == []


def test_an_exception_is_held_to_the_rules_there_are() -> None:
    given = _known(static_credentials=True)

    violation = _only("unknown-exception", GOOD, given)

    assert violation.message == "there is no rule 'static-credential', so the exception covers nothing"
    assert violation.hint == "did you mean 'static-credentials'?"


def test_an_exception_for_nothing_like_a_rule_is_sent_to_the_list() -> None:
    violation = _only("unknown-exception", GOOD, _known(sole_owner=True))

    assert violation.hint == "`nhi rules` lists the rules; or remove it"


def test_a_forbidden_exception_names_the_page_that_helps() -> None:
    violation = _only("forbidden-exception", GOOD, _known(static_credential=False))

    assert violation.message == "no exception covers 'static-credential'"
    assert "`nhi explain static-credential`" in violation.hint


def test_an_exception_at_the_beginning_of_the_calendar_is_not_too_long() -> None:
    ancient = replace(GOOD, expiry=parse_instant("0001-01-02"))

    assert violations(RULES["overlong-exception"], sample(exceptions=(ancient,))) == []


def test_a_renewed_exception_for_a_new_reason_is_for_the_reviewer_to_judge() -> None:
    later = replace(GOOD, expiry=parse_instant("2027-03-31"), reason="Their release slipped to May.")
    change = change_of(sample(exceptions=(GOOD,)), sample(exceptions=(later,)))

    ((identity, violation),) = change_violations(RENEWED, Change((change,), ()))

    assert identity == "prod/ledger-writer"
    assert violation.severity is Severity.WARNING
    assert violation.message == (
        "the exception for 'static-credential' moves from 2027-01-31T00:00:00Z to 2027-03-31T00:00:00Z"
    )
    assert violation.hint == "whoever accepts it judges the new reason"


def test_a_renewed_exception_for_the_old_reason_is_asked_for_a_new_one() -> None:
    later = replace(GOOD, expiry=parse_instant("2027-03-31"))
    change = change_of(sample(exceptions=(GOOD,)), sample(exceptions=(GOOD, later)))

    ((_, violation),) = change_violations(RENEWED, Change((change,), ()))

    assert violation.at == ("exceptions", 1, "expiry")
    assert violation.message.endswith(", for the reason that it had before")
    assert "say in `reason` why it was not mended by then" in violation.hint
