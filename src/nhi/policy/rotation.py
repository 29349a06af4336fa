"""Whether a change of a credential is one step of its rotation: it then gives nobody more than before.

The steps: a new secret is made and the one before stays; the one before is switched off; it is dropped. Whoever reads
the secret stays the same, so another `encrypt_to`, say, is no rotation.
"""

from collections.abc import Mapping

from nhi.model.identity import Json
from nhi.policy.scope_parts import instant

_MOVING = frozenset({"rotated", "previous"})


def rotation_step(before: Json, after: Json) -> str | None:
    """The step from one `credential` of a scope to another, in words; None where it is none, or more than one."""
    if not isinstance(before, dict) or not isinstance(after, dict) or _resting(before) != _resting(after):
        return None
    old, new = before.get("previous"), after.get("previous")
    same = before.get("rotated") == after.get("rotated")
    match old, new:
        case None, {"rotated": str(kept), "active": True, **more} if not more:
            made, last = instant(after.get("rotated")), instant(before.get("rotated"))
            if made and last and made > last and kept == before.get("rotated"):
                return f"a new one is made, and that of {kept} still works"
        case {"active": True, **others}, {"active": False, **rest} if same and others == rest:
            return f"that of {others.get('rotated')} is switched off"
        case {"active": False, "rotated": str(gone)}, None if same:
            return f"that of {gone} is deleted"
    return None


def _resting(credential: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in credential.items() if key not in _MOVING}
