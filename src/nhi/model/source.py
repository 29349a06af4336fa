"""A file as it was found in the working tree or in a Git revision, before anybody believed its content."""

from dataclasses import dataclass
from enum import StrEnum

MAX_MANIFEST_BYTES = 64 * 1024
"""A larger manifest is refused unread."""
MAX_CONFIGURATION_BYTES = 4 * 1024 * 1024
"""Room for the people and teams of a large organisation."""
_CONFIGURATION = frozenset({"nhi.yaml", "identities/owners.yaml"})


class FileType(StrEnum):
    """What stands at a path."""

    REGULAR = "regular file"
    SYMLINK = "symbolic link"
    OTHER = "special file"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: at most `most_bytes` + 1 bytes of it, so that an oversized file is seen and never held."""

    path: str
    """Relative to the repository, with `/`."""
    type: FileType
    data: bytes
    """Empty unless it is a regular file."""


def most_bytes(path: str) -> int:
    """How large the file at a path may be."""
    return MAX_CONFIGURATION_BYTES if path in _CONFIGURATION else MAX_MANIFEST_BYTES


class ChangeType(StrEnum):
    """What happened to a path between two trees. A rename is a removal and an addition."""

    ADDED = "added"
    EDITED = "edited"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class PathChange:
    """One path that differs between two trees."""

    path: str
    type: ChangeType
