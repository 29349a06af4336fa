"""What a run of rotations decided and did, for people and as JSON."""

from nhi.model.instant import format_instant
from nhi.model.rotation import Proposed, RotationReport, Step, Turn
from nhi.output.plain import json_text, one_line

_DOES = {
    Step.ROTATE: "makes a new key beside the old one",
    Step.RETIRE: "switches the old key off",
    Step.DROP: "deletes the old key",
}


def rotation_text(report: RotationReport) -> str:
    """What stands in the way first, then what was done or would be, then what waits; the last line counts."""
    lines = [f"UNREAD   {one_line(one.path)}: {one_line(one.reason)}" for one in report.unreadable]
    for stop in report.stopped:
        step = "" if stop.step is None else f"{stop.step}: "
        lines.append(f"STOPPED  {one_line(stop.declared.identity.id)}: {step}{one_line(stop.reason)}")
    lines += [f"occupied {one_line(one.branch)}: {one_line(one.reason)}" for one in report.occupied]
    lines += [f"stale    {one_line(name)}: does not say what is due now; left alone" for name in report.superseded]
    lines += [
        f"rests    {_name(one.turn)}: {one.turn.step} is due, but it is {one_line(one.reason)}"
        for one in report.resting
    ]
    lines += [f"already  {one.branch}" for one in report.already]
    for one in report.proposed:
        does = _DOES[one.turn.step]
        lines += [f"branch   {one.branch} {does}", f"           {_name(one.turn)}, due {format_instant(one.turn.due)}"]
    lines += [f"later    {_name(turn)}: {turn.step} is due; too much for one run" for turn in report.later]
    lines += [f"waits    {_name(turn)}: {turn.step} on {format_instant(turn.due)}" for turn in report.waiting]
    number = len(report.proposed)
    counted = f"{number} branch" if number == 1 else f"{number} branches"
    what = "to make" if report.dry_run else "made"
    lines.append(f"{counted} {what}, as of {format_instant(report.as_of)}")
    return "\n".join(lines) + "\n"


def rotation_json(report: RotationReport) -> str:
    """The format `nhi/rotation/v1`."""
    document = {
        "schema": "nhi/rotation/v1",
        "as_of": format_instant(report.as_of),
        "base": report.base,
        "dry_run": report.dry_run,
        "proposed": [{**_proposed(one), "commit": report.made.get(one.branch)} for one in report.proposed],
        "already": [_proposed(one) for one in report.already],
        "later": [_turn(one) for one in report.later],
        "waiting": [_turn(one) for one in report.waiting],
        "resting": [{**_turn(one.turn), "reason": one.reason} for one in report.resting],
        "stopped": [
            {
                "identity": one.declared.identity.id,
                "path": one.declared.identity.path,
                "step": None if one.step is None else one.step.value,
                "reason": one.reason,
                "could_not_tell": one.unknown,
            }
            for one in report.stopped
        ],
        "occupied": [
            {**_turn(one.turn), "branch": one.branch, "commit": one.commit, "reason": one.reason}
            for one in report.occupied
        ],
        "superseded": list(report.superseded),
        "unreadable": [{"path": one.path, "stack": one.stack, "reason": one.reason} for one in report.unreadable],
    }
    return json_text(document)


def _name(turn: Turn) -> str:
    return one_line(turn.declared.identity.id)


def _proposed(one: Proposed) -> dict[str, object]:
    return {**_turn(one.turn), "branch": one.branch, "sha256": one.turn.declared.sha256}


def _turn(turn: Turn) -> dict[str, object]:
    identity = turn.declared.identity
    return {
        "identity": identity.id,
        "path": identity.path,
        "step": turn.step.value,
        "due": format_instant(turn.due),
    }
