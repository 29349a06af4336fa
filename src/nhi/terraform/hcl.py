"""JSON values as HCL expressions: the one place where a manifest's text enters Terraform's language.

The text is laid out as `terraform fmt` leaves it (two spaces a level, `=` aligned among neighbouring one-line items):
https://github.com/hashicorp/hcl/blob/main/hclwrite/format.go
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from nhi.model.identity import Json

_STEP = "  "
_WIDEST_LIST = 100
_DEEPEST = 100
"""Levels of lists and objects. YAML of 64 KiB can nest deeper than Python's stack."""

_NUMBER_BITS = 512
"""The precision of a Terraform number: https://pkg.go.dev/github.com/zclconf/go-cty/cty#ParseNumberVal."""

_PLAIN_KEY = re.compile(r"(?!(?:for|if|in|null|true|false)$)[A-Za-z_][A-Za-z0-9_-]*")
"""A key that HCL reads as a name. Words of the language are quoted: `{ for = 1 }` would begin a `for` expression."""

_REFUSED = re.compile(r"[\x00\ud800-\udfff]")
_ESCAPED = re.compile(r'["\\]|[^ -~]|[$%](?=\{)')
"""What cannot stand in a quoted template as it is. `${` and `%{` are written `$${` and `%%{`:
https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1"""

_SHORT = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


class NotExpressible(ValueError):
    """HCL cannot hold the value, or would change it."""


class Hcl(str):
    """HCL text that this module wrote. Templates print nothing else."""

    __slots__ = ()


def expression(value: Json, *, depth: int = 0) -> Hcl:
    """Write a JSON value as one HCL expression, whose first line stands `depth` levels deep.

    The output is printable ASCII. Keys of objects are sorted. Text is written in Unicode's normal form C, since
    Terraform turns every string into it (https://developer.hashicorp.com/terraform/language/expressions/strings).

    Raises:
        NotExpressible: text holds a NUL or half of a surrogate pair, a number is not finite or too long, two keys are
            the same in normal form C, or the value is nested too deeply.
    """
    return Hcl(_written(value, depth))


def _written(value: Json, depth: int) -> str:
    match value:
        case str():
            return _quoted(value)
        case dict():
            return _object(value, depth)
        case list():
            return _list(value, depth)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
        case other:  # for callers that no type checker saw
            raise NotExpressible(f"{type(other).__name__} is not a JSON type")


def _quoted(text: str) -> str:
    if text.isascii() and text.isprintable() and not ('"' in text or "\\" in text or "{" in text):
        return f'"{text}"'  # nothing to escape: the way of most texts, and five times as quick
    return f'"{_ESCAPED.sub(_escape, _normal(text))}"'


def _normal(text: str) -> str:
    if text.isascii() and "\0" not in text:
        return text
    refused = _REFUSED.search(text)
    if refused:
        name = "a NUL character" if refused[0] == "\0" else "half of a surrogate pair"
        raise NotExpressible(f"the text {text[:60]!a} holds {name} at character {refused.start() + 1}")
    return unicodedata.normalize("NFC", text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in "$%":
        return character * 2
    point = ord(character)
    return _SHORT.get(character) or (f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}")  # noqa: PLR2004  # the end of the first plane


def _number(number: float) -> str:
    if isinstance(number, int):
        if number.bit_length() > _NUMBER_BITS:
            raise NotExpressible(f"a whole number of {number.bit_length()} bits is too long for Terraform")
        return str(number)
    if not math.isfinite(number):
        raise NotExpressible(f"{number} is not a number that Terraform has")
    return repr(number)


def _list(items: Sequence[Json], depth: int) -> str:
    if not items:
        return "[]"
    inner = _deeper(depth)
    texts = [_written(item, inner) for item in items]
    line = f"[{', '.join(texts)}]"
    if len(line) <= _WIDEST_LIST and not any(isinstance(item, list | dict) for item in items):
        return line
    margin = _STEP * inner
    return "[\n" + "".join(f"{margin}{text},\n" for text in texts) + _STEP * depth + "]"


def _object(entries: dict[str, Json], depth: int) -> str:
    if not entries:
        return "{}"
    inner = _deeper(depth)
    cells = [(_key(name), _written(value, inner)) for name, value in sorted(_distinct(entries).items())]
    margin = _STEP * inner
    lines: list[str] = []
    for one_line, neighbours in groupby(cells, key=lambda cell: "\n" not in cell[1]):
        together = list(neighbours)
        width = max(len(key) for key, _ in together) if one_line else 0
        lines += [f"{margin}{key.ljust(width)} = {text}\n" for key, text in together]
    return "{\n" + "".join(lines) + _STEP * depth + "}"


def _distinct(entries: dict[str, Json]) -> dict[str, Json]:
    if "".join(entries).isascii():
        return entries
    normal = {_normal(name): value for name, value in entries.items()}
    if len(normal) != len(entries):
        raise NotExpressible("two keys of one object differ only in how their Unicode text is composed")
    return normal


@lru_cache(maxsize=1024)
def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else _quoted(name)


def _deeper(depth: int) -> int:
    if depth >= _DEEPEST:
        raise NotExpressible(f"the value is nested more than {_DEEPEST} levels deep")
    return depth + 1
