"""The pull request that removes expired identities, in GitHub's Markdown: title, body, and why it is closed again."""

import re
from collections.abc import Iterable, Sequence

from nhi.model.instant import format_instant
from nhi.model.removal_request import RequestedRemoval, Resource, Written
from nhi.model.usage import LastUse, NoUseSeen, Used
from nhi.model.verification import CouldNotTell
from nhi.output.markdown import PIPE, code, prose
from nhi.output.plain import one_line

MOST = 65_000
"""A little below the 65,536 that GitHub takes as a body; counted in bytes, which are never fewer."""
BY_PEOPLE = "<!-- nhi:by-people -->"
"""The second line of a body whose pull request people were asked to review and to merge."""
_LONGEST_TITLE = 200
_ODD = re.compile(r"[^\w .,:/()-]")
_LONGEST = 120
_HEAD = "| identity | ended | its end was written by | last use | what is destroyed |\n|---|---|---|---|---|\n"
_CLOSING = 200
"""Room for the line that counts what is left out."""


def request_title(stack: str, owner: str, count: int) -> str:
    """`production: remove 2 expired identities of payments`. A title becomes the subject of a merge."""
    noun = "identity" if count == 1 else "identities"
    return _ODD.sub("?", one_line(f"{stack}: remove {count} expired {noun} of {owner}", _LONGEST_TITLE))


def request_body(marker: str, removals: Sequence[RequestedRemoval], *, by_people: bool) -> str:
    """What is removed, why, and how to keep it. At most `MOST` bytes: what does not fit is counted.

    `marker` is the first line. `removals` are of one owner, and at least one.
    """
    first = removals[0].identity
    mark = f"{BY_PEOPLE}\n" if by_people else ""
    opened = (
        f"{marker}\n{mark}The time of these identities of {code(first.owner)} has come: their end was approved when it "
        f"was written. Their access has ended; merging this removes what remains of them.\n\n{_HEAD}"
    )
    below = (
        f"\n**To keep one:** {code(f'nhi renew {first.id} --until DATE')}, and have that merged before this. Where "
        f"something must not be removed for another reason, write a {code('hold')} into its manifest. The next sweep "
        "then closes this pull request, and asks for the others anew.\n\n"
        "**To refuse:** close this pull request. The sweep does not ask again for the same content, and names it in "
        f"every report until somebody decides: renew it, hold it, or {code('nhi sweep --reopen')}.\n\n"
        "**To undo it after the merge:** revert the merge, and give each a new end in the same pull request. What the "
        "cloud then makes is new: another unique id, another key.\n\n"
        f"{_merging(by_people=by_people)}\n"
    )
    room = MOST - _size(opened) - _size(below) - _CLOSING
    return opened + _rows(map(_row, removals), len(removals), room) + below


def withdrawn_body(marker: str, reasons: Iterable[tuple[str, str, int | None]]) -> str:
    """Why a pull request is closed: path, words, and the pull request that removes it instead."""
    lines = []
    for path, words, number in reasons:
        instead = "" if number is None else f"; #{number} removes it"
        lines.append(f"- {code(path)}: {prose(words)}{instead}\n")
    opened = f"{marker}\nThis is not right any more, so it is closed; nothing was removed.\n\n"
    return opened + _rows(lines, len(lines), MOST - _size(opened) - _CLOSING)


def occupied_body(marker: str, branch: str, reason: str) -> str:
    """That what stands on the branch is not what the sweep made."""
    return (
        f"{marker}\nWhat stands on {code(branch)} is not what this pull request says: {prose(reason)}.\n\n"
        "So it is no removal that was approved beforehand: it needs the approvals of any other change, and the sweep "
        "leaves it alone. Whoever pushed there moves the work to a branch of another name; once this branch is "
        "deleted, the next sweep makes it anew.\n"
    )


def _merging(*, by_people: bool) -> str:
    if by_people:
        return "**Merging:** this repository does not let it merge by itself, so the reviewers are asked to."
    return "**Merging:** it merges by itself as soon as the rules of this repository allow it."


def _row(one: RequestedRemoval) -> str:
    cells = (
        code(one.identity.id),
        format_instant(one.identity.expiry),
        _written(one.end),
        _use(one.last_use),
        _destroyed(one.destroyed),
    )
    return "| " + " | ".join(cell.replace("|", PIPE) for cell in cells) + " |\n"


def _written(end: Written | None) -> str:
    return "not in this clone's history" if end is None else f"{end.commit[:12]}, {end.at.date().isoformat()}"


def _use(use: LastUse | None) -> str:
    match use:
        case None:
            return "not asked"
        case Used(at=at, service=service):
            return format_instant(at) + (f", {prose(one_line(service, _LONGEST))}" if service else "")
        case NoUseSeen():
            return "no use seen"
        case CouldNotTell(reason=reason):
            return f"could not tell: {prose(one_line(reason, _LONGEST))}"


def _destroyed(found: tuple[Resource, ...] | CouldNotTell) -> str:
    match found:
        case CouldNotTell(reason=reason):
            return f"could not tell: {prose(one_line(reason, _LONGEST))}"
        case ():
            return "nothing by itself: people remove it, on a system without an API"
        case resources:
            return ", ".join(f"{one.type} {code(one.name)}" for one in resources)


def _rows(rows: Iterable[str], total: int, room: int) -> str:
    text, size, shown = [], 0, 0
    for row in rows:
        size += _size(row)
        if size > room:
            break
        text.append(row)
        shown += 1
    left = total - shown
    return "".join(text) + (f"\nand {left} more, left out here: the files of this pull request\n" if left else "")


def _size(text: str) -> int:
    return len(text.encode(errors="backslashreplace"))
