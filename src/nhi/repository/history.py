"""What a path held over time, from `git log --raw`. Pure: text in, object ids out."""

from collections.abc import Iterator
from datetime import UTC, datetime

_NOTHING = b"0"


def blob_ids(log: bytes) -> dict[bytes, list[bytes | None]]:
    """Path → the object ids that the path had, newest first; None where it was removed.

    `log` is the output of `git log --raw -z --format= --no-abbrev`:
    https://git-scm.com/docs/git-diff-index#_raw_output_format
    """
    found: dict[bytes, list[bytes | None]] = {}
    for record, path in _records(log):
        new_id = record.split(b" ")[3]
        found.setdefault(path, []).append(None if not new_id.strip(_NOTHING) else new_id)
    return found


def writing_commits(log: bytes) -> dict[bytes, list[tuple[str, datetime]]]:
    """Path → the commits that gave it another content or removed it, newest first, and each committer's date.

    `log` is the output of `git log --raw -z --format='commit %H %ct'`.
    """
    found: dict[bytes, list[tuple[str, datetime]]] = {}
    commit, at = "", datetime.min.replace(tzinfo=UTC)
    parts = iter(log.split(b"\0"))
    for part in parts:
        record = part.lstrip(b"\n")
        if record.startswith(b"commit "):
            _, hexadecimal, seconds = record.decode().split(" ")
            commit, at = hexadecimal, datetime.fromtimestamp(int(seconds), UTC)
        elif record.startswith(b":"):
            found.setdefault(next(parts), []).append((commit, at))
    return found


def removal_commits(log: bytes) -> dict[bytes, tuple[str, datetime]]:
    """Path → the newest commit that removed it, and its committer's date.

    `log` is the output of `git log --raw -z --diff-filter=D --format='commit %H %ct'`, newest first.
    """
    return {path: commits[0] for path, commits in writing_commits(log).items()}


def _records(log: bytes) -> Iterator[tuple[bytes, bytes]]:
    parts = iter(log.split(b"\0"))
    for part in parts:
        record = part.lstrip(b"\n")
        if record.startswith(b":"):
            yield record, next(parts)
