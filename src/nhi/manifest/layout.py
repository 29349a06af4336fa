"""Where everything of a manifest stands in its text, to the character: what an edit needs beyond a finding's line.

Only for text that `yamltext` has read without a problem: it bounds the depth, and knows no anchor and no tag.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

_HEADER = re.compile(r"[|>][^\s#]*(?P<comment>[ \t]+#[^\r\n]*)?")
"""The first line of a block scalar: https://yaml.org/spec/1.2.2/#81-block-scalar-styles."""
_COMMENT = re.compile(r"#[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Value:
    """A value from its first character to after its last: no space, comment or empty line that only follows it."""

    start: int
    end: int
    block: bool
    """Whether it is written in lines of its own (a mapping or list by indentation, `|` or `>`)."""
    entries: Mapping[str, "Entry"] | None
    """Of a mapping, in the text's order; None for anything else."""
    header_comment: str = ""
    """The comment after `|` or `>`, with the space before it: it stands within the value."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping and its value."""

    key: int
    """Index of the key's first character."""
    key_end: int
    """After its last."""
    value: Value


def layout(text: str) -> Value:
    """The mapping that the text holds, with the places of everything in it."""
    return _value(yaml.compose(text, Loader=yaml.CBaseLoader), text)


def comments(text: str) -> Iterator[tuple[int, str]]:
    """Each comment with the index of its `#`, in order: what is no part of any value."""
    done = 0
    for token in yaml.scan(text, Loader=yaml.CBaseLoader):
        start, end = token.start_mark.index, token.end_mark.index
        yield from ((done + one.start(), one[0]) for one in _COMMENT.finditer(text[done:start]))
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            header = _HEADER.match(text, start)
            if header is not None and header["comment"]:
                yield header.start("comment"), header["comment"].strip()
        done = max(done, end)
    yield from ((done + one.start(), one[0]) for one in _COMMENT.finditer(text[done:]))


def line_start(text: str, index: int) -> int:
    """Where the line begins that holds the index."""
    return text.rfind("\n", 0, index) + 1


def line_end(text: str, index: int) -> int:
    """Where the next line begins, or the text ends; the index itself where it is at the beginning of a line."""
    if index == 0 or text[index - 1] == "\n":
        return index
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _value(node: Any, text: str) -> Value:  # noqa: ANN401  # PyYAML's nodes are untyped
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.MappingNode):
        entries = {key.value: _entry(key, value, text) for key, value in node.value}
        last = max((one.value.end for one in entries.values()), default=end)
        return Value(start, end if node.flow_style else last, block=not node.flow_style, entries=entries)
    if isinstance(node, yaml.SequenceNode):
        last = max((_value(item, text).end for item in node.value), default=end)
        return Value(start, end if node.flow_style else last, block=not node.flow_style, entries=None)
    header = _HEADER.match(text, start) if node.style in ("|", ">") else None
    if header is None:
        return Value(start, end, block=False, entries=None)
    if "+" not in header[0].partition("#")[0]:  # which keeps the empty lines as a part of the value
        end = start + len(text[start:end].rstrip())
    return Value(start, end, block=True, entries=None, header_comment=header["comment"] or "")


def _entry(key: Any, value: Any, text: str) -> Entry:  # noqa: ANN401  # as above
    return Entry(key.start_mark.index, key.end_mark.index, _value(value, text))
