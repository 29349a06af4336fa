"""`nhi approvals`: count the approvals of pull requests, and say so on the forge.

A status belongs to a commit, and two pull requests may have the same head: what is said of it is the worst of both.
It stays there when the head moves on, and GitHub believes it as soon as a branch names that commit again: so what is
no head any more is not approved either.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from nhi.errors import InputError, NhiError, OutsideError
from nhi.flows.approvals import Sources, approvals_of, not_asked
from nhi.flows.emergencies import ratification
from nhi.flows.pull import read_pull
from nhi.model.approval import ApprovalsReport
from nhi.model.forge import APPROVALS, EMERGENCY_LABEL, CommitStatus, PullRequest, PullState, StatusState
from nhi.model.gate import MARKER
from nhi.output.approvals import (
    EMERGENCY_MARKER,
    approvals_section,
    emergency_comment,
    failed_status,
    no_head_status,
    of_one_of_several,
    says_emergency,
    status_of,
    with_section,
)

_WORST_FIRST = (StatusState.ERROR, StatusState.FAILURE, StatusState.PENDING, StatusState.SUCCESS)
_MOST_EMERGENCIES = 500


@dataclass(frozen=True, slots=True)
class Order:
    """How pull requests are to be counted."""

    branch: str
    """The branch that changes are merged into; pull requests into another one are none of ours."""
    as_of: datetime
    dry_run: bool = False
    """Write nothing to the forge."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of one pull request."""

    pull: PullRequest
    result: ApprovalsReport | NhiError
    status: CommitStatus | None = None
    """Of its head; None where nothing is to be said of that."""

    @property
    def in_order(self) -> bool:
        """Whether nothing is to be done about it."""
        match self.result:
            case NhiError():
                return False
            case report if report.state is PullState.OPEN:
                return report.satisfied
            case report:
                return not report.overdue


def tell_one(number: int, sources: Sources, order: Order, before: str | None = None) -> tuple[Counted, ...]:
    """Count the approvals of a pull request, and of those that share its head where it could be merged.

    `before` is a commit that was its head; what was said of it is taken back, as of the head of one that was closed.

    Raises:
        InputError: there is no such pull request.
        OutsideError: the forge failed before anything was known of it, or did not take a status back.
    """
    pull = sources.forge.pull_request(number)
    if pull.state is PullState.MERGED and (EMERGENCY_LABEL in pull.labels or _was_an_emergency(pull, sources)):
        return (_ratify(pull, sources, order),)
    told = _tell_one(pull, sources, order)
    left = {before} if before is not None else set()
    if pull.state is PullState.CLOSED:
        left.add(pull.head)
    for commit in sorted(left):
        _take_back(commit, sources, order)
    return told


def _tell_one(pull: PullRequest, sources: Sources, order: Order) -> tuple[Counted, ...]:
    number = pull.number
    first = _count(pull, sources, order)
    if not isinstance(first.result, ApprovalsReport) or not first.result.satisfied:
        return _tell([first], sources, order)
    try:
        others = [one for one in _open(sources, order) if one.head == first.pull.head and one.number != number]
    except OutsideError as error:
        return _tell([replace(first, result=error, status=failed_status(error))], sources, order)
    return _tell([first, *(_count(one, sources, order) for one in others)], sources, order)


def tell_head(commit: str, sources: Sources, order: Order, before: str | None = None) -> tuple[Counted, ...]:
    """Count the approvals of every open pull request with this head. `before` is as with `tell_one`.

    Raises:
        OutsideError: the forge did not list them, or did not take a status back.
    """
    at_head = [one for one in _open(sources, order) if one.head == commit]
    told = _tell([_count(one, sources, order) for one in at_head], sources, order)
    if before is not None:
        _take_back(before, sources, order)
    return told


def tell_all(sources: Sources, order: Order) -> tuple[Counted, ...]:
    """Count the approvals of every open pull request: people leave, permissions and the base change.

    Raises:
        OutsideError: the forge did not list them.
    """
    by_head: dict[str, list[PullRequest]] = {}
    for one in _open(sources, order):
        by_head.setdefault(one.head, []).append(one)
    # Head by head: what is told long after it was counted may be told after a newer review was.
    told = [_tell([_count(one, sources, order) for one in pulls], sources, order) for pulls in by_head.values()]
    return tuple(sorted((one for some in told for one in some), key=lambda one: one.pull.number))


def tell_emergencies(sources: Sources, order: Order) -> tuple[Counted, ...]:
    """Look whether what merged emergencies waived was approved since, and say so on each that it was not.

    Raises:
        OutsideError: the forge did not list them, or there are too many to know them all.
    """
    closed = sources.forge.closed_pull_requests(EMERGENCY_LABEL, _MOST_EMERGENCIES)
    if len(closed) >= _MOST_EMERGENCIES:
        raise OutsideError(
            f"more than {_MOST_EMERGENCIES - 1} closed pull requests have the label {EMERGENCY_LABEL}",
            hint="take it from those that were approved long ago, so that none that is open is overlooked",
        )
    merged = sorted((one for one in closed if one.state is PullState.MERGED), key=lambda one: one.number)
    return tuple(_ratify(one, sources, order) for one in merged if one.base_branch == order.branch)


