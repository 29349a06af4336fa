"""What a wish for one identity means for its manifest: which edit, on which branch; or why there is nothing to do.

Pure: it decides, and touches nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from nhi.lifecycle.branch import DIGEST_LETTERS, branch_part
from nhi.lifecycle.message import plain
from nhi.model.declared import DeclaredIdentity
from nhi.model.edit import KeyEdit, SetKey
from nhi.model.identity import Identity
from nhi.model.instant import format_instant
from nhi.model.proposal import Draft, Verb, Wish

_SUBJECT = 72
_MIDNIGHT = "T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Settled:
    """It is so already."""

    words: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not be."""

    words: str
    hint: str


def decide(declared: DeclaredIdentity, wish: Wish, since: datetime) -> Draft | Settled | Refused:
    """What to do. `since` is when a suspension starts: it says nothing about which branch it is."""
    identity = declared.identity
    match wish.verb:
        case Verb.RENEW if wish.until == identity.expiry:
            return Settled(f"{identity.id} expires on {format_instant(identity.expiry)} already")
        case Verb.SUSPEND if identity.suspended is not None:
            told = format_instant(identity.suspended.since)
            return Settled(f"{identity.id} is suspended since {told} already: {plain(identity.suspended.reason)}")
        case Verb.REVOKE if identity.hold is not None:
            authority = plain(identity.hold.authority)
            return Refused(
                f"{identity.id} is held by {authority}: nothing of it may be removed",
                f"its access can be denied all the same: nhi suspend {identity.id} --reason TEXT",
            )
        case _:
            return _draft(declared, wish, since)


def edits_of(wish: Wish, since: datetime) -> tuple[KeyEdit, ...]:
    """The edits of the manifest; none at all where it goes."""
    match wish.verb:
        case Verb.RENEW:
            return (SetKey(("expiry",), written_expiry(wish)),)
        case Verb.SUSPEND:
            return (SetKey(("suspended",), {"since": format_instant(since), "reason": wish.reason}),)
        case Verb.REVOKE:
            return ()


def written_expiry(wish: Wish) -> str:
    """A renewal's date as a manifest writes it: the day alone where it is the first second of one."""
    written = format_instant(wish.until) if wish.until else ""
    return written.removesuffix(_MIDNIGHT)


def _draft(declared: DeclaredIdentity, wish: Wish, since: datetime) -> Draft:
    identity = declared.identity
    value = {Verb.RENEW: written_expiry(wish), Verb.SUSPEND: wish.reason, Verb.REVOKE: ""}[wish.verb]
    digest = sha256(f"{wish.verb} {identity.path!a} {declared.sha256} {value!a}".encode()).hexdigest()
    folder = f"nhi/{wish.verb}/{branch_part(identity.stack)}/{branch_part(identity.name)}"
    title = plain(f"{identity.id}: {_does(identity, wish)}", _SUBJECT)
    listed = f"- {plain(identity.id)}\n  {_detail(identity, wish)}\n  {plain(identity.path)}"
    why = f"\n\nReason: {plain(wish.reason)}" if wish.reason else ""
    message = f"{title}\n\n{listed}{why}\n\nProposal-Digest: sha256:{digest}\n"
    return Draft(f"{folder}/{digest[:DIGEST_LETTERS]}", edits_of(wish, since), title, message)


def _does(identity: Identity, wish: Wish) -> str:
    match wish.verb:
        case Verb.RENEW:
            shorter = wish.until is not None and wish.until < identity.expiry
            return f"{'end earlier, on' if shorter else 'renew until'} {written_expiry(wish)}"
        case Verb.SUSPEND:
            return "suspend: deny all access"
        case Verb.REVOKE:
            return "revoke: remove it"


def _detail(identity: Identity, wish: Wish) -> str:
    match wish.verb:
        case Verb.RENEW:
            return f"expiry from {format_instant(identity.expiry)} to {written_expiry(wish)}"
        case Verb.SUSPEND:
            return f"all access denied; its expiry stays {format_instant(identity.expiry)}"
        case Verb.REVOKE:
            return f"removed before its expiry {format_instant(identity.expiry)}"
