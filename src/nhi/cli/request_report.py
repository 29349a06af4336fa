"""The report of a sweep against a forge, for people and as JSON."""

from collections.abc import Iterator

from nhi.cli.sweep_report import blocked, blocked_json, group_json, held, held_json, removals
from nhi.flows.attempts import Failed
from nhi.flows.notices import NoticeReport, Told
from nhi.flows.pull_requests import Settled
from nhi.flows.swept import Left, RequestReport, Withdrawn
from nhi.lifecycle.sweep import RemovalGroup
from nhi.model.forge import Merging
from nhi.model.instant import format_instant
from nhi.output.plain import counted, json_text, one_line

_INDENT = " " * 11


def request_text(report: RequestReport) -> str:
    """What stands in the way first, then what was closed and opened, or would be; the last line counts."""
    plan = report.plan
    lines = [line for one in plan.blocked for line in blocked(one)]
    lines += [held(one) for one in plan.held]
    for group, pull in plan.refused:
        lines.append(f"REFUSED  {group.branch} (#{pull.number}): a person closed it without merging it")
        lines.append(f"{_INDENT}renew what it removes, or hold it, or ask again with --reopen")
    lines += [_left("occupied", one) for one in report.occupied]
    lines += [_left("left    ", one) for one in report.left]
    for one in report.withdrawn:
        lines += _withdrawn(one)
    for group, settled in report.settled:
        lines += _settled(group, settled)
    if plan.tripped:
        for group in plan.new:
            lines.append(f"not open {group.branch} would remove {removals(len(group.identities))}")
            lines += _identities(group)
    lines += [_notice(one) for one in report.notices]
    lines += [line for one in report.failed for line in failed(one)]
    lines += [f"STOPPED  {one_line(one.words)}" for one in plan.tripped]
    if plan.tripped:
        lines.append("         nothing was opened; if it is meant, allow it with --max-removals")
    return "\n".join([*lines, _closing(report)]) + "\n"


def request_json(report: RequestReport) -> str:
    """The format `nhi/sweep-requests/v1`."""
    plan = report.plan
    document = {
        "schema": "nhi/sweep-requests/v1",
        "as_of": format_instant(report.order.as_of),
        "repository": report.repository,
        "base": report.base,
        "dry_run": report.order.dry_run,
        "stopped": [one.words for one in plan.tripped],
        "pull_requests": [{**group_json(group), **settled_json(one)} for group, one in report.settled],
        "not_opened": [group_json(group) for group in plan.new] if plan.tripped else [],
        "refused": [{**group_json(group), "number": pull.number} for group, pull in plan.refused],
        "withdrawn": [_withdrawn_json(one) for one in report.withdrawn],
        "occupied": [_left_json(one) for one in report.occupied],
        "left": [_left_json(one) for one in report.left],
        "notices": [_notice_json(one) for one in report.notices],
        "held": held_json(plan.held),
        "blocked": blocked_json(plan.blocked),
        "failed": [failed_json(one) for one in report.failed],
    }
    return json_text(document)


def failed(one: Failed) -> Iterator[str]:
    """What could not be done, and why."""
    yield f"FAILED   {one_line(one.what)}: {one_line(one.message)}"
    yield f"{_INDENT}{one_line(one.hint)}"


def failed_json(one: Failed) -> dict[str, object]:
    """The same."""
    return {"what": one.what, "message": one.message, "hint": one.hint}


def _closing(report: RequestReport) -> str:
    total = sum(len(group.identities) for group, _ in report.settled)
    what = "would be open" if report.order.dry_run else "open or merged"
    where = f"{counted(len(report.settled), 'pull request')} of {one_line(report.repository)}"
    return f"{counted(total, 'removal')} in {where} {what}, as of {format_instant(report.order.as_of)}"


def _named(branch: str, number: int | None) -> str:
    return one_line(branch) if number is None else f"{one_line(branch)} (#{number})"


def _left(word: str, one: Left) -> str:
    return f"{word} {_named(one.branch, one.number)}: {one_line(one.reason)}"


def _withdrawn(one: Withdrawn) -> Iterator[str]:
    yield f"closed   {_named(one.branch, one.number)}"
    for wrong in one.reasons:
        instead = "" if wrong.number is None else f"; #{wrong.number} removes it"
        yield f"{_INDENT}{one_line(wrong.path)}: {one_line(wrong.words)}{instead}"


def _settled(group: RemovalGroup, one: Settled) -> Iterator[str]:
    if not one.writes:
        yield f"already  {_named(group.branch, one.number)} ({removals(len(group.identities))})"
        return
    done = ", ".join(write.value for write in one.writes)
    yield f"pull     {_named(group.branch, one.number)} removes {removals(len(group.identities))}: {done}"
    yield from _identities(group)
    yield from obstacles(one)


def obstacles(one: Settled) -> Iterator[str]:
    """What the forge did not allow."""
    if one.merging is Merging.REFUSED:
        yield f"{_INDENT}it does not merge by itself: {one_line(one.refusal)}"
    if one.not_asked:
        yield f"{_INDENT}could not be asked for a review: {', '.join(map(one_line, one.not_asked))}"


def _identities(group: RemovalGroup) -> Iterator[str]:
    for one in group.identities:
        yield f"{_INDENT}{one_line(one.identity.id)}, expired {format_instant(one.identity.expiry)}"


def _notice(one: NoticeReport) -> str:
    number = "" if one.number is None else f" #{one.number}"
    if one.told == (Told.CLOSED,):
        return f"notice  {number}: closed, with nothing left to say"
    unread = f", {counted(one.unreadable, 'file')} unreadable" if one.unreadable else ""
    done = ", ".join(told.value for told in one.told)
    return f"notice   {one_line(one.owner)}{number}: {done} ({one.endings} to end soon{unread})"


def settled_json(one: Settled) -> dict[str, object]:
    """A pull request, and what was written of it."""
    return {
        "number": one.number,
        "url": one.url or None,
        "writes": [write.name.lower() for write in one.writes],
        "merging": None if one.merging is None else one.merging.value,
        "refusal": one.refusal or None,
        "asked": list(one.asked),
        "not_asked": list(one.not_asked),
    }


def _withdrawn_json(one: Withdrawn) -> dict[str, object]:
    return {
        "branch": one.branch,
        "number": one.number,
        "reasons": [{"path": wrong.path, "reason": wrong.words, "instead": wrong.number} for wrong in one.reasons],
    }


def _left_json(one: Left) -> dict[str, object]:
    return {"branch": one.branch, "number": one.number, "reason": one.reason}


def _notice_json(one: NoticeReport) -> dict[str, object]:
    return {
        "owner": one.owner or None,
        "number": one.number,
        "told": [told.name.lower() for told in one.told],
        "endings": one.endings,
        "unreadable": one.unreadable,
    }
