"""Commits that remove files, in the languages of `git fast-import` and `git update-ref`.

Pure: text to bytes. A commit is made without a branch, looked at, and only then do all branches appear in one
transaction.
"""

import string
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from nhi.errors import InputError, OutsideError
from nhi.repository.changes import Difference, differences
from nhi.repository.interface import Removal
from nhi.repository.paths import inside, printable

COMMITTER_NAME = "nhi"
COMMITTER_EMAIL = "nhi@localhost.example"
"""Author and committer of every removal: this program, wherever it runs, so that the commit ids are the same.
Who let it run is for the evidence to say; an unsigned name in a commit proves nothing."""

_PLAIN = frozenset((string.ascii_letters + string.digits + "/_-. ").encode())
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check(removals: Sequence[Removal]) -> None:
    """Refuse removals that cannot each become a commit on a branch of their own.

    Raises:
        InputError: a removal has no path or an impossible message, or two have the same branch.
        UsageError: a path does not lie inside of the repository.
    """
    seen: set[str] = set()
    for removal in removals:
        if not removal.paths:
            raise InputError(f"{printable(removal.branch)}: there is nothing to remove on this branch")
        if removal.branch in seen:
            raise InputError(f"{printable(removal.branch)}: two removals want this branch")
        if not all(map(inside, removal.paths)):
            raise InputError(f"{printable(removal.branch)}: the whole repository cannot be removed")
        if "\0" in removal.message:
            raise InputError(f"{printable(removal.branch)}: its message holds a null, which no commit can")
        if not removal.branch.isprintable() or removal.branch.startswith("-") or removal.branch == "HEAD":
            raise InputError(f"{printable(removal.branch)}: not a name for a branch")
        seen.add(removal.branch)


def import_stream(base: str, prefix: str, removals: Sequence[Removal]) -> bytes:
    """A stream that makes each removal's commit upon `base` and prints its id, in order; it leaves no reference.

    `prefix` is the way from Git's top folder to the repository's, "" or with a `/` at its end.
    https://git-scm.com/docs/git-fast-import: a reference that is reset to the null id is never written.
    """
    lines: list[bytes] = []
    for number, removal in enumerate(removals, start=1):
        seconds = (removal.at - _EPOCH).days * 86_400 + (removal.at - _EPOCH).seconds
        person = f"{COMMITTER_NAME} <{COMMITTER_EMAIL}> {seconds} +0000"
        message = removal.message.encode(errors="backslashreplace")
        reference = f"refs/nhi/unborn/{number}"
        lines += [
            f"commit {reference}\nmark :{number}\nauthor {person}\ncommitter {person}".encode(),
            f"data {len(message)}".encode(),
            message,
            f"from {base}".encode(),
            *(b"D " + _quoted(prefix + path) for path in sorted(set(removal.paths))),
            f"\nget-mark :{number}\nreset {reference}\nfrom {'0' * len(base)}\n".encode(),
        ]
    return b"\n".join([*lines, b"done\n"])


def prove(difference: bytes, base: str, prefix: str, made: Sequence[tuple[str, Removal]]) -> None:
    """Refuse commits that do not remove exactly their removals' paths.

    `difference` is what `git diff-tree --stdin -r -z --no-renames --raw --no-abbrev` says of the commits `made`.

    Raises:
        InputError: a path is not a file of `base`.
        OutsideError: a commit does something else.
    """
    found: dict[str, set[tuple[str, str]]] = {commit: set() for commit, _ in made}
    for commit, one in _by_commit(difference):
        found[commit].add((one.status, one.path))
    for commit, removal in made:
        wanted = {("D", prefix + path) for path in removal.paths}
        if missing := sorted(path for _, path in wanted - found[commit]):
            raise InputError(
                f"{printable(missing[0])} is not a file of commit {base}, so it cannot be removed",
                hint="read the manifests from the same commit that the removals are based upon",
            )
        if found[commit] != wanted:
            raise OutsideError(
                f"git made a commit that does more than remove {len(wanted)} file(s); no branch was made"
            )


def branch_transaction(commits: Mapping[str, str]) -> bytes:
    """For `git update-ref --stdin -z`: create every branch, or none. Branch → commit id."""
    create = b"".join(f"create refs/heads/{name}\0{commit}\0".encode() for name, commit in commits.items())
    return b"start\0" + create + b"prepare\0commit\0"


def _by_commit(difference: bytes) -> Iterator[tuple[str, Difference]]:
    """Each commit's id stands before its records; one without a difference does not stand there at all."""
    fields = iter(difference.split(b"\0")[:-1])
    commit = ""
    for field in fields:
        if field.startswith(b":"):
            yield from ((commit, one) for one in differences(field + b"\0" + next(fields, b"") + b"\0"))
        else:
            commit = field.decode()


def _quoted(path: str) -> bytes:
    """In git's C-style quotes, as octal every byte that could mean something."""
    return b'"%b"' % b"".join(bytes([byte]) if byte in _PLAIN else b"\\%03o" % byte for byte in path.encode())
