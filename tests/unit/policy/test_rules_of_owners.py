"""The rules about who answers for an identity, where examples cannot show it."""

from dataclasses import replace

import pytest
from tests.fixtures.policy import OWNERS, change_of, change_violations, context, sample, violations

from nhi.model.change import Change, ManifestChange
from nhi.model.facts import Neighbour
from nhi.model.finding import Severity
from nhi.model.instant import parse_instant
from nhi.model.moment import Moment
from nhi.model.owners import Owners, Person, Team
from nhi.policy.discovery import discover
from nhi.policy.facts import facts_of
from nhi.policy.people import answers, belongs, person_named, teams_of, who_is_there
from nhi.policy.rule import Violation

BOOK = discover()
RULES = {entry.slug: entry for entry in BOOK.of_manifests}
COPIED = next(entry for entry in BOOK.of_stacks if entry.slug == "copied-purpose")
TAKEN = next(entry for entry in BOOK.of_changes if entry.slug == "self-assigned-owner")


def _with(team: Team, **people: Person) -> Owners:
    return Owners(people={**OWNERS.people, **people}, teams={**OWNERS.teams, team.name: team})


def _only(slug: str, owner: str, owners: Owners = OWNERS) -> Violation:
    (violation,) = violations(RULES[slug], sample(owner=owner), context(owners=owners))
    return violation


def _take(change: ManifestChange, author: str | None, *, base: Owners | None, head: Owners = OWNERS) -> list[Violation]:
    before = None if base is None else context(owners=base)
    asked = Change((change,), (), author)
    return [found for _, found in change_violations(TAKEN, asked, base=before, head=context(owners=head))]


def _passed(old: str | None, new: str | None) -> ManifestChange:
    return change_of(sample(owner=old), sample(owner=new))


def test_somebody_who_would_stand_in_for_themselves_is_no_deputy() -> None:
    own = Team("solo", accountable="alice", deputy="alice", members=("alice", "carol"))

    violation = _only("unaccountable-team", "solo", _with(own))

    assert violation.message == "nobody of the team 'solo' stands in for 'alice': it has no deputy"
    assert "name a deputy for 'solo' in identities/owners.yaml" in violation.hint


def test_a_deputy_who_left_is_named_with_the_day() -> None:
    assert _only("unaccountable-team", "tooling").message.endswith("of its deputy, 'bob' left on 2026-10-31")


def test_an_accountable_person_who_left_is_named_with_the_day() -> None:
    violation = _only("unaccountable-team", "treasury")

    assert violation.message == "the accountable person of the team 'treasury' is gone: 'bob' left on 2026-10-31"
    assert violation.hint.endswith("until then 'carol' answers")


def test_an_accountable_person_whom_nobody_knows_is_gone() -> None:
    ghost = Team("ghosts", accountable="casper", deputy="carol", members=("alice", "carol"))

    assert "'casper' is not one of the people" in _only("unaccountable-team", "ghosts", _with(ghost)).message


@pytest.mark.parametrize("owner", [None, "", "alice", "nobody"])
def test_what_no_team_owns_is_not_about_a_team(owner: str | None) -> None:
    assert violations(RULES["unaccountable-team"], sample(owner=owner)) == []


def test_a_person_who_owns_alone_is_told_the_own_teams_that_have_more_people() -> None:
    assert _only("sole-owner", "erin").hint.endswith("such as 'platform', 'vaults', where 'erin' works")


def test_a_person_without_a_team_is_told_to_name_one_all_the_same() -> None:
    lonely = Owners(people=OWNERS.people)

    assert _only("sole-owner", "alice", lonely).hint == "name a team of identities/owners.yaml"


def test_a_team_of_one_is_told_who_it_is() -> None:
    violation = _only("sole-owner", "security")

    assert violation.message.startswith("the team 'security' is one person, 'erin'")
    assert "add people to 'security' in identities/owners.yaml, in a change of its own" in violation.hint


