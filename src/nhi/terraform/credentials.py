"""The access keys that a plan would end: deleted, replaced, or set inactive. Pure: the plan's JSON in, ids out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nhi.model.identity import Json
from nhi.terraform.address import identity_in
from nhi.terraform.creations import ACCESS_KEY

_ACTIVE = "Active"


@dataclass(frozen=True, slots=True)
class EndedKey:
    """An access key that would be deleted, or works now and would not after the plan."""

    identity: str | None
    """`<stack>/<name>`; None where it is nobody's."""
    user: str
    key: str
    """Its id (AKIA…), which is no secret."""
    address: str


def ended_keys(plan: Mapping[str, Json], stack: str) -> tuple[EndedKey, ...]:
    """The access keys that the plan would end, sorted by address.

    One that is inactive already is among them where it is deleted: it may have been switched off a moment ago, while in
    use, and switching it on again is the way back that its deletion takes.
    """
    changes: Any = plan.get("resource_changes") or []
    found = []
    for one in changes:
        change = one.get("change", {})
        before, after = change.get("before") or {}, change.get("after") or {}
        gone = "delete" in change.get("actions", ())
        off = before.get("status") == _ACTIVE and after.get("status") != _ACTIVE
        if one.get("type") == ACCESS_KEY and (gone or off):
            name = identity_in(str(one.get("module_address")))
            identity = None if name is None else f"{stack}/{name}"
            found.append(EndedKey(identity, str(before.get("user")), str(before.get("id")), str(one.get("address"))))
    return tuple(sorted(found, key=lambda one: (one.address, one.key)))
