"""What the flows need of a repository."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nhi.model.source import PathChange, SourceFile


class Snapshot(Protocol):
    """The files of one moment: the working tree, or a Git revision read as data (never checked out)."""

    def files(self, under: str) -> Iterator[SourceFile]:
        """Every file below the folder `under` ("identities"), sorted by path; nothing where there is no such folder."""
        ...

    def file(self, path: str) -> SourceFile | None:
        """The file at a path, or None where nothing stands there."""
        ...

    def paths(self, under: str) -> Iterator[str]:
        """The paths below `under`, sorted, without reading any content."""
        ...


@dataclass(frozen=True, slots=True)
class Removal:
    """A commit that removes files, to be made on a branch of its own."""

    branch: str
    """Without `refs/heads/`."""
    paths: tuple[str, ...]
    message: str
    at: datetime
    """The author's and committer's date."""


class Repository(Protocol):
    """A Git repository. No method touches the working tree, the index or the checked-out branch."""

    def commit_id(self, revision: str) -> str:
        """The full id of the commit that a revision names.

        Raises:
            InputError: there is no such commit.
        """
        ...

    def snapshot(self, commit: str) -> Snapshot:
        """The files of a commit."""
        ...

    def changes(self, base: str, head: str | None, under: Sequence[str]) -> tuple[PathChange, ...]:
        """The paths below the folders (or equal to the files) `under` that differ between two commits.

        `head` None is the working tree, untracked files included (ignored ones not).
        """
        ...

    def branches(self, prefix: str) -> dict[str, str]:
        """Local branches whose name starts so: name → commit id."""
        ...

    def checked_out_branch(self) -> str | None:
        """The branch that is checked out, or None for a detached head."""
        ...

    def commit_removals(self, base: str, removals: Sequence[Removal]) -> dict[str, str]:
        """Make each removal's commit upon `base`, on its new branch. Branch → commit id.

        All branches appear, or none. The same removals upon the same base give the same commit ids.

        Raises:
            OutsideError: git failed, or one of the branches exists already.
        """
        ...
