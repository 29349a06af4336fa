"""Words for messages: text from a manifest quoted and bounded, names listed, the nearest known name found."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice

QUOTED_LENGTH = 60
"""Longer text is cut: a message is one line, and a manifest may hold 64 KiB in one value."""

_MOST_CANDIDATES = 500
_MOST_LISTED = 3


def quoted(text: str) -> str:
    """The text in quotes, on one line: what cannot be printed is written as an escape, what is too long is cut."""
    return _cut(text, repr(text[:QUOTED_LENGTH]))


def quoted_name(text: str) -> str:
    """As `quoted`, for what should be ASCII (names, actions, ARNs): a look-alike letter shows as an escape."""
    return _cut(text, ascii(text[:QUOTED_LENGTH]))


def listed(names: Iterable[str]) -> str:
    """The first few names, quoted, with commas between them; empty where there are none."""
    return ", ".join(quoted_name(name) for name in islice(names, _MOST_LISTED))


def others(names: Sequence[str]) -> str:
    """The first name, quoted, and how many more there are: "'s3:GetObject' and 2 more"."""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{quoted_name(names[0])}{more}"


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that somebody probably meant, or None where none is near. Bounded in time."""
    if len(name) > QUOTED_LENGTH:
        return None
    near = (one for one in known if abs(len(one) - len(name)) <= _most_edits(name))
    return _closest(name, tuple(islice(near, _MOST_CANDIDATES)))


def _most_edits(name: str) -> int:
    return max(2, len(name) // 4)


@lru_cache(maxsize=256)
def _closest(name: str, candidates: tuple[str, ...]) -> str | None:
    # Kept, since one owner who is gone from owners.yaml can be the owner of thousands of manifests.
    folded = {one.casefold(): one for one in reversed(candidates)}
    match get_close_matches(name.casefold(), folded, n=1, cutoff=0.7):
        case [best]:
            return folded[best]
        case _:
            return None


def _cut(text: str, escaped: str) -> str:
    if len(text) <= QUOTED_LENGTH and len(escaped) <= QUOTED_LENGTH + 2:
        return escaped
    return f"{escaped[: QUOTED_LENGTH + 1].rstrip(escaped[0])}…{escaped[0]}"
