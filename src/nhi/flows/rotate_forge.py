"""`nhi rotate` against a forge: each step as a pull request, which people approve and merge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from nhi.cloud.interface import AccessKeys
from nhi.errors import ExitCode
from nhi.flows.answering import reviewers
from nhi.flows.attempts import MAY_PUSH, Attempts, Failed
from nhi.flows.ground import read_ground
from nhi.flows.pull_requests import Refusals, Settled, Wanted, foreseen, push_alone, settle
from nhi.flows.rotate import RotateOrder, Shelf, rotate
from nhi.flows.sweep_world import Workplace, fetched, refused_branches
from nhi.lifecycle.rotation import BRANCHES
from nhi.manifest.ground import Ground
from nhi.model.forge import PullRequest
from nhi.model.rotation import Proposed, RotationReport
from nhi.output.rotation_request import rotation_body, rotation_title
from nhi.repository.interface import Edit

ROTATE_LABEL = "nhi/rotate"
"""What a rotation opened."""
_BY_PEOPLE = "<!-- nhi:by-people -->"


@dataclass(frozen=True, slots=True)
class RotationRequests:
    """What a run decided, and the pull requests of its steps."""

    repository: str
    report: RotationReport
    settled: tuple[tuple[Proposed, Settled], ...]
    refused: tuple[tuple[Proposed, int], ...]
    """Steps whose pull request a person closed, with its number: they are not asked for again."""
    failed: tuple[Failed, ...]
    """Steps that were to be asked for and are not. The next run does it."""

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


def rotate_forge(place: Workplace, keys: AccessKeys, order: RotateOrder) -> RotationRequests:
    """Take each step that is due, upon the tip of the branch that changes are merged into.

    One that cannot be asked for stands in the way of no other.

    Raises:
        InputError: the configuration is not valid, or there is no such stack.
        OutsideError: the forge or git failed before a pull request was opened.
    """
    opened = {one.head_branch: one for one in place.forge.open_pull_requests(BRANCHES) if _ours(one, place.branch)}
    base, branches = fetched(place.remote, place.branch, BRANCHES)
    shelf = _Remote(place, branches)
    report = rotate(place.repository, keys, base, order, Shelf(shelf.standing, shelf.put))
    commits = {**branches, **report.made}
    steps = [one for one in (*report.proposed, *report.already) if order.dry_run or one.branch in commits]
    missing = {one.branch for one in steps} - opened.keys()
    refused = refused_branches(place.forge, place.branch, ROTATE_LABEL, missing)
    ground, _ = read_ground(place.repository.snapshot(base))
    settled = []
    for one in steps:
        if one.branch in refused:
            continue
        wanted, pull = _wanted(one, commits.get(one.branch, ""), ground, order), opened.get(one.branch)
        if order.dry_run:
            work = partial(foreseen, wanted, pull)
        else:
            work = partial(settle, place.forge, place.branch, wanted, pull, Refusals())
        done = shelf.attempts.attempt(one.branch, work)
        if done is not None:
            settled.append((one, done))
    return RotationRequests(
        repository=place.forge.repository,
        report=report,
        settled=tuple(settled),
        refused=tuple((one, refused[one.branch].number) for one in steps if one.branch in refused),
        failed=tuple(shelf.attempts.failed),
    )


def _ours(pull: PullRequest, branch: str) -> bool:
    return pull.own_branch and pull.base_branch == branch


def _wanted(one: Proposed, commit: str, ground: Ground, order: RotateOrder) -> Wanted:
    marker = f"<!-- nhi:rotate {one.branch.rpartition('/')[2]} -->"
    return Wanted(
        branch=one.branch,
        commit=commit,
        title=rotation_title(one),
        by_itself=None,
        by_people=rotation_body(marker, _BY_PEOPLE, one),
        people_mark=_BY_PEOPLE,
        label=ROTATE_LABEL,
        reviewers=reviewers(one.turn.declared.identity.owner, ground, order.as_of),
    )
