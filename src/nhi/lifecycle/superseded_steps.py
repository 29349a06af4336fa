"""Why the pull request of a rotation's step is not right any more.

Pure. What the cloud could not tell is no reason: the step may be right still.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from nhi.lifecycle.branch import branch_part
from nhi.lifecycle.rotation import branches_of
from nhi.model.identity import Identity
from nhi.model.instant import format_instant
from nhi.model.rotation import RotationReport

_NOTHING = "no key of this identity is to be rotated any more, or its manifest is somewhere else by now"


@dataclass(frozen=True, slots=True)
class Superseded:
    """A branch that does not say what is due now."""

    branch: str
    reason: str
    instead: str | None = None
    """The branch of the step that is due."""


def superseded_steps(report: RotationReport) -> tuple[Superseded, ...]:
    """Those of the report's superseded branches of which it is known why, sorted by branch."""
    reasons = _reasons(report)
    instead = _next_steps(report)
    found = []
    for branch in report.superseded:
        key = branch.rpartition("/")[0]
        reason = reasons.get(key, _NOTHING)
        if reason is not None:
            found.append(Superseded(branch, reason, instead.get(key)))
    return tuple(found)


def _reasons(report: RotationReport) -> Mapping[str, str | None]:
    """Of each identity with a key, as its branches start: what its next step is now. None where that is not known."""
    found: dict[str, str | None] = {}
    for resting in report.resting:
        found[_key(resting.turn.declared.identity)] = f"it is {resting.reason}"
    for stopped in report.stopped:
        found[_key(stopped.declared.identity)] = None if stopped.unknown else stopped.reason
    for turn in report.waiting:
        found[_key(turn.declared.identity)] = f"the next step is due on {format_instant(turn.due)}: {turn.step.does}"
    asked = (one.turn for one in (*report.proposed, *report.already))
    due = (*asked, *(one.turn for one in report.occupied), *report.later)
    return found | {_key(turn.declared.identity): f"the next step is another by now: {turn.step.does}" for turn in due}


def _next_steps(report: RotationReport) -> Mapping[str, str]:
    return {_key(one.turn.declared.identity): one.branch for one in (*report.proposed, *report.already)}


def _key(identity: Identity) -> str:
    return f"{branches_of(identity.stack)}{branch_part(identity.name)}"
