"""Whether one removal is proven: what Git, the cloud's own record and independent looks say, held against each other.

Pure: no clock, no cloud. The four times (due, merged, removed, seen to be gone) come from four sources, and none stands
in for another: a merged pull request is no removal, and a removal that nobody saw is not verified.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from nhi.model.plan import PrincipalType
from nhi.model.removal import Doubt, Look, RemovalProof, Removed
from nhi.model.trail import Trail, TrailEvent, same_principal
from nhi.model.verification import Absent, CouldNotTell, Present

_TYPES = {"AROA": PrincipalType.ROLE, "AIDA": PrincipalType.USER}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes"""
_LOOKS = 2
"""Seen to be gone once can be a listing that lags behind; the second look is a later one."""
_LATE_EVENTS = timedelta(minutes=15)
"""https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html"""
_ALWAYS, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Leaving:
    """An identity that Git removed, and what was declared of it."""

    identity: str
    """`<stack>/<name>`."""
    expiry: datetime | None
    """None where its last manifest says none that can be read."""
    merged: datetime | None
    merge_commit: str | None
    unique_id: str | None
    """IAM's own id, where the apply that removed it recorded one."""
    allowed: timedelta
    """From when it is due to when it must be removed."""
    again: bool = False
    """Whether a manifest declares the same name again."""
    types: frozenset[PrincipalType] = frozenset(PrincipalType)
    """What stood for it: a role and a user can have one name. Both where that is not known."""

    @property
    def due(self) -> datetime | None:
        """When its access was to end."""
        return min((one for one in (self.expiry, self.merged) if one is not None), default=None)

    @property
    def deadline(self) -> datetime | None:
        """Until when it had to be removed."""
        return None if self.due is None else _later(self.due, self.allowed)


@dataclass(frozen=True, slots=True)
class Ending:
    """What the cloud's own record says of the end of an identity."""

    unique_id: str | None
    removed: Removed | None
    heir: datetime | None
    """When something else was made under its name, after it."""
    traces: bool
    """Whether anything was made or removed under its name at all."""


@dataclass(frozen=True, slots=True)
class _Life:
    """What stood under a name from one creation to the deletion after it."""

    made: TrailEvent | None
    """None where it was made before the record begins."""
    end: TrailEvent | None
    """None where the record has no deletion of it: not yet, or it went on under another name."""

    @property
    def began(self) -> datetime:
        return _ALWAYS if self.made is None else self.made.at


def type_of(unique_id: str) -> PrincipalType | None:
    """Whether an id of IAM's own is a role's or a user's; None where it is neither's."""
    return _TYPES.get(unique_id[:4])


def ending(leaving: Leaving, record: Trail | CouldNotTell) -> Ending:
    """What a record says of the life that a removal ended.

    Without IAM's own id, the last that was made before the removal was merged is meant: what is made later under the
    same name is another identity.
    """
    events = () if isinstance(record, CouldNotTell) else record.events
    lives = sorted(_lives(events, leaving), key=lambda one: one.began)
    life = _meant(lives, leaving)
    if life is None:
        return Ending(leaving.unique_id, None, None, bool(lives))
    end = life.end
    return Ending(
        unique_id=leaving.unique_id or (life.made.unique_id if life.made else None),
        removed=Removed(end.at, end.actor, end.action, end.id) if end else None,
        heir=next((one.began for one in lives if one.began > life.began), None),
        traces=True,
    )


def prove(
    leaving: Leaving, record: Trail | CouldNotTell, uses: Trail | CouldNotTell, looks: Sequence[Look]
) -> RemovalProof:
    """The proof of one removal, with every reason to doubt it.

    Args:
        leaving: the identity.
        record: what the cloud recorded about everything of its name.
        uses: the calls that the cloud recorded as made by it, and the sessions of it, at least from when it was due or
            removed on.
        looks: at the cloud, oldest first.
    """
    end = ending(leaving, record)
    due, deadline = leaving.due, leaving.deadline
    used = () if isinstance(uses, CouldNotTell) else tuple(_too_late(uses.events, due, end.removed))
    doubts = {
        *_doubts_of_git(leaving),
        *_doubts_of_record(record, uses, end, due),
        *_doubts_of_looks(looks, end),
        *_doubts_of_time(deadline, end, looks),
        *(_doubt_of_use(one, end.removed) for one in used),
    }
    answers = (record, uses, *(answer for look in looks for answer in (look.by, look.answer)))
    unknown = [one.reason for one in answers if isinstance(one, CouldNotTell)]
    return RemovalProof(
        identity=leaving.identity,
        unique_id=end.unique_id,
        due=due,
        deadline=deadline,
        merged=leaving.merged,
        merge_commit=leaving.merge_commit,
        removed=end.removed,
        record=None if isinstance(record, CouldNotTell) else (record.since, record.until),
        open_until=_open_until(due, end.removed, [one for one in (record, uses) if isinstance(one, Trail)]),
        looks=tuple(looks),
        uses=used,
        unknown=tuple(dict.fromkeys(unknown)),
        doubts=tuple(sorted(doubts)),
    )


def _open_until(due: datetime | None, removed: Removed | None, trails: Sequence[Trail]) -> datetime | None:
    """When all that happened up to the end of it is surely recorded, where that is after what was read."""
    last = max((one for one in (due, removed.at if removed else None) if one is not None), default=None)
    if last is None or not trails:
        return None
    settled = _later(last, _LATE_EVENTS)
    return settled if settled > min(one.until for one in trails) else None


