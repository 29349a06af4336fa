"""`nhi sweep` against a forge: removals as pull requests, wrong ones closed, owners told before their identities end.

Everything is judged by the tip of the branch that changes are merged into, at this moment. Every write can be done
again: a run that was killed, or that meets another one, leaves what one undisturbed run leaves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nhi.errors import UsageError
from nhi.flows.answering import reviewers
from nhi.flows.notices import Matter, NoticeReport, give_notice
from nhi.flows.pull_requests import Refusals, Settled, Wanted, Write, foreseen, push_alone, settle
from nhi.flows.removal_facts import Place, removal_facts
from nhi.flows.sweep import Occupied, look
from nhi.flows.sweep_world import Workplace, World, occupied_groups, read_world, refused_branches, removed_by
from nhi.lifecycle.removal_requests import (
    OCCUPIED,
    WITHDRAWN,
    RequestPlan,
    Standing,
    Wrong,
    plan_requests,
    request_marker,
    waits_for,
    why_wrong,
)
from nhi.lifecycle.sweep import RemovalGroup, due_groups
from nhi.model.forge import SWEEP_LABEL, PullRequest
from nhi.model.moment import Moment
from nhi.model.removal_request import RequestedRemoval
from nhi.output.removal_request import BY_PEOPLE, occupied_body, request_body, request_title, withdrawn_body
from nhi.repository.interface import Removal

_PUSHED = "somebody pushed to the branch, which says nothing that is due now"


@dataclass(frozen=True, slots=True)
class RequestOrder:
    """What a sweep against a forge was told to do."""

    as_of: datetime
    dry_run: bool
    max_removals: int | None = None
    """How many removals may be open at once, in place of the circuit breaker's own limits."""
    reopen: bool = False
    """Ask again for what a person refused."""
    notices: bool = True


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A branch that says nothing that is due now, and its pull request, if it has one: closed and deleted."""

    branch: str
    number: int | None
    reasons: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A branch that is left as it is, and why."""

    branch: str
    number: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class RequestReport:
    """What a sweep decided, and what it wrote, or would in a dry run."""

    repository: str
    base: str
    """Full id of the tip of the branch that changes are merged into."""
    order: RequestOrder
    plan: RequestPlan
    settled: tuple[tuple[RemovalGroup, Settled], ...]
    """Pull requests that are open now, or merged."""
    occupied: tuple[Left, ...]
    """Somebody pushed to them."""
    withdrawn: tuple[Withdrawn, ...]
    left: tuple[Left, ...]
    """Wrong, but nothing is open in their place yet; or not to be deleted."""
    notices: tuple[NoticeReport, ...]

    @property
    def clean(self) -> bool:
        """Whether no limit was passed, no stack blocked, no branch occupied, and nobody refused a removal."""
        return not (self.plan.tripped or self.plan.blocked or self.occupied or self.plan.refused)


@dataclass(frozen=True, slots=True)
class _Run:
    """What a run rests on."""

    place: Workplace
    order: RequestOrder
    world: World
    plan: RequestPlan
    now: Moment

    @property
    def pulls(self) -> Mapping[str, PullRequest]:
        """By their branch."""
        return {pull.head_branch: pull for pull in self.world.pulls}


@dataclass(frozen=True, slots=True)
class _Request:
    """A removal that is open now."""

    group: RemovalGroup
    commit: str
    settled: Settled


@dataclass(slots=True)
class _Stale:
    """What becomes of the branches that say nothing that is due now."""

    withdrawn: list[Withdrawn] = field(default_factory=list)
    pushed_to: list[Left] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    """Branches to delete → the commit that each must still have."""


def sweep_forge(place: Workplace, order: RequestOrder) -> RequestReport:
    """Sweep. A tripped circuit breaker is an answer, not an error: nothing is opened then, what is wrong is closed.

    Raises:
        InputError: the configuration of the base is not valid.
        OutsideError: the forge or git failed; run again, it goes on.
    """
    if order.max_removals is not None and order.max_removals < 0:
        raise UsageError("--max-removals is below zero", hint="name how many removals may be open at once")
    world = read_world(place)
    now = Moment(order.as_of)
    due = due_groups(world.declared, now)
    found = occupied_groups(place, world, due.groups)
    standing = _standing(place, order, world, due.groups, found)
    breaker = world.ground.settings.circuit_breaker
    plan = plan_requests(world.declared, due, standing, breaker, order.max_removals)
    run = _Run(place, order, world, plan, now)
    requests, late = _request(run)
    occupied = [_say_occupied(run, one.group.branch, one.reason) for one in (*found, *late)]
    stale = _withdraw(run, requests)
    merged = {one.group.branch: one.commit for one in requests if Write.MERGED in one.settled.writes}
    stays = {} if order.dry_run else place.remote.delete(stale.gone | merged)
    return RequestReport(
        repository=place.forge.repository,
        base=world.base,
        order=order,
        plan=plan,
        settled=tuple((one.group, one.settled) for one in requests),
        occupied=(*occupied, *stale.pushed_to),
        withdrawn=tuple(stale.withdrawn),
        left=(*stale.left, *(Left(branch, None, reason) for branch, reason in stays.items())),
        notices=_notices(run) if order.notices else (),
    )


