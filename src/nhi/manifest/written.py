"""Values as YAML that every reader takes for the same: text stays text, whatever it looks like."""

import re

from nhi.manifest.hidden import hidden_in
from nhi.model.identity import Json

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?")
"""As `nhi new` writes them: our reader leaves them as text."""
_NO_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""What YAML 1.1 takes for something else (https://yaml.org/type/bool.html), in whatever case."""
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_SHORT, _LONG = 0xFF, 0xFFFF


def written(value: Json) -> str:
    """The value on one line, in a form that can stand anywhere."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{_text(key)}: {written(one)}" for key, one in value.items()) + "}"


def entry_lines(key: str, value: Json, indent: int, width: int) -> list[str]:
    """A key and its value as lines of a block: one line where it fits, else a mapping has a line for each key."""
    head = f"{' ' * indent}{_text(key)}:"
    line = f"{head} {written(value)}"
    if len(line) <= width or not isinstance(value, dict) or not value:
        return [line]
    return [head] + [line for inner, one in value.items() for line in entry_lines(inner, one, indent + 2, width)]


def _text(text: str) -> str:
    if _INSTANT.fullmatch(text) or (_WORD.fullmatch(text) and text.lower() not in _NO_WORDS):
        return text
    return '"' + "".join(map(_character, text)) + '"'


def _character(one: str) -> str:
    """As it is where a reviewer can see it, else as an escape: https://yaml.org/spec/1.2.2/#57-escaped-characters."""
    if one in _ESCAPES:
        return _ESCAPES[one]
    code = ord(one)
    if one.isprintable() and hidden_in(one.encode()) is None:
        return one
    return f"\\x{code:02x}" if code <= _SHORT else f"\\u{code:04x}" if code <= _LONG else f"\\U{code:08x}"
