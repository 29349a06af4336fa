"""Whether one trust lets in more than another, for whatever shape a kind gives it: any JSON, whose lists are sets.

More entries in a list let more in, fewer let less in. All else cannot be told apart from letting more in: another
number, another text, a key that is new or gone. Nor can an empty list, which may mean "nobody" as well as "no
restriction", nor a list whose name says that it shuts out.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from nhi.model.identity import Json
from nhi.policy.iam.access import Change, together

_SHUTS_OUT = re.compile(r"(?i)(^|[_-])(not?|except\w*|den(y|ied)|exclu\w+|block\w*|forbid\w*|without)([_-]|$)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value and where it stands: `services` and `lambda.amazonaws.com`."""

    at: str
    """Keys with dots between; empty at the top."""
    value: str
    """Not escaped; what is not text is JSON."""


def compare_sets(before: Json, after: Json) -> Change:
    """What the change from one trust to another does."""
    return together(*_changes("", before, after))


def entries_gained(before: Json, after: Json, most: int = 20) -> tuple[Entry, ...]:
    """The values that are new, in the order in which they are written; as many as asked for."""
    old = set(_entries("", before))
    return tuple(islice((one for one in _entries("", after) if one not in old), most))


def _changes(name: str, before: Json, after: Json) -> Iterator[Change]:
    match before, after:
        case dict(), dict():
            for key in {**before, **after}:
                if key in before and key in after:
                    yield from _changes(key, before[key], after[key])
                else:
                    yield Change.BOTH
        case list(), list():
            old, new = set(map(_json, before)), set(map(_json, after))
            if old == new:
                yield Change.SAME
            elif not old or not new or _SHUTS_OUT.search(name):
                yield Change.BOTH
            else:
                yield together(*([Change.BROADENED] if new - old else []), *([Change.NARROWED] if old - new else []))
        case _:
            yield Change.SAME if _json(before) == _json(after) else Change.BOTH


def _entries(at: str, value: Json) -> Iterator[Entry]:
    match value:
        case dict():
            for key, one in value.items():
                yield from _entries(f"{at}.{key}" if at else key, one)
        case list():
            for one in value:
                yield Entry(at, _text(one))
        case _:
            yield Entry(at, _text(value))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
