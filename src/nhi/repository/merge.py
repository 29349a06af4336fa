"""What merging two commits makes, as objects alone: no branch, no index and no working tree is part of it.

git works in an empty folder of its own beside the clone's objects. So it sees no configuration, neither the user's nor
the clone's, and no attributes: no merge driver runs, and the same two commits give the same merge on any machine.
"""

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from nhi.errors import MissingTool
from nhi.repository.commits import COMMITTER_EMAIL, COMMITTER_NAME
from nhi.repository.conversation import Failure, failure
from nhi.repository.interface import Merge
from nhi.repository.paths import printable
from nhi.repository.start import Git

MOST_CONFLICTS = 100
"""How many paths in conflict are told."""
_LONGEST_PATH = 300
_LATEST = 2**32 - 1
"""Seconds since 1970: the latest date that every git can write."""
_USAGE = 129
"""How git ends that does not know an option."""
_CONFLICT = 1
"""How `git merge-tree` ends on a conflict. It need not be one of any single file, so that it may name none:
https://git-scm.com/docs/git-merge-tree#_mistakes_to_avoid."""
_SHA1_LETTERS = 40


class Parts(NamedTuple):
    """Where a clone keeps what a merge needs."""

    objects: Path
    shallow: Path
    """Names the commits whose parents a shallow clone lacks; absent in a whole one."""


@contextmanager
def objects_alone(parts: Parts, letters: int) -> Generator[Mapping[str, str]]:
    """Variables for a git that sees a clone's objects and nothing else. `letters` is the length of an object id."""
    with tempfile.TemporaryDirectory(prefix="nhi-merge-") as name:
        folder = Path(name)
        (folder / "refs").mkdir()
        (folder / "HEAD").write_text("ref: refs/heads/none\n")
        version, extension = (0, "") if letters == _SHA1_LETTERS else (1, "[extensions]\n\tobjectFormat = sha256\n")
        (folder / "config").write_text(f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n{extension}")
        if parts.shallow.is_file():
            (folder / "shallow").write_bytes(parts.shallow.read_bytes())
        yield {
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.attributesFile",
            "GIT_CONFIG_VALUE_0": "/dev/null",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_DIR": name,
            "GIT_OBJECT_DIRECTORY": str(parts.objects),
        }


def merged(git: Git, base: str, head: str, seconds: int) -> Merge:
    """Merge two commits of which neither is the other's ancestor.

    The commit has this program as its author and committer, and `seconds` since 1970 as its date.
    """
    options = ("--write-tree", "-z", "--name-only", "--no-messages")
    code, said = git("merge-tree", *options, base, head, answers=(0, _CONFLICT)).answer()
    tree, *paths = said.decode(errors="backslashreplace").split("\0")[:-1]
    if code == _CONFLICT:
        return Merge(None, tuple(_shown(path) for path in paths[:MOST_CONFLICTS]))
    commit = [
        f"tree {tree}",
        f"parent {base}",
        f"parent {head}",
        *(f"{role} {COMMITTER_NAME} <{COMMITTER_EMAIL}> {seconds} +0000" for role in ("author", "committer")),
        f"\nMerge {head} into {base}\n",
    ]
    write = ("-t", "commit", "-w", "--stdin")
    return Merge(git("hash-object", *write, request="\n".join(commit).encode()).output().decode().strip(), ())


def date_of(commit: bytes) -> int:
    """The committer's date of a commit's text, in seconds since 1970; 0 where it has none that can be believed."""
    head = commit.partition(b"\n\n")[0]
    line = next((one for one in head.split(b"\n") if one.startswith(b"committer ")), b"")
    word = line.rpartition(b"> ")[2].partition(b" ")[0]
    return min(int(word), _LATEST) if word.isdigit() else 0


def merge_failure(failed: Failure) -> Exception:
    """What a failure is to a person: an old git does not know the words."""
    if failed.code == _USAGE and "merge-tree" in failed.what:
        return MissingTool(
            "this git cannot merge without a working tree", hint="install git 2.38 or newer; git --version tells"
        )
    return failure(failed)


def _shown(path: str) -> str:
    text = printable(path)
    return text if len(text) <= _LONGEST_PATH else text[:_LONGEST_PATH] + "…"
