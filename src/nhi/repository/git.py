"""A clone, read and written through git. Nothing here touches the working tree, the index or the checked-out branch.

Only commands are used that start no pager, no external diff, no text converter and no clean-up, whatever is configured.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from nhi.errors import InputError, OutsideError
from nhi.model.source import PathChange
from nhi.repository import commits
from nhi.repository.changes import PendingChanges
from nhi.repository.commits import Proposal
from nhi.repository.conversation import Conversation
from nhi.repository.history import blob_ids, removal_commits, writing_commits
from nhi.repository.interface import Edit, Merge, Merged, Removal, Snapshot
from nhi.repository.merge import Parts, date_of, merge_failure, merged, objects_alone
from nhi.repository.paths import decoded, inside, printable
from nhi.repository.revision import Blobs, Revision
from nhi.repository.start import Git

_FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LONGEST_REVISION = 1000
_HEADS = "refs/heads/"
_ARGUMENTS = 500
"""How many paths one git command is given: far from what any system's command line takes."""
_REGULAR = "100"
"""100644 and 100755 are files: https://git-scm.com/docs/git-fast-import#_filemodify."""
_COMPARE = (
    "-z",
    "--raw",
    "--no-abbrev",
    "--no-renames",
    "--relative",
    "--ignore-submodules=dirty",  # also against a hostile .gitmodules that says `ignore = all`
)


_HISTORY = (
    "--first-parent",
    "--diff-merges=first-parent",
    "--max-count=5000",
    "--raw",
    "-z",
    "--format=",
    "--no-abbrev",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-show-signature",
    "--relative",
)
_COMMIT_AND_DATE = "--format=commit %H %ct"
_NAMES = (
    "--diff-merges=first-parent",
    "--name-only",
    *(one for one in _HISTORY if one.startswith(("-z", "--no-", "--format", "--relative")) and one != "--no-abbrev"),
)
_REMOVALS = ("--diff-filter=D", *_NAMES)
_CHANGED = ("--first-parent", *_NAMES)


