"""The rules about credentials and who uses them, where examples cannot show it."""

import pytest
from tests.fixtures.policy import OWNERS, STACKS, context, sample, violations

from nhi.model.finding import Severity
from nhi.model.identity import Json
from nhi.model.instant import parse_instant
from nhi.model.moment import Moment
from nhi.model.owners import Owners, Person
from nhi.model.settings import Limits, Settings
from nhi.policy.discovery import discover
from nhi.policy.rule import Context, Violation

RULES = {entry.slug: entry for entry in discover().of_manifests}


def _scope(**credential: Json) -> dict[str, Json]:
    return {"credential": dict(credential)}


def _only(slug: str, given: Context | None = None, **changes: object) -> Violation:
    (violation,) = violations(RULES[slug], sample(**changes), given)
    return violation


def _limited(days: int) -> Context:
    settings = Settings(stacks=STACKS, limits=Limits(rotation_days=days))
    return Context(OWNERS, settings, Moment(parse_instant("2026-11-20")), edited=True)


@pytest.mark.parametrize("kind", ["static-key", "", "FEDERATED", "federated\n", None, 7, True, ["federated"], {}])
def test_only_a_type_that_is_known_to_end_by_itself_is_not_static(kind: Json) -> None:
    assert _only("static-credential", scope=_scope(type=kind)).at == ("scope", "credential")


def test_a_static_credential_says_its_type_quoted_and_how_it_is_accepted() -> None:
    violation = _only("static-credential", scope=_scope(type="key\x1b]8;;"))

    assert violation.message.startswith("a static credential ('key\\x1b]8;;') works for whoever holds it")
    assert "an exception for static-credential with a compensating control and an end" in violation.hint


@pytest.mark.parametrize("scope", [None, {}, {"credential": None}, {"credential": "key"}, {"credential": ["key"]}])
@pytest.mark.parametrize("slug", ["static-credential", "overdue-rotation", "unrotated-credential"])
def test_a_scope_without_a_credential_has_none(slug: str, scope: dict[str, Json] | None) -> None:
    assert violations(RULES[slug], sample(scope=scope)) == []


def test_a_rotation_tells_when_it_was_due() -> None:
    violation = _only("overdue-rotation", scope=_scope(type="key", rotate_every=60, rotated="2026-09-01T12:00:00Z"))

    assert violation.message == "rotated on 2026-09-01T12:00:00Z: the next rotation was due on 2026-10-31T12:00:00Z"


def test_a_tighter_limit_of_the_organisation_makes_a_rotation_due() -> None:
    scope = _scope(type="key", rotate_every=60, rotated="2026-11-01")

    assert violations(RULES["overdue-rotation"], sample(scope=scope)) == []
    assert "due on 2026-11-11" in _only("overdue-rotation", _limited(10), scope=scope).message
    assert "60 days are longer" in _only("unrotated-credential", _limited(10), scope=scope).message


def test_what_bounds_a_credential_is_told_with_the_limit() -> None:
    without = violations(RULES["unrotated-credential"], sample(scope=_scope(type="key")))

    assert [one.at[-1] for one in without] == ["rotate_every", "rotated"]
    assert without[0].hint == "`rotate_every:` a number of days, from 1 to 90"


@pytest.mark.parametrize("rotated", [None, "", "yesterday", "2026-02-30", 20261101, True, ["2026-11-01"]])
def test_a_rotation_that_nobody_can_read_is_missing_and_not_overdue(rotated: Json) -> None:
    scope = _scope(type="key", rotate_every=60, rotated=rotated)

    assert violations(RULES["overdue-rotation"], sample(scope=scope)) == []
    assert violations(RULES["postdated-entry"], sample(scope=scope)) == []
    assert _only("unrotated-credential", scope=scope).at == ("scope", "credential", "rotated")


def test_a_day_is_the_shortest_interval() -> None:
    scope = _scope(type="key", rotate_every=1, rotated="2026-11-19")

    assert violations(RULES["unrotated-credential"], sample(scope=scope)) == []
    assert "due on 2026-11-20" in _only("overdue-rotation", scope=scope).message


def test_an_interval_of_very_many_days_is_bounded_by_the_limit() -> None:
    scope = _scope(type="key", rotate_every=10**15, rotated="2026-08-01")

    assert "due on 2026-10-30" in _only("overdue-rotation", scope=scope).message


@pytest.mark.parametrize(
    "entry",
    [
        "alice",
        " Alice ",
        "@alice",
        "user: alice",
        "HUMAN:alice-acme",
        "github:@alice-acme",
        "mailto:alice@acme.example",
    ],
)
def test_a_person_is_recognised_in_every_way_of_writing(entry: str) -> None:
    violation = _only("personal-key", used_by=("ecs:a/b", entry), scope=_scope(type="certificate"))

    assert violation.at == ("used_by", 1)
    assert violation.severity is Severity.ERROR
    assert "is a person: what a person does with it cannot be told" in violation.message


@pytest.mark.parametrize(
    "entry", ["", ":", "@", "github:", "ecs:alice", "github:alice/repo", "alice2", "user:", "a" * 999]
)
def test_what_names_no_person_is_left_alone(entry: str) -> None:
    assert violations(RULES["personal-key"], sample(used_by=(entry,))) == []


def test_an_entry_of_a_person_is_quoted() -> None:
    evil = Person("mallory", "m", 1666, "m\x1b[31m\u202e@acme.example")
    given = context(owners=Owners(people={"mallory": evil}))

    violation = _only("personal-key", given, used_by=(f"user:{evil.email}",))

    assert violation.message.startswith("'user:m\\x1b[31m\\u202e@acme.example' is a person")


@pytest.mark.parametrize("user", ["Alice from accounting", True, 7, ["alice"], {"name": "alice"}, []])
def test_a_scope_that_names_a_user_of_its_credential_is_believed(user: Json) -> None:
    violation = _only("personal-key", scope=_scope(type="certificate", used_by_person=user))

    assert violation.at == ("scope", "credential", "used_by_person")


@pytest.mark.parametrize("user", [None, False, "", "  "])
def test_a_scope_that_names_no_user_is_believed_too(user: Json) -> None:
    assert violations(RULES["personal-key"], sample(scope=_scope(type="certificate", used_by_person=user))) == []


def test_many_people_and_many_users_are_answered_quickly() -> None:
    people = {f"p{n}": Person(f"p{n}", f"p{n}-acme", n, f"p{n}@acme.example") for n in range(20_000)}
    given = context(owners=Owners(people=people))
    used_by = tuple(f"host-{number}" for number in range(49))

    for _ in range(200):
        assert len(violations(RULES["personal-key"], sample(used_by=(*used_by, "P19999-Acme")), given)) == 1
