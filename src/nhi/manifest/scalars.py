"""What a YAML scalar without quotes means: as in YAML 1.2's core schema, but stricter.

https://yaml.org/spec/1.2.2/#103-core-schema. A number that its own text would not give back stays text here:
`012345678901` is an account id, `1.10` a version, `1e3` a name.
"""

import re

from nhi.model.identity import Json

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
"""Fits 64 bits, as readers of JSON expect."""
_FLOAT = re.compile(r"-?[0-9]+\.[0-9]+")
_LONGEST_NUMBER = 19
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
_MAY_BE_NUMBER = frozenset("0123456789-")


def plain_scalar(text: str) -> Json:
    """The value of a scalar without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _MAY_BE_NUMBER and len(text) <= _LONGEST_NUMBER:
        if _INTEGER.fullmatch(text) and text != "-0":
            return int(text)
        if _FLOAT.fullmatch(text) and repr(float(text)) == text:
            return float(text)
    return text
