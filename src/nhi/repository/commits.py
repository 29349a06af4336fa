"""Commits that remove or rewrite files, in the languages of `git fast-import` and `git update-ref`.

Pure: text to bytes. A commit is made without a branch, looked at, and only then do all branches appear in one
transaction.
"""

import hashlib
import string
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from nhi.errors import InputError, OutsideError
from nhi.repository.changes import Difference, differences
from nhi.repository.interface import Edit, Removal
from nhi.repository.paths import inside, printable

COMMITTER_NAME = "nhi"
COMMITTER_EMAIL = "nhi@localhost.example"
"""Author and committer of every such commit: this program, wherever it runs, so that the commit ids are the same.
Who let it run is for the evidence to say; an unsigned name in a commit proves nothing."""

Proposal: TypeAlias = Removal | Edit
"""A commit to be made on a branch of its own."""

_PLAIN = frozenset((string.ascii_letters + string.digits + "/_-. ").encode())
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHA1_LETTERS = 40
_ABSENT_MODE = "000000"


def touched(proposal: Proposal) -> tuple[str, ...]:
    """The paths that a commit changes, sorted, each once."""
    match proposal:
        case Removal(paths=paths):
            return tuple(sorted(set(paths)))
        case Edit(contents=contents):
            return tuple(sorted(contents))


def check(proposals: Sequence[Proposal]) -> None:
    """Refuse what cannot become commits, each on a branch of its own.

    Raises:
        InputError: one has no path or an impossible message, or two have the same branch.
        UsageError: a path does not lie inside of the repository.
    """
    seen: set[str] = set()
    for one in proposals:
        if not touched(one):
            raise InputError(f"{printable(one.branch)}: there is nothing to change on this branch")
        if one.branch in seen:
            raise InputError(f"{printable(one.branch)}: two commits want this branch")
        if not all(map(inside, touched(one))):
            raise InputError(f"{printable(one.branch)}: the whole repository cannot be changed")
        if "\0" in one.message:
            raise InputError(f"{printable(one.branch)}: its message holds a null, which no commit can")
        if not one.branch.isprintable() or one.branch.startswith("-") or one.branch == "HEAD":
            raise InputError(f"{printable(one.branch)}: not a name for a branch")
        seen.add(one.branch)


def import_stream(base: str, prefix: str, proposals: Sequence[Proposal], modes: Mapping[str, str]) -> bytes:
    """A stream that makes each commit upon `base` and prints its id, in order; it leaves no reference.

    `prefix` is the way from Git's top folder to the repository's, "" or with a `/` at its end. `modes` has the mode in
    `base` of every file that is rewritten.
    https://git-scm.com/docs/git-fast-import: a reference that is reset to the null id is never written.
    """
    lines: list[bytes] = []
    for number, one in enumerate(proposals, start=1):
        seconds = (one.at - _EPOCH).days * 86_400 + (one.at - _EPOCH).seconds
        person = f"{COMMITTER_NAME} <{COMMITTER_EMAIL}> {seconds} +0000"
        message = one.message.encode(errors="backslashreplace")
        reference = f"refs/nhi/unborn/{number}"
        lines += [
            f"commit {reference}\nmark :{number}\nauthor {person}\ncommitter {person}".encode(),
            f"data {len(message)}".encode(),
            message,
            f"from {base}".encode(),
            *_file_lines(one, prefix, modes),
            f"\nget-mark :{number}\nreset {reference}\nfrom {'0' * len(base)}\n".encode(),
        ]
    return b"\n".join([*lines, b"done\n"])


def prove(
    difference: bytes, base: str, prefix: str, made: Sequence[tuple[str, Proposal]], modes: Mapping[str, str]
) -> None:
    """Refuse commits that do not do exactly what they should.

    `difference` is what `git diff-tree --stdin -r -z --no-renames --raw --no-abbrev` says of the commits `made`.

    Raises:
        InputError: a path to remove is not a file of `base`, or one to rewrite has that content already.
        OutsideError: a commit does something else.
    """
    found: dict[str, set[tuple[str, str, str, str]]] = {commit: set() for commit, _ in made}
    for commit, one in _by_commit(difference):
        found[commit].add((one.path, one.status, one.new_mode, one.new_id))
    for commit, proposal in made:
        changed = {path for path, status, *_ in found[commit] if status == "D" or isinstance(proposal, Edit)}
        if missing := sorted(path for path in touched(proposal) if prefix + path not in changed):
            raise _untouched(proposal, prefix + missing[0], base)
        if found[commit] != _wanted(proposal, base, prefix, modes):
            raise OutsideError(
                f"git made a commit that does more than {_purpose(proposal)} {len(touched(proposal))} file(s); "
                "no branch was made"
            )


def branch_transaction(commits: Mapping[str, str]) -> bytes:
    """For `git update-ref --stdin -z`: create every branch, or none. Branch → commit id."""
    create = b"".join(f"create refs/heads/{name}\0{commit}\0".encode() for name, commit in commits.items())
    return b"start\0" + create + b"prepare\0commit\0"


def _file_lines(proposal: Proposal, prefix: str, modes: Mapping[str, str]) -> list[bytes]:
    match proposal:
        case Removal():
            return [b"D " + _quoted(prefix + path) for path in touched(proposal)]
        case Edit(contents=contents):
            return [
                b"M %b inline %b\ndata %d\n%b"
                % (modes[path].encode(), _quoted(prefix + path), len(contents[path]), contents[path])
                for path in touched(proposal)
            ]


def _wanted(proposal: Proposal, base: str, prefix: str, modes: Mapping[str, str]) -> set[tuple[str, str, str, str]]:
    """Path, status, new mode and new id of each record that git should give."""
    match proposal:
        case Removal():
            return {(prefix + path, "D", _ABSENT_MODE, "0" * len(base)) for path in touched(proposal)}
        case Edit(contents=contents):
            return {
                (prefix + path, "M", modes[path], _blob_id(content, len(base))) for path, content in contents.items()
            }


def _untouched(proposal: Proposal, path: str, base: str) -> InputError:
    match proposal:
        case Removal():
            return InputError(
                f"{printable(path)} is not a file of commit {base}, so it cannot be removed",
                hint="read the manifests from the same commit that the removals are based upon",
            )
        case Edit():
            return InputError(f"{printable(path)} has that content already in commit {base}")


def _purpose(proposal: Proposal) -> str:
    match proposal:
        case Removal():
            return "remove"
        case Edit():
            return "rewrite"


def _blob_id(content: bytes, letters: int) -> str:
    """The id that git gives to a content: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects."""
    digest = hashlib.new("sha1" if letters == _SHA1_LETTERS else "sha256", usedforsecurity=False)
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()


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
