"""A bare repository of the loopback GitHub: what git itself knows, asked of git itself."""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nhi.errors import OutsideError

_SECONDS = 120
NO_COMMIT = 40 * "0"
"""What git writes where a reference was not there before, or is not there any more."""
_KEPT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
_SET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class Refused(Exception):
    """Git did not do it: a reference moved meanwhile, or is not there."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Whose work a commit is, as the commit itself says."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Update:
    """A reference that moves. `old` is NO_COMMIT where it is new, `new` where it goes."""

    reference: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class File:
    """What somebody commits at a path."""

    content: bytes
    is_link: bool = False
    """A symbolic link; the content is where to."""
    is_program: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit object."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True)
class Store:
    """One bare repository."""

    path: Path
    environment: Mapping[str, str]

    def create(self, branch: str) -> None:
        """Make it, with nothing in it; its HEAD names that branch."""
        self._start("init", "--bare", "--quiet", f"--initial-branch={branch}", str(self.path), folder=self.path.parent)
        self.git("config", "core.logAllRefUpdates", "false")
        self.git("config", "gc.auto", "0")

    def git(self, *arguments: str, given: str | bytes | None = None, answers: Sequence[int] = (0,)) -> str:
        """What git prints.

        Raises:
            Refused: it ended with another code than these.
        """
        return self._start(*arguments, given=given, answers=answers)[1].decode("utf-8", "replace")

    def git_bytes(self, *arguments: str) -> bytes:
        """As `git`, unread."""
        return self._start(*arguments)[1]

    def asked(self, *arguments: str) -> bool:
        """A question that git answers with 0 or 1."""
        return self._start(*arguments, answers=(0, 1))[0] == 0

    def as_somebody(self, author: Signature, committer: Signature, *arguments: str, given: str) -> str:
        """As `git`, for what makes commits."""
        names: dict[str, str] = {}
        for role, one in (("AUTHOR", author), ("COMMITTER", committer)):
            names |= {
                f"GIT_{role}_NAME": one.name,
                f"GIT_{role}_EMAIL": one.email,
                f"GIT_{role}_DATE": f"@{int(one.at.timestamp())} +0000",
            }
        return self._start(*arguments, given=given, extra=names)[1].decode().strip()

    def tree_with(self, tree: str | None, files: Mapping[str, File | None]) -> str:
        """A tree like another (else like none), but with these files, and without those that are None."""
        lines = []
        for path, file in files.items():
            blob = NO_COMMIT if file is None else self.git("hash-object", "-w", "--stdin", given=file.content).strip()
            mode = "0" if file is None else "120000" if file.is_link else "100755" if file.is_program else "100644"
            lines.append(f"{mode} {blob}\t{path}\0")
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._start("read-tree", "--empty" if tree is None else tree, extra=index)
            self._start("update-index", "-z", "--index-info", given="".join(lines), extra=index)
            return self._start("write-tree", extra=index)[1].decode().strip()

    def resolve(self, reference: str) -> str | None:
        """The commit that a full reference or a commit id names."""
        code, out = self._start(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}", answers=(0, 1, 128)
        )
        return out.decode().strip() if code == 0 else None

    def refs(self, *patterns: str) -> dict[str, str]:
        """Reference → the object it names."""
        out = self.git("for-each-ref", "--format=%(objectname) %(refname)", *patterns)
        return {name: sha for sha, _, name in (line.partition(" ") for line in out.splitlines())}

    def update(self, reference: str, new: str, old: str | None = None) -> None:
        """Let a reference name another commit; with `old`, only while it names that one.

        Raises:
            Refused: it does not any more, or the name is none.
        """
        self.git("update-ref", reference, new, *([] if old is None else [old]))

    def delete(self, reference: str, old: str) -> None:
        """Take a reference away, while it names that commit.

        Raises:
            Refused: it does not any more.
        """
        self.git("update-ref", "-d", reference, old)

    def fetch(self, other: "Store", reference: str, into: str) -> None:
        """Have the objects of another repository here, under a reference of ours."""
        self.git("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(other.path), f"+{reference}:{into}")

    def merge_base(self, one: str, other: str) -> str | None:
        """Where two histories part; None where they have nothing in common."""
        code, out = self._start("merge-base", one, other, answers=(0, 1))
        return out.decode().strip() if code == 0 else None

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether all of `old` is in `new` already."""
        return self.asked("merge-base", "--is-ancestor", old, new)

    def merged_tree(self, base: str, head: str) -> str | None:
        """The tree that merging makes, or None where there are conflicts."""
        code, out = self._start("merge-tree", "--write-tree", "--allow-unrelated-histories", base, head, answers=(0, 1))
        return out.decode().partition("\n")[0] if code == 0 else None

    def _start(
        self,
        *arguments: str,
        given: str | bytes | None = None,
        answers: Sequence[int] = (0,),
        folder: Path | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        kept = {key: self.environment[key] for key in _KEPT if key in self.environment}
        done = subprocess.run(  # noqa: S603  # fixed programs; no shell
            ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", *arguments],  # noqa: S607  # as on the user's PATH
            cwd=folder or self.path,
            env={**kept, **_SET, **(extra or {})},
            input=given.encode() if isinstance(given, str) else given or b"",
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode not in answers:
            raise Refused(f"git {arguments[0]} ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace')}")
        return done.returncode, done.stdout


def fsck(store: Store) -> str:
    """What is wrong with the repository: nothing. What nobody refers to any more is not wrong.

    Raises:
        OutsideError: git finds it broken.
    """
    try:
        return store.git("fsck", "--full", "--strict", "--no-dangling", "--no-progress")
    except Refused as cause:
        raise OutsideError(f"the loopback GitHub's repository is broken: {cause}") from cause
