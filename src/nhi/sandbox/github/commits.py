"""Commits of a bare repository: read, listed, compared, merged, squashed, replayed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nhi.sandbox.github.git_store import Commit, Signature, Store

_FIELDS = "%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
_FIELD_COUNT = 10
_STATES = {"A": "added", "D": "removed", "M": "modified", "T": "changed", "R": "renamed", "C": "copied"}
_RAW = re.compile(r":(?P<old>\d+) (?P<new>\d+) (?P<before>[0-9a-f]+) (?P<after>[0-9a-f]+) (?P<state>[A-Z])\d*")
_LONGEST_PATCH = 400_000
"""Of all patches together; a larger one is left out, as GitHub does with "large" ones."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs between two commits."""

    path: str
    status: str
    """`added`, `removed`, `modified`, `renamed`, `changed`."""
    sha: str | None
    """Of the blob; of a removed file the one it was."""
    additions: int
    deletions: int
    previous: str | None = None


def commit(store: Store, sha: str) -> Commit | None:
    """A commit, or None."""
    found = store.resolve(sha)
    return None if found is None else commits(store, found, only=1)[0]


def commits(store: Store, head: str, without: str | None = None, *, only: int | None = None) -> list[Commit]:
    """What is in `head` and not in `without`, oldest first."""
    limit = [] if only is None else [f"--max-count={only}"]
    bounds = [head] if without is None else [head, f"^{without}"]
    words = store.git("log", "-z", "--topo-order", f"--format=tformat:{_FIELDS}", *limit, *bounds, "--").split("\0")
    rows = [words[start : start + _FIELD_COUNT] for start in range(0, len(words) - 1, _FIELD_COUNT)]
    return [_commit(row) for row in reversed(rows)]


def count(store: Store, head: str, without: str) -> int:
    """How many commits are in `head` and not in `without`."""
    return int(store.git("rev-list", "--count", head, f"^{without}", "--"))


def changes(store: Store, base: str, head: str) -> list[FileChange]:
    """What `head` changed since it parted from `base`, sorted by path: the three-dot comparison of a pull request."""
    start = store.merge_base(base, head) or store.git("hash-object", "-t", "tree", "--stdin").strip()
    out = store.git_bytes("diff-tree", "-r", "-M", "-z", "--raw", "--numstat", "--no-abbrev", start, head)
    return sorted(_changes(out), key=lambda one: one.path)


def patches(store: Store, base: str, head: str, paths: Sequence[str]) -> Mapping[str, str]:
    """The patch of each of these files, as far as they are not too large."""
    start = store.merge_base(base, head) or store.git("hash-object", "-t", "tree", "--stdin").strip()
    out = store.git("diff-tree", "-r", "-M", "-p", "--no-ext-diff", "--no-textconv", start, head)
    if len(out) > _LONGEST_PATCH:
        return {}
    found = {}
    for one in re.split(r"^(?=diff --git )", out, flags=re.MULTILINE):
        place = one.find("\n@@ ")
        named = next((path for path in paths if f" b/{path}\n" in one[:place]), None)
        if place >= 0 and named is not None:
            found[named] = one[place + 1 :].rstrip("\n")
    return found


def blob(store: Store, revision: str, path: str) -> bytes | None:
    """A file of a commit, or None where there is none."""
    listed = store.git("ls-tree", "-z", revision, "--", f":(literal){path}")
    if not listed.startswith("100"):
        return None
    return store.git_bytes("cat-file", "blob", listed.split()[2])


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit before it is made."""

    tree: str
    parents: Sequence[str]
    message: str
    author: Signature
    committer: Signature


def make(store: Store, draft: Draft) -> str:
    """A new commit; no reference names it yet."""
    before = [word for parent in draft.parents for word in ("-p", parent)]
    return store.as_somebody(
        draft.author, draft.committer, "commit-tree", draft.tree, *before, "-F", "-", given=draft.message
    )


def replay(store: Store, base: str, head: str, committer: Signature) -> str | None:
    """The commits of `head` once more on top of `base`, as a rebase makes them; None where one conflicts."""
    for one in commits(store, head, base):
        if len(one.parents) > 1:
            continue
        # git 2.39 takes no merge base for merge-tree: so ours becomes a commit whose parent is the one picked from
        ours = commit(store, base)
        if ours is None or not one.parents:
            return None
        beside = make(store, Draft(ours.tree, one.parents, "beside", committer, committer))
        tree = store.merged_tree(beside, one.sha)
        if tree is None:
            return None
        if tree != ours.tree:
            base = make(store, Draft(tree, [base], one.message, one.author, committer))
    return base


def _commit(row: Sequence[str]) -> Commit:
    sha, tree, parents, author, author_email, authored, committer, committer_email, committed, message = row
    return Commit(
        sha,
        tree,
        tuple(parents.split()),
        Signature(author, author_email, datetime.fromtimestamp(int(authored), UTC)),
        Signature(committer, committer_email, datetime.fromtimestamp(int(committed), UTC)),
        message.rstrip("\n"),
    )


def _changes(out: bytes) -> Iterator[FileChange]:
    raw, sizes = _halves(out.decode("utf-8", "replace").split("\0"))
    for path, (state, sha, previous) in raw.items():
        added, deleted = sizes.get(path, (0, 0))
        yield FileChange(path, _STATES.get(state, "changed"), sha, added, deleted, previous)


def _halves(words: list[str]) -> tuple[dict[str, tuple[str, str, str | None]], dict[str, tuple[int, int]]]:
    raw: dict[str, tuple[str, str, str | None]] = {}
    sizes: dict[str, tuple[int, int]] = {}
    rest = iter(words)
    for word in rest:
        if found := _RAW.fullmatch(word):
            first = next(rest)
            renamed = found["state"] in "RC"
            sha = found["before"] if found["state"] == "D" else found["after"]
            raw[next(rest) if renamed else first] = (found["state"], sha, first if renamed else None)
        elif word:
            added, deleted, path = word.split("\t", 2)
            if not path:  # of a renamed file both names follow, each as a word of its own
                next(rest)
                path = next(rest)
            sizes[path] = (0, 0) if added == "-" else (int(added), int(deleted))
    return raw, sizes