def _open(sources: Sources, order: Order) -> tuple[PullRequest, ...]:
    return tuple(one for one in sources.forge.open_pull_requests() if one.base_branch == order.branch)


def _count(pull: PullRequest, sources: Sources, order: Order) -> Counted:
    match pull.state:
        case PullState.CLOSED:
            return Counted(pull, not_asked(pull, "", order.as_of))
        case PullState.MERGED:  # for the record: nothing is to be approved any more
            return _attempt(pull, lambda: Counted(pull, ratification(pull, sources, order.as_of)), order)
        case PullState.OPEN:
            return _attempt(pull, partial(_counting, pull.number, sources, order), order)


def _counting(number: int, sources: Sources, order: Order) -> Counted:
    read = read_pull(sources.forge, sources.remote, sources.repository, number, branch=order.branch)
    report = approvals_of(read, sources.forge, sources.repository, sources.remote, order.as_of)
    return Counted(read.pull, report, status_of(report) if report.state is PullState.OPEN else None)


def _attempt(pull: PullRequest, work: Callable[[], Counted], order: Order) -> Counted:
    """What the work came to. Of a pull request into another branch nothing is said, whatever happens."""
    try:
        return work()
    except (InputError, OutsideError) as error:
        ours = pull.base_branch == order.branch and pull.state is PullState.OPEN
        return Counted(pull, error, failed_status(error) if ours else None)


def _tell(counted: Sequence[Counted], sources: Sources, order: Order) -> tuple[Counted, ...]:
    """Rewrite the section in the gate's comments, then set the status of each head.

    What lets a pull request be merged is the last that is said of it.
    """
    if order.dry_run:
        return tuple(counted)
    told = [_attempt(one.pull, partial(_rewrite, one, sources), order) for one in counted]
    worst = {one.pull.head: one for one in sorted(told, key=_rank) if one.status is not None}
    heads = Counter(one.pull.head for one in told)
    failed = {head: _set(one, sources, shared=heads[head] > 1) for head, one in worst.items()}
    return tuple(_unsaid(one, failed.get(one.pull.head)) for one in told)


def _rank(one: Counted) -> int:
    """The worst last."""
    return -1 if one.status is None else -_WORST_FIRST.index(one.status.state)


def _rewrite(one: Counted, sources: Sources) -> Counted:
    """Put the approvals into the gate's comment, where there is one. Without it, the gate itself will."""
    if one.status is None or isinstance(one.result, NhiError):
        return one
    section = approvals_section(one.result)
    for comment in sources.forge.comments(one.pull.number, MARKER)[:1]:
        body = with_section(comment.body, section)
        if body is not None and body != comment.body:
            sources.forge.keep_comment(one.pull.number, MARKER, body)
    return one


def _set(one: Counted, sources: Sources, *, shared: bool) -> OutsideError | None:
    """Set the status, whatever stands there: anybody who may push sets one that reads the same, and is none of ours."""
    if one.status is None:
        return None
    forge, head = sources.forge, one.pull.head
    status = of_one_of_several(one.status, one.pull.number) if shared else one.status
    try:
        forge.set_status(head, status)
    except OutsideError as error:
        # What stood before may be a success that is none any more.
        try:
            forge.set_status(head, failed_status(error))
        except OutsideError as again:
            error.add_note(again.message)
        return error
    return None


def _take_back(commit: str, sources: Sources, order: Order) -> None:
    """Say of a commit that is the head of nothing open that it has to be counted again, where anything was said."""
    if order.dry_run or any(one.head == commit for one in _open(sources, order)):
        return
    if APPROVALS in sources.forge.statuses(commit):
        sources.forge.set_status(commit, no_head_status())


def _was_an_emergency(pull: PullRequest, sources: Sources) -> bool:
    """Whether it was merged as one, though its label is gone: everybody who may write can take that away."""
    said = sources.forge.statuses(pull.head).get(APPROVALS)
    return said is not None and says_emergency(said)


def _unsaid(one: Counted, error: OutsideError | None) -> Counted:
    return one if error is None or isinstance(one.result, NhiError) else replace(one, result=error)


def _ratify(pull: PullRequest, sources: Sources, order: Order) -> Counted:
    return _attempt(pull, partial(_ratifying, pull, sources, order), order)


def _ratifying(pull: PullRequest, sources: Sources, order: Order) -> Counted:
    """One comment on the pull request says where it stands; none where all was approved before anybody asked.

    The label by which it is found every night is put back where it is gone too early.
    """
    labelled = replace(pull, labels=pull.labels | {EMERGENCY_LABEL})
    report = ratification(labelled, sources, order.as_of)
    if not order.dry_run:
        if pull.labels != labelled.labels and not report.ratified:
            sources.forge.label(pull.number, [EMERGENCY_LABEL])
        body = emergency_comment(report)
        said = sources.forge.comments(pull.number, EMERGENCY_MARKER)
        if [one.body for one in said] != [body] and (said or not report.ratified):
            sources.forge.keep_comment(pull.number, EMERGENCY_MARKER, body)
    return Counted(pull, report)
