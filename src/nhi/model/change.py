"""What a change does to the declared state, identity by identity."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nhi.model.identity import Manifest
from nhi.model.source import PathChange


@dataclass(frozen=True, slots=True)
class ManifestChange:
    """One identity before and after; at least one of the two is there.

    A file that moved within its stack is the same identity.
    """

    identity: str
    """`<stack>/<name>`."""
    before: Manifest | None
    after: Manifest | None


@dataclass(frozen=True, slots=True)
class Change:
    """A whole change, from a base to a head."""

    manifests: tuple[ManifestChange, ...]
    """Sorted by identity; identities that the change leaves alone are not listed."""
    paths: tuple[PathChange, ...]
    """Every path of the repository that differs."""
    author: str | None = None
    """The name in owners.yaml of whoever asks for the change; None where it is not known."""
    renewals: Mapping[str, int] = field(default_factory=dict)
    """Identity → how often its expiry was pushed out before this change, where that is known."""
    removed_before: frozenset[str] = frozenset()
    """Identities of this change that stood in the history once and were removed from it."""
