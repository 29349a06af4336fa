"""Which step of its rotation an identity's key is due for, and whether the keys in the cloud allow it.

Pure: it decides, and touches nothing. A key that was used in the last day is neither switched off nor deleted, nor one
of which the cloud could not tell. No step touches anything but `scope.credential`: a rotation never moves an expiry.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import cast

from nhi.lifecycle.branch import DIGEST_LETTERS, branch_part
from nhi.lifecycle.message import plain
from nhi.model.declared import DeclaredIdentity
from nhi.model.edit import DropKey, KeyEdit, SetKey
from nhi.model.identity import Identity, Json
from nhi.model.instant import NotAnInstant, format_instant, parse_instant
from nhi.model.rotation import LiveKey, Proposed, Resting, Step, Stopped, Turn
from nhi.model.settings import Limits
from nhi.model.usage import NoUseSeen, Used
from nhi.model.verification import CouldNotTell

BRANCHES = "nhi/rotate/"
"""Every branch of a rotation starts so."""
RECENT = timedelta(days=1)
"""A key that was used less than this ago is in use."""
_CREDENTIAL = ("scope", "credential")
_PREVIOUS = (*_CREDENTIAL, "previous")
_TWO = 2
_TOGETHER = timedelta(minutes=10)
"""One apply makes two keys in whatever order, and one right after the other."""


@dataclass(frozen=True, slots=True)
class Turns:
    """The next steps of all identities: each that has a key to rotate is in one of the four lists."""

    due: tuple[Turn, ...]
    """The longest due first."""
    waiting: tuple[Turn, ...]
    resting: tuple[Resting, ...]
    stopped: tuple[Stopped, ...]


def next_turns(
    identities: Iterable[DeclaredIdentity], rotating: Container[str], now: datetime, limits: Limits
) -> Turns:
    """The next step of each identity whose kind is one of `rotating` and that has a credential."""
    due, waiting, resting, stopped = [], [], [], []
    for one in sorted(identities, key=lambda one: one.identity.id):
        if one.identity.kind not in rotating or one.identity.scope.get("credential") is None:
            continue
        match _turn(one, limits):
            case Turn() as turn if turn.due > now:
                waiting.append(turn)
            case Turn() as turn:
                reason = _rest(one.identity, now)
                if reason is None:
                    due.append(turn)
                else:
                    resting.append(Resting(turn, reason))
            case reason:
                stopped.append(Stopped(one, None, reason))
    due.sort(key=lambda turn: turn.due)
    return Turns(tuple(due), tuple(waiting), tuple(resting), tuple(stopped))


def guarded(turn: Turn, keys: tuple[LiveKey, ...] | CouldNotTell, now: datetime) -> Turn | Stopped:
    """The step, if the keys in the cloud allow it; later than now where the new key is younger than the manifest says.

    What is switched off or deleted must be the older one of two keys, and nobody may have used it in the last day.
    """
    if isinstance(keys, CouldNotTell):
        return _stop(turn, f"could not tell whether the old key is in use: {keys.reason}", unknown=True)
    if len(keys) != len({key.created for key in keys}) or len(keys) != _TWO:
        count = f"{len(keys)} key{'' if len(keys) == 1 else 's'}"
        return _stop(turn, f"the cloud has {count}, not one old and one new key: apply the stack, or mend it by hand")
    old, new = sorted(keys, key=lambda key: key.created)
    if new.created - old.created < _TOGETHER:
        what = f"{old.id} and {new.id} were made together, so the cloud does not tell which is the old one"
        return _stop(turn, f"{what}: take `previous` out of the manifest by hand, once nobody uses that key")
    if not new.active:
        return _stop(turn, f"the new key {new.id} is switched off, so nobody can have moved to it")
    if turn.step is Step.DROP and old.active:
        return _stop(turn, f"the old key {old.id} is still switched on: apply the stack first")
    waits = turn.overlap * (_TWO if turn.step is Step.DROP else 1)
    turn = replace(turn, due=max(turn.due, new.created + waits))
    return (_in_use(turn, old, new, now) or turn) if turn.due <= now else turn


def propose(turn: Turn, rotated: str) -> Proposed:
    """The step as a branch. `rotated` is what a new key's `rotated` says: see `day_of_rotation`."""
    identity = turn.declared.identity
    digest = sha256(f"{turn.step} {turn.declared.sha256} {identity.path!a}".encode()).hexdigest()
    return Proposed(
        turn=turn,
        branch=f"{branches_of(identity.stack)}{branch_part(identity.name)}/{digest[:DIGEST_LETTERS]}",
        edits=_edits(turn, rotated),
        message=_message(turn, digest),
    )


