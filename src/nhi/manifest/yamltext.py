"""The door to YAML: a strict subset of YAML 1.2, read with libyaml through PyYAML.

One mapping, plain keys, no tags, no anchors or aliases, no duplicate keys, bounded nesting. `plain_values` is the quick
way for the many files that are fine; `examine` walks a file again, with positions, to say what is wrong and where.

Strings stay strings unless YAML 1.2's core schema says otherwise: `no`, `12:30:45` and `2027-03-31` are text here, and
so is `012345678901` (an account id, which other readers turn into a number without its leading zero).
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml
from yaml._yaml import CParser  # libyaml itself: yaml.CSafeLoader adds YAML 1.1 types, which we do not want

from nhi.manifest import problems
from nhi.manifest.problems import Problem, ProblemKind
from nhi.model.identity import Json

KeyPath = tuple[str | int, ...]

_MAX_DEPTH = 32
_FEW_FLOW_COLLECTIONS = 1000
"""libyaml's time grows with the square of the open flow collections (60,000 take 3 s), and PyYAML's C composer recurses
without a bound (30,000 levels end the process), so more than these are counted before libyaml sees the text."""
_BRACKET = re.compile(rb"[\[\]{}]")
_COMPACT_NESTING = re.compile(rb"(?:[-?][ \t]+){16}")
_FEW_COMPACT = 16
_ANCHOR_OR_ALIAS = re.compile(rb"[&*](?<![^\s\[{,][&*])[^\s\"']")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_PLAIN_BYTES = bytes([9, 10, 13, *range(32, 127)])
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Json] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_MAY_BE_NUMBER = frozenset("0123456789+-.")


class Irregular(Exception):
    """The text is not of the strict subset; `examine` says why. Never leaves this package."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a second look with positions found."""

    values: dict[str, Json] | None
    """None where the text is not one mapping at all."""
    problems: tuple[Problem, ...]
    positions: dict[KeyPath, tuple[int, int]]
    """Line and column (from 1) of each value; of the key where the value is a block of its own lines."""
    keys: dict[KeyPath, tuple[int, int]]
    """Line and column (from 1) of each key."""

    def locate(self, path: KeyPath) -> tuple[int, int]:
        """Where a value stands, or the nearest thing around it that does."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, (1, 1))


class _Composer(CParser):
    """libyaml's composer without YAML 1.1's type resolution; the tag is empty unless the text gives one."""

    def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
        return ""

    def descend_resolver(self, _parent: object, _index: object) -> None:
        """Nothing to do: our resolution does not depend on the place."""

    def ascend_resolver(self) -> None:
        """Nothing to do, as above."""


def plain_values(data: bytes) -> dict[str, Json]:
    """The mapping that the text holds, quickly.

    Raises:
        Irregular: for whatever reason; ask `examine`.
    """
    if _too_complex(data) or _may_have_alias(data) or _hidden_in(data) is not None:
        raise Irregular
    try:
        root = _Composer(data).get_single_node()
    except yaml.YAMLError as cause:
        raise Irregular from cause
    if root.__class__ is not yaml.MappingNode:
        raise Irregular
    return _mapping(root, 0)


def examine(data: bytes) -> Examined:
    """Read the text with positions, and list everything that makes it irregular."""
    found = _unreadable(data)
    if found is not None:
        return Examined(None, (found,), {}, {})
    try:
        root = _Composer(data).get_single_node()
    except yaml.YAMLError as error:
        return Examined(None, (_syntax_problem(error, data),), {}, {})
    if root is None:
        return Examined(None, (_at(problems.EMPTY_FILE, 1, 1, "the file is empty"),), {}, {})
    aliases = _aliases(data)
    if aliases:
        return Examined(None, aliases, {}, {})
    walk = _Walk()
    values = walk.value(root, (), 0)
    if not isinstance(values, dict):
        line, column = _position(root)
        what = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
        walk.problems.append(_at(problems.NOT_A_MAPPING, line, column, f"the file holds {what}, not a mapping"))
        return Examined(None, tuple(walk.problems), walk.positions, walk.keys)
    return Examined(values, tuple(walk.problems), walk.positions, walk.keys)


def _mapping(node: Any, depth: int) -> dict[str, Json]:  # noqa: ANN401  # PyYAML's nodes are untyped
    if depth > _MAX_DEPTH:
        raise Irregular
    result: dict[str, Json] = {}
    for key, value in node.value:
        name = key.value
        if key.__class__ is not yaml.ScalarNode or key.tag or name in result:
            raise Irregular
        result[name] = _value(value, depth)
    if node.tag:
        raise Irregular
    return result


def _value(node: Any, depth: int) -> Json:  # noqa: ANN401  # as above
    if node.tag:
        raise Irregular
    kind = node.__class__
    if kind is yaml.ScalarNode:
        return node.value if node.style else _plain_scalar(node.value)
    if kind is yaml.MappingNode:
        return _mapping(node, depth + 1)
    if depth > _MAX_DEPTH:
        raise Irregular
    return [_value(item, depth + 1) for item in node.value]


def _plain_scalar(text: str) -> Json:
    """YAML 1.2's core schema, but a number that its text would not give back stays text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _MAY_BE_NUMBER and len(text) <= 18:  # noqa: PLR2004  # fits 64 bits, as JSON readers expect
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text


