"""One folder of a snapshot upon the rest of another: what is proposed there, and nothing else of the proposal."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from heapq import merge

from nhi.model.source import SourceFile
from nhi.repository.interface import Snapshot
from nhi.repository.paths import inside


@dataclass(frozen=True, slots=True)
class Overlay:
    """A Snapshot: `folder` as `over` has it, but for the paths `kept`, and everything else as `under` has it."""

    under: Snapshot
    over: Snapshot
    folder: str
    """A folder at the top of the repository."""
    kept: frozenset[str] = frozenset()
    """Paths below the folder that are as `under` has them."""

    def files(self, under: str) -> Iterator[SourceFile]:
        """Every file below the folder `under`, sorted by path."""
        where = inside(under)
        if self._is_over(where):
            ours = self.under.read(self._kept_below(where))
            return merge((one for one in self.over.files(where) if one.path not in self.kept), ours, key=_path)
        if where:
            return self.under.files(where)
        rest = (one for one in self.under.files(".") if not self._is_over(one.path))
        return merge(rest, self.files(self.folder), key=_path)

    def read(self, paths: Collection[str]) -> Iterator[SourceFile]:
        """The files at some paths, sorted by path, without those where nothing stands."""
        over = {path for path in paths if path not in self.kept and self._is_over(path)}
        return merge(self.over.read(over), self.under.read(set(paths) - over), key=_path)

    def file(self, path: str) -> SourceFile | None:
        """The file at a path, or None where nothing stands there."""
        return next(self.read([path]), None)

    def paths(self, under: str) -> Iterator[str]:
        """The paths of `files(under)`."""
        where = inside(under)
        if self._is_over(where):
            ours = (one.path for one in self.under.read(self._kept_below(where)))
            return merge((path for path in self.over.paths(where) if path not in self.kept), ours)
        if where:
            return self.under.paths(where)
        rest = (path for path in self.under.paths(".") if not self._is_over(path))
        return merge(rest, self.paths(self.folder))

    def _kept_below(self, where: str) -> set[str]:
        return {path for path in self.kept if path == where or path.startswith(f"{where}/")}

    def _is_over(self, path: str) -> bool:
        return path == self.folder or path.startswith(f"{self.folder}/")


def _path(file: SourceFile) -> str:
    return file.path
