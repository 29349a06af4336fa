"""Whether a change was approved already, when the expiry was written: all it does is to remove what has expired.

Proven by what it does. Who asks for it, and what its branch is called, say nothing.
"""

from collections.abc import Collection, Mapping, Sequence

from nhi.model.identity import Identity
from nhi.model.instant import format_instant
from nhi.model.moment import Moment
from nhi.model.source import ChangeType, PathChange


def preapproved(
    paths: Sequence[PathChange], declared: Mapping[str, Identity], remaining: Collection[str], now: Moment
) -> str:
    """Why nobody needs to approve the change, in words; "" where somebody does.

    `declared` has the identity of each of the paths whose manifest is in order at the base and declares one in full;
    `remaining` are the names (`<stack>/<name>`, in lower case) that manifests still have after the change, in the
    stacks that it touches: where another file declares the same name, more than a removal happens.
    """
    gone: list[Identity] = []
    for one in paths:
        identity = declared.get(one.path)
        if one.type is not ChangeType.REMOVED or identity is None or not _is_due(identity, now):
            return ""
        if identity.id.casefold() in remaining:
            return ""
        gone.append(identity)
    if not gone:
        return ""
    last = format_instant(max(one.expiry for one in gone))
    if len(gone) == 1:
        return f"all it does is to remove {gone[0].id}, which expired at {last}, as was approved"
    return f"all it does is to remove {len(gone)} identities that expired, the last at {last}, as was approved"


def _is_due(identity: Identity, now: Moment) -> bool:
    return identity.hold is None and now.reached(identity.expiry)
