"""Parts that scopes of several kinds write alike beside `allow`; a kind that has them keeps to these shapes.

`credential` is a secret that the identity is used with: `{type: text, rotate_every: days, rotated: date,
used_by_person: text}`. `vendor` is a third party that uses it: `{name: text, contract_end: date}`. The kind's schema
says which of the keys it has, and has checked their types before a rule looks.
"""

from collections.abc import Mapping
from datetime import datetime

from nhi.model.identity import Json, Manifest
from nhi.model.instant import NotAnInstant, parse_instant

_UNSTORED = frozenset({"federated", "short-lived"})
"""Types of credentials that are issued for each use and end by themselves: nothing is kept, nothing is rotated."""

_ENDING = _UNSTORED | {"certificate"}
"""Types that end by themselves, even where nobody rotates them."""


def part(manifest: Manifest, key: str) -> Mapping[str, Json] | None:
    """The part of the scope under a key, or None where the scope has no such mapping."""
    value = None if manifest.scope is None else manifest.scope.get(key)
    return value if isinstance(value, dict) else None


def stored_credential(manifest: Manifest) -> Mapping[str, Json] | None:
    """The credential, if it is one that somebody keeps. A type that nobody knows is taken for such a one."""
    return _credential(manifest, _UNSTORED)


def static_credential(manifest: Manifest) -> Mapping[str, Json] | None:
    """The credential, if it works until somebody ends it. A type that nobody knows is taken for such a one."""
    return _credential(manifest, _ENDING)


def _credential(manifest: Manifest, harmless: frozenset[str]) -> Mapping[str, Json] | None:
    credential = part(manifest, "credential")
    if credential is None:
        return None
    kind = credential.get("type")
    return None if isinstance(kind, str) and kind in harmless else credential


def instant(value: Json) -> datetime | None:
    """The instant that a value of a scope writes, or None where it writes none that can be read."""
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(value)
    except NotAnInstant:
        return None


def days(value: Json) -> int | None:
    """The whole number of days, one at least, that a value of a scope writes, or None where it writes none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None
