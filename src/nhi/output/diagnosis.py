"""What the doctor found, for people and as JSON."""

from collections.abc import Sequence
from datetime import datetime

from nhi.model.diagnosis import Diagnosis, Health
from nhi.model.instant import format_instant
from nhi.output.plain import counted, json_text, one_line

_HEADS = {Health.GOOD: "ok      ", Health.WRONG: "WRONG   ", Health.UNKNOWN: "UNKNOWN "}
_LONGEST_COMMAND = 2000


def doctor_text(found: Sequence[Diagnosis]) -> str:
    """One line each; below what is not good, why it matters and how to mend it."""
    lines = []
    for one in found:
        lines.append(f"{_HEADS[one.health]} {one.subject}: {one_line(one.what)}")
        if one.health is not Health.GOOD:
            lines += [f"           why: {one_line(one.why)}"] if one.why else []
            lines += [f"           mend: {one_line(one.mend, _LONGEST_COMMAND)}"] if one.mend else []
    counts = {health: sum(one.health is health for one in found) for health in Health}
    lines.append(
        f"{counted(len(found), 'thing')} looked at: {counts[Health.GOOD]} good, {counts[Health.WRONG]} wrong, "
        f"{counts[Health.UNKNOWN]} that could not be told"
    )
    return "\n".join(lines) + "\n"


def doctor_json(as_of: datetime, found: Sequence[Diagnosis]) -> str:
    """The format `nhi/doctor/v1`."""
    listed = [
        {"subject": one.subject, "health": one.health.value, "what": one.what, "why": one.why, "mend": one.mend}
        for one in found
    ]
    return json_text({"schema": "nhi/doctor/v1", "as_of": format_instant(as_of), "found": listed})