@dataclass(frozen=True, slots=True)
class GitRepository:
    """The Git repository that a folder belongs to; paths are relative to this folder."""

    root: Path
    environment: Mapping[str, str] = field(repr=False)
    """As the program found it; only what git needs is handed on."""
    patience: float = 120.0
    """Seconds that we wait for one git command, all in all."""

    def commit_id(self, revision: str) -> str:
        """The full id of the commit that a revision names."""
        if not revision or len(revision) > _LONGEST_REVISION or not revision.isprintable():
            raise _no_commit(revision)
        name = f"{revision}^{{commit}}"
        found = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", name, answers=(0, 1, 128))
        if not _FULL_ID.fullmatch(found):
            self._run("rev-parse", "--git-dir")  # no repository is another mistake than no such commit
            raise _no_commit(revision)
        return found

    def merge_base(self, one: str, other: str) -> str:
        """The commit where two commits' histories part."""
        found = self._run("merge-base", _full(one), _full(other), answers=(0, 1))
        if not found:
            raise InputError(
                f"commits {one} and {other} have no history in common in this clone",
                hint="a shallow clone is completed by: git fetch --unshallow",
            )
        return found

    def merge(self, base: str, head: str) -> Merge:
        """What merging `head` into `base` makes, as a commit that nobody refers to."""
        common = self.merge_base(base, head)
        if common in (base, head):
            return Merge(head if common == base else base, ())
        parts = self._run("rev-parse", "--path-format=absolute", "--git-path", "objects", "--git-path", "shallow")
        seconds = date_of(self._start("cat-file", "commit", head).output())
        with objects_alone(Parts(*map(Path, parts.split("\n"))), len(base)) as special:
            return merged(replace(self._git, special=special, failed=merge_failure), base, head, seconds)

    def snapshot(self, commit: str) -> Snapshot:
        """The files of a commit."""
        return Revision(_full(commit), self._start)

    def changes(self, base: str, head: str | None, under: Sequence[str]) -> tuple[PathChange, ...]:
        """The paths that differ between two commits, or (`head` None) between a commit and the working tree."""
        return self.start_changes(base, head, under).collect()

    def start_changes(self, base: str, head: str | None, under: Sequence[str]) -> PendingChanges:
        """As `changes`, but only start git: `collect()` gives the answer, `stop()` forgets it."""
        if not under:
            return PendingChanges(self.root, None, None)
        where = ["--", *(inside(path) or "." for path in under)]
        if head is not None:
            differing = self._start("diff-tree", "-r", *_COMPARE, _full(base), _full(head), *where)
            return PendingChanges(self.root, differing, None)
        differing = self._start("diff-index", *_COMPARE, _full(base), *where)
        untracked = self._start("ls-files", "-z", "--others", "--exclude-standard", *where)
        return PendingChanges(self.root, differing, untracked)

    def changed_between(self, base: str, head: str, under: Sequence[str]) -> frozenset[str]:
        """The paths that some commit between two commits changed, also where a later one changed them back."""
        where = ["--", *(inside(path) or "." for path in under)]
        log = self._start("log", *_CHANGED, f"{_full(base)}..{_full(head)}", *where).output()
        return frozenset(decoded(path) for part in log.split(b"\0") if (path := part.lstrip(b"\n")))

    def versions(self, commit: str, paths: Sequence[str]) -> dict[str, tuple[bytes | None, ...]]:
        """What each path held in the first-parent history of a commit, newest first; None where it was removed."""
        if not paths:
            return {}
        log = self._start("log", *_HISTORY, _full(commit), "--", *map(inside, paths)).output()
        found = {decoded(path): ids for path, ids in blob_ids(log).items()}
        wanted = sorted({one for ids in found.values() for one in ids if one is not None})
        contents = dict(zip(wanted, self._contents(wanted), strict=True))
        return {path: tuple(contents[one] if one else None for one in ids) for path, ids in found.items()}

    def removed_paths(self, commit: str, under: str) -> frozenset[str]:
        """The paths below a folder that some commit of a commit's history removed, on whatever branch it was made."""
        log = self._start("log", *_REMOVALS, _full(commit), "--", inside(under) or ".").output()
        return frozenset(decoded(path) for part in log.split(b"\0") if (path := part.lstrip(b"\n")))

    def removals(self, commit: str, paths: Sequence[str]) -> dict[str, Merged]:
        """Where each path was last removed in the first-parent history of a commit."""
        found: dict[str, Merged] = {}
        for start in range(0, len(paths), _ARGUMENTS):
            some = [inside(path) for path in paths[start : start + _ARGUMENTS]]
            log = self._start(
                "log", *_HISTORY, _COMMIT_AND_DATE, "--diff-filter=D", _full(commit), "--", *some
            ).output()
            found |= {decoded(path): Merged(one, at) for path, (one, at) in removal_commits(log).items()}
        return found

    def writers(self, commit: str, paths: Sequence[str]) -> dict[str, tuple[Merged, ...]]:
        """Which commit brought each of the contents that `versions` gives, in the same order."""
        if not paths:
            return {}
        log = self._start("log", *_HISTORY, _COMMIT_AND_DATE, _full(commit), "--", *map(inside, paths)).output()
        return {
            decoded(path): tuple(Merged(one, at) for one, at in found) for path, found in writing_commits(log).items()
        }

    def _contents(self, ids: Sequence[bytes]) -> Iterator[bytes]:
        if not ids:
            return
        request = b"".join(one + b"\n" for one in ids)
        with closing(self._start("cat-file", "--batch", "--buffer", request=request).chunks()) as chunks:
            blobs = Blobs(chunks)
            for one in ids:
                yield blobs.next_blob("a former version", one)
            blobs.finish()

    def is_shallow(self) -> bool:
        """Whether the clone lacks a part of its history."""
        return self._run("rev-parse", "--is-shallow-repository") != "false"

    def branches(self, prefix: str) -> dict[str, str]:
        """Local branches whose name starts so: name → commit id."""
        folder = prefix[: prefix.rfind("/") + 1]
        listing = self._run("for-each-ref", "--format=%(objectname) %(refname)", "--", _HEADS + folder)
        pairs = (line.split(" ", 1) for line in listing.split("\n") if line)
        found = {name.removeprefix(_HEADS): commit for commit, name in pairs}
        return {name: found[name] for name in sorted(found) if name.startswith(prefix)}

    def checked_out_branch(self) -> str | None:
        """The branch that is checked out, or None for a detached head."""
        head = self._run("symbolic-ref", "--quiet", "HEAD", answers=(0, 1))
        return head.removeprefix(_HEADS) if head.startswith(_HEADS) else None

    def git_dir(self) -> Path:
        """The absolute path of this working tree's private folder, where nothing is ever committed from."""
        plain = self.root / ".git"
        if (plain / "HEAD").is_file():
            return plain.absolute()
        return Path(self._run("rev-parse", "--absolute-git-dir"))

    def commit_removals(self, base: str, removals: Sequence[Removal]) -> dict[str, str]:
        """Make each removal's commit upon `base`, on its new branch. Branch → commit id."""
        return self._commit(base, removals)

    def commit_edits(self, base: str, edits: Sequence[Edit]) -> dict[str, str]:
        """Make each edit's commit upon `base`, on its new branch. Branch → commit id."""
        return self._commit(base, edits)

    def commit_alone(self, base: str, proposals: Sequence[Proposal]) -> dict[str, str]:
        """Make the commits without their branches: compare each, which nobody sees, with what it should do."""
        commits.check(proposals)
        if not proposals:
            return {}
        if self.commit_id(base) != base:
            raise _no_commit(base)
        prefix = self._run("rev-parse", "--show-prefix")
        modes = self._modes(base, [path for one in proposals if isinstance(one, Edit) for path in one.contents])
        stream = commits.import_stream(base, prefix, proposals, modes)
        ids = self._run("fast-import", "--quiet", "--done", request=stream).split()
        made = list(zip(ids, proposals, strict=True))
        listed = "".join(f"{commit}\n" for commit in sorted(set(ids))).encode()
        compare = ("diff-tree", "--stdin", "-r", "-z", "--no-renames", "--raw", "--no-abbrev")
        commits.prove(self._start(*compare, request=listed).output(), base, prefix, made, modes)
        return {one.branch: commit for commit, one in made}

    def _commit(self, base: str, proposals: Sequence[Proposal]) -> dict[str, str]:
        """Make the commits; then give all their branches.

        The branches appear in one transaction. A run that is killed before leaves loose objects for git's own clean-up;
        one that is killed within the transaction leaves whole branches only, and the next run makes the others.
        """
        for taken in sorted(self._checked_out_anywhere() & {one.branch for one in proposals}) if proposals else ():
            raise OutsideError(
                f"branch {printable(taken)} is checked out in a working tree, so no commit is put on it",
                hint="switch that working tree to another branch, then run the command again",
            )
        branches = self.commit_alone(base, proposals)
        if branches:
            self._run("update-ref", "--stdin", "-z", request=commits.branch_transaction(branches))
        return branches

    def _modes(self, base: str, paths: Sequence[str]) -> dict[str, str]:
        """The modes of files to rewrite: git wants to be told them, and they stay as they are."""
        modes: dict[str, str] = {}
        for start in range(0, len(paths), _ARGUMENTS):
            listing = self._start("ls-tree", "-z", base, "--", *paths[start : start + _ARGUMENTS]).output()
            for record in listing.split(b"\0")[:-1]:
                about, _, raw = record.partition(b"\t")
                modes[decoded(raw)] = about[: about.index(b" ")].decode()
        for path in sorted(set(paths)):
            if not modes.get(path, "").startswith(_REGULAR):
                raise InputError(
                    f"{printable(path)} is not a regular file of commit {base}, so it cannot be edited",
                    hint="read the manifests from the same commit that the edits are based upon",
                )
        return modes

    def _checked_out_anywhere(self) -> set[str]:
        lines = self._run("worktree", "list", "--porcelain").split("\n")
        return {line.removeprefix(f"branch {_HEADS}") for line in lines if line.startswith(f"branch {_HEADS}")}

    def _run(self, *arguments: str, request: bytes = b"", answers: Collection[int] = (0,)) -> str:
        output = self._start(*arguments, request=request, answers=answers).output()
        return output.decode(errors="backslashreplace").removesuffix("\n")

    def _start(self, *arguments: str, request: bytes = b"", answers: Collection[int] = (0,)) -> Conversation:
        return self._git(*arguments, request=request, answers=answers)

    @property
    def _git(self) -> Git:
        return Git(self.root, self.environment, self.patience)


def _full(commit: str) -> str:
    if not _FULL_ID.fullmatch(commit):
        raise InputError(
            f"{printable(commit[:_LONGEST_REVISION])}: not a full commit id", hint="git rev-parse prints it"
        )
    return commit


def _no_commit(revision: str) -> InputError:
    return InputError(
        f"there is no commit {printable(revision[:_LONGEST_REVISION]) or '(empty)'} in this repository",
        hint="name a branch, a tag or a commit that this clone has; git fetch brings what it lacks",
    )
