"""`nhi sweep` against a forge: removals as pull requests, wrong ones closed, owners told before their identities end.

Everything is judged by the tip of the branch that changes are merged into, at this moment. Every write can be done
again: a run that was killed, or that meets another one, leaves what one undisturbed run leaves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from nhi.errors import InputError, UsageError
from nhi.flows.answering import reviewers
from nhi.flows.attempts import MAY_PUSH, Attempts, Failed
from nhi.flows.notices import Matter, NoticeReport, give_notice
from nhi.flows.pull_requests import Refusals, Settled, Wanted, Write, foreseen, push_alone, settle, withdraw
from nhi.flows.removal_facts import Place, removal_facts
from nhi.flows.sweep import Occupied, look
from nhi.flows.sweep_world import Workplace, World, occupied_groups, read_world, refused_branches, removed_by
from nhi.flows.swept import Left, RequestOrder, RequestReport, Withdrawn
from nhi.lifecycle.removal_requests import (
    OCCUPIED,
    WITHDRAWN,
    RequestPlan,
    Standing,
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
class _Run:
    """What a run rests on."""

    place: Workplace
    order: RequestOrder
    world: World
    plan: RequestPlan
    now: Moment
    attempts: Attempts

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

    A pull request that cannot be opened or closed stands in the way of no other, nor of the notices.

    Raises:
        InputError: the configuration of the base is not valid.
        OutsideError: the forge or git failed before anything was written.
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
    run = _Run(place, order, world, plan, now, Attempts())
    requests, late = _request(run)
    occupied = [_say_occupied(run, one.group.branch, one.reason) for one in (*found, *late)]
    stale = _withdraw(run, requests)
    merged = {one.group.branch: one.commit for one in requests if Write.MERGED in one.settled.writes}
    stays = {} if order.dry_run else _delete(run, stale.gone | merged)
    told = run.attempts.attempt("telling the owners", lambda: _notices(run)) if order.notices else None
    return RequestReport(
        repository=place.forge.repository,
        base=world.base,
        order=order,
        plan=plan,
        settled=tuple((one.group, one.settled) for one in requests),
        occupied=(*occupied, *stale.pushed_to),
        withdrawn=tuple(stale.withdrawn),
        left=(*stale.left, *(Left(branch, None, reason) for branch, reason in stays.items())),
        notices=told or (),
        failed=tuple(run.attempts.failed),
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
            work = partial(foreseen, wanted, pull)
        else:
            work = partial(settle, place.forge, place.branch, wanted, pull, refusals)
        settled = run.attempts.attempt(group.branch, work)
        if settled is not None:
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
    work = partial(push_alone, place.repository, place.remote, run.world.base, removals)
    made, refused = run.attempts.attempt("pushing the branches of removals", work) or ({}, {})
    commits = {branch: commit for branch, commit in (*commits.items(), *made.items()) if commit}
    occupied = []
    for branch, why in refused.items():
        reference = f"refs/heads/{branch}"
        try:
            commits[branch] = place.remote.fetch([reference])[reference]
        except InputError:  # nobody else pushed it: the remote does not take it
            run.attempts.failed.append(Failed(branch, f"it was not pushed: {why}", MAY_PUSH))
            del commits[branch]
            continue
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
        said = occupied_body(OCCUPIED, branch, reason)
        run.attempts.attempt(branch, partial(run.place.forge.keep_comment, pull.number, OCCUPIED, said))
    return Left(branch, pull.number if pull else None, reason)


def _withdraw(run: _Run, requests: Iterable[_Request]) -> _Stale:
    """Close what became wrong, with the reason; what somebody pushed to is named and left alone."""
    stale = _Stale()
    merged = {path for one in requests if Write.MERGED in one.settled.writes for path in one.group.paths}
    standing = {one.identity.path: one for one in run.world.declared.identities if one.identity.path not in merged}
    numbers = {path: one.settled.number for one in requests for path in one.group.paths}
    plan = _with_unopened(run, requests)
    for branch in run.plan.stale:
        commit = run.world.branches.get(branch)
        if commit is None:
            continue  # another run is at it: a forge closes what has lost its branch
        removed = removed_by(run.place.repository, run.world.base, branch, commit)
        pull = run.pulls.get(branch)
        if removed is None:
            stale.pushed_to.append(_say_occupied(run, branch, _PUSHED))
            continue
        waiting = waits_for(plan, removed, branch) if pull else None
        if pull is not None and waiting is not None:
            stale.left.append(Left(branch, pull.number, f"{waiting.branch} is to replace it, and is not open yet"))
            continue
        reasons = why_wrong(removed, standing, numbers, run.now)
        if pull is not None and not run.order.dry_run:
            said = withdrawn_body(WITHDRAWN, [(one.path, one.words, one.number) for one in reasons])
            work = partial(withdraw, run.place.forge, pull.number, said)
            if run.attempts.attempt(branch, work) is None:
                continue
        stale.withdrawn.append(Withdrawn(branch, pull.number if pull else None, reasons))
        stale.gone[branch] = commit
    return stale


def _with_unopened(run: _Run, requests: Iterable[_Request]) -> RequestPlan:
    """The plan, in which what could not be opened is as what is occupied: what it would replace stays."""
    if run.plan.tripped:
        return run.plan
    opened = {one.group.branch for one in requests}
    unopened = [group for group in run.plan.new if group.branch not in opened]
    return replace(run.plan, occupied=(*run.plan.occupied, *unopened))


def _delete(run: _Run, going: Mapping[str, str]) -> Mapping[str, str]:
    """Branches that stay though they are done with → why."""
    if not going:
        return {}
    return run.attempts.attempt("deleting branches that are done with", lambda: run.place.remote.delete(going)) or {}