def branches_of(stack: str) -> str:
    """How the branches of a stack's rotations start."""
    return f"{BRANCHES}{branch_part(stack)}/"


def day_of_rotation(turn: Turn, now: datetime) -> str:
    """What the manifest is to say: today's date, or the very second where the old key is of today as well."""
    day = now.date().isoformat()
    return day if parse_instant(day) > turn.rotated else format_instant(now)


def in_time(turn: Turn, rotated: datetime, now: datetime) -> bool:
    """Whether a new key of which the manifest says `rotated` would still overlap with the old one for a while."""
    return turn.rotated < rotated <= now < rotated + turn.overlap


def _turn(declared: DeclaredIdentity, limits: Limits) -> Turn | str:
    """The next step, or why it cannot be told."""
    found = declared.identity.scope["credential"]
    credential = found if isinstance(found, dict) else {}
    rotated, every = _instant(credential.get("rotated")), credential.get("rotate_every")
    if rotated is None or not isinstance(every, int) or isinstance(every, bool) or every < 1:
        return "scope.credential does not say when its key was rotated, or how often that is due"
    days = timedelta(days=min(every, limits.rotation_days))
    overlap = min(timedelta(days=limits.overlap_days), max(timedelta(days=1), timedelta(days=days.days // 3)))
    match credential.get("previous"):
        case None:
            step, after = Step.ROTATE, days - overlap
        case {"active": True}:
            step, after = Step.RETIRE, overlap
        case {"active": False}:
            step, after = Step.DROP, overlap * _TWO
        case _:
            return "scope.credential.previous does not say whether the old key is active"
    try:
        return Turn(declared, step, rotated + after, rotated, overlap)
    except OverflowError:
        return "the next rotation would be after the last day of the calendar"


def _in_use(turn: Turn, old: LiveKey, new: LiveKey, now: datetime) -> Stopped | None:
    match old.last_use:
        case CouldNotTell(reason):
            return _stop(turn, f"could not tell whether the old key {old.id} is in use: {reason}", unknown=True)
        case Used(at, service, region) if at > now - RECENT:
            where = (f" by {plain(service)}" if service else "") + (f" in {plain(region)}" if region else "")
            owner = plain(turn.declared.identity.owner)
            last = f"the old key {old.id} is in use, last on {format_instant(at)}{where}"
            return _stop(turn, f"{last}: {owner} must move what uses it to the new key {new.id}")
        case Used() | NoUseSeen():
            return None


def _instant(value: Json) -> datetime | None:
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except NotAnInstant:
        return None


def _rest(identity: Identity, now: datetime) -> str | None:
    """Why the keys of an identity are left as they are."""
    if identity.expiry <= now:
        return f"expired on {format_instant(identity.expiry)}: its keys go with it"
    if identity.suspended is not None:
        return "suspended: its keys open nothing"
    if identity.hold is not None:
        return f"held by {plain(identity.hold.authority)}: nothing of it is deleted"
    return None


def _stop(turn: Turn, reason: str, *, unknown: bool = False) -> Stopped:
    return Stopped(turn.declared, turn.step, reason, unknown)


def _edits(turn: Turn, rotated: str) -> tuple[KeyEdit, ...]:
    match turn.step:
        case Step.ROTATE:
            credential = cast("dict[str, Json]", turn.declared.identity.scope["credential"])
            previous: Json = {"rotated": credential["rotated"], "active": True}
            return (SetKey((*_CREDENTIAL, "rotated"), rotated), SetKey(_PREVIOUS, previous))
        case Step.RETIRE:
            return (SetKey((*_PREVIOUS, "active"), value=False),)
        case Step.DROP:
            return (DropKey(_PREVIOUS),)


def _message(turn: Turn, digest: str) -> str:
    identity = turn.declared.identity
    subject = plain(f"{identity.id}: {turn.step.does}", 72)
    listed = f"- {plain(identity.id)}\n  {turn.step}, due {format_instant(turn.due)}\n  {plain(identity.path)}"
    return f"{subject}\n\n{listed}\n\nRotation-Digest: sha256:{digest}\n"