def _standing(
    place: Workplace,
    order: RequestOrder,
    world: World,
    groups: Sequence[RemovalGroup],
    found: Sequence[Occupied],
) -> Standing:
    occupied = frozenset(one.group.branch for one in found)
    there = {pull.head_branch for pull in world.pulls}
    missing = {one.branch for one in groups} - there - occupied
    refused = {} if order.reopen else refused_branches(place.forge, place.branch, SWEEP_LABEL, missing)
    return Standing(frozenset(world.branches), world.pulls, refused, occupied)


def _notices(run: _Run) -> tuple[NoticeReport, ...]:
    world, order = run.world, run.order
    matter = Matter(run.place.repository.snapshot(world.base), world.ground, world.declared, order.as_of)
    return give_notice(run.place.forge, matter, dry_run=order.dry_run)


def _request(run: _Run) -> tuple[list[_Request], list[Occupied]]:
    """Have a pull request for each group, and the groups whose branch another run made otherwise meanwhile."""
    if run.plan.tripped:
        return [], []
    groups = [*run.plan.new, *(group for group, _ in run.plan.there)]
    commits, occupied = _commits(run, groups)
    identities = [one.identity for group in groups for one in group.identities]
    place, world = run.place, run.world
    facts = removal_facts(Place(place.repository, world.base, world.ground, place.uses), identities)
    refusals = Refusals()
    requests = []
    for group in groups:
        if group.branch not in commits:
            continue
        wanted, pull = _wanted(run, group, commits[group.branch], facts), run.pulls.get(group.branch)
        if run.order.dry_run:
            settled = foreseen(wanted, pull)
        else:
            settled = settle(place.forge, place.branch, wanted, pull, refusals)
        requests.append(_Request(group, wanted.commit, settled))
    return requests, occupied


def _commits(run: _Run, groups: Iterable[RemovalGroup]) -> tuple[dict[str, str], list[Occupied]]:
    """Branch → what stands on it, pushed where it was not there; a dry run pushes nothing."""
    branches = run.world.branches
    commits = {group.branch: branches.get(group.branch, "") for group in groups}
    missing = {group.branch: group for group in groups if group.branch not in branches}
    if run.order.dry_run or not missing:
        return commits, []
    place, at = run.place, run.order.as_of
    removals = [Removal(group.branch, group.paths, group.message, at) for group in missing.values()]
    made, refused = push_alone(place.repository, place.remote, run.world.base, removals)
    commits |= made
    occupied = []
    for branch in refused:
        reference = f"refs/heads/{branch}"
        commits[branch] = place.remote.fetch([reference])[reference]
        odd = look(place.repository, run.world.base, missing[branch], commits[branch])
        if odd is not None:
            occupied.append(odd)
            del commits[branch]
    return commits, occupied


def _wanted(run: _Run, group: RemovalGroup, commit: str, facts: Mapping[str, RequestedRemoval]) -> Wanted:
    marker, removals = request_marker(group), [facts[path] for path in group.paths]
    alone = run.world.ground.settings.sweep.auto_merge
    return Wanted(
        branch=group.branch,
        commit=commit,
        title=request_title(group.stack, group.owner, len(removals)),
        by_itself=request_body(marker, removals, by_people=False) if alone else None,
        by_people=request_body(marker, removals, by_people=True),
        people_mark=BY_PEOPLE,
        label=SWEEP_LABEL,
        reviewers=reviewers(group.owner, run.world.ground, run.order.as_of),
    )


def _say_occupied(run: _Run, branch: str, reason: str) -> Left:
    """On its pull request, if it has one: what stands there is no removal that was approved beforehand."""
    pull = run.pulls.get(branch)
    if pull is not None and not run.order.dry_run:
        run.place.forge.keep_comment(pull.number, OCCUPIED, occupied_body(OCCUPIED, branch, reason))
    return Left(branch, pull.number if pull else None, reason)


def _withdraw(run: _Run, requests: Iterable[_Request]) -> _Stale:
    """Close what became wrong, with the reason; what somebody pushed to is named and left alone."""
    stale = _Stale()
    merged = {path for one in requests if Write.MERGED in one.settled.writes for path in one.group.paths}
    standing = {one.identity.path: one for one in run.world.declared.identities if one.identity.path not in merged}
    numbers = {path: one.settled.number for one in requests for path in one.group.paths}
    for branch in run.plan.stale:
        commit = run.world.branches.get(branch)
        if commit is None:
            continue  # another run is at it: a forge closes what has lost its branch
        removed = removed_by(run.place.repository, run.world.base, branch, commit)
        pull = run.pulls.get(branch)
        if removed is None:
            stale.pushed_to.append(_say_occupied(run, branch, _PUSHED))
            continue
        waiting = waits_for(run.plan, removed, branch) if pull else None
        if pull is not None and waiting is not None:
            stale.left.append(Left(branch, pull.number, f"{waiting.branch} is to replace it, and is not open yet"))
            continue
        reasons = why_wrong(removed, standing, numbers, run.now)
        if pull is not None and not run.order.dry_run:
            said = withdrawn_body(WITHDRAWN, [(one.path, one.words, one.number) for one in reasons])
            run.place.forge.keep_comment(pull.number, WITHDRAWN, said)
            run.place.forge.close_pull_request(pull.number)
        stale.withdrawn.append(Withdrawn(branch, pull.number if pull else None, reasons))
        stale.gone[branch] = commit
    return stale
