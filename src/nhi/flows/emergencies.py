"""What a merged emergency waived, and whether it was approved since: its content is the one that was merged."""

from collections.abc import Iterator
from datetime import datetime

from nhi.errors import InputError
from nhi.flows.approvals import Asked, Sources, count_approvals
from nhi.flows.check_change import Proposal
from nhi.flows.ground import read_ground
from nhi.flows.pull import author_of
from nhi.model.approval import ApprovalsReport
from nhi.model.forge import PullRequest
from nhi.repository.interface import Repository

_MOST_COMMITS = 250
"""More are not listed by GitHub: https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request."""


def ratification(pull: PullRequest, sources: Sources, as_of: datetime) -> ApprovalsReport:
    """Count the approvals of a merged pull request, by the owners and settings that its base had.

    Who left since does not count, nor who may not write any more.

    Raises:
        InputError: its commits are gone, or the configuration of its base is not valid.
        OutsideError: the forge or git failed.
    """
    merged = pull.merge_commit
    if merged is None:
        raise InputError(
            f"nobody knows which commit pull request #{pull.number} became",
            hint="look it up on GitHub; if it is none of the base branch, the pull request was not merged",
        )
    repository = sources.repository
    sources.remote.fetch([merged, pull.head_reference])
    base, doubts = _base(pull, merged, sources)
    before = repository.snapshot(base)
    ground, _ = read_ground(before)
    paths = repository.changes(base, merged, (".",))
    proposal = Proposal(repository.snapshot(merged), before, base, paths, author_of(pull, ground.owners))
    return count_approvals(Asked(pull, ground, proposal, merged, doubts), sources, as_of)


def _base(pull: PullRequest, merged: str, sources: Sources) -> tuple[str, tuple[str, ...]]:
    """The commit that the pull request was merged into.

    A merge and a squash are one commit; a rebase is as many as the pull request has. It is the farthest commit into
    which the head still merges to what was merged, and no older than what the head was made upon: what came before
    that, others have merged.
    """
    repository = sources.repository
    first = repository.commit_id(f"{merged}^1")
    parted = repository.merge_base(first, pull.head)
    most = 1 if _is_merge(repository, merged) else min(len(sources.forge.makers(pull.number).commits), _MOST_COMMITS)
    for base in [*_before(repository, merged, max(most, 1))][::-1]:
        if repository.merge_base(base, pull.head) != parted:
            continue
        made = repository.merge(base, pull.head).commit
        if made is not None and not repository.changes(made, merged, (".",)):
            return base, ()
    doubt = (
        f"commit {merged[:12]} is not what merging the head makes: nobody approved what it holds; "
        "look at it, and approve it in a pull request of its own, or revert it"
    )
    return first, (doubt,)


def _before(repository: Repository, merged: str, most: int) -> Iterator[str]:
    for number in range(1, most + 1):
        try:
            yield repository.commit_id(f"{merged}~{number}")
        except InputError:
            return


def _is_merge(repository: Repository, commit: str) -> bool:
    try:
        repository.commit_id(f"{commit}^2")
    except InputError:
        return False
    return True
