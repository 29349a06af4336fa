"""Text from manifests, file names and tools, made safe for terminals and logs: one line, nothing invisible, bounded."""

import json

_MOST = 500
_MOST_OF_A_TOOL = 16 * 1024
_RUNNER_COMMAND = "##["
"""GitHub's runner obeys it anywhere in a line of any step's output (actions/runner, ActionCommand.TryParse)."""

_WORKFLOW_COMMAND = "::"


def one_line(text: str, most: int = _MOST) -> str:
    """The text on one line, with control and direction characters written out, cut after `most` characters."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    shown = "".join(one if one.isprintable() else _written_out(one) for one in cut)
    return shown.replace(_RUNNER_COMMAND, "##\\u005b")


def passed_on(text: str, most: int = _MOST_OF_A_TOOL) -> str:
    """A tool's own line, for a log that GitHub's runner reads: as `one_line`, and never a command to the runner.

    The runner obeys what stands after `::` at a line's beginning, white space aside.
    """
    line = one_line(text, most)
    rest = line.lstrip()
    return f"{line[: len(line) - len(rest)]}\\u003a{rest[1:]}" if rest.startswith(_WORKFLOW_COMMAND) else line


def json_text(document: object) -> str:
    """The document as JSON for a log or a file."""
    return json.dumps(document, indent=2).replace(_RUNNER_COMMAND, "##\\u005b")  # two `#` only stand within a string


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _written_out(character: str) -> str:
    return " " if character in "\n\t" else f"\\u{ord(character):04x}"
