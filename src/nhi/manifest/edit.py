"""Edits of a manifest that keep its comments, its layout and every line that they are not about.

Only the characters of the value or the key are replaced. What came out is read again with the strict reader: it must
hold exactly what was meant, and every comment; else there is no edit, but an error that says so.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nhi.errors import InputError
from nhi.manifest.layout import Entry, Value, comments, layout, line_end, line_start
from nhi.manifest.written import entry_lines, written
from nhi.manifest.yamltext import Examined, examine, shown
from nhi.model.edit import DropKey, KeyEdit, KeyPath, SetKey
from nhi.model.identity import Json
from nhi.model.source import MAX_MANIFEST_BYTES

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class _Splice:
    """What to put in place of a piece of the text."""

    start: int
    end: int
    text: str
    own: tuple[int, int] = (0, 0)
    """From here to there comments belong to what is dropped, and go with it."""


def edited(data: bytes, edits: Sequence[KeyEdit]) -> bytes:
    """The manifest after the edits, one after the other. A value that is there already changes nothing.

    Raises:
        InputError: the text is no strict YAML, a key to drop is not there, a path leads through something that is no
            mapping, or the edit cannot be made without touching what it is not about.
    """
    for edit in edits:
        for step in _steps(_read(data, edit.path), edit):
            data = _one(data, step)
    return data


def _steps(values: dict[str, Json], edit: KeyEdit) -> Iterator[KeyEdit]:
    """An edit as edits of the smallest values that differ: the rest of a mapping keeps its comments."""
    match edit:
        case SetKey(path, value):
            yield from _differences(_found(values, path), path, value)
        case DropKey():
            yield edit


def _differences(old: Json, path: KeyPath, value: Json) -> Iterator[KeyEdit]:
    if not (isinstance(old, dict) and isinstance(value, dict) and old.keys() & value.keys()):
        yield SetKey(path, value)
        return
    for key, one in value.items():
        if key not in old:
            yield SetKey((*path, key), one)
        elif not _same(old[key], one):
            yield from _differences(old[key], (*path, key), one)
    yield from (DropKey((*path, key)) for key in old if key not in value)


def _one(data: bytes, edit: KeyEdit) -> bytes:
    values = _read(data, edit.path)
    wanted = _applied(values, edit, edit.path)
    if _same(values, wanted):
        return data
    text = data.decode("utf-8")
    mapping, missing = _mapping_at(layout(text), edit.path)
    entry = None if mapping.entries is None else mapping.entries.get(missing[0])
    match edit:
        case SetKey(path, value) if entry is None:
            for key in reversed(missing[1:]):
                value = {key: value}
            splice = _insertion(text, mapping, path[-len(missing)], value)
        case SetKey(_, value):
            assert entry is not None  # noqa: S101  # the case before
            splice = _replacement(text, entry, value)
        case DropKey(path):
            splice = _removal(text, mapping, path[-1])
    after = text[: splice.start] + splice.text + text[splice.end :]
    return _proven(text, after, wanted, splice, edit.path)


def _insertion(text: str, mapping: Value, key: str, value: Json) -> _Splice:
    entries = list((mapping.entries or {}).values())
    if mapping.block:
        newline = "\r\n" if "\r\n" in text else "\n"
        column = entries[0].key - line_start(text, entries[0].key)
        at = line_end(text, mapping.end)
        lines = "".join(line + newline for line in entry_lines(key, value, column, _WIDTH))
        return _Splice(at, at, lines if text[:at].endswith("\n") else newline + lines.removesuffix(newline))
    pair = written({key: value})[1:-1]
    if not entries:
        return _Splice(mapping.start + 1, mapping.start + 1, pair)
    return _Splice(entries[-1].value.end, entries[-1].value.end, f", {pair}")


def _replacement(text: str, entry: Entry, value: Json) -> _Splice:
    old, new = entry.value, written(value)
    if not old.block:
        return _Splice(old.start, old.end, new if old.start < old.end else f" {new}")
    colon = text.find(":", entry.key_end) + 1
    return _Splice(colon, old.end, f" {new}{old.header_comment}" + _line_feed(text, old.end))


def _removal(text: str, mapping: Value, key: str) -> _Splice:
    entries = mapping.entries or {}
    order, entry = list(entries), entries[key]
    here = order.index(key)
    if not mapping.block:
        own = (entry.key, entry.value.end)
        if here:
            return _Splice(entries[order[here - 1]].value.end, entry.value.end, "", own)
        return _Splice(entry.key, entries[order[1]].key if len(order) > 1 else entry.value.end, "", own)
    if len(order) == 1:
        own = (entry.key, entry.value.end)
        return _Splice(*own, "{}" + _line_feed(text, entry.value.end), own)
    start, end = line_start(text, entry.key), line_end(text, entry.value.end)
    return _Splice(start, end, "", (entry.key, end))


def _line_feed(text: str, end: int) -> str:
    """What a value that ends with a whole line (`|+`) leaves to be written after what takes its place."""
    return "\r\n" if text.endswith("\r\n", 0, end) else "\n" if text.endswith("\n", 0, end) else ""


def _proven(before: str, after: str, wanted: dict[str, Json], splice: _Splice, path: KeyPath) -> bytes:
    """The text after an edit, if it is exactly what was meant: the values, and every comment."""
    data = after.encode("utf-8")
    if len(data) > MAX_MANIFEST_BYTES:
        raise _by_hand(path, f"the file would be larger than {MAX_MANIFEST_BYTES // 1024} KiB")
    examined = examine(data)
    if not _holds(examined, wanted):
        raise _by_hand(path, "it is written in a way that this program does not edit")
    first, last = splice.own
    kept = [comment for at, comment in comments(before) if not first <= at < last]
    if kept != [comment for _, comment in comments(after)]:
        raise _by_hand(path, "a comment stands within it, which would be lost")
    return data


def _holds(examined: Examined, wanted: dict[str, Json]) -> bool:
    return examined.values is not None and not examined.problems and _same(examined.values, wanted)


def _read(data: bytes, path: KeyPath) -> dict[str, Json]:
    examined = examine(data)
    if examined.values is None or examined.problems:
        raise _by_hand(path, f"line {examined.problems[0].line}: {examined.problems[0].message}")
    return examined.values


def _found(values: dict[str, Json], path: KeyPath) -> Json:
    found: Json = values
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _applied(values: Json, edit: KeyEdit, rest: KeyPath) -> dict[str, Json]:
    """A copy with the edit made: what the text must hold afterwards."""
    if not isinstance(values, dict) or not rest:
        raise _by_hand(edit.path, "its path leads through something that is no mapping")
    key, below = rest[0], rest[1:]
    if below:
        return {
            **values,
            key: _applied(values.get(key, {}) if isinstance(edit, SetKey) else values.get(key), edit, below),
        }
    match edit:
        case SetKey(value=value):
            return {**values, key: value}
        case DropKey():
            if key not in values:
                raise _by_hand(edit.path, "it is not there")
            return {name: value for name, value in values.items() if name != key}


def _mapping_at(root: Value, path: KeyPath) -> tuple[Value, KeyPath]:
    """The innermost mapping on the way that is there, and what of the path lies within it."""
    mapping, rest = root, path
    while len(rest) > 1 and mapping.entries is not None and rest[0] in mapping.entries:
        mapping, rest = mapping.entries[rest[0]].value, rest[1:]
    return mapping, rest


def _same(one: Json, other: Json) -> bool:
    """Equal in value and type: true is not 1, and 1 is not 1.0. The order of a mapping's keys is no matter."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _by_hand(path: KeyPath, reason: str) -> InputError:
    return InputError(f"{shown('.'.join(path))} cannot be edited: {reason}", hint="edit the manifest by hand")
