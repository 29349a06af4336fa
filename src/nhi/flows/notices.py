"""Notices before identities end: one issue for each owner, kept up to date, closed when it has nothing left to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nhi.flows.answering import assignees, told_instead
from nhi.forge.interface import Forge
from nhi.lifecycle.notices import (
    CloseNotice,
    KeepNotice,
    LeaveNotice,
    NoticeStep,
    OpenNotice,
    notice_steps,
    notices,
    owner_marker,
    said_before,
    steps_marker,
    told_line,
)
from nhi.manifest.ground import Ground
from nhi.manifest.read import read
from nhi.model.declared import DeclaredState
from nhi.model.forge import NOTICE_LABEL, Issue, says
from nhi.model.notice import Notice
from nhi.output.notice import done_body, notice_body, notice_title, steps_body
from nhi.repository.interface import Snapshot

_DONE = "<!-- nhi:notice-done -->"
_CLOSED = 500
"""As many closed issues are looked through for one that a person closed."""


class Told(StrEnum):
    """What became of an owner's issue."""

    OPENED = "opened"
    COMMENTED = "commented"
    """It names what came closer to its end."""
    EDITED = "brought up to date"
    CLOSED = "closed"
    LEFT = "as it was"
    STAYS_CLOSED = "closed by a person, with nothing new to say"


@dataclass(frozen=True, slots=True)
class NoticeReport:
    """What was told to one owner, or would be."""

    owner: str
    """Empty where the issue has nothing left to say."""
    number: int | None
    """None where it would be opened, in a dry run."""
    told: tuple[Told, ...]
    endings: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Matter:
    """What owners are told of."""

    snapshot: Snapshot
    ground: Ground
    declared: DeclaredState
    at: datetime


def give_notice(forge: Forge, matter: Matter, *, dry_run: bool) -> tuple[NoticeReport, ...]:
    """Tell every owner what ends soon. Done again, after any call, it ends as if it had not been interrupted.

    Raises:
        OutsideError: the forge failed.
    """
    ground, at = matter.ground, matter.at
    owners = _owners_of_unreadable(matter)
    found = notices(
        matter.declared, owners, ground.settings.sweep.notice_days, at, lambda owner: told_instead(owner, ground, at)
    )
    complete = all(owner is not None for owner in owners.values())
    steps = notice_steps(found, forge.issues(NOTICE_LABEL), complete=complete)
    reports = [_take(forge, ground, step, at, dry_run=dry_run) for step in _as_people_left_it(forge, steps)]
    if any(Told.OPENED in one.told for one in reports) and not dry_run:
        again = notice_steps(found, forge.issues(NOTICE_LABEL), complete=False)
        doubles = [step for step in again if isinstance(step, CloseNotice)]
        reports += [_take(forge, ground, step, at, dry_run=False) for step in doubles]
    return tuple(reports)


def _as_people_left_it(forge: Forge, steps: Sequence[NoticeStep]) -> list[NoticeStep]:
    """The steps, without opening anew what a person closed, as long as there is nothing new to say."""
    if not any(isinstance(step, OpenNotice) for step in steps):
        return list(steps)
    closed = forge.closed_issues(NOTICE_LABEL, _CLOSED)
    return [_unless_closed(forge, step, closed) if isinstance(step, OpenNotice) else step for step in steps]


def _unless_closed(forge: Forge, step: OpenNotice, closed: Sequence[Issue]) -> NoticeStep:
    """What we closed ourselves says so in a comment."""
    last = said_before(step.notice, closed)
    return step if last is None or forge.comments(last.number, _DONE) else LeaveNotice(step.notice, last)


def _take(forge: Forge, ground: Ground, step: NoticeStep, at: datetime, *, dry_run: bool) -> NoticeReport:
    match step:
        case OpenNotice(notice=notice):
            return _open(forge, notice, assignees(notice.owner, ground.owners, at), dry_run=dry_run)
        case KeepNotice():
            return _keep(forge, step, dry_run=dry_run)
        case LeaveNotice(notice=notice, issue=issue):
            told = (Told.STAYS_CLOSED,)
            return NoticeReport(notice.owner, issue.number, told, len(notice.endings), len(notice.unreadable))
        case CloseNotice(issue=issue, instead=instead):
            if not dry_run:
                forge.keep_comment(issue.number, _DONE, done_body(_DONE, instead))
                forge.close_issue(issue.number)
            return NoticeReport("", issue.number, (Told.CLOSED,), 0, 0)


def _open(forge: Forge, notice: Notice, logins: Sequence[str], *, dry_run: bool) -> NoticeReport:
    number = None
    if not dry_run:
        number = forge.open_issue(notice_title(notice.owner), _body(notice), (NOTICE_LABEL,), logins).number
    return NoticeReport(notice.owner, number, (Told.OPENED,), len(notice.endings), len(notice.unreadable))


def _keep(forge: Forge, step: KeepNotice, *, dry_run: bool) -> NoticeReport:
    """The comment first: the body that remembers it must not say so before it is there."""
    notice, issue = step.notice, step.issue
    told: list[Told] = []
    if step.new:
        told.append(Told.COMMENTED)
        marker = steps_marker(step.new)
        if not dry_run:
            forge.keep_comment(issue.number, marker, steps_body(marker, notice.owner, step.new))
    if not says(issue.body, _body(notice)):
        told.append(Told.EDITED)
        if not dry_run:
            forge.edit_issue(issue.number, notice_title(notice.owner), _body(notice))
    return NoticeReport(
        notice.owner, issue.number, tuple(told) or (Told.LEFT,), len(notice.endings), len(notice.unreadable)
    )


def _body(notice: Notice) -> str:
    return notice_body(owner_marker(notice.owner), told_line(notice), notice)


def _owners_of_unreadable(matter: Matter) -> Mapping[str, str | None]:
    """Whose each unreadable file is, where at least that can be read of it."""
    paths = [one.path for one in matter.declared.unreadable]
    found: dict[str, str | None] = dict.fromkeys(paths)
    for file in matter.snapshot.read(paths):
        manifest = read(file, matter.ground.catalog, matter.ground.settings.stacks).manifest
        found[file.path] = None if manifest is None else manifest.owner
    return found
