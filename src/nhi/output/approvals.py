"""The approvals of a pull request in words: a commit status, and a section of the gate's comment."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nhi.errors import NhiError
from nhi.model.approval import ApprovalsReport, EmergencyLane, Held, SetAside
from nhi.model.forge import APPROVALS, CommitStatus, PullState, StatusState
from nhi.model.instant import format_instant
from nhi.output.markdown import code, prose
from nhi.output.plain import counted, one_line

SECTION, SECTION_END = "<!-- nhi:approvals -->", "<!-- /nhi:approvals -->"
"""Each is a line of its own. No text of others can be: it is always shown within a line."""
EMERGENCY_MARKER = "<!-- nhi:emergency -->"
"""The first line of the comment on a merged emergency."""
MOST_OF_A_SECTION = 12_000
"""Characters. A comment of GitHub's holds 65,536."""
_MOST_OF_A_COMMENT = 65_536
_STATUS = 140
"""https://docs.github.com/en/rest/commits/statuses."""
_EMERGENCY = re.compile(r"(?:#[0-9]+: )?(?:draft; )?emergency ")
"""How `status_of` begins of one, and `of_one_of_several`."""
_NAMED = 6
_LISTED = 20


def status_of(report: ApprovalsReport) -> CommitStatus:
    """What is said of the head. What is not yet there is pending; what somebody must mend first is a failure."""
    state = StatusState.PENDING
    if report.satisfied:
        state = StatusState.SUCCESS
    elif _obstacle(report):
        state = StatusState.FAILURE
    draft = "draft; " if report.is_draft else ""
    return CommitStatus(APPROVALS, state, _cut(draft + summary(report)))


def failed_status(error: NhiError) -> CommitStatus:
    """What is said of the head where nobody could count."""
    first = (error.message.splitlines() or [""])[0]
    return CommitStatus(APPROVALS, StatusState.ERROR, _cut(f"could not be counted: {first}"))


def no_head_status() -> CommitStatus:
    """What is said of a commit that is no pull request's head any more."""
    return CommitStatus(APPROVALS, StatusState.PENDING, "is not the head of an open pull request: counted when it is")


def says_emergency(status: CommitStatus) -> bool:
    """Whether a status of ours let something be merged as an emergency."""
    return status.is_ours and status.state is StatusState.SUCCESS and _EMERGENCY.match(status.description) is not None


def of_one_of_several(status: CommitStatus, number: int) -> CommitStatus:
    """The status of a commit that is the head of several pull requests: it is one's of them."""
    return replace(status, description=_cut(f"#{number}: {status.description}"))


def summary(report: ApprovalsReport) -> str:
    """Where the approvals stand, in one line."""
    match report.state:
        case PullState.CLOSED:
            return "closed without a merge: nothing is to be approved"
        case PullState.MERGED:
            return _after_the_merge(report)
        case PullState.OPEN:
            pass
    obstacle = _obstacle(report)
    missing = [_missing(one) for one in report.held if not one.met]
    if obstacle or missing:
        return obstacle or "missing: " + "; ".join(missing)
    by = "; ".join(f"{one.requirement.who}: {_names(one)}" for one in report.held)
    if report.emergency is not None:
        later = "; ".join(one.requirement.who for one in report.emergency.waived)
        return f"emergency {report.emergency.incident}, approved by {by}" + (f"; due later: {later}" if later else "")
    if report.preapproved:
        return f"nobody needs to approve: {report.preapproved}"
    return f"approved by {by}" if by else "nobody needs to approve: no identity and nothing that governs them changes"


def approvals_section(report: ApprovalsReport) -> str:
    """The section of the gate's comment, with the lines that mark its beginning and its end; no line feed at the end.

    At most `MOST_OF_A_SECTION` characters.
    """
    lines = ["### Approvals", "", f"**{prose(summary(report))}**"]
    for heading, items in _parts(report):
        if items:
            lines += ["", *([f"{heading}:", ""] if heading else []), *(f"- {item}" for item in items)]
    body, size = [], 0
    for line in lines:
        size += len(line) + 1
        if size > MOST_OF_A_SECTION - 300:
            body += ["", "- and more than fits here: `nhi approvals` prints it all"]
            break
        body.append(line)
    return "\n".join([SECTION, "", *body, "", SECTION_END])


def with_section(comment: str, section: str) -> str | None:
    """The comment with its approvals section exchanged for another; None where it has none, or it would not fit."""
    lines = comment.split("\n")
    bare = [line.rstrip("\r") for line in lines]
    if SECTION not in bare or SECTION_END not in bare[bare.index(SECTION) :]:
        return None
    start = bare.index(SECTION)
    end = bare.index(SECTION_END, start)
    exchanged = "\n".join([*lines[:start], section, *lines[end + 1 :]])
    return exchanged if len(exchanged) <= _MOST_OF_A_COMMENT else None


