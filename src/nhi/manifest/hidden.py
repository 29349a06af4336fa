"""Characters that a reviewer cannot see, or that make a line read differently than it looks (CVE-2021-42574)."""

import re

_HIDDEN = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Control characters; line ends that only some programs take for one (a lone CR ends a comment in YAML, and nothing in
most editors); and what Unicode calls default-ignorable, but for the two that choose a sign's text or emoji form
(https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt)."""
_PLAIN_BYTES = bytes([9, 10, *range(32, 127)])


def hidden_in(data: bytes) -> tuple[str, int, int] | None:
    """The first hidden character, with its line and column (from 1), or None.

    Raises:
        UnicodeDecodeError: the data is not UTF-8.
    """
    if not data.translate(None, _PLAIN_BYTES):
        return None
    text = data.decode("utf-8")
    match = _HIDDEN.search(text)
    return None if match is None else (match[0], *line_and_column(text, match.start()))


def line_and_column(text: str, index: int) -> tuple[int, int]:
    """Where an index of a text is, from 1."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
