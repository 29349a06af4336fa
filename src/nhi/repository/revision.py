"""The files of one commit, read as data: two git processes for any number of files, nothing checked out."""

from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing
from pathlib import PurePosixPath
from typing import Protocol

from nhi.errors import InputError, OutsideError
from nhi.model.source import FileType, SourceFile, most_bytes
from nhi.repository.conversation import Conversation
from nhi.repository.paths import decoded, inside, printable

_ARGUMENTS = 500
"""How many paths one git command is given: far from what any system's command line takes."""
_REGULAR = b"100"
_SYMLINK = b"120000"
"""https://git-scm.com/docs/git-fast-import#_filemodify: 100644 and 100755 are files, 120000 links, the rest neither."""


class StartGit(Protocol):
    """Starts git on the repository."""

    def __call__(self, *arguments: str, request: bytes = b"") -> Conversation:
        """Start it with these arguments."""
        ...


class Revision:
    """A commit as a Snapshot. The list of the files is held (about 100 bytes a file), their content never."""

    __slots__ = ("_commit", "_start")

    def __init__(self, commit: str, start: StartGit) -> None:
        """A commit by its full id, and how to start git."""
        self._commit = commit
        self._start = start

    def files(self, under: str) -> Iterator[SourceFile]:
        """Every file below the folder `under`, sorted by path."""
        return self._contents(self._below(under))

    def read(self, paths: Collection[str]) -> Iterator[SourceFile]:
        """The files at some paths, sorted by path, without those where nothing stands."""
        wanted = sorted(set(map(inside, paths)))
        records: list[bytes] = []
        for start in range(0, len(wanted), _ARGUMENTS):
            records += self._listing("--", *wanted[start : start + _ARGUMENTS])
        self._refuse_links(set(wanted) - {decoded(_raw_path(record)) for record in records})
        return self._contents(sorted(records, key=_raw_path))

    def file(self, path: str) -> SourceFile | None:
        """The file at a path, or None where nothing stands there."""
        return next(self.read([path]), None)

    def paths(self, under: str) -> Iterator[str]:
        """The paths of `files(under)`."""
        return (path for path, _ in self._in_order(self._below(under)))

    def _below(self, under: str) -> list[bytes]:
        folder = inside(under)
        records = self._listing("-r", "--", *filter(None, [folder]))
        if not records:
            self._refuse_links({folder})
        return records

    def _refuse_links(self, absent: Iterable[str]) -> None:
        """What is absent may stand behind a link, which nobody follows: then it is not known to be absent."""
        above = {parent.as_posix() for path in absent for parent in PurePosixPath(path).parents} - {"."}
        for folder in sorted(above):
            for record in self._listing("--", folder):
                if record.startswith(_SYMLINK):
                    raise InputError(
                        f"{printable(folder)}: cannot be read: it is a symbolic link",
                        hint="put the folder itself in its place, then run the command again",
                    )

    def _listing(self, *arguments: str) -> list[bytes]:
        """Records of `ls-tree -z`: mode, type, object id, a tab, path."""
        return self._start("ls-tree", "-z", self._commit, *arguments).output().split(b"\0")[:-1]

    def _in_order(self, records: list[bytes]) -> Iterator[tuple[str, bytes]]:
        """Path and record. A tree that names a path twice was made to be read in two ways."""
        previous = ""
        for record in records:
            path = decoded(_raw_path(record))
            if path <= previous:
                raise OutsideError(
                    f"commit {self._commit} has a damaged tree: {printable(path)} stands there twice or out of order",
                    hint="git fsck says more; do not trust this commit",
                )
            previous = path
            yield path, record

    def _blobs(self, request: bytes) -> Generator[bytes]:
        if request:
            yield from self._start("cat-file", "--batch", "--buffer", request=request).chunks()

    def _contents(self, records: list[bytes]) -> Generator[SourceFile]:
        request = b"".join(_object_id(record) + b"\n" for record in records if record.startswith(_REGULAR))
        with closing(self._blobs(request)) as chunks:
            blobs = Blobs(chunks)
            for path, record in self._in_order(records):
                if record.startswith(_REGULAR):
                    yield SourceFile(path, FileType.REGULAR, blobs.next_blob(path, _object_id(record)))
                else:
                    yield SourceFile(path, FileType.SYMLINK if record.startswith(_SYMLINK) else FileType.OTHER, b"")
            blobs.finish()


class Blobs:
    """The answers of `cat-file --batch`, one after the other: `<id> blob <size>`, the content, a line feed."""

    __slots__ = ("_at", "_chunks", "_held")

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""
        self._at = 0

    def next_blob(self, path: str, wanted: bytes) -> bytes:
        """At most `most_bytes` + 1 bytes of the next blob; the rest of a larger one is let go as it comes."""
        header = self._line()
        match header.split(b" "):
            case [found, b"blob", size] if found == wanted:
                length = int(size)
            case _:
                raise OutsideError(
                    f"{printable(path)}: git cannot give the content of this file: {header.decode(errors='replace')}",
                    hint="the clone is damaged or partial: git fsck says which; a clone without --filter is whole",
                )
        data = self._take(min(length, most_bytes(path) + 1))
        self._skip(length - len(data) + 1)
        return data

    def finish(self) -> None:
        """Read to the end, so that a failure of git is seen."""
        deque(self._chunks, maxlen=0)

    def _line(self) -> bytes:
        while (end := self._held.find(b"\n", self._at)) < 0:
            self._more()
        line = self._held[self._at : end]
        self._at = end + 1
        return line

    def _take(self, size: int) -> bytes:
        end = self._at + size
        while end > len(self._held):
            end -= self._at
            self._more()
        taken = self._held[self._at : end]
        self._at = end
        return taken

    def _skip(self, size: int) -> None:
        while size > len(self._held) - self._at:
            size -= len(self._held) - self._at
            self._at = len(self._held)
            self._more()
        self._at += size

    def _more(self) -> None:
        chunk = next(self._chunks, b"")
        if not chunk:
            raise OutsideError("git cat-file ended before it gave every file", hint="run the command again")
        self._held = self._held[self._at :] + chunk
        self._at = 0


def _raw_path(record: bytes) -> bytes:
    return record[record.index(b"\t") + 1 :]


def _object_id(record: bytes) -> bytes:
    return record[12 : record.index(b"\t")]
