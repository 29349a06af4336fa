"""People and teams: who can own an identity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can own an identity or be part of a team."""

    name: str
    github: str
    github_id: int
    email: str
    left: datetime | None = None
    """When the person left the organisation, or will."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team that can own an identity: one accountable person, a deputy, members (names of people)."""

    name: str
    accountable: str
    deputy: str | None
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owners:
    """Everything that `identities/owners.yaml` declares. Names of people and teams are distinct."""

    people: Mapping[str, Person] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)

    def find(self, name: str) -> Person | Team | None:
        """The person or the team of this name, or None."""
        return self.people.get(name) or self.teams.get(name)
