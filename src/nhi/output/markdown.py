"""Text from manifests, file names and tools within GitHub's Markdown: it stays text.

A backslash or an entity does not keep GitHub from it: mentions, issue numbers, commit ids and addresses are searched
for in what was rendered, but never within code (https://github.com/gjtorikian/html-pipeline, `MentionFilter`). So what
is more than a plain word becomes a code span, in which nothing else is read
(https://spec.commonmark.org/0.31.2/#code-spans). What comes out must not stand at the beginning of a line.
"""

import re

from nhi.output.plain import one_line

_MOST = 4_000
"""Room for what `one_line` has made already: each of its characters may have been written out as six."""
PIPE = "\\u007c"
"""In a table's cell: whether a backslash keeps a pipe from ending the cell depends on what stands before that."""
_BACKTICKS = re.compile(r"`+")
_TOKEN = re.compile(r"(?:`[^`]*`|\S)+")
_OPENING, _CLOSING = "'\"(", ")'\",.;:!?…"
_OUR_CODE = re.compile(r"`([^`]*[^`\s][^`]*)`")
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|-")
_READ_BY_GITHUB = re.compile(r"gh-\d|[0-9a-f]{7}", re.IGNORECASE)
"""An issue or a commit ("Autolinked references and URLs" in https://docs.github.com/en/get-started/writing-on-github)."""


def code(text: str) -> str:
    """The text on one line, as a code span."""
    shown = one_line(text, _MOST) or " "
    fence = "`" * (max(map(len, _BACKTICKS.findall(shown)), default=0) + 1)
    first, last = shown[0], shown[-1]
    room = " " if "`" in (first, last) or (first == last == " " and shown.strip()) else ""
    return f"{fence}{room}{shown}{room}{fence}"


def prose(text: str) -> str:
    """The text on one line: plain words as they are, everything else as code spans."""
    return _TOKEN.sub(_token, one_line(text, _MOST).strip())


def _token(match: re.Match[str]) -> str:
    """A word and the punctuation around it, which says nothing to anybody."""
    opened = match[0].lstrip(_OPENING)
    core = opened.rstrip(_CLOSING)
    before, after = match[0].removesuffix(opened), opened.removeprefix(core)
    ours = _OUR_CODE.fullmatch(core)
    if ours is not None:
        core = code(ours[1])
    elif core and (_WORD.fullmatch(core) is None or _READ_BY_GITHUB.search(core)):
        core = code(core)
    return f"{before}{core}{after}"