def test_one_person_in_three_parts_is_one_person() -> None:
    team = Team("trio", accountable="alice", deputy="alice", members=("alice", "alice"))

    assert "is one person, 'alice'" in _only("sole-owner", "trio", _with(team)).message


def test_a_team_that_nobody_is_left_of_is_not_one_person() -> None:
    team = Team("ruins", accountable="bob", deputy=None, members=("bob", "casper"))

    assert violations(RULES["sole-owner"], sample(owner="ruins"), context(owners=_with(team))) == []


def test_whether_a_team_has_more_than_one_person_is_answered_after_two() -> None:
    now = Moment(parse_instant("2026-11-20"))
    crowd = Team("crowd", accountable="alice", deputy="carol", members=("dave",) * 100_000)

    people = who_is_there(crowd, OWNERS, now)

    assert [next(people), next(people)] == ["alice", "carol"]
    assert now.until == Moment(parse_instant("2026-11-20")).until, "nobody was asked about dave"


def test_a_large_organisation_answers_quickly_for_many_manifests_owned_by_persons() -> None:
    teams = {f"team-{number}": Team(f"team-{number}", "carol", None, ("carol",) * 20) for number in range(20_000)}
    given = context(owners=Owners(people=OWNERS.people, teams=teams))

    for _ in range(5_000):
        (violation,) = violations(RULES["sole-owner"], sample(owner="alice"), given)
    assert violation.hint == "name a team of identities/owners.yaml"


def test_the_last_who_answers_decides_when_nobody_does_any_more() -> None:
    violation = _only("leaving-owner", "vaults")

    assert violation.message == "nobody answers for the identity from 2027-02-28 on: 'vaults' is leaving"
    assert violation.hint == "name an owner who stays, or write an expiry no later than 2027-02-28"


@pytest.mark.parametrize("owner", [None, "", "nobody", "archive", "bob"])
def test_nobody_who_is_not_there_is_leaving(owner: str | None) -> None:
    assert violations(RULES["leaving-owner"], sample(owner=owner)) == []


def test_an_owner_taken_from_a_team_that_is_there_is_to_be_asked_for_by_it() -> None:
    (violation,) = _take(_passed("platform", "payments"), "alice", base=OWNERS)

    assert violation.at == ("owner",)
    assert violation.severity is Severity.ERROR
    assert violation.message == "'alice' asks for this change, and comes to answer for the identity by it"
    assert violation.hint == "let 'platform' ask for it, or somebody else who does not gain by it"


def test_a_deputy_gains_as_the_accountable_person_does() -> None:
    (violation,) = _take(_passed("vaults", "payments"), "carol", base=OWNERS)

    assert violation.severity is Severity.ERROR


def test_a_mere_member_of_the_new_owner_gains_nothing() -> None:
    head = _with(Team("crew", accountable="erin", deputy="heidi", members=("alice",)))

    assert _take(_passed("platform", "crew"), "alice", base=head, head=head) == []


def test_a_change_that_makes_its_author_accountable_is_judged_by_what_it_makes() -> None:
    head = _with(replace(OWNERS.teams["vaults"], accountable="alice"))

    (violation,) = _take(_passed("platform", "vaults"), "alice", base=OWNERS, head=head)

    assert violation.severity is Severity.ERROR


def test_a_change_that_makes_its_author_a_member_of_the_former_owner_is_judged_by_the_base() -> None:
    head = _with(replace(OWNERS.teams["vaults"], members=("erin", "heidi", "alice")))

    (violation,) = _take(_passed("vaults", "payments"), "alice", base=OWNERS, head=head)

    assert violation.severity is Severity.ERROR


def test_where_the_base_cannot_be_read_nobody_is_believed_to_have_owned_it() -> None:
    (violation,) = _take(_passed("platform", "payments"), "carol", base=None)

    assert violation.severity is Severity.ERROR
    assert violation.hint == "let somebody else ask for it, who does not gain by it"


def test_a_team_without_a_deputy_is_not_answered_for_by_an_author_whom_nobody_knows() -> None:
    assert _take(_passed("platform", "settlement"), None, base=OWNERS) == []


