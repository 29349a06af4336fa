"""Paths of a repository's files: relative to it, with `/`, and always text."""

import re

from nhi.errors import InputError, UsageError

_UNSPEAKABLE = re.compile("[\0\ud800-\udfff]")
"""What no path in UTF-8 can hold: the null, and halves of characters (Python's stand-in for undecodable bytes)."""


def inside(path: str) -> str:
    """The path, if it can only mean a place inside of the repository; "" for the repository's own folder (".").

    Raises:
        UsageError: it is absolute, or goes through `.` or `..`, or has an empty part, or is no text.
    """
    if path in {"", "."}:
        return ""
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts) or _UNSPEAKABLE.search(path):
        raise UsageError(
            f"{printable(path)}: not a path inside of the repository",
            hint="name it relative to the repository's folder, such as identities/prod",
        )
    return path


def decoded(raw: bytes) -> str:
    """A path as text.

    Raises:
        InputError: it is not UTF-8.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as cause:
        raise InputError(
            f"{printable(raw.decode(errors='backslashreplace'))}: the file's name is not UTF-8",
            hint="rename the file; names of manifests have a-z, 0-9 and - only",
        ) from cause


def printable(text: str) -> str:
    """Text as one line that cannot steer a terminal: what is not printable stands escaped, as Python does."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
