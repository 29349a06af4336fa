"""The emergency lane: short access for a named incident, approved by security alone, and by everybody else afterwards.

It waives who has to approve now, never what the gate finds.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nhi.model.approval import Requirement
from nhi.model.change import Change, ManifestChange
from nhi.model.instant import format_instant
from nhi.model.moment import Moment
from nhi.model.owners import Owners
from nhi.model.risk import Assessment, Risk
from nhi.model.settings import Quorum, Settings
from nhi.policy.approvals import approvals_needed
from nhi.policy.control_plane import is_control_plane
from nhi.policy.wording import listed, quoted_name

INCIDENT_LINE = "Incident: INC-77"
"""How a pull request names its incident, on a line of its own."""
_INCIDENT = re.compile(
    r"^[ \t]{0,3}incident:[ \t]{0,20}([a-z][a-z0-9]{0,19}-[0-9]{1,12})[ \t]{0,20}\r?$",
    re.ASCII | re.IGNORECASE | re.MULTILINE,
)
_SHOWN = 10
_MOST_OF_A_BODY = 65_536
"""GitHub takes no longer one."""


def incidents_named(body: str) -> tuple[str, ...]:
    """The incidents that the body of a pull request names, each once, in upper case."""
    return tuple(dict.fromkeys(one.upper() for one in _INCIDENT.findall(body[:_MOST_OF_A_BODY])))


@dataclass(frozen=True, slots=True)
class Claim:
    """A pull request that wants to be an emergency."""

    body: str
    change: Change
    strange: tuple[str, ...]
    """Changed paths that are no manifests."""
    unreadable: tuple[str, ...]
    """Changed manifests that cannot be read."""
    at: datetime
    """The moment of the merge; now, while it is not merged."""


def lane_problems(claim: Claim, settings: Settings) -> tuple[str, ...]:
    """Why a change is none for the emergency lane; empty where it is one."""
    found = list(_problems(claim, settings))
    more = len(found) - _SHOWN
    return (*found[:_SHOWN], *((f"and {more} more",) if more > 0 else ()))


def needed_at_once(change: Change, owners: Owners, settings: Settings, now: Moment) -> tuple[Requirement, ...]:
    """Whose approval an emergency change needs before it is merged: never nobody's."""
    quorum = settings.approvals.emergency
    least = Quorum(quorum.owners, max(quorum.security, 1))
    stricter = replace(settings, approvals=replace(settings.approvals, emergency=least))
    risks = [Assessment(Risk.EMERGENCY, ()) for _ in change.manifests]
    return approvals_needed(change, risks, owners, stricter, now)


def waived(usual: Sequence[Requirement], at_once: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """Those of the usual requirements that are not all met by meeting the ones of an emergency."""
    asked = {one.who: one.count for one in at_once}
    return tuple(one for one in usual if asked.get(one.who, 0) < one.count)


def _problems(claim: Claim, settings: Settings) -> Iterator[str]:
    match incidents_named(claim.body):
        case (_,):
            pass
        case ():
            yield f"no incident is named: write a line such as `{INCIDENT_LINE}` into the description"
        case several:
            yield f"several incidents are named, {listed(several)}: leave the one that it is for"
    for path in claim.strange:
        what = "governs identities" if is_control_plane(path) else "is no manifest"
        yield f"{quoted_name(path)} {what}: change it in a pull request of its own"
    for path in claim.unreadable:
        yield f"{quoted_name(path)} cannot be read"
    if not claim.change.manifests:
        yield "no identity changes"
    latest = claim.at + timedelta(days=settings.lifetimes.emergency)
    for one in claim.change.manifests:
        yield from _of(one, latest)


def _of(one: ManifestChange, latest: datetime) -> Iterator[str]:
    name = quoted_name(one.identity)
    before, after = one.before, one.after
    if after is None:
        yield f"{name} is removed: no emergency needs that; `nhi suspend` ends its access"
        return
    if after.expiry is None:
        yield f"{name} has no expiry that can be read"
    elif after.expiry > latest:
        yield (
            f"{name} ends at {format_instant(after.expiry)}: in an emergency "
            f"at {format_instant(latest)} at the latest (`lifetimes.emergency`)"
        )
    if before is not None and ("hold" in before.unreadable or (before.hold is not None and before.hold != after.hold)):
        yield f"the hold of {name} is lifted or changed: no emergency needs that"
    if set(after.exceptions) - set(before.exceptions if before is not None else ()):
        yield f"{name} has a new accepted exception: in an emergency the gate finds what it always finds"
