"""Whose approval a change needs: from its risk, and from who answers for its identities at the base of the change.

Who asks never counts. What is needed is never less because somebody is missing: where a team has too few people left,
the requirement stays, and says so. A team that is owner and security at once is asked once, for the larger number.
"""

from collections.abc import Iterator, Sequence

from nhi.model.approval import Requirement
from nhi.model.change import Change, ManifestChange
from nhi.model.moment import Moment
from nhi.model.owners import Owners
from nhi.model.risk import Assessment, Risk
from nhi.model.settings import Quorum, Settings
from nhi.policy.control_plane import is_control_plane
from nhi.policy.people import is_there, who_is_there


def approvals_needed(
    change: Change, risks: Sequence[Assessment], owners: Owners, settings: Settings, now: Moment
) -> tuple[Requirement, ...]:
    """The requirements of a change, sorted by who.

    `risks` are those of `change.manifests`, in their order; owners and settings are those of the base.
    """
    asked: dict[str, tuple[int, list[str]]] = {}
    for who, count, reason in _asked(change, risks, owners, settings):
        if count > 0:
            most, reasons = asked.get(who, (0, []))
            asked[who] = (max(most, count), [*reasons, reason])
    return tuple(
        Requirement(who, count, _candidates(who, change.author, owners, now), tuple(dict.fromkeys(reasons)))
        for who, (count, reasons) in sorted(asked.items())
    )


def _asked(
    change: Change, risks: Sequence[Assessment], owners: Owners, settings: Settings
) -> Iterator[tuple[str, int, str]]:
    for one, assessed in zip(change.manifests, risks, strict=True):
        quorum: Quorum = getattr(settings.approvals, assessed.risk.word)
        reason = f"{one.identity} is of {assessed.risk.word} risk"
        answering = _answering(one, owners)
        for owner in answering:
            yield owner, quorum.owners, reason
        judged = max(quorum.security, 1) if not answering or _is_orphan(one, owners) else quorum.security
        yield settings.security_team, judged, reason
    control = [one.path for one in change.paths if is_control_plane(one.path)]
    if control:
        quorum = getattr(settings.approvals, Risk.HIGH.word)
        more = f" and {len(control) - 1} more" if len(control) > 1 else ""
        yield settings.security_team, max(quorum.security, 1), f"{control[0]}{more} governs identities"


def _answering(one: ManifestChange, owners: Owners) -> Sequence[str]:
    """Who answered before and who will; where the base knows nobody of them, it is for the security team to judge."""
    named = [side.owner for side in (one.before, one.after) if side is not None and side.owner is not None]
    return [name for name in dict.fromkeys(named) if owners.find(name) is not None]


def _is_orphan(one: ManifestChange, owners: Owners) -> bool:
    """Whether nobody answers for it at the base: whoever takes it over does not judge that alone."""
    before = one.before
    return before is not None and (before.owner is None or owners.find(before.owner) is None)


def _candidates(who: str, author: str | None, owners: Owners, now: Moment) -> tuple[str, ...]:
    team = owners.teams.get(who)
    people = who_is_there(team, owners, now) if team else [who] if is_there(who, owners, now) else []
    return tuple(sorted(name for name in people if name != author))
