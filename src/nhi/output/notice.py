"""An owner's issue before identities end, in GitHub's Markdown. The same facts give the same text, whatever the day."""

from collections.abc import Sequence

from nhi.model.instant import format_instant
from nhi.model.notice import Ending, Notice
from nhi.output.markdown import PIPE, code, prose
from nhi.output.plain import one_line

_MOST = 65_000
"""A little below the 65,536 that GitHub takes; counted in bytes, which are never fewer."""
_CLOSING = 200
_LONGEST = 200
_HEAD = "| identity | ends | |\n|---|---|---|\n"


def notice_title(owner: str) -> str:
    """Of an owner's issue; it never changes."""
    return f"Identities of {one_line(owner)} that end soon"


def notice_body(marker: str, told: str, notice: Notice) -> str:
    """What ends when, and what to do. `marker` and `told` are the first two lines. At most 65,000 bytes."""
    opened = f"{marker}\n{told}\n{_unreadable(notice)}"
    below = ""
    if notice.endings:
        opened += (
            "At the time beside it, each of these loses its access by itself. Soon after, a pull request removes what "
            f"remains of it.\n\n{_HEAD}"
        )
        renewing = f"nhi renew {notice.endings[0].identity.id} --until DATE"
        below = (
            f"\n**To keep one:** {code(renewing)}, and have its pull request "
            "approved and merged before it ends. **Otherwise** there is nothing to do.\n"
        )
    below += (
        "\nThis issue is kept up to date, and closed once it has nothing left to say. Where you close it before that, "
        "another one is opened only for something new.\n"
    )
    rows = [_row(one, notice.owner) for one in notice.endings]
    return opened + _bounded(rows, _MOST - _size(opened) - _size(below) - _CLOSING) + below


def steps_body(marker: str, owner: str, endings: Sequence[Ending]) -> str:
    """The comment that names what reached a step."""
    opened = f"{marker}\nThe end of these has come closer:\n\n{_HEAD}"
    return opened + _bounded([_row(one, owner) for one in endings], _MOST - _size(opened) - _CLOSING)


def done_body(marker: str, instead: int | None) -> str:
    """The comment with which an issue is closed."""
    if instead is not None:
        return f"{marker}\n#{instead} says the same, so this one is closed.\n"
    return f"{marker}\nNothing of this owner ends soon any more: it was renewed, it is removed, or its end has come.\n"


def _row(one: Ending, owner: str) -> str:
    identity = one.identity
    notes = []
    if identity.owner != owner:
        notes.append(f"of {code(identity.owner)}, where nobody is left to answer for it")
    if identity.hold is not None:
        notes.append(
            f"held by {prose(one_line(identity.hold.authority, _LONGEST))}: its access ends, nothing is removed"
        )
    if identity.suspended is not None:
        notes.append("suspended: it has no access now")
    cells = (code(identity.id), format_instant(identity.expiry), "; ".join(notes))
    return "| " + " | ".join(cell.replace("|", PIPE) for cell in cells) + " |\n"


def _unreadable(notice: Notice) -> str:
    if not notice.unreadable:
        return ""
    lines = [f"- {code(file.path)}: {prose(one_line(file.reason, _LONGEST))}\n" for file in notice.unreadable]
    opened = "These files cannot be read, so when what they declare ends is not known, and their stacks are not swept. "
    return f"{opened}{code('nhi check')} says what is wrong.\n\n{_bounded(lines, _MOST // 4)}\n"


def _bounded(rows: Sequence[str], room: int) -> str:
    text: list[str] = []
    size = 0
    for row in rows:
        size += _size(row)
        if size > room:
            return "".join(text) + f"\nand {len(rows) - len(text)} more, left out here\n"
        text.append(row)
    return "".join(text)


def _size(text: str) -> int:
    return len(text.encode(errors="backslashreplace"))
