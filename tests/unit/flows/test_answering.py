"""Who is told and who is asked, by their logins."""

from dataclasses import replace

import pytest
from tests.fixtures.manifests import AS_OF, GROUND

from nhi.flows.answering import MOST_REVIEWERS, assignees, reviewers, told_instead
from nhi.model.owners import Owners, Person, Team


@pytest.mark.parametrize(
    ("owner", "told"),
    [("payments", "payments"), ("alice", "alice"), ("bob", "security"), ("nobody", "security"), (None, "security")],
)
def test_who_has_left_or_is_not_known_is_told_by_the_security_team(owner: str | None, told: str) -> None:
    assert told_instead(owner, GROUND, AS_OF) == told


@pytest.mark.parametrize(
    ("owner", "logins"),
    [("payments", ("alice-acme", "carol-acme")), ("alice", ("alice-acme",)), ("bob", ()), ("nobody", ())],
)
def test_accountable_and_deputy_are_assigned(owner: str, logins: tuple[str, ...]) -> None:
    assert assignees(owner, GROUND.owners, AS_OF) == logins


def test_reviewers_are_those_of_the_owner_or_else_of_the_security_team() -> None:
    assert reviewers("payments", GROUND, AS_OF) == ("alice-acme", "carol-acme")
    assert reviewers("bob", GROUND, AS_OF) == ("carol-acme",)


def test_a_large_team_is_asked_in_part_accountable_and_deputy_first() -> None:
    people = {f"p{one}": Person(f"p{one}", f"login-{one}", one, f"p{one}@acme.example") for one in range(40)}
    team = Team("large", "p39", "p38", tuple(people))
    ground = replace(GROUND, owners=Owners(people, {"large": team}))
    found = reviewers("large", ground, AS_OF)
    assert found[:3] == ("login-39", "login-38", "login-0")
    assert len(found) == MOST_REVIEWERS