def emergency_comment(report: ApprovalsReport) -> str:
    """The comment on a merged emergency: what it waived, by when that is due, and where it stands."""
    lane = report.emergency
    lines = [EMERGENCY_MARKER, "", f"**{prose(_after_the_merge(report))}**"]
    for heading, items in _parts(report):
        if items:
            lines += ["", *([f"{heading}:", ""] if heading else []), *(f"- {item}" for item in items)]
    if lane is not None and not report.ratified:
        lines += ["", "Approve it with a review of this pull request, or revert what it did."]
    return "\n".join(lines) + "\n"


def _parts(report: ApprovalsReport) -> Iterator[tuple[str, list[str]]]:
    yield "", [_requirement(one) for one in report.held]
    yield "In the way", [*(prose(one) for one in report.doubts), *map(_who, report.objections)]
    yield "Conflicts with the base", [code(one) for one in report.conflicts[:_LISTED]]
    lane = report.emergency
    if lane is not None:
        yield "Why this is no emergency change", [prose(one) for one in lane.problems]
        yield (
            f"Waived for {prose(lane.incident or 'no incident')}, due {_due(lane)}",
            [_requirement(one) for one in lane.retroactive],
        )
    yield "Reviews that do not count", _listed(report.set_aside)


def _requirement(one: Held) -> str:
    wanted = one.requirement
    mark = ":white_check_mark:" if one.met else ":hourglass:"
    text = f"{mark} {prose(wanted.who)}: {len(one.approvals)} of {wanted.count}"
    if one.approvals:
        text += ", by " + ", ".join(code(held.person) for held in one.approvals)
    if not one.met:
        can = [name for name in wanted.candidates if name not in {held.person for held in one.approvals}]
        more = f" and {len(can) - _LISTED} more" if len(can) > _LISTED else ""
        text += "; can approve: " + (", ".join(map(code, can[:_LISTED])) + more or "nobody is left")
        text += "" if wanted.can_be_met else " (too few people: add some to the team)"
    reasons = "; ".join(prose(reason) for reason in wanted.reasons[:_NAMED])
    return f"{text} ({reasons})" if reasons else text


def _listed(reviews: Sequence[SetAside]) -> list[str]:
    more = len(reviews) - _LISTED
    return [_who(one) for one in reviews[:_LISTED]] + ([f"and {more} more"] if more > 0 else [])


def _who(one: SetAside) -> str:
    return f"{code('nobody' if one.account is None else one.account.login)} {prose(one.reason)}"


def _obstacle(report: ApprovalsReport) -> str:
    """What somebody must mend first."""
    lane = report.emergency
    if not report.merges:
        more = f" and {len(report.conflicts) - 1} more" if len(report.conflicts) > 1 else ""
        where = f": {report.conflicts[0]}{more}" if report.conflicts else ""
        return f"does not merge into its base{where}"
    if lane is not None and lane.problems:
        more = f" (and {len(lane.problems) - 1} more)" if len(lane.problems) > 1 else ""
        return f"no emergency change: {lane.problems[0]}{more}"
    if report.objections:
        logins = [one.account.login for one in report.objections if one.account is not None]
        return f"changes are requested by {', '.join(logins[:_NAMED])}"
    return report.doubts[0] if report.doubts else ""


def _missing(one: Held) -> str:
    wanted = one.requirement
    left = wanted.count - len(one.approvals)
    if not wanted.can_be_met:
        return f"{counted(left, 'approval')} of {wanted.who}, which has too few people"
    can = [name for name in wanted.candidates if name not in {held.person for held in one.approvals}]
    return (
        f"{counted(left, 'approval')} of {wanted.who} ({', '.join(can[:_NAMED])}{', …' if len(can) > _NAMED else ''})"
    )


def _names(one: Held) -> str:
    return ", ".join(held.person for held in one.approvals)


def _after_the_merge(report: ApprovalsReport) -> str:
    lane = report.emergency
    if lane is None:
        return "merged: nothing is to be approved any more"
    incident = lane.incident or "without an incident"
    if report.ratified:
        return f"emergency {incident}: all that it waived was approved"
    missing = "; ".join(_missing(one) for one in lane.waived)
    what = _obstacle(report) or f"missing: {missing}"
    when = "overdue since" if report.overdue else "due"
    return f"emergency {incident}, {when} {_due(lane)}: {what}"


def _due(lane: EmergencyLane) -> str:
    return "after the merge" if lane.due is None else format_instant(lane.due)


def _cut(text: str) -> str:
    return one_line(text, _STATUS)[:_STATUS]
