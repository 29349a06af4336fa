"""Count the approvals of a pull request: those that it needs, and those that it has, as of a moment.

What is needed comes from the change and the base. What is held comes from the reviews on the forge, each compared with
what would be merged now. Nothing is written.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nhi.errors import InputError
from nhi.flows.change import ReadChange, read_change
from nhi.flows.check_change import Proposal
from nhi.flows.ground import read_ground
from nhi.flows.pull import Moved, ReadPull
from nhi.forge.interface import Forge
from nhi.manifest.ground import Ground
from nhi.manifest.place import IDENTITIES, identity_at, is_manifest_path, stack_and_name
from nhi.manifest.read import read as read_manifest
from nhi.model.approval import ApprovalsReport, EmergencyLane, Requirement
from nhi.model.forge import EMERGENCY_LABEL, Permission, PullRequest, PullState, Review
from nhi.model.identity import Identity, complete
from nhi.model.moment import Moment
from nhi.model.owners import Owners
from nhi.model.source import ChangeType
from nhi.policy.approvals import approvals_needed
from nhi.policy.emergency import Claim, incidents_named, lane_problems, needed_at_once, waived
from nhi.policy.held import Content, Electorate, Sorted, Weighed, assign, sort_out, weigh
from nhi.policy.makers import KnownMakers, known_makers
from nhi.policy.preapproved import preapproved
from nhi.policy.risk import risk_of_change
from nhi.repository.interface import Remote, Repository

_NOBODY = KnownMakers({}, {}, ())


@dataclass(frozen=True, slots=True)
class Sources:
    """Where what is to be known of pull requests comes from."""

    forge: Forge
    repository: Repository
    remote: Remote


@dataclass(frozen=True, slots=True)
class Asked:
    """A change whose approvals are counted."""

    pull: PullRequest
    ground: Ground
    """Of the base."""
    proposal: Proposal
    merged: str
    """The commit that the base became, or would become."""
    doubts: tuple[str, ...] = ()
    """What of it could not be known."""


def approvals_of(
    read: ReadPull, forge: Forge, repository: Repository, remote: Remote, as_of: datetime
) -> ApprovalsReport:
    """Count the approvals of a pull request that is open; of any other one, nothing is asked.

    Raises:
        Moved: the head is another one by now.
        OutsideError: the forge or git failed.
    """
    pull = read.pull
    if pull.state is not PullState.OPEN or read.proposal is None or read.merge.commit is None:
        return replace(
            not_asked(pull, read.base, as_of), merges=read.proposal is not None, conflicts=read.merge.conflicts
        )
    asked = Asked(pull, read.ground, read.proposal, read.merge.commit)
    return count_approvals(asked, Sources(forge, repository, remote), as_of)


def count_approvals(asked: Asked, sources: Sources, as_of: datetime) -> ApprovalsReport:
    """Count the approvals of a change, whether or not it is merged already.

    Raises:
        Moved: the head is another one by now.
        OutsideError: the forge or git failed.
    """
    pull, ground = asked.pull, asked.ground
    found, doubts = _read(asked)
    already = _preapproved(asked, Moment(as_of))
    settings, owners, now = ground.settings, ground.owners, Moment(as_of)
    risks = [risk_of_change(one, settings) for one in found.change.manifests]
    usual = () if already else approvals_needed(found.change, risks, owners, settings, now)
    lane = _lane(asked, found, as_of) if EMERGENCY_LABEL in pull.labels else None
    valid = lane is not None and not lane.problems
    at_once = needed_at_once(found.change, owners, settings, now) if valid else usual
    later = waived(usual, at_once) if valid else ()
    makers = _makers(pull, sources.forge, owners) if at_once or later else _NOBODY
    weighed = _weigh(asked, (*at_once, *later), makers, sources, now)
    if lane is not None:
        lane = replace(lane, retroactive=assign(later, weighed.approvals, settings.security_team))
    return replace(
        not_asked(pull, asked.proposal.base_commit, as_of),
        held=assign(at_once, weighed.approvals, settings.security_team),
        set_aside=weighed.set_aside,
        objections=weighed.objections,
        doubts=(*asked.doubts, *doubts, *makers.doubts),
        preapproved=already,
        emergency=lane,
    )


def not_asked(pull: PullRequest, base: str, as_of: datetime) -> ApprovalsReport:
    """The report of a pull request that asks nobody for anything: the beginning of every other."""
    return ApprovalsReport(
        as_of=as_of,
        number=pull.number,
        head=pull.head,
        base=base,
        held=(),
        set_aside=(),
        objections=(),
        doubts=(),
        preapproved="",
        emergency=None,
        state=pull.state,
        is_draft=pull.is_draft,
    )


def _makers(pull: PullRequest, forge: Forge, owners: Owners) -> KnownMakers:
    """Who made the commits up to this head: of another head, somebody's commits may be missing."""
    found = forge.makers(pull.number)
    if found.complete and all(one.commit != pull.head for one in found.commits):
        raise Moved(pull.number)
    return known_makers(found, owners)


