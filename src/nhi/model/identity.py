"""What a manifest declares, and the complete identity that later stages work with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Any value that JSON can hold."""


@dataclass(frozen=True, slots=True)
class Suspension:
    """The identity is kept, every access of it is denied."""

    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The identity may not be removed (a legal hold, say). Its access still ends at the expiry."""

    authority: str
    reason: str
    review: datetime


@dataclass(frozen=True, slots=True)
class AcceptedException:
    """A deviation from one rule that somebody accepted, until a date."""

    rule: str
    reason: str
    compensating_control: str
    approver: str
    expiry: datetime


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest as it is written: well formed, but perhaps not complete.

    A field that is absent is None. A field that is there but could not be read is None too, and its key is in
    `unreadable`: it is unknown, and never counts as absent.
    """

    path: str
    """Where it stands, relative to the repository, with `/`."""
    stack: str
    """The first folder under `identities/`."""
    name: str
    kind: str
    owner: str | None = None
    """A key of `people` or `teams` in `identities/owners.yaml`."""
    purpose: str | None = None
    expiry: datetime | None = None
    """Access ends at this second."""
    scope: Mapping[str, Json] | None = None
    """What it may do and who may use it, in the shape of the kind's own schema."""
    used_by: tuple[str, ...] = ()
    ticket: str | None = None
    justification: str | None = None
    exceptions: tuple[AcceptedException, ...] = ()
    suspended: Suspension | None = None
    hold: Hold | None = None
    certified: datetime | None = None
    unreadable: frozenset[str] = frozenset()
    """Top-level keys whose value is there but could not be read."""

    @property
    def id(self) -> str:
        """The identity's id in the whole repository: `<stack>/<name>`."""
        return f"{self.stack}/{self.name}"


@dataclass(frozen=True, slots=True)
class Identity:
    """A complete identity: the four of the mission (owner, purpose, scope, expiry) are all there."""

    path: str
    stack: str
    name: str
    kind: str
    owner: str
    purpose: str
    expiry: datetime
    scope: Mapping[str, Json]
    suspended: Suspension | None = None
    hold: Hold | None = None

    @property
    def id(self) -> str:
        """The identity's id in the whole repository: `<stack>/<name>`."""
        return f"{self.stack}/{self.name}"


def complete(manifest: Manifest) -> Identity | None:
    """The identity that a manifest declares, or None where it misses one of the four or could not be read in full."""
    if manifest.unreadable:
        return None
    owner, purpose, expiry, scope = manifest.owner, manifest.purpose, manifest.expiry, manifest.scope
    if owner is None or purpose is None or expiry is None or scope is None:
        return None
    return Identity(
        path=manifest.path,
        stack=manifest.stack,
        name=manifest.name,
        kind=manifest.kind,
        owner=owner,
        purpose=purpose,
        expiry=expiry,
        scope=scope,
        suspended=manifest.suspended,
        hold=manifest.hold,
    )
