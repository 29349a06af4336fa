"""Text from manifests, file names and tools, made safe for a terminal: one line, nothing invisible, bounded."""

_MOST = 500


def one_line(text: str, most: int = _MOST) -> str:
    """The text on one line, with control and direction characters written out, cut after `most` characters."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(one if one.isprintable() else _written_out(one) for one in cut)


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _written_out(character: str) -> str:
    return " " if character in "\n\t" else f"\\u{ord(character):04x}"
