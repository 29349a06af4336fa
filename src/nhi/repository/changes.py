"""What differs between two trees, out of git's own lists."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nhi.errors import OutsideError
from nhi.model.source import ChangeType, PathChange
from nhi.repository.conversation import Conversation
from nhi.repository.paths import decoded, printable

_TYPES = {
    "A": ChangeType.ADDED,
    "D": ChangeType.REMOVED,
    "M": ChangeType.EDITED,
    "T": ChangeType.EDITED,  # another type of file: a link where a regular file was
    "U": ChangeType.EDITED,  # a merge that is not finished
}
"""https://git-scm.com/docs/diff-format: the letters that git gives where it looks for no renames."""
_REGULAR = "100"
_SHA1_LETTERS = 40
_CHUNK = 1 << 16


class Difference(NamedTuple):
    """One record of `--raw -z` without renames."""

    old_mode: str
    new_mode: str
    old_id: str
    new_id: str
    """All zeros where git did not look: the file in the working tree has another time or size than the index knows."""
    status: str
    path: str


class PendingChanges:
    """Changes that git is looking for. It goes on while the caller does something else."""

    __slots__ = ("_differing", "_root", "_untracked")

    def __init__(self, root: Path, differing: Conversation | None, untracked: Conversation | None) -> None:
        """Take over a `diff-… --raw -z` and, for the working tree in `root`, a `ls-files --others -z`."""
        self._root = root
        self._differing = differing
        self._untracked = untracked

    def collect(self) -> tuple[PathChange, ...]:
        """The changes, sorted by path. To be called once. Raises as `Conversation.chunks`."""
        try:
            differing = self._differing.output() if self._differing else b""
            untracked = self._untracked.output() if self._untracked else b""
        finally:
            self.stop()
        found: dict[str, ChangeType] = {}
        for one in differences(differing):
            if one.status not in _TYPES:
                raise OutsideError(
                    f"git calls the change of {printable(one.path)} {one.status!r}, which nhi does not know",
                    hint="please report it, with `git --version`",
                )
            if not _only_touched(self._root, one):
                found[one.path] = _TYPES[one.status]
        for raw in untracked.split(b"\0")[:-1]:
            path = decoded(raw.removesuffix(b"/"))  # a repository inside of this one has a slash at its end
            # one that is in both lists was taken out of the index and stands there still, or again
            found[path] = ChangeType.EDITED if path in found else ChangeType.ADDED
        return tuple(PathChange(path, found[path]) for path in sorted(found))

    def stop(self) -> None:
        """End the git processes, where the changes are no longer wanted."""
        for conversation in (self._differing, self._untracked):
            if conversation is not None:
                conversation.stop()


def differences(raw: bytes) -> Iterator[Difference]:
    """The records of `--raw -z`: a colon, two modes, two object ids and the status; then the path."""
    fields = iter(raw.split(b"\0")[:-1])
    for header in fields:
        old_mode, new_mode, old_id, new_id, status = header.decode().removeprefix(":").split(" ")
        yield Difference(old_mode, new_mode, old_id, new_id, status, decoded(next(fields, b"")))


def _only_touched(root: Path, one: Difference) -> bool:
    """Whether a file of the working tree that looks changed has its old content.

    `git diff` would find that out too, but writes the index to remember it; `git diff-index` leaves it to us.
    """
    if one.status != "M" or one.old_mode != one.new_mode or not one.old_mode.startswith(_REGULAR):
        return False
    return not one.new_id.strip("0") and _blob_id(root / one.path, len(one.old_id)) == one.old_id


def _blob_id(file: Path, length: int) -> str | None:
    """The id that git would give to a regular file's content; None where it cannot be read.

    https://git-scm.com/book/en/v2/Git-Internals-Git-Objects: the hash of `blob <size>`, a null and the content.
    """
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with os.fdopen(opened, "rb", buffering=0) as content:
            status = os.fstat(opened)
            if not stat.S_ISREG(status.st_mode):
                return None
            total = hashlib.new("sha1" if length == _SHA1_LETTERS else "sha256", usedforsecurity=False)
            total.update(b"blob %d\0" % status.st_size)
            while chunk := content.read(_CHUNK):
                total.update(chunk)
            return total.hexdigest()
    except OSError:
        return None
