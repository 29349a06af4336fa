"""Which identities are due for removal at a moment.

Pure: no file, no clock. The expiry alone decides: a suspended identity expires as any other. The cloud has ended the
access by then; what is due is the removal of what remains.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from nhi.model.declared import DeclaredIdentity
from nhi.model.identity import Hold
from nhi.model.moment import Moment


@dataclass(frozen=True, slots=True)
class Held:
    """An identity that is due, and that a hold keeps."""

    declared: DeclaredIdentity
    hold: Hold
    review_reached: bool
    """Whether the hold should have been looked at again by now. It holds even so, until the manifest drops it."""


@dataclass(frozen=True, slots=True)
class Due:
    """What has reached its expiry."""

    removable: tuple[DeclaredIdentity, ...]
    held: tuple[Held, ...]


def due_for_removal(identities: Iterable[DeclaredIdentity], now: Moment) -> Due:
    """The identities whose expiry is now or past, each list sorted by id and path."""
    reached = sorted(
        (one for one in identities if now.reached(one.identity.expiry)),
        key=lambda one: (one.identity.id, one.identity.path),
    )
    return Due(
        removable=tuple(one for one in reached if one.identity.hold is None),
        held=tuple(Held(one, hold, now.reached(hold.review)) for one in reached if (hold := one.identity.hold)),
    )
