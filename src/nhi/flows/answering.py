"""Who is told of an owner's identities, and who is asked about them, by their GitHub logins."""

from datetime import datetime

from nhi.manifest.ground import Ground
from nhi.model.moment import Moment
from nhi.model.owners import Owners, Person, Team
from nhi.policy.people import is_there, stand_in, who_is_there

MOST_REVIEWERS = 15
"""https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/requesting-a-pull-request-review"""


def told_instead(owner: str | None, ground: Ground, at: datetime) -> str:
    """The owner, or the security team where the owner is not known or nobody of it is there."""
    there = owner is not None and bool(_there(owner, ground.owners, at))
    return owner if owner is not None and there else ground.settings.security_team


def assignees(owner: str, owners: Owners, at: datetime) -> tuple[str, ...]:
    """Logins of the accountable person and the deputy, or of the person; without who has left."""
    match owners.find(owner):
        case Team() as team:
            names = [name for name in (team.accountable, stand_in(team)) if is_there(name, owners, Moment(at))]
            return tuple(owners.people[name].github for name in names if name is not None)
        case Person() | None:
            return _there(owner, owners, at)


def reviewers(owner: str, ground: Ground, at: datetime) -> tuple[str, ...]:
    """Logins of those who are asked for a review: accountable, deputy, then members; or else the security team's."""
    return _there(told_instead(owner, ground, at), ground.owners, at)[:MOST_REVIEWERS]


def _there(owner: str, owners: Owners, at: datetime) -> tuple[str, ...]:
    match owners.find(owner):
        case Team() as team:
            return tuple(owners.people[name].github for name in who_is_there(team, owners, Moment(at)))
        case Person() as person if is_there(person.name, owners, Moment(at)):
            return (person.github,)
        case _:
            return ()
