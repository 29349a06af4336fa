"""What examples cannot show: values that the reader would not let through, unreadable fields, hostile text, wording."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fixtures.policy import OWNERS, context, declared, sample, statement, violations

from nhi.model.finding import Severity
from nhi.model.identity import Hold, Json, Suspension
from nhi.model.owners import Owners, Person, Team
from nhi.policy.discovery import discover
from nhi.policy.engine import judge
from nhi.policy.rule import Violation

RULES = {entry.slug: entry for entry in discover().of_manifests}
HOSTILE = "${aws:x}\x1b]8;;http://evil.example\x07%{if}\r\n::error::\u202e<script>`'\"" + "A" * 70_000
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
SUSPENDED = Suspension(SINCE, "leak suspected")


def _only(slug: str, **changes: object) -> Violation:
    (violation,) = violations(RULES[slug], sample(**changes))
    return violation


def _allow(*statements: Json) -> dict[str, Json]:
    return {"allow": list(statements)}


@pytest.mark.parametrize("key", ["owner", "purpose", "expiry", "scope"])
def test_what_could_not_be_read_is_not_missing(key: str) -> None:
    unread = sample(**{key: None}, unreadable=frozenset({key}))

    assert judge(unread, context(), tuple(RULES.values())) == []


@pytest.mark.parametrize("key", ["owner", "purpose", "expiry", "scope"])
def test_what_is_absent_is_missing_also_where_another_field_could_not_be_read(key: str) -> None:
    absent = sample(**{key: None}, unreadable=frozenset({"owner", "purpose", "expiry", "scope"} - {key}))

    assert [entry.slug for entry, _ in judge(absent, context(), tuple(RULES.values()))] == [f"missing-{key}"]


@pytest.mark.parametrize("key", ["owner", "purpose"])
@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_a_blank_text_is_missing_and_nothing_else(key: str, blank: str) -> None:
    found = judge(sample(**{key: blank}), context(), tuple(RULES.values()))

    assert [(entry.slug, one.at) for entry, one in found] == [(f"missing-{key}", (key,))]


def test_a_missing_owner_is_helped_with_the_teams_there_are() -> None:
    violation = _only("missing-owner", owner=None)

    assert violation.at == ()
    assert violation.hint.startswith("`owner: …`")
    assert "'archive', 'mainframe', 'payments'" in violation.hint


def test_a_missing_owner_is_reported_also_where_nobody_is_known() -> None:
    (violation,) = violations(RULES["missing-owner"], sample(owner=None), context(owners=Owners()))

    assert violation.hint.endswith("identities/owners.yaml")


def test_an_unknown_owner_is_asked_for_what_was_meant() -> None:
    violation = _only("unknown-owner", owner="paymnets")

    assert violation.message == "'paymnets' is neither a team nor a person of identities/owners.yaml"
    assert violation.hint == "did you mean 'payments'?"


def test_an_owner_written_with_a_look_alike_letter_shows_it() -> None:
    assert "'p\\u0430yments'" in _only("unknown-owner", owner="p\u0430yments").message


def test_an_unknown_owner_among_very_many_is_still_answered_for_many_manifests() -> None:
    teams = {f"team-{number}": Team(f"team-{number}", "alice", None, ()) for number in range(20_000)}
    given = context(owners=Owners(people=OWNERS.people, teams=teams))

    for _ in range(50):
        (violation,) = violations(RULES["unknown-owner"], sample(owner="teem-17"), given)
        assert violation.hint.startswith("did you mean 'team-")


def test_a_person_who_left_is_handed_over_to_the_own_teams_that_somebody_answers_for() -> None:
    violation = _only("departed-owner", owner="bob")

    assert violation.message == "the owner 'bob' left on 2026-10-31"
    assert "'payments', 'reporting', 'mainframe', where 'bob' worked" in violation.hint


def test_a_person_who_left_no_team_behind_is_handed_over_all_the_same() -> None:
    gone = Person("gina", "gina-acme", 1009, "gina@acme.example", left=SINCE)
    given = context(owners=Owners(people={"gina": gone}))

    (violation,) = violations(RULES["departed-owner"], sample(owner="gina"), given)

    assert violation.hint == "hand it over to a team or a person who is there"


def test_a_team_says_who_left_and_that_nobody_steps_in() -> None:
    assert "accountable person 'bob' left on 2026-10-31, and there is no deputy" in (
        _only("departed-owner", owner="archive").message
    )


def test_a_deputy_whom_nobody_knows_does_not_step_in() -> None:
    ghost = Team("ghosts", accountable="bob", deputy="casper", members=())
    given = context(owners=Owners(people=OWNERS.people, teams={"ghosts": ghost}))

    (violation,) = violations(RULES["departed-owner"], sample(owner="ghosts"), given)

    assert "there is no deputy" in violation.message


def test_an_accountable_person_whom_nobody_knows_did_not_leave() -> None:
    ghost = Team("ghosts", accountable="casper", deputy=None, members=())
    given = context(owners=Owners(teams={"ghosts": ghost}))

    assert violations(RULES["departed-owner"], sample(owner="ghosts"), given) == []


@pytest.mark.parametrize(
    ("purpose", "fault"),
    [
        ("tbd", "'tbd' is a placeholder"),
        ("Ledger writer role", "'Ledger writer role' says no more than the identity's name, owner and kind"),
        ("nightly backup", "'nightly backup' is too short to tell what the identity is for"),
        ("12345", "'12345' is a placeholder"),
    ],
)
def test_a_vague_purpose_is_told_why(purpose: str, fault: str) -> None:
    violation = _only("vague-purpose", purpose=purpose)

    assert violation.at == ("purpose",)
    assert violation.message == fault
    assert "what runs, what it does" in violation.hint


def test_where_words_are_not_spaced_letters_are_counted() -> None:
    letters = "決済台帳書込確定取引"

    assert len(letters) == 10
    assert violations(RULES["vague-purpose"], sample(purpose=letters)) == []
    assert "too short" in _only("vague-purpose", purpose=letters[:9]).message


def test_a_purpose_is_judged_also_without_an_owner() -> None:
    assert violations(RULES["vague-purpose"], sample(owner=None)) == []


def test_the_expiry_and_the_second_are_told() -> None:
    violation = _only("past-expiry", expiry=SINCE)

    assert violation.message.startswith("the expiry 2026-11-01T00:00:00Z has been reached")
    assert violation.severity is Severity.ERROR


def test_where_no_change_touches_it_the_identity_is_due_for_removal() -> None:
    (violation,) = violations(RULES["past-expiry"], sample(expiry=SINCE), context(edited=False))

    assert violation.message.endswith("due for removal")
    assert violation.severity is Severity.WARNING


def test_a_held_identity_is_not_called_due_for_removal() -> None:
    held = sample(expiry=SINCE, hold=Hold("legal", "matter 2026-14", SINCE))

    (violation,) = violations(RULES["past-expiry"], held, context(edited=False))

    assert violation.message.endswith("the hold of 'legal' keeps the identity")


def test_a_hold_that_could_not_be_read_may_keep_the_identity() -> None:
    unread = sample(expiry=SINCE, unreadable=frozenset({"hold"}))

    (violation,) = violations(RULES["past-expiry"], unread, context(edited=False))

    assert "due for removal" not in violation.message
    assert violation.severity is Severity.WARNING


def test_a_hold_that_could_not_be_read_excuses_no_edit() -> None:
    assert _only("past-expiry", expiry=SINCE, unreadable=frozenset({"hold"})).severity is Severity.ERROR


def test_suspending_an_identity_waits_for_neither_owner_nor_expiry() -> None:
    suspended = sample(owner="bob", expiry=SINCE, suspended=SUSPENDED)

    found = judge(suspended, context(), tuple(RULES.values()))

    assert {(entry.slug, one.severity) for entry, one in found} == {
        ("departed-owner", Severity.WARNING),
        ("past-expiry", Severity.WARNING),
    }


@pytest.mark.parametrize("expiry", [datetime.min.replace(tzinfo=UTC), datetime(1, 6, 1, tzinfo=UTC)])
def test_the_first_days_of_the_calendar_are_not_too_far_ahead(expiry: datetime) -> None:
    assert violations(RULES["overlong-lifetime"], sample(expiry=expiry)) == []


@pytest.mark.parametrize("days", [10**7, 10**12])
def test_an_endless_lifetime_allows_every_date(days: int) -> None:
    last = datetime.max.replace(tzinfo=UTC)

    assert violations(RULES["overlong-lifetime"], sample(expiry=last), context(lifetime=days)) == []


def test_an_overlong_lifetime_names_the_limit_of_the_settings() -> None:
    (violation,) = violations(RULES["overlong-lifetime"], sample(), context(lifetime=30))

    assert "more than 30 days ahead" in violation.message
    assert "at most 30 days ahead" in violation.hint


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("*", "'*' allows every action of every service"),
        ("*:*", "'*:*' allows every action of every service"),
        ("*:PutItem", "'*:PutItem' allows actions of services that it does not name"),
        ("dyn*", "'dyn*' allows actions of services that it does not name"),
        ("dynamodb:*", "'dynamodb:*' allows every action of 'dynamodb', also those that AWS will add"),
        ("dynamodb:**", "'dynamodb:**' allows every action of 'dynamodb', also those that AWS will add"),
        ("dynamodb:Put*", "'dynamodb:Put*' allows every action that matches, also those that AWS will add"),
    ],
)
def test_a_wildcard_action_says_how_much_it_allows(action: str, what: str) -> None:
    assert _only("wildcard-action", scope=_allow(statement([action]))).message == what


def test_a_wildcard_action_is_helped_with_whole_names() -> None:
    violation = _only("wildcard-action", scope=_allow(statement(["dynamodb:Put*"])))

    assert violation.hint.startswith("name each action that is needed, such as dynamodb:PutItem; ")
    assert violation.at == ("scope", "allow", 0, "actions", 0)


@pytest.mark.parametrize("action", ["*:Describe*", "e?2:Describe*", "*"])
def test_a_pattern_that_names_no_service_is_never_mild(action: str) -> None:
    assert _only("wildcard-action", scope=_allow(statement([action]))).severity is Severity.ERROR


def test_a_wildcard_resource_is_helped_with_an_arn_of_the_stack() -> None:
    violation = _only("wildcard-resource", scope=_allow(statement(["dynamodb:PutItem"], ["*"])))

    assert violation.message == "'*' names no resource: 'dynamodb:PutItem' would reach every one"
    assert violation.hint == (
        "write the ARN of what it needs, such as arn:aws:dynamodb:eu-west-1:111122223333:table/NAME"
    )


def test_an_action_that_takes_nothing_else_is_moved_apart() -> None:
    mixed = statement(["sts:GetCallerIdentity", "dynamodb:PutItem", "dynamodb:GetItem"], ["*"])

    violation = _only("wildcard-resource", scope=_allow(mixed))

    assert "'dynamodb:PutItem' and 1 more would reach every one" in violation.message
    assert violation.hint.endswith("keep '*' for 'sts:GetCallerIdentity' alone, in a statement of its own")


def test_a_resource_without_any_action_grants_nothing() -> None:
    assert violations(RULES["wildcard-resource"], sample(scope=_allow(statement([], ["*"])))) == []


def test_the_statement_and_the_item_at_fault_are_named() -> None:
    good, bad = statement(), statement(["dynamodb:PutItem", "dynamodb:*"], ["*"])
    manifest = sample(scope=_allow(good, bad))

    assert [
        one.at for slug in ("wildcard-action", "wildcard-resource") for one in violations(RULES[slug], manifest)
    ] == [
        ("scope", "allow", 1, "actions", 1),
        ("scope", "allow", 1, "resources", 0),
    ]


@pytest.mark.parametrize(
    "scope",
    [
        {"allow": "s3:*"},
        {"allow": {"actions": ["*"]}},
        {"allow": [None, 7, "s3:*", ["*"]]},
        {"allow": [{}]},
        {"allow": [{"actions": "s3:*", "resources": "*"}]},
        {"allow": [{"actions": [None, 1, {"*": "*"}], "resources": [["*"], False]}]},
        {"allow": [{"actions": None, "resources": None}]},
    ],
)
def test_a_scope_of_an_odd_shape_raises_nothing(scope: dict[str, Json]) -> None:
    assert judge(sample(scope=scope), context(), tuple(RULES.values())) == []


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet="arn:aws*?/s3", max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["allow", "actions", "resources", "conditions"]), inner, max_size=4)
    ),
    max_leaves=12,
)
ANY_TEXT = st.none() | st.text() | st.sampled_from(["payments", "bob", HOSTILE[:200]])


ANY_FIELDS = st.fixed_dictionaries(
    {
        "owner": ANY_TEXT,
        "purpose": ANY_TEXT,
        "expiry": st.none() | st.datetimes(timezones=st.just(UTC)),
        "scope": st.none() | st.dictionaries(st.sampled_from(["allow", "trust"]), ANY_JSON, max_size=2),
        "unreadable": st.frozensets(st.sampled_from(["owner", "purpose", "expiry", "scope", "hold"])),
    }
)


@settings(deadline=None)
@given(fields=ANY_FIELDS, edited=st.booleans())
def test_whatever_stands_in_a_manifest_every_finding_is_one_bounded_line(
    fields: dict[str, object], *, edited: bool
) -> None:
    for entry, found in judge(sample(**fields), context(edited=edited), tuple(RULES.values())):
        for text in (found.message, found.hint):
            assert text.isprintable(), entry.slug
            assert len(text) < 400, entry.slug


def test_hostile_text_in_every_field_is_quoted_bounded_and_on_one_line() -> None:
    manifest = sample(
        name=HOSTILE,
        kind=HOSTILE,
        owner=HOSTILE,
        purpose="tbd " + "\u202e" * 100,
        expiry=SINCE,
        hold=Hold(HOSTILE, HOSTILE, SINCE),
        scope=_allow(statement([HOSTILE + "*"], ["arn:aws:\x1b[31m\u202e" + "A" * 70_000 + "*"])),
    )

    found = judge(manifest, context(), tuple(RULES.values()))

    assert {entry.slug for entry, _ in found} >= {
        "unknown-owner",
        "vague-purpose",
        "past-expiry",
        "wildcard-action",
        "wildcard-resource",
    }
    for _, one in found:
        for text in (one.message, one.hint):
            assert text.isprintable()
            assert len(text) < 400


def test_a_manifest_of_the_greatest_size_is_judged_by_the_same_rules() -> None:
    lines = "".join(f"        - s3:Get{number}*\n" for number in range(3000))
    text = (
        "apiVersion: nhi/v1\nkind: service-role\nname: ledger-writer\nowner: payments\nexpiry: 2027-03-31\n"
        "purpose: Settlement batch writes cleared transactions to the ledger table.\n"
        f"scope:\n  allow:\n    - actions:\n{lines}      resources: ['arn:aws:s3:::ledger/*']\n"
    )

    assert len(violations(RULES["wildcard-action"], declared(text))) == 3000
