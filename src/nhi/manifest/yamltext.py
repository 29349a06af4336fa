"""The door to YAML: a strict subset of YAML 1.2, read with libyaml through PyYAML.

One mapping, plain keys, no tags, no anchors or aliases, no duplicate keys, bounded nesting. `plain_values` is the quick
way for the many files that are fine; `examine` walks a file again, with positions, to say what is wrong and where.

Strings stay strings unless YAML 1.2's core schema says otherwise: `no`, `12:30:45` and `2027-03-31` are text here, and
so is `012345678901` (an account id, which other readers turn into a number without its leading zero).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml
from yaml._yaml import CParser  # libyaml itself: yaml.CSafeLoader adds YAML 1.1 types, which we do not want

from nhi.manifest import problems
from nhi.manifest.hidden import hidden_in, line_and_column
from nhi.manifest.problems import Problem, ProblemKind
from nhi.manifest.scalars import plain_scalar
from nhi.model.identity import Json

KeyPath = tuple[str | int, ...]

_MAX_DEPTH = 32
_TOO_DEEP = f"more than {_MAX_DEPTH} levels of nesting"
_FEW_BRACKETS = 1000
"""PyYAML's C composer recurses without a bound, and 30,000 levels end the process. So where there are more of them than
this, or dashes one after the other, the depth is measured before. Otherwise indentation bounds it: it takes bytes."""
_COMPACT_NESTING = re.compile(rb"^[ \t]*(?:[-?:][ \t]+){16}", re.MULTILINE)
_FEW_DASHES = 1000
_MAYBE_MARKED = re.compile(rb"[&*!](?<![\w/.-][&*!])(?:(?<=!)|(?=[\w-]))")
"""What may be an anchor, an alias or a tag: not where the sign stands within a word, a path or an ARN."""
_MOST_PROBLEMS = 50
"""More of one file help nobody."""


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

    def locate_key(self, path: KeyPath) -> tuple[int, int]:
        """Where a key stands, or the nearest thing around it that does."""
        return self.keys[path] if path in self.keys else self.locate(path)


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
    try:
        if hidden_in(data) is not None or _may_be_marked(data) or _may_be_deep(data):
            raise Irregular
        root = _Composer(data).get_single_node()
    except (UnicodeDecodeError, yaml.YAMLError) as cause:
        raise Irregular from cause
    if root.__class__ is not yaml.MappingNode:
        raise Irregular
    return _mapping(root, 0)


@lru_cache(maxsize=1)  # each finding of a file asks where it stands, and a hostile file has many
def examine(data: bytes) -> Examined:
    """Read the text with positions, and list everything that makes it irregular."""
    try:
        found = _unseen(data) or _foreign(data)
        root = None if found else _Composer(data).get_single_node()
    except yaml.YAMLError as error:
        found = _syntax_problem(error, data)
    found = found or _no_mapping(root)
    if found is not None:
        return Examined(None, (found,), {}, {})
    walk = _Walk()
    values = walk.mapping(root, (), 0)
    return Examined(values, tuple(walk.problems[:_MOST_PROBLEMS]), walk.positions, walk.keys)


def locate(data: bytes, path: KeyPath) -> tuple[int, int]:
    """Line and column (from 1) of the value at a key path, or of the nearest thing around it."""
    return examine(data).locate(path)


def _mapping(node: Any, depth: int) -> dict[str, Json]:  # noqa: ANN401  # PyYAML's nodes are untyped
    if node.tag or depth > _MAX_DEPTH:
        raise Irregular
    result: dict[str, Json] = {}
    for key, value in node.value:
        name = key.value
        if key.__class__ is not yaml.ScalarNode or key.tag or name in result:
            raise Irregular
        result[name] = _value(value, depth + 1)
    return result


def _value(node: Any, depth: int) -> Json:  # noqa: ANN401  # as above
    kind = node.__class__
    if kind is yaml.ScalarNode:
        if node.tag:
            raise Irregular
        return node.value if node.style else plain_scalar(node.value)
    if kind is yaml.MappingNode:
        return _mapping(node, depth)
    if node.tag or depth > _MAX_DEPTH:
        raise Irregular
    return [_value(item, depth + 1) for item in node.value]


class _Walk:
    """Builds values with positions, and collects problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.positions: dict[KeyPath, tuple[int, int]] = {}
        self.keys: dict[KeyPath, tuple[int, int]] = {}

    def mapping(self, node: Any, path: KeyPath, depth: int) -> dict[str, Json]:  # noqa: ANN401  # as above
        self.positions.setdefault(path, _position(node))
        result: dict[str, Json] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._refuse(problems.WRONG_TYPE, key, "a key must be a word, not a list or mapping")
                continue
            name = key.value
            if name in result:
                self._refuse(problems.DUPLICATE_KEY, key, f"{shown(name)} stands twice, first in line {lines[name]}")
                continue
            lines[name] = key.start_mark.line + 1
            self.keys[(*path, name)] = _position(key)
            is_block = not isinstance(value, yaml.ScalarNode) and not value.flow_style
            self.positions[(*path, name)] = _position(key if is_block else value)
            result[name] = self._value(value, (*path, name), depth + 1)
        return result

    def _value(self, node: Any, path: KeyPath, depth: int) -> Json:  # noqa: ANN401  # as above
        self.positions.setdefault(path, _position(node))
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.style else plain_scalar(node.value)
        if depth > _MAX_DEPTH:
            if all(one.kind is not problems.TOO_COMPLEX for one in self.problems):
                self._refuse(problems.TOO_COMPLEX, node, _TOO_DEEP)
            return None
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index), depth + 1) for index, item in enumerate(node.value)]
        return self.mapping(node, path, depth)

    def _refuse(self, kind: ProblemKind, node: Any, message: str) -> None:  # noqa: ANN401  # as above
        line, column = _position(node)
        self.problems.append(_at(kind, line, column, message))


