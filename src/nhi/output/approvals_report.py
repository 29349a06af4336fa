"""Counted approvals for a terminal and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from nhi.errors import NhiError
from nhi.model.approval import ApprovalsReport, EmergencyLane, Held, SetAside
from nhi.model.forge import CommitStatus
from nhi.model.instant import format_instant
from nhi.output.approvals import summary
from nhi.output.plain import counted, json_text, one_line


@dataclass(frozen=True, slots=True)
class Shown:
    """One pull request, as it is printed."""

    number: int
    head: str
    result: ApprovalsReport | NhiError
    status: CommitStatus | None


def approvals_text(shown: Sequence[Shown], as_of: datetime) -> str:
    """Pull request by pull request; the last line counts."""
    lines = [line for one in shown for line in _lines(one)]
    satisfied = sum(isinstance(one.result, ApprovalsReport) and one.result.satisfied for one in shown)
    lines.append(
        f"{counted(len(shown), 'pull request')}, {satisfied} with all approvals, as of {format_instant(as_of)}"
    )
    return "\n".join(lines) + "\n"


def approvals_json(shown: Sequence[Shown], as_of: datetime) -> str:
    """The format `nhi/approvals/v1`."""
    return json_text(
        {
            "schema": "nhi/approvals/v1",
            "as_of": format_instant(as_of),
            "pull_requests": [_json(one) for one in shown],
        }
    )


def _lines(one: Shown) -> Iterator[str]:
    if isinstance(one.result, NhiError):
        message = (one.result.message.splitlines() or [""])[0]
        yield f"#{one.number}  could not be counted: {one_line(message, 2000)}"
        if one.result.hint:
            yield f"     {one_line(one.result.hint, 2000)}"
        return
    report = one.result
    yield f"#{one.number}  {one_line(summary(report), 2000)}"
    yield from (f"  {_held(held)}" for held in report.held)
    lane = report.emergency
    if lane is not None:
        yield from (f"  no emergency: {one_line(problem, 2000)}" for problem in lane.problems)
        yield from (f"  waived, {_held(held)}" for held in lane.retroactive)
    yield from (f"  in the way: {one_line(doubt, 2000)}" for doubt in report.doubts)
    yield from (f"  in the way: {_who(review)}" for review in report.objections)
    yield from (f"  in the way: {one_line(path)} conflicts" for path in report.conflicts)
    yield from (f"  does not count: {_who(review)}" for review in report.set_aside)


def _held(one: Held) -> str:
    wanted = one.requirement
    by = ", ".join(held.person for held in one.approvals) or "nobody yet"
    can = ", ".join(wanted.candidates) or "nobody is left who could"
    short = "" if wanted.can_be_met else " (too few people)"
    because = "; ".join(wanted.reasons)
    text = f"{wanted.who} {len(one.approvals)} of {wanted.count}: {by}; of {can}{short}; {because}"
    return one_line(text, 2000)


def _who(one: SetAside) -> str:
    return one_line(f"{'nobody' if one.account is None else one.account.login}: {one.reason}", 1000)


def _json(one: Shown) -> dict[str, object]:
    base: dict[str, object] = {
        "number": one.number,
        "head": one.head,
        "status": None if one.status is None else one.status.state.value,
        "description": None if one.status is None else one.status.description,
        "error": None,
        "report": None,
    }
    if isinstance(one.result, NhiError):
        return base | {"error": {"message": one.result.message, "hint": one.result.hint}}
    report = one.result
    return base | {
        "report": {
            "state": report.state.value,
            "draft": report.is_draft,
            "base": report.base or None,
            "summary": summary(report),
            "satisfied": report.satisfied,
            "held": [_held_json(held) for held in report.held],
            "set_aside": [_aside_json(review) for review in report.set_aside],
            "objections": [_aside_json(review) for review in report.objections],
            "doubts": list(report.doubts),
            "merges": report.merges,
            "conflicts": list(report.conflicts),
            "preapproved": report.preapproved or None,
            "emergency": None if report.emergency is None else _lane_json(report, report.emergency),
        }
    }


def _lane_json(report: ApprovalsReport, lane: EmergencyLane) -> dict[str, object]:
    return {
        "incident": lane.incident or None,
        "problems": list(lane.problems),
        "retroactive": [_held_json(held) for held in lane.retroactive],
        "due": None if lane.due is None else format_instant(lane.due),
        "ratified": report.ratified,
        "overdue": report.overdue,
    }


def _held_json(one: Held) -> dict[str, object]:
    return {
        "who": one.requirement.who,
        "count": one.requirement.count,
        "met": one.met,
        "candidates": list(one.requirement.candidates),
        "can_be_met": one.requirement.can_be_met,
        "reasons": list(one.requirement.reasons),
        "approvals": [
            {
                "person": held.person,
                "login": held.account.login,
                "account": held.account.id,
                "review": held.review,
                "commit": held.commit,
                "at": format_instant(held.at),
            }
            for held in one.approvals
        ],
    }


def _aside_json(one: SetAside) -> dict[str, object]:
    return {
        "login": None if one.account is None else one.account.login,
        "account": None if one.account is None else one.account.id,
        "review": one.review,
        "reason": one.reason,
    }
