"""What the flows need of a repository."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nhi.model.source import PathChange, SourceFile
from nhi.model.verdict import Verdicts


class Snapshot(Protocol):
    """The files of one moment: the working tree, or a Git revision read as data (never checked out).

    Every method raises InputError for a file that cannot be read, whose name is not UTF-8, or that would have to be
    looked for behind a link: nothing is left out.
    """

    def files(self, under: str) -> Iterator[SourceFile]:
        """Every file below the folder `under` ("identities"), sorted by path; nothing where nothing stands there.

        Where `under` is no folder, what stands there is the one file: a link instead of the folder is seen. No link
        is followed, and a Git repository inside of this one is one special file. "." is the repository's own folder.
        """
        ...

    def read(self, paths: Collection[str]) -> Iterator[SourceFile]:
        """The files at some paths, sorted by path, without the paths where nothing stands."""
        ...

    def file(self, path: str) -> SourceFile | None:
        """The file at a path, or None where nothing stands there. A folder is a special file here."""
        ...

    def paths(self, under: str) -> Iterator[str]:
        """The paths of `files(under)`, without reading any content."""
        ...


@dataclass(frozen=True, slots=True)
class Removal:
    """A commit that removes files, to be made on a branch of its own."""

    branch: str
    """Without `refs/heads/`."""
    paths: tuple[str, ...]
    message: str
    at: datetime
    """The author's and committer's date, to the second."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The commit that brought something into a branch, and when it was made there."""

    commit: str
    at: datetime
    """The committer's date: of a pull request merged on a forge, the forge's clock."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A commit that gives files another content, to be made on a branch of its own."""

    branch: str
    """Without `refs/heads/`."""
    contents: Mapping[str, bytes]
    """Path → everything that the file then holds."""
    message: str
    at: datetime
    """As a removal's."""


@dataclass(frozen=True, slots=True)
class Merge:
    """What merging one commit into another makes."""

    commit: str | None
    """Full id of a commit that nobody refers to; None where the two do not merge by themselves."""
    conflicts: tuple[str, ...] = ()
    """Paths that do not merge, fit to be printed: the first hundred at most. Empty where there is a commit, and where
    folders conflict and no file of them does."""


