"""A file as it was found in the working tree or in a Git revision, before anybody believed its content."""

from dataclasses import dataclass
from enum import StrEnum

MAX_MANIFEST_BYTES = 64 * 1024
"""A larger manifest is refused unread."""


class FileType(StrEnum):
    """What stands at a path."""

    REGULAR = "regular file"
    SYMLINK = "symbolic link"
    OTHER = "special file"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: at most MAX_MANIFEST_BYTES + 1 bytes of it, so that an oversized file is seen and never held."""

    path: str
    """Relative to the repository, with `/`."""
    type: FileType
    data: bytes
    """Empty unless it is a regular file."""


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
