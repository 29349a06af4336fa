"""A snapshot with some of its files rewritten or removed, before any commit is made of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from nhi.model.source import FileType, SourceFile, most_bytes
from nhi.repository.interface import Snapshot
from nhi.repository.paths import inside


@dataclass(frozen=True, slots=True)
class EditedSnapshot:
    """A Snapshot: another one, but for the files that are edited, all of which it has."""

    under: Snapshot
    contents: Mapping[str, bytes | None]
    """Path → what the file holds then; None where it is removed."""

    def files(self, under: str) -> Iterator[SourceFile]:
        """Every file below the folder `under`, sorted by path."""
        return self._edited(self.under.files(under))

    def read(self, paths: Collection[str]) -> Iterator[SourceFile]:
        """The files at some paths, sorted by path, without those where nothing stands."""
        return self._edited(self.under.read(paths))

    def file(self, path: str) -> SourceFile | None:
        """The file at a path, or None where nothing stands there."""
        return next(self.read([path]), None)

    def paths(self, under: str) -> Iterator[str]:
        """The paths of `files(under)`."""
        removed = {inside(path) for path, content in self.contents.items() if content is None}
        return (path for path in self.under.paths(under) if path not in removed)

    def _edited(self, files: Iterable[SourceFile]) -> Iterator[SourceFile]:
        for file in files:
            if file.path not in self.contents:
                yield file
                continue
            content = self.contents[file.path]
            if content is not None:
                yield SourceFile(file.path, FileType.REGULAR, content[: most_bytes(file.path) + 1])