class _Walk:
    """Builds values with positions, and collects problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.positions: dict[KeyPath, tuple[int, int]] = {}
        self.keys: dict[KeyPath, tuple[int, int]] = {}

    def value(self, node: Any, path: KeyPath, depth: int) -> Json:  # noqa: ANN401  # as above
        self.positions.setdefault(path, _position(node))
        if node.tag:
            self._refuse(problems.CUSTOM_TAG, node, f"the tag {shown(node.tag)} is not allowed")
        if depth > _MAX_DEPTH:
            self._refuse(problems.TOO_COMPLEX, node, f"more than {_MAX_DEPTH} levels of nesting")
            return None
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.style else _plain_scalar(node.value)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index), depth + 1) for index, item in enumerate(node.value)]
        return self._mapping(node, path, depth)

    def _mapping(self, node: Any, path: KeyPath, depth: int) -> dict[str, Json]:  # noqa: ANN401  # as above
        result: dict[str, Json] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._refuse(problems.WRONG_TYPE, key, "a key must be a word, not a list or mapping")
                continue
            if key.tag:
                self._refuse(problems.CUSTOM_TAG, key, f"the tag {shown(key.tag)} is not allowed")
            name = key.value
            if name in result:
                self._refuse(problems.DUPLICATE_KEY, key, f"{shown(name)} stands twice, first in line {lines[name]}")
                continue
            lines[name] = key.start_mark.line + 1
            self.keys[(*path, name)] = _position(key)
            is_block = not isinstance(value, yaml.ScalarNode) and not value.flow_style
            self.positions[(*path, name)] = _position(key if is_block else value)
            result[name] = self.value(value, (*path, name), depth + 1)
        return result

    def _refuse(self, kind: ProblemKind, node: Any, message: str) -> None:  # noqa: ANN401  # as above
        line, column = _position(node)
        self.problems.append(_at(kind, line, column, message))


def _position(node: Any) -> tuple[int, int]:  # noqa: ANN401  # as above
    return node.start_mark.line + 1, node.start_mark.column + 1


def _too_complex(data: bytes) -> bool:
    compact = data.count(b"- ") + data.count(b"-\t") + data.count(b"? ") + data.count(b"?\t")
    if compact >= _FEW_COMPACT and _COMPACT_NESTING.search(data):
        return True
    if data.count(b"[") + data.count(b"{") <= _FEW_FLOW_COLLECTIONS:
        return False
    depth = 0
    for bracket in _BRACKET.findall(data):
        depth += 1 if bracket in b"[{" else -1
        if depth > _MAX_DEPTH:
            return True
    return False


def _may_have_alias(data: bytes) -> bool:
    return (b"*" in data or b"&" in data) and _ANCHOR_OR_ALIAS.search(data) is not None


def _hidden_in(data: bytes) -> tuple[str, int] | None:
    """The text and the place of its first hidden character, or None. Undecodable text is for the caller."""
    if not data.translate(None, _PLAIN_BYTES):
        return None
    text = data.decode("utf-8", "replace")
    match = _HIDDEN.search(text)
    return None if match is None else (text, match.start())


def _unreadable(data: bytes) -> Problem | None:
    """What forbids even to hand the text to libyaml."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        return _at(problems.NOT_UTF8, line, column, f"byte {data[error.start]:#04x} is not UTF-8")
    hidden = _hidden_in(data)
    if hidden is not None:
        text, index = hidden
        line, column = _line_and_column(text, index)
        return _at(problems.CONTROL_CHARACTER, line, column, f"the character U+{ord(text[index]):04X} cannot be seen")
    if _too_complex(data):
        return _at(problems.TOO_COMPLEX, 1, 1, "the file nests too deeply, or holds too many lists")
    return None


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1


def _syntax_problem(error: yaml.YAMLError, data: bytes) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    reason = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read")
    if "another document" in reason:
        return _at(problems.SEVERAL_DOCUMENTS, line, column, "a second document starts here")
    lines = data.decode("utf-8").split("\n")
    text = lines[line - 1] if line <= len(lines) else ""
    if "\t" in text[: len(text) - len(text.lstrip())]:
        return _at(problems.TAB_INDENTATION, line, text.index("\t") + 1, "the line is indented with a tab")
    context = getattr(error, "context", None)
    return _at(problems.SYNTAX_ERROR, line, column, f"not YAML: {reason}" + (f" ({context})" if context else ""))


def _aliases(data: bytes) -> tuple[Problem, ...]:
    """Anchors and aliases. The events tell them from `*` and `&` in text."""
    if not _may_have_alias(data):
        return ()
    parser = _Composer(data)
    while parser.check_event():
        event: Any = parser.get_event()
        anchor = getattr(event, "anchor", None)
        if anchor:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            line, column = _position(event)
            return (_at(problems.ALIAS, line, column, f"{shown(sign + anchor)} is not allowed"),)
    return ()


def _at(kind: ProblemKind, line: int, column: int, message: str) -> Problem:
    return Problem(kind, line, column, message, kind.page)


def shown(text: object, limit: int = 60) -> str:
    """Text of a manifest, quoted for a message: bounded, on one line, nothing invisible."""
    written = str(text)
    cut = written if len(written) <= limit else written[: limit - 1] + "…"
    return "'" + "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in cut) + "'"