def _meant(lives: Sequence[_Life], leaving: Leaving) -> _Life | None:
    if leaving.unique_id is not None:
        named = next((one for one in lives if one.made and one.made.unique_id == leaving.unique_id), None)
        return named or next((one for one in lives if one.made is None), None)
    merged = leaving.merged
    possible = [one for one in lives if merged is None or one.began <= merged]
    # What no deletion ended before something else got its name was renamed: it may live on.
    return next((one for one in possible if one.end is None), possible[-1] if possible else None)


def _lives(events: Sequence[TrailEvent], leaving: Leaving) -> Iterator[_Life]:
    """Every life of its name. A role and a user can have the same one."""
    name = leaving.identity.partition("/")[2].lower()
    about = [one for one in events if one.error is None and _is_about(one, name)]
    known = type_of(leaving.unique_id or "")
    for kind in [known] if known else sorted(leaving.types):
        turns = {f"iam:{verb}{kind.value.title()}" for verb in ("Create", "Delete")}
        yield from _lives_of([one for one in about if one.action in turns or _leaves(one, kind, name)])


def _leaves(event: TrailEvent, kind: PrincipalType, name: str) -> bool:
    """Whether a user goes on under another name."""
    return kind is PrincipalType.USER and event.renamed is not None and event.renamed.lower() != name


def _lives_of(events: Iterable[TrailEvent]) -> Iterator[_Life]:
    """Every life, oldest first. The record may begin within one, and its end may lack in it."""
    made: TrailEvent | None = None
    alive = True
    for event in _in_turn(events):
        if _is_making(event):
            if made is not None:
                yield _Life(made, None)
            made, alive = event, True
        elif alive:
            yield _Life(made, None if event.renamed else event)
            made, alive = None, False
    if made is not None:
        yield _Life(made, None)


def _in_turn(events: Iterable[TrailEvent]) -> Iterator[TrailEvent]:
    """The events, oldest first. The record counts in seconds, and one is enough to remove something and make it anew.

    Nothing is made where something stands. Whether something stood before the record begins, the next second tells.
    """
    seconds = [list(same_second) for _, same_second in groupby(events, key=lambda one: one.at)]
    stands = len(seconds) > 1 and not _is_making(seconds[1][0])
    for same_second in seconds:
        in_turn = sorted(same_second, key=_is_making, reverse=not stands)
        stands = _is_making(in_turn[-1])
        yield from in_turn


def _is_making(event: TrailEvent) -> bool:
    return event.action.startswith("iam:Create")


def _is_about(event: TrailEvent, name: str) -> bool:
    """Names of IAM are unique ignoring case; `name` is in lower case."""
    return any(one.rpartition("/")[2].lower() == name for one in event.resources)


def _later(moment: datetime, span: timedelta) -> datetime:
    """A manifest's expiry can be the last day of the calendar."""
    return moment + span if moment <= _NEVER - span else _NEVER


def _doubts_of_git(leaving: Leaving) -> Iterator[Doubt]:
    if leaving.merged is None:
        yield Doubt.NOT_MERGED
    if leaving.expiry is None:
        yield Doubt.EXPIRY_UNKNOWN
    if leaving.again:
        yield Doubt.DECLARED_AGAIN


def _doubts_of_record(
    record: Trail | CouldNotTell, uses: Trail | CouldNotTell, end: Ending, due: datetime | None
) -> Iterator[Doubt]:
    if isinstance(record, CouldNotTell) or isinstance(uses, CouldNotTell):
        yield Doubt.COULD_NOT_TELL
    ended = [one for one in (due, end.removed.at if end.removed else None) if one is not None]
    if ended and any(isinstance(one, Trail) and one.since > min(ended) for one in (record, uses)):
        yield Doubt.RECORD_TOO_SHORT
    if isinstance(record, Trail) and not end.traces and end.unique_id is None:
        yield Doubt.NOTHING_RECORDED
        return
    if isinstance(record, Trail) and end.removed is None:
        yield Doubt.NO_REMOVAL_EVENT
    if end.unique_id is None:
        yield Doubt.UNIQUE_ID_UNKNOWN


def _doubts_of_looks(looks: Sequence[Look], end: Ending) -> Iterator[Doubt]:
    gone = 0
    for look in looks:
        match look.answer:
            case _ if end.unique_id is not None and end.unique_id in look.standing:
                yield Doubt.STILL_THERE  # also under another name: a user can be renamed
            case Absent():
                gone += 1
            case CouldNotTell():
                yield Doubt.COULD_NOT_TELL
            case Present():
                another = bool(look.standing) and end.unique_id is not None
                yield Doubt.ANOTHER_IDENTITY if another else Doubt.STILL_THERE
                gone += another
        if isinstance(look.by, CouldNotTell):
            yield Doubt.COULD_NOT_TELL
        elif end.removed is not None and same_principal(look.by, end.removed.by):
            yield Doubt.SAME_CREDENTIAL
    if gone < _LOOKS:
        yield Doubt.LOOKED_ONCE


def _doubts_of_time(deadline: datetime | None, end: Ending, looks: Sequence[Look]) -> Iterator[Doubt]:
    until = end.removed.at if end.removed else max((one.at for one in looks), default=None)
    if deadline is not None and until is not None and until > deadline:
        yield Doubt.LATE


def _too_late(events: Iterable[TrailEvent], due: datetime | None, removed: Removed | None) -> Iterator[TrailEvent]:
    for event in events:
        if (due is not None and event.at >= due) or (removed is not None and event.at > removed.at):
            yield event


def _doubt_of_use(event: TrailEvent, removed: Removed | None) -> Doubt:
    return Doubt.USED_AFTER_REMOVAL if removed is not None and event.at > removed.at else Doubt.USED_AFTER_DUE
