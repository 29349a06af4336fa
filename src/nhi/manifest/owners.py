"""identities/owners.yaml to people and teams."""

from typing import Any

from nhi.manifest.configuration import Configuration, read_configuration
from nhi.manifest.place import OWNERS
from nhi.manifest.schema import packaged
from nhi.model.owners import Owners, Person, Team
from nhi.model.source import SourceFile


def read_owners(file: SourceFile | None) -> Owners:
    """The owners that the file declares.

    Raises:
        InputError: there is no such file, or it is not valid; the message names each place.
    """
    source = read_configuration(file, OWNERS, packaged("owners"), "people and teams who own identities")
    people: dict[str, Any] = source.values.get("people", {})
    teams: dict[str, Any] = source.values.get("teams", {})
    _check_references(source, people, teams)
    owners = Owners(
        people={
            name: Person(
                name,
                one["github"],
                one["github_id"],
                one["email"],
                source.instant(one.get("left"), ("people", name, "left")),
            )
            for name, one in people.items()
        },
        teams={
            name: Team(name, one["accountable"], one.get("deputy"), tuple(one["members"]))
            for name, one in teams.items()
        },
    )
    source.stop_on_errors()
    return owners


def _check_references(source: Configuration, people: dict[str, Any], teams: dict[str, Any]) -> None:
    for key in ("github", "github_id"):
        known: dict[str, str] = {}
        for name, person in people.items():
            first = known.setdefault(str(person[key]).lower(), name)
            if first != name:
                source.error(("people", name, key), f"{first!r} has the same {key}: one account is one person")
    for name, team in teams.items():
        if name in people:
            source.error(("teams", name), f"{name!r} is a person and a team: an owner must be one of them")
        named = [("accountable", team["accountable"]), ("deputy", team.get("deputy"))]
        for key, person in named:
            if person is not None and person not in people:
                source.error(("teams", name, key), f"{person!r} is not one of the people")
        for index, person in enumerate(team["members"]):
            if person not in people:
                source.error(("teams", name, "members", index), f"{person!r} is not one of the people")