def test_an_owner_who_stays_gains_nothing_where_the_base_cannot_be_read() -> None:
    assert _take(_passed("payments", "payments"), "alice", base=None) == []


@pytest.mark.parametrize("old", [None, "archive", "bob", "nobody"])
def test_what_nobody_answers_for_may_be_taken_in_and_is_to_be_seen(old: str | None) -> None:
    (violation,) = _take(_passed(old, "platform"), "carol", base=OWNERS)

    assert violation.severity is Severity.WARNING


def test_an_owner_who_could_not_be_read_is_not_known_to_have_changed() -> None:
    unread = sample(owner=None, unreadable=frozenset({"owner"}))

    assert _take(change_of(unread, sample()), "alice", base=OWNERS) == []
    assert _take(change_of(sample(), unread), "alice", base=OWNERS) == []


@pytest.mark.parametrize("change", [change_of(None, sample()), change_of(sample(), None), _passed("payments", None)])
def test_where_no_owner_follows_another_nothing_is_taken(change: ManifestChange) -> None:
    assert _take(change, "alice", base=OWNERS) == []


def test_a_person_is_known_by_name_login_and_address_in_whatever_case() -> None:
    for text in ("alice", "ALICE", "Alice-Acme", "alice@ACME.example"):
        assert person_named(text, OWNERS) is OWNERS.people["alice"]
    assert person_named("alice@evil.example", OWNERS) is None
    assert person_named("payments", OWNERS) is None


def test_a_name_is_never_hidden_by_the_login_of_somebody_else() -> None:
    mallory = Person("mallory", "alice", 1666, "mallory@acme.example")
    owners = Owners(people={**OWNERS.people, "mallory": mallory})

    assert person_named("alice", owners) is OWNERS.people["alice"]


def test_people_of_another_organisation_are_looked_up_in_their_own() -> None:
    other = Owners(people={"zoe": Person("zoe", "zoe-acme", 2001, "zoe@acme.example")})

    assert person_named("zoe", OWNERS) is None
    assert person_named("zoe", other) is other.people["zoe"]
    assert person_named("alice", other) is None
    assert [team.name for team in teams_of("heidi", OWNERS)] == ["vaults"]
    assert teams_of("heidi", other) == ()


@pytest.mark.parametrize(
    ("person", "owner", "is_answering", "is_part"),
    [
        ("alice", "alice", True, True),
        ("alice", "payments", True, True),
        ("carol", "payments", True, True),
        ("bob", "payments", False, True),
        ("erin", "payments", False, False),
        ("alice", "nobody", False, False),
        ("payments", "payments", False, False),
    ],
)
def test_the_accountable_person_and_the_deputy_answer_and_members_take_part(
    person: str, owner: str, *, is_answering: bool, is_part: bool
) -> None:
    assert answers(person, owner, OWNERS) is is_answering
    assert belongs(person, owner, OWNERS) is is_part


def test_a_copied_purpose_names_another_identity_and_how_many_there_are() -> None:
    purposes = ["the same", "its own", "The same!", "the same"]
    stack = [
        Neighbour(f"identities/prod/{n}.yaml", f"prod/{n}", facts_of(sample(purpose=text)))
        for n, text in enumerate(purposes)
    ]

    found = {one.identity: violation.message for one, violation in COPIED.rule.check(stack)}

    assert found == {
        "prod/0": "the purpose is that of 'prod/2', and of 1 more, word for word",
        "prod/2": "the purpose is that of 'prod/0', and of 1 more, word for word",
        "prod/3": "the purpose is that of 'prod/0', and of 1 more, word for word",
    }


def test_a_purpose_copied_once_names_the_one_other() -> None:
    stack = [Neighbour(f"{n}.yaml", f"prod/{n}", facts_of(sample())) for n in range(2)]

    assert [violation.message for _, violation in COPIED.rule.check(stack)] == [
        "the purpose is that of 'prod/1', word for word",
        "the purpose is that of 'prod/0', word for word",
    ]
