"""The accepted exceptions of a manifest, and where each stands."""

from collections.abc import Sequence

from nhi.model.identity import AcceptedException, Manifest
from nhi.policy.rule import KeyPath


def accepted(manifest: Manifest) -> Sequence[tuple[KeyPath, AcceptedException]]:
    """Each accepted exception and its place."""
    if not manifest.exceptions:
        return ()
    if "exceptions" in manifest.unreadable:
        # One of them could not be read and is left out, so that which is which cannot be counted.
        return [(("exceptions",), one) for one in manifest.exceptions]
    return [(("exceptions", index), one) for index, one in enumerate(manifest.exceptions)]
