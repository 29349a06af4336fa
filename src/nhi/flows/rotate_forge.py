"""`nhi rotate` against a forge: each step as a pull request, which people approve and merge."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from nhi.cloud.interface import AccessKeys
from nhi.errors import ExitCode, InputError
from nhi.flows.answering import reviewers
from nhi.flows.attempts import MAY_PUSH, Attempts, Failed
from nhi.flows.ground import read_ground
from nhi.flows.pull_requests import Refusals, Settled, Wanted, foreseen, push_alone, settle, withdraw
from nhi.flows.rotate import RotateOrder, Shelf, rotate
from nhi.flows.sweep_world import Workplace, fetched, refused_branches
from nhi.lifecycle.removal_requests import WITHDRAWN
from nhi.lifecycle.rotation import BRANCHES
from nhi.lifecycle.superseded_steps import Superseded, superseded_steps
from nhi.manifest.ground import Ground
from nhi.manifest.place import is_manifest_path
from nhi.model.forge import PullRequest
from nhi.model.rotation import Proposed, RotationReport
from nhi.model.source import ChangeType
from nhi.output.removal_request import BY_PEOPLE
from nhi.output.rotation_request import rotation_body, rotation_title, superseded_body
from nhi.repository.interface import Edit

ROTATE_LABEL = "nhi/rotate"
"""What a rotation opened."""


@dataclass(frozen=True, slots=True)
class RotationRequests:
    """What a run decided, and the pull requests of its steps."""

    repository: str
    report: RotationReport
    settled: tuple[tuple[Proposed, Settled], ...]
    refused: tuple[tuple[Proposed, int], ...]
    """Steps whose pull request a person closed, with its number: they are not asked for again."""
    withdrawn: tuple[tuple[Superseded, int], ...]
    """Steps that are not due as they were asked for: their pull requests, which are closed. The branches stay."""
    failed: tuple[Failed, ...]
    """What was to be done and is not. The next run does it."""

    @property
    def exit_code(self) -> ExitCode:
        """As the report's; what a person refused is for somebody to see to."""
        found = self.report.exit_code
        if self.failed:
            return max(found, ExitCode.OUTSIDE)
        return ExitCode.FINDINGS if found is ExitCode.CLEAN and self.refused else found


@dataclass(frozen=True, slots=True)
class _Remote:
    """The remote's branches as a rotation sees them."""

    place: Workplace
    branches: Mapping[str, str]
    attempts: Attempts = field(default_factory=Attempts)

    def standing(self, _prefix: str) -> Mapping[str, str]:
        """What was there when the run began."""
        return self.branches

    def put(self, base: str, edits: Sequence[Edit]) -> Mapping[str, str]:
        """Push new branches; those of another run that was faster are left to the next one."""
        made, refused = push_alone(self.place.repository, self.place.remote, base, edits)
        there = self.place.remote.branches(BRANCHES) if refused else {}
        for branch in sorted(refused.keys() - there):
            self.attempts.failed.append(Failed(branch, f"it was not pushed: {refused[branch]}", MAY_PUSH))
        return {branch: commit for branch, commit in made.items() if branch not in refused}


@dataclass(frozen=True, slots=True)
class _Run:
    """What a run decided, and what is there of earlier ones."""

    place: Workplace
    order: RotateOrder
    report: RotationReport
    opened: Mapping[str, PullRequest]
    """By their branch."""
    commits: Mapping[str, str]
    """Branch → what stands on it."""
    attempts: Attempts


def rotate_forge(place: Workplace, keys: AccessKeys, order: RotateOrder) -> RotationRequests:
    """Take each step that is due, upon the tip of the branch that changes are merged into.

    One that cannot be asked for stands in the way of no other. What is open and became wrong is closed.

    Raises:
        InputError: the configuration is not valid, or there is no such stack.
        OutsideError: the forge or git failed before a pull request was opened.
    """
    opened = {one.head_branch: one for one in place.forge.open_pull_requests(BRANCHES) if _ours(one, place.branch)}
    base, branches = fetched(place.remote, place.branch, BRANCHES)
    remote = _Remote(place, branches)
    report = rotate(place.repository, keys, base, order, Shelf(remote.standing, remote.put))
    commits = {**branches, **report.made}
    steps = [one for one in (*report.proposed, *report.already) if order.dry_run or one.branch in commits]
    missing = {one.branch for one in steps} - opened.keys()
    refused = refused_branches(place.forge, place.branch, ROTATE_LABEL, missing)
    run = _Run(place, order, report, opened, commits, remote.attempts)
    settled = _request(run, [one for one in steps if one.branch not in refused])
    numbers = {one.branch: done.number for one, done in settled}
    return RotationRequests(
        repository=place.forge.repository,
        report=report,
        settled=settled,
        refused=tuple((one, refused[one.branch].number) for one in steps if one.branch in refused),
        withdrawn=_withdraw(run, numbers | dict.fromkeys(refused)),
        failed=tuple(remote.attempts.failed),
    )


def _request(run: _Run, steps: Iterable[Proposed]) -> tuple[tuple[Proposed, Settled], ...]:
    """Have a pull request for each step."""
    place, order = run.place, run.order
    ground, _ = read_ground(place.repository.snapshot(run.report.base))
    settled = []
    for one in steps:
        wanted, pull = _wanted(one, run.commits.get(one.branch, ""), ground, order), run.opened.get(one.branch)
        if order.dry_run:
            work = partial(foreseen, wanted, pull)
        else:
            work = partial(settle, place.forge, place.branch, wanted, pull, Refusals())
        done = run.attempts.attempt(one.branch, work)
        if done is not None:
            settled.append((one, done))
    return tuple(settled)


def _withdraw(run: _Run, numbers: Mapping[str, int | None]) -> tuple[tuple[Superseded, int], ...]:
    """Close what became wrong, with the reason. `numbers`: branch of each next step → its pull request, if it has one.

    The branch stays: when the same step is due again, it is asked for again. One that holds more than an edited
    manifest is left alone.
    """
    withdrawn = []
    for one in superseded_steps(run.report):
        pull, commit = run.opened.get(one.branch), run.commits.get(one.branch)
        waits = one.instead is not None and one.instead not in numbers
        if pull is None or commit is None or waits or not _is_a_step(run, commit):
            continue
        said = superseded_body(WITHDRAWN, one.reason, numbers.get(one.instead or ""))
        work = partial(withdraw, run.place.forge, pull.number, said)
        if run.order.dry_run or run.attempts.attempt(one.branch, work):
            withdrawn.append((one, pull.number))
    return tuple(withdrawn)


def _is_a_step(run: _Run, commit: str) -> bool:
    """Whether a branch edits one manifest and nothing else, as a step does."""
    repository = run.place.repository
    try:
        found = repository.changes(repository.merge_base(run.report.base, commit), commit, (".",))
    except InputError:
        return False
    return len(found) == 1 and found[0].type is ChangeType.EDITED and is_manifest_path(found[0].path)


def _ours(pull: PullRequest, branch: str) -> bool:
    return pull.own_branch and pull.base_branch == branch


def _wanted(one: Proposed, commit: str, ground: Ground, order: RotateOrder) -> Wanted:
    marker = f"<!-- nhi:rotate {one.branch.rpartition('/')[2]} -->"
    return Wanted(
        branch=one.branch,
        commit=commit,
        title=rotation_title(one),
        by_itself=None,
        by_people=rotation_body(marker, BY_PEOPLE, one),
        people_mark=BY_PEOPLE,
        label=ROTATE_LABEL,
        reviewers=reviewers(one.turn.declared.identity.owner, ground, order.as_of),
    )