class Repository(Protocol):
    """A Git repository. No method touches the working tree, the index or the checked-out branch.

    Where a commit is asked for, it is a full id, as `commit_id` gives it; nothing else is taken.
    """

    def commit_id(self, revision: str) -> str:
        """The full id of the commit that a revision names.

        Raises:
            InputError: there is no such commit.
        """
        ...

    def merge_base(self, one: str, other: str) -> str:
        """The commit where two commits' histories part.

        Raises:
            InputError: the two have no history in common, or the clone is too shallow to show it.
        """
        ...

    def merge(self, base: str, head: str) -> Merge:
        """What merging `head` into `base` makes: the same two give the same commit, whatever is configured where.

        `head` itself where `base` is its ancestor, `base` itself where it has `head` already. Nothing else moves.

        Raises:
            InputError: as `merge_base`.
        """
        ...

    def snapshot(self, commit: str) -> Snapshot:
        """The files of a commit."""
        ...

    def changes(self, base: str, head: str | None, under: Sequence[str]) -> tuple[PathChange, ...]:
        """The paths below the folders (or equal to the files) `under` that differ between two commits, sorted.

        `head` None is the working tree, untracked files included (ignored ones not). `under` () is no path at all,
        (".",) every path.
        """
        ...

    def changed_between(self, base: str, head: str, under: Sequence[str]) -> frozenset[str]:
        """The paths `under` that some commit after `base` up to `head` changed, along first parents.

        Also those that a later one changed back: `changes` does not see them.
        """
        ...

    def versions(self, commit: str, paths: Sequence[str]) -> dict[str, tuple[bytes | None, ...]]:
        """What each path held in the first-parent history of a commit, newest first; None where it was removed.

        Only paths that have a history are in the answer. It goes back at most some thousand commits of these paths, and
        a content is cut as a `SourceFile`'s is.
        """
        ...

    def removed_paths(self, commit: str, under: str) -> frozenset[str]:
        """The paths below the folder `under` that some commit of a commit's history removed, on whatever branch.

        What was removed may stand again. A shallow clone does not know of all of them.
        """
        ...

    def removals(self, commit: str, paths: Sequence[str]) -> dict[str, Merged]:
        """Where each path was last removed in the first-parent history of a commit; without those that never were."""
        ...

    def writers(self, commit: str, paths: Sequence[str]) -> dict[str, tuple[Merged, ...]]:
        """Which commit of the first-parent history brought each of the contents that `versions` gives, in its order."""
        ...

    def is_shallow(self) -> bool:
        """Whether the clone lacks a part of its history."""
        ...

    def branches(self, prefix: str) -> dict[str, str]:
        """Local branches whose name starts so: name → commit id, sorted by name."""
        ...

    def checked_out_branch(self) -> str | None:
        """The branch that is checked out, or None for a detached head."""
        ...

    def commit_alone(self, base: str, proposals: "Sequence[Removal | Edit]") -> dict[str, str]:
        """Make the commits of `commit_removals` and `commit_edits` as objects that nobody refers to: no branch is made.

        Branch that was meant → commit id. Git throws such objects away after some weeks. Raises as these two.
        """
        ...

    def commit_removals(self, base: str, removals: Sequence[Removal]) -> dict[str, str]:
        """Make each removal's commit upon `base`, on its new branch. Branch → commit id.

        All branches appear, or none. The same removals upon the same base give the same commit ids.

        Raises:
            InputError: a path is not a file of `base`, or a removal has no path.
            OutsideError: git failed, or a branch exists already, is checked out somewhere, or has no valid name.
        """
        ...

    def commit_edits(self, base: str, edits: Sequence[Edit]) -> dict[str, str]:
        """As `commit_removals`, but each commit gives files of `base` another content; their modes stay.

        Raises:
            InputError: a path is not a regular file of `base`, it has that content already, or an edit has no path.
            OutsideError: as `commit_removals`.
        """
        ...


class Remote(Protocol):
    """The repository that a clone belongs to, on a forge. Each method asks it anew.

    Every method raises OutsideError when the remote failed, refused the credentials or did not answer in time.
    """

    def fetch(self, references: Sequence[str]) -> dict[str, str]:
        """Bring what references name into this clone's objects: reference → commit id.

        A reference is a name ("refs/heads/main", "refs/pull/7/head", "HEAD" for the default branch) or a full commit
        id. No branch, no remote-tracking reference and no FETCH_HEAD is made.

        Raises:
            InputError: the remote lacks one, it is no commit or no such name, or comes with objects that git refuses.
        """
        ...

    def branches(self, prefix: str) -> dict[str, str]:
        """The remote's branches whose name starts so: name → commit id, sorted by name."""
        ...

    def push(self, branches: Mapping[str, str]) -> dict[str, str]:
        """Make new branches (name → commit id of this clone) in one go. No branch that is there is ever moved.

        Returns those that are not as wanted → why, for a person. One that is there with the same commit is as wanted.
        """
        ...

    def delete(self, branches: Mapping[str, str]) -> dict[str, str]:
        """Delete branches (name → the commit that it must still have) in one go. What is gone already is as wanted.

        Returns those that are still there → why, for a person.
        """
        ...


class VerdictStore(Protocol):
    """Where a check's verdicts are kept between two runs, on the ground (its digest) that they were made on."""

    def recall(self, ground: str) -> Verdicts:
        """The verdicts kept for a ground; none where nothing that can be believed is kept."""
        ...

    def keep(self, ground: str, verdicts: Verdicts) -> None:
        """Keep these instead of all before. A store that cannot be written makes the next run slower, nothing else."""
        ...
