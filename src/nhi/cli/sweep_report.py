"""A sweep's report, for people and as JSON."""

import json
from collections.abc import Iterable

from nhi.flows.sweep import SweepReport
from nhi.lifecycle.due import Held
from nhi.lifecycle.sweep import Blocked, RemovalGroup
from nhi.model.instant import format_instant
from nhi.output.plain import counted, one_line

_EVERY_STACK = "every stack"


def sweep_text(report: SweepReport) -> str:
    """What was done or would be, what was left alone and why; the last line counts."""
    plan = report.plan
    lines = [line for one in plan.blocked for line in blocked(one)]
    lines += [held(one) for one in plan.held]
    lines += [f"stale    {one_line(name)}: does not say what is due now; left alone" for name in plan.superseded]
    lines += [f"occupied {one_line(one.group.branch)}: {one_line(one.reason)}" for one in report.occupied]
    lines += [f"already  {one.branch} ({removals(len(one.identities))})" for one in plan.already]
    done = "would remove" if report.order.dry_run or plan.tripped else "removes"
    for group in plan.removals:
        lines += _group(group, done)
    lines += [f"STOPPED  {one_line(one.words)}" for one in plan.tripped]
    if plan.tripped:
        lines.append("         nothing was done; if it is meant, allow it with --max-removals")
    total = sum(len(group.identities) for group in plan.removals)
    what = "made" if report.made else "to make" if report.order.dry_run else "not made" if plan.tripped else "made"
    as_of = format_instant(report.order.as_of)
    lines.append(f"{counted(total, 'removal')} on {_branches(len(plan.removals))} {what}, as of {as_of}")
    return "\n".join(lines) + "\n"


def sweep_json(report: SweepReport) -> str:
    """The format `nhi/sweep/v1`."""
    plan = report.plan
    document = {
        "schema": "nhi/sweep/v1",
        "as_of": format_instant(report.order.as_of),
        "base": report.base,
        "dry_run": report.order.dry_run,
        "stopped": [one.words for one in plan.tripped],
        "removals": [{**group_json(one), "commit": report.made.get(one.branch)} for one in plan.removals],
        "already": [group_json(one) for one in plan.already],
        "occupied": [
            {"branch": one.group.branch, "commit": one.commit, "reason": one.reason} for one in report.occupied
        ],
        "superseded": list(plan.superseded),
        "held": held_json(plan.held),
        "blocked": blocked_json(plan.blocked),
    }
    return json.dumps(document, indent=2)


def held_json(found: Iterable[Held]) -> list[dict[str, object]]:
    """What holds keep."""
    return [
        {
            "identity": one.declared.identity.id,
            "authority": one.hold.authority,
            "reason": one.hold.reason,
            "review": format_instant(one.hold.review),
            "review_reached": one.review_reached,
        }
        for one in found
    ]


def blocked_json(found: Iterable[Blocked]) -> list[dict[str, object]]:
    """The stacks that are not swept."""
    return [
        {"stack": one.stack, "files": [{"path": file.path, "reason": file.reason} for file in one.files]}
        for one in found
    ]


def blocked(one: Blocked) -> list[str]:
    """Why a stack is not swept."""
    head = f"BLOCKED  {one.stack or _EVERY_STACK}: not swept, since unreadable is not expired"
    return [head] + [f"           {one_line(file.path)}: {one_line(file.reason)}" for file in one.files]


def held(one: Held) -> str:
    """What a hold keeps."""
    review = format_instant(one.hold.review)
    due = " (the review is due)" if one.review_reached else ""
    authority, name = one_line(one.hold.authority), one.declared.identity.id
    return f"held     {one_line(name)}: by {authority}, review {review}{due}"


def _group(group: RemovalGroup, done: str) -> list[str]:
    return [f"branch   {group.branch} {done} {removals(len(group.identities))}"] + [
        f"           {one_line(one.identity.id)}, expired {format_instant(one.identity.expiry)}"
        for one in group.identities
    ]


def group_json(group: RemovalGroup) -> dict[str, object]:
    """What is removed together."""
    return {
        "branch": group.branch,
        "stack": group.stack,
        "owner": group.owner,
        "identities": [
            {
                "identity": one.identity.id,
                "path": one.identity.path,
                "sha256": one.sha256,
                "expiry": format_instant(one.identity.expiry),
            }
            for one in group.identities
        ],
    }


def _branches(number: int) -> str:
    return f"{number} branch" if number == 1 else f"{number} branches"


def removals(number: int) -> str:
    """How many."""
    return f"{number} identity" if number == 1 else f"{number} identities"