def _position(node: Any) -> tuple[int, int]:  # noqa: ANN401  # as above
    return node.start_mark.line + 1, node.start_mark.column + 1


def _may_be_deep(data: bytes) -> bool:
    if data.count(b"[") + data.count(b"{") > _FEW_BRACKETS:
        return True
    return data.count(b"-") + data.count(b"?") > _FEW_DASHES and _COMPACT_NESTING.search(data) is not None


def _may_be_marked(data: bytes) -> bool:
    return (b"*" in data or b"&" in data or b"!" in data) and _MAYBE_MARKED.search(data) is not None


def _syntax_problem(error: yaml.YAMLError, data: bytes) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    reason = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read")
    if "another document" in reason:
        return _at(problems.SEVERAL_DOCUMENTS, line, column, "a second document starts here")
    lines = data.decode("utf-8").removesuffix("\n").split("\n")
    if line > len(lines):  # libyaml missed something until the end
        line, column = len(lines), len(lines[-1]) + 1
    text = lines[line - 1]
    if "\t" in text[: len(text) - len(text.lstrip())]:
        return _at(problems.TAB_INDENTATION, line, text.index("\t") + 1, "the line is indented with a tab")
    context = getattr(error, "context", None)
    if context in ("while scanning an alias", "while scanning an anchor"):
        sign = text[column - 2 : column - 1]
        return _at(
            problems.ALIAS, line, column - 1, f"{shown(sign)} begins an alias or anchor; as text it needs quotes"
        )
    return _at(problems.SYNTAX_ERROR, line, column, f"not YAML: {reason}" + (f" ({context})" if context else ""))


def _unseen(data: bytes) -> Problem | None:
    """What forbids even to look at the text as YAML: bytes that are no text, and characters that cannot be seen."""
    try:
        hidden = hidden_in(data)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = line_and_column(before, len(before))
        return _at(problems.NOT_UTF8, *place, f"byte {data[error.start]:#04x} is not UTF-8")
    if hidden is None:
        return None
    character, line, column = hidden
    return _at(problems.CONTROL_CHARACTER, line, column, f"the character U+{ord(character):04X} cannot be seen")


def _foreign(data: bytes) -> Problem | None:
    """The first anchor, alias, tag or level too deep, or None: what must not reach the composer.

    Only the events show all of them, tell them from text, and are made without recursion.

    Raises:
        YAMLError: the text is not YAML.
    """
    if not _may_be_marked(data) and not _may_be_deep(data):
        return None
    parser, depth = _Composer(data), -1
    while parser.check_event():
        event: Any = parser.get_event()
        line, column = _position(event)
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            return _at(problems.ALIAS, line, column, f"{shown(sign + anchor)} is not allowed")
        if tag is not None:
            return _at(problems.CUSTOM_TAG, line, column, f"the tag {shown(tag)} is not allowed")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            return _at(problems.TOO_COMPLEX, line, column, _TOO_DEEP)
    return None


def _no_mapping(root: Any) -> Problem | None:  # noqa: ANN401  # as above
    if root is None:
        return _at(problems.EMPTY_FILE, 1, 1, "the file is empty")
    if isinstance(root, yaml.MappingNode):
        return None
    what = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
    return _at(problems.NOT_A_MAPPING, *_position(root), f"the file holds {what}, not a mapping")


def _at(kind: ProblemKind, line: int, column: int, message: str) -> Problem:
    return Problem(kind, line, column, message, kind.page)


def shown(text: object, limit: int = 60) -> str:
    """Text of a manifest, quoted for a message: bounded, on one line, nothing invisible."""
    written = str(text)
    cut = written if len(written) <= limit else written[: limit - 1] + "…"
    return "'" + "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in cut) + "'"
