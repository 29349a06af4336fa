"""Which owner is told of which end, and what an issue that tells it still has to say.

Pure. An issue remembers in its own body what its owner was told of (a hidden line of marks): the comment that tells of
a new step is written before the body is, and its marker names the steps. So a run that is killed between the two writes
the same comment again, and not a second one. And one that a person closed is not opened anew to say the same.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeAlias

from nhi.lifecycle.branch import branch_part
from nhi.model.declared import DeclaredState, UnreadableFile
from nhi.model.forge import Issue
from nhi.model.instant import format_instant
from nhi.model.notice import Ending, Notice

_MARKER = re.compile(r"<!-- nhi:notice owner=[A-Za-z0-9_%-]+ -->")
_TOLD = re.compile(r"<!-- nhi:told((?: [0-9a-f]{8})*) -->")
_MARK_LETTERS = 8
_MOST_MARKS = 4_000
"""They fit into an issue's body, of 65,536 characters, beside its table."""


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """An owner has no open issue."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class KeepNotice:
    """An owner's issue is to say this."""

    notice: Notice
    issue: Issue
    new: tuple[Ending, ...]
    """What reached a step that nobody was told of: one comment names them."""


@dataclass(frozen=True, slots=True)
class LeaveNotice:
    """A person closed the owner's issue, which told all of this already."""

    notice: Notice
    issue: Issue


@dataclass(frozen=True, slots=True)
class CloseNotice:
    """An issue has nothing left to say."""

    issue: Issue
    instead: int | None = None
    """The owner's other issue, where two runs at once opened one each."""


NoticeStep: TypeAlias = OpenNotice | KeepNotice | LeaveNotice | CloseNotice


def notices(
    declared: DeclaredState,
    owners: Mapping[str, str | None],
    days: Sequence[int],
    now: datetime,
    addressee: Callable[[str | None], str],
) -> tuple[Notice, ...]:
    """What each owner is to be told, by owner.

    Args:
        declared: what the branch declares that changes are merged into.
        owners: of the unreadable files, by path: the owner, where at least that could be read.
        days: `sweep.notice_days`.
        now: the moment.
        addressee: who is told in place of this owner, or of nobody: somebody who is there.
    """
    endings: dict[str, list[Ending]] = {}
    for one in declared.identities:
        step = _step(one.identity.expiry, days, now)
        if step is not None:
            endings.setdefault(addressee(one.identity.owner), []).append(Ending(one.identity, step))
    unread: dict[str, list[UnreadableFile]] = {}
    for file in declared.unreadable if days else ():
        unread.setdefault(addressee(owners.get(file.path)), []).append(file)
    return tuple(
        Notice(
            owner,
            tuple(sorted(endings.get(owner, ()), key=lambda one: (one.identity.expiry, one.identity.id))),
            tuple(sorted(unread.get(owner, ()), key=lambda file: file.path)),
        )
        for owner in sorted(endings.keys() | unread.keys())
    )


def notice_steps(found: Sequence[Notice], issues: Iterable[Issue], *, complete: bool) -> tuple[NoticeStep, ...]:
    """What is to be done with the issues that are open. `issues` are our own.

    `complete`: whether it is known of every file whose it is. If not, an issue that has nothing to say is left as it
    is: what it tells of may be in the file that cannot be read.
    """
    standing: dict[str, list[Issue]] = {}
    for issue in sorted(issues, key=lambda one: one.number):
        marker = _marker(issue)
        if _MARKER.fullmatch(marker):
            standing.setdefault(marker, []).append(issue)
    steps: list[NoticeStep] = []
    for notice in found:
        there = standing.get(owner_marker(notice.owner), [])
        steps.append(_keep(notice, there[0]) if there else OpenNotice(notice))
    told = {owner_marker(notice.owner) for notice in found}
    for marker, there in sorted(standing.items()):
        steps += [CloseNotice(issue, there[0].number) for issue in there[1:]]
        if marker not in told and complete:
            steps.append(CloseNotice(there[0]))
    return tuple(steps)


def said_before(notice: Notice, closed: Iterable[Issue]) -> Issue | None:
    """The owner's last issue, where it is closed and told all of this. `closed` are our own issues that are closed."""
    marker = owner_marker(notice.owner)
    last = max((one for one in closed if _marker(one) == marker), key=lambda one: one.number, default=None)
    return last if last is not None and _told(last).issuperset(_marks(notice)) else None


def owner_marker(owner: str) -> str:
    """The first line of an owner's issue."""
    return f"<!-- nhi:notice owner={branch_part(owner)} -->"


def told_line(notice: Notice) -> str:
    """The second line of an owner's issue: what the owner was told of, once it says this."""
    return f"<!-- nhi:told{''.join(f' {one}' for one in _marks(notice))} -->"


def steps_marker(endings: Iterable[Ending]) -> str:
    """The first line of the comment that tells of these steps."""
    marks = " ".join(sorted(map(mark, endings)))
    return f"<!-- nhi:notice-steps {sha256(marks.encode()).hexdigest()[:16]} -->"


def mark(ending: Ending) -> str:
    """What stands for an identity, its end and the step that it has reached."""
    return _short(f"{ending.identity.id} {format_instant(ending.identity.expiry)} {ending.step}")


def _short(said: str) -> str:
    return sha256(said.encode()).hexdigest()[:_MARK_LETTERS]


def _marks(notice: Notice) -> list[str]:
    """Of the endings, and of the files that cannot be read."""
    unreadable = (_short(f"unreadable {file.path!a}") for file in notice.unreadable)
    return [*map(mark, notice.endings), *unreadable][:_MOST_MARKS]


def _marker(issue: Issue) -> str:
    return issue.body.partition("\n")[0].strip()


def _told(issue: Issue) -> frozenset[str]:
    """The marks in an issue; none where its second line is not ours any more."""
    match = _TOLD.fullmatch(issue.body.partition("\n")[2].partition("\n")[0].strip())
    return frozenset(match[1].split() if match else ())


def _keep(notice: Notice, issue: Issue) -> KeepNotice:
    told = _told(issue)
    return KeepNotice(notice, issue, tuple(one for one in notice.endings[:_MOST_MARKS] if mark(one) not in told))


def _step(expiry: datetime, days: Sequence[int], now: datetime) -> int | None:
    """The last step that has been reached; None long before the end, and from the end on."""
    if expiry <= now:
        return None
    return min((day for day in days if expiry - now <= timedelta(days=day)), default=None)
