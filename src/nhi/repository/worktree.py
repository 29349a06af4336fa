"""The working tree as a Snapshot. No link is followed, no special file is opened, and nothing is left out silently.

Folders are opened one below the other and files relative to their folder, so that what was seen to be a folder or a
file cannot be swapped for a link before it is read.
"""

import os
import stat
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

from nhi.errors import InputError
from nhi.model.source import FileType, SourceFile, most_bytes
from nhi.repository.paths import decoded, inside, printable

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""Not blocking: a named pipe that nobody writes to must not stop us."""
_DEEPEST = 64
"""Folders within folders; each is held open while it is walked."""


class _Entry(NamedTuple):
    folder: int
    """An open descriptor of the folder it lies in."""
    name: str
    path: str
    type: FileType | None
    """None for a folder."""


class WorkingTree:
    """The files that stand in a folder now, tracked by Git or not."""

    __slots__ = ("_root",)

    def __init__(self, root: Path) -> None:
        """The repository's folder."""
        self._root = root

    def files(self, under: str) -> Iterator[SourceFile]:
        """Every file below the folder `under`, sorted by path."""
        return map(_content, self._entries(under))

    def read(self, paths: Collection[str]) -> Iterator[SourceFile]:
        """The files at some paths, sorted by path, without those where nothing stands."""
        return filter(None, map(self.file, sorted(set(paths))))

    def file(self, path: str) -> SourceFile | None:
        """The file at a path, or None where nothing stands there."""
        with self._found(path) as entry:
            return None if entry is None else _content(entry)

    def paths(self, under: str) -> Iterator[str]:
        """The paths of `files(under)`."""
        return (entry.path for entry in self._entries(under))

    @contextmanager
    def _found(self, path: str) -> Generator[_Entry | None]:
        """What stands at a path, with its folder open as long as this lasts."""
        path = inside(path)
        *above, name = path.split("/")
        folder = _open_root(self._root)
        try:
            for depth, part in enumerate(above, start=1):
                entry = _look(folder, part, "/".join(above[:depth]))
                if entry is None or entry.type in {FileType.REGULAR, FileType.OTHER}:
                    yield None
                    return
                below = _open_folder(entry)
                os.close(folder)
                folder = below
            yield _look(folder, name, path) if name else _Entry(folder, ".", "", None)
        finally:
            os.close(folder)

    def _entries(self, under: str) -> Generator[_Entry]:
        with self._found(under) as top:
            if top is None:
                return
            if top.type is not None:
                yield top
                return
            yield from _walk(top)


def _walk(top: _Entry) -> Generator[_Entry]:
    """Every entry below a folder that is not itself a folder, sorted by path."""
    open_folders: list[tuple[int, Iterator[_Entry]]] = [_descend(top)]
    try:
        while open_folders:
            folder, entries = open_folders[-1]
            entry = next(entries, None)
            if entry is None:
                open_folders.pop()
                os.close(folder)
            elif entry.type is not None:
                yield entry
            elif len(open_folders) < _DEEPEST:
                open_folders.append(_descend(entry))
            else:
                raise InputError(
                    f"{printable(entry.path)}: more than {_DEEPEST} folders within one another",
                    hint="manifests stand at identities/<stack>/[<folders>/]<name>.yaml",
                )
    finally:
        for folder, _ in open_folders:
            os.close(folder)


def _descend(entry: _Entry) -> tuple[int, Iterator[_Entry]]:
    """A folder, opened, and what lies in it.

    One that is a Git repository of its own is a single special file, as its files are not of this repository.
    """
    folder = _open_folder(entry)
    try:
        entries = _sorted_entries(folder, entry.path)
    except InputError:
        os.close(folder)
        raise
    if any(one.name == ".git" for one in entries):
        if entry.path:
            return folder, iter([entry._replace(type=FileType.OTHER)])
        return folder, (one for one in entries if one.name != ".git")
    return folder, iter(entries)


def _sorted_entries(folder: int, path: str) -> list[_Entry]:
    """A folder's entries in the order of their full paths, which is git's: a folder's name counts as ending in `/`."""
    above = f"{path}/" if path else ""
    try:
        with os.scandir(folder) as scanned:
            entries = [_Entry(folder, one.name, above + _decoded(one.name, above), _type(one)) for one in scanned]
    except OSError as cause:
        _unreadable(path, cause)
    entries.sort(key=lambda one: one.path if one.type is not None else one.path + "/")
    return entries


def _decoded(name: str, above: str) -> str:
    if name.isascii():
        return name
    return decoded(above.encode() + os.fsencode(name))[len(above) :]


def _type(entry: os.DirEntry[str]) -> FileType | None:
    if entry.is_file(follow_symlinks=False):
        return FileType.REGULAR
    if entry.is_dir(follow_symlinks=False):
        return None
    return FileType.SYMLINK if entry.is_symlink() else FileType.OTHER


def _look(folder: int, name: str, path: str) -> _Entry | None:
    try:
        mode = os.stat(name.encode(), dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
    except OSError as cause:
        _unreadable(path, cause)
    if stat.S_ISDIR(mode):
        return _Entry(folder, name, path, None)
    types = {stat.S_IFREG: FileType.REGULAR, stat.S_IFLNK: FileType.SYMLINK}
    return _Entry(folder, name, path, types.get(stat.S_IFMT(mode), FileType.OTHER))


def _content(entry: _Entry) -> SourceFile:
    if entry.type is not FileType.REGULAR:
        return SourceFile(entry.path, entry.type or FileType.OTHER, b"")
    try:
        opened = os.open(os.fsencode(entry.name), _FILE, dir_fd=entry.folder)
    except OSError as cause:
        _unreadable(entry.path, cause)
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            return SourceFile(entry.path, FileType.OTHER, b"")
        return SourceFile(entry.path, FileType.REGULAR, _read(opened, found.st_size, most_bytes(entry.path) + 1))
    except OSError as cause:
        _unreadable(entry.path, cause)
    finally:
        os.close(opened)


def _read(opened: int, size: int, limit: int) -> bytes:
    """At most `limit` bytes. One read is enough where the file is as long as it says."""
    data = os.read(opened, min(size + 1, limit))
    if len(data) == size:
        return data
    while len(data) < limit and (more := os.read(opened, limit - len(data))):
        data += more
    return data


def _open_root(root: Path) -> int:
    try:
        return os.open(root, _FOLDER & ~os.O_NOFOLLOW)
    except OSError as cause:
        _unreadable(str(root), cause)


def _open_folder(entry: _Entry) -> int:
    try:
        return os.open(os.fsencode(entry.name), _FOLDER, dir_fd=entry.folder)
    except OSError as cause:
        _unreadable(entry.path, cause)


def _unreadable(path: str, cause: OSError) -> NoReturn:
    raise InputError(
        f"{printable(path) or '.'}: cannot be read: {cause.strerror}",
        hint="make it readable, or a regular file or folder, then run the command again",
    ) from cause
