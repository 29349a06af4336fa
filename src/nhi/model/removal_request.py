"""What a pull request that removes expired identities tells the people who look at it."""

from dataclasses import dataclass
from datetime import datetime

from nhi.model.identity import Identity
from nhi.model.usage import LastUse
from nhi.model.verification import CouldNotTell


@dataclass(frozen=True, slots=True)
class Written:
    """The commit that brought an expiry into the branch that changes are merged into."""

    commit: str
    at: datetime
    """The committer's date: of a pull request merged on a forge, the forge's clock."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Something in the cloud that goes with an identity."""

    type: str
    """`role`, `user`, `secret`, `event rule`."""
    name: str


@dataclass(frozen=True, slots=True)
class RequestedRemoval:
    """One identity that a pull request removes."""

    identity: Identity
    end: Written | None
    """Who approved its end: the commit that wrote the expiry. None where this clone's history does not show it."""
    last_use: LastUse | None
    """None where nobody asked the cloud."""
    destroyed: tuple[Resource, ...] | CouldNotTell
    """Empty where it stands on a system without an API."""