def _read(asked: Asked) -> tuple[ReadChange, tuple[str, ...]]:
    """The change, and what of it cannot be read: nobody knows whose approval that would need."""
    proposal, base = asked.proposal, asked.ground
    doubts: list[str] = []
    try:
        head, _ = read_ground(proposal.head)
    except InputError as error:
        head = base
        doubts.append(f"its configuration is not valid: {error.message.splitlines()[0]}")
    found = read_change(proposal.head, proposal.base, (base, head), proposal.paths, proposal.author)
    doubts += [f"{path} cannot be read: `nhi check` says why" for path in found.unreadable]
    return found, tuple(doubts)


def _preapproved(asked: Asked, now: Moment) -> str:
    """Why nobody needs to approve. The manifests are read as the sweep reads them: what is not in order, is not due."""
    paths = asked.proposal.paths
    if not all(one.type is ChangeType.REMOVED and is_manifest_path(one.path) for one in paths):
        return ""
    stacks = asked.ground.settings.stacks
    declared: dict[str, Identity] = {}
    for file in asked.proposal.base.read([one.path for one in paths]):
        reading = read_manifest(file, asked.ground.catalog, stacks)
        identity = complete(reading.manifest) if reading.manifest is not None and not reading.problems else None
        if identity is not None:
            declared[file.path] = identity
    if len(declared) < len(paths):
        return ""
    folders = sorted({f"{IDENTITIES}/{stack_and_name(one.path)[0]}" for one in paths})
    standing = (path for folder in folders for path in asked.proposal.head.paths(folder) if is_manifest_path(path))
    return preapproved(paths, declared, {identity_at(path).casefold() for path in standing}, now)


def _lane(asked: Asked, found: ReadChange, as_of: datetime) -> EmergencyLane:
    pull, settings = asked.pull, asked.ground.settings
    strange = tuple(sorted(one.path for one in asked.proposal.paths if not is_manifest_path(one.path)))
    claim = Claim(pull.body, found.change, strange, found.unreadable, pull.merged_at or as_of)
    incident = ", ".join(incidents_named(pull.body)[:1])
    due = None if pull.merged_at is None else pull.merged_at + timedelta(hours=settings.github.retroactive_hours)
    return EmergencyLane(incident, lane_problems(claim, settings), (), due)


def _weigh(
    asked: Asked, requirements: tuple[Requirement, ...], makers: KnownMakers, sources: Sources, now: Moment
) -> Weighed:
    electorate = Electorate(asked.pull.author, makers, requirements, asked.ground.owners, now)
    found = sort_out(sources.forge.reviews(asked.pull.number), electorate)
    permissions = {one.id: sources.forge.permission(one) for one in found.accounts}
    return weigh(found, permissions, _contents(asked, _of_writers(found, permissions), sources))


def _of_writers(found: Sorted, permissions: Mapping[int, Permission]) -> tuple[Review, ...]:
    return tuple(one for _, one in found.entitled if one.author is not None and permissions[one.author.id].may_write)


def _contents(asked: Asked, reviews: Collection[Review], sources: Sources) -> dict[str, Content]:
    commits = sorted({one.commit for one in reviews if one.commit is not None})
    here = _fetched([one for one in commits if one != asked.pull.head], sources.remote) | {asked.pull.head}
    return {one: _content(asked, one, sources.repository) if one in here else Content.GONE for one in commits}


def _fetched(commits: list[str], remote: Remote) -> set[str]:
    """Those of the commits that the remote still has: all in one go, and one by one only where one of them is gone."""
    if not commits:
        return set()
    try:
        return set(remote.fetch(commits))
    except InputError:
        if len(commits) == 1:
            return set()
    return {found for one in commits for found in _fetched([one], remote)}


def _content(asked: Asked, commit: str, repository: Repository) -> Content:
    """What was approved, compared with what would be merged now.

    Merged into the same base, both must make the same files to the last bit. So an approval survives that the base
    is merged into the branch, or the branch is moved upon it. And the files that change must hold what the reviewer
    saw, before and after: where the base changed one of them since, two halves that somebody approved apart may make
    a whole that nobody would.
    """
    base = asked.proposal.base_commit
    try:
        then = repository.merge(base, commit)
        parted = repository.merge_base(base, commit)
        if then.commit is None or repository.changes(then.commit, asked.merged, (".",)):
            return Content.OTHER
        differing = (*repository.changes(commit, asked.merged, (".",)), *repository.changes(parted, base, (".",)))
    except InputError:  # no history in common, or a path in it that is no text
        return Content.OTHER
    touched = {one.path for one in asked.proposal.paths}
    return Content.MOVED_BASE if any(one.path in touched for one in differing) else Content.SAME
