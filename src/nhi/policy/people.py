"""Who of identities/owners.yaml is there at a moment, who answers for what, and which person a text names."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Generic, TypeVar

from nhi.model.moment import Moment
from nhi.model.owners import Owners, Person, Team
from nhi.policy.wording import quoted_name

_Kept = TypeVar("_Kept", Person, Team)


def is_there(name: str | None, owners: Owners, now: Moment) -> bool:
    """Whether this person is known and has not left."""
    person = None if name is None else owners.people.get(name)
    return person is not None and (person.left is None or not now.reached(person.left))


def stand_in(team: Team) -> str | None:
    """The deputy. Somebody who would stand in for themselves is none."""
    return None if team.deputy == team.accountable else team.deputy


def who_is_there(team: Team, owners: Owners, now: Moment) -> Iterator[str]:
    """The people of a team who have not left, each once. Lazy: to know that there are two, two are asked for."""
    seen: set[str] = set()
    for name in chain((team.accountable, team.deputy), team.members):
        if name is not None and name not in seen:
            seen.add(name)
            if is_there(name, owners, now):
                yield name


def the_only_one(team: Team, owners: Owners, now: Moment) -> str | None:
    """The person who is left of a team, or None where there are more, or none."""
    if is_there(team.accountable, owners, now) and is_there(stand_in(team), owners, now):
        return None
    some = tuple(islice(who_is_there(team, owners, now), 2))
    return some[0] if len(some) == 1 else None


def teams_of(person: str, owners: Owners) -> Sequence[Team]:
    """The teams that the person is part of."""
    return _by_member(_Same(owners.teams)).get(person, ())


def answers(person: str, owner: str, owners: Owners) -> bool:
    """Whether the person answers for what `owner` owns: is it, or is its accountable person or deputy."""
    team = owners.teams.get(owner)
    return person == owner if team is None else person in (team.accountable, team.deputy)


def belongs(person: str, owner: str, owners: Owners) -> bool:
    """Whether the person is this owner, or part of the team that is."""
    team = owners.teams.get(owner)
    return answers(person, owner, owners) or (team is not None and person in team.members)


def absence(name: str, owners: Owners) -> str:
    """Why somebody is not there: "'bob' left on 2026-10-31"."""
    person = owners.people.get(name)
    if person is None or person.left is None:
        return f"{quoted_name(name)} is not one of the people of identities/owners.yaml"
    return f"{quoted_name(name)} left on {person.left.date().isoformat()}"


def person_named(text: str, owners: Owners) -> Person | None:
    """The person whose name in owners.yaml, GitHub login or e-mail address the text is, in whatever case."""
    return _by_alias(_Same(owners.people)).get(text.casefold())


class _Same(Generic[_Kept]):
    """People or teams as a key: equal to itself only. So what is looked up in them is sorted once, not each time."""

    __slots__ = ("kept",)

    def __init__(self, kept: Mapping[str, _Kept]) -> None:
        self.kept: Mapping[str, _Kept] = kept

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.kept is other.kept

    def __hash__(self) -> int:
        return id(self.kept)


@lru_cache(maxsize=4)
def _by_alias(people: _Same[Person]) -> Mapping[str, Person]:
    everyone = people.kept.values()
    # The names last: a name in owners.yaml is never hidden by somebody else's login.
    return {alias.casefold(): one for one in everyone for alias in (one.email, one.github)} | {
        one.name.casefold(): one for one in everyone
    }


@lru_cache(maxsize=4)
def _by_member(teams: _Same[Team]) -> Mapping[str, Sequence[Team]]:
    found: dict[str, list[Team]] = {}
    for team in teams.kept.values():
        for name in {team.accountable, team.deputy or team.accountable, *team.members}:
            found.setdefault(name, []).append(team)
    return found
