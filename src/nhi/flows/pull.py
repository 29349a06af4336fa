"""A pull request as data: what merging it would make, read from Git's objects and never checked out.

A change is judged as the difference between the tip of its base branch and what merging it now would make of that tip.
So neither an old base, nor what others merged meanwhile, nor a merge commit that says something else than its parents
changes what is judged.
"""

from dataclasses import dataclass

from nhi.errors import InputError
from nhi.flows.check_change import Proposal
from nhi.flows.ground import read_ground
from nhi.forge.interface import Forge
from nhi.manifest.ground import Ground
from nhi.model.forge import PullRequest
from nhi.model.owners import Owners
from nhi.repository.interface import Merge, Remote, Repository

_TRIES = 3
"""How often a pull request is asked for again whose head moved between GitHub's answer and git's."""


class Moved(InputError):
    """The head of a pull request is another one than a moment ago."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"pull request #{number} moved while it was read", hint="the run that the push started decides about it"
        )


@dataclass(frozen=True, slots=True)
class ReadPull:
    """A pull request, and what merging it would make."""

    pull: PullRequest
    base: str
    """Full id of the tip of the base branch."""
    ground: Ground
    """Settings, owners and kinds of the base: who may what, as of now."""
    merge: Merge
    proposal: Proposal | None
    """None where it does not merge. Its author is the person whose account opened the pull request, where owners.yaml
    of the base knows that account by its number."""


def read_pull(forge: Forge, remote: Remote, repository: Repository, number: int, *, branch: str) -> ReadPull:
    """Read an open or closed pull request into the branch `branch`.

    Raises:
        InputError: there is no such pull request, it is meant for another branch, or it has no history in common with
            its base, or the base's own configuration is not valid.
        Moved: the head never stood still.
        OutsideError: the forge or git failed.
    """
    pull = forge.pull_request(number)
    for _ in range(_TRIES):
        if pull.base_branch != branch:
            raise InputError(
                f"pull request #{number} is meant for another branch than {branch}",
                hint=f"changes of identities are merged into {branch}: choose it as the base of the pull request",
            )
        target = f"refs/heads/{branch}"
        fetched = remote.fetch([target, pull.head_reference])
        if fetched[pull.head_reference] == pull.head:
            return _read(repository, pull, fetched[target])
        pull = forge.pull_request(number)
    raise Moved(number)


def _read(repository: Repository, pull: PullRequest, base: str) -> ReadPull:
    before = repository.snapshot(base)
    ground, _ = read_ground(before)
    merge = repository.merge(base, pull.head)
    if merge.commit is None:
        return ReadPull(pull, base, ground, merge, None)
    paths = repository.changes(base, merge.commit, (".",))
    after = repository.snapshot(merge.commit)
    return ReadPull(pull, base, ground, merge, Proposal(after, before, base, paths, author_of(pull, ground.owners)))


def author_of(pull: PullRequest, owners: Owners) -> str | None:
    """The person of owners.yaml whose account opened a pull request, known by its number; None for nobody of it."""
    if pull.author is None:
        return None
    return next((one.name for one in owners.people.values() if one.github_id == pull.author.id), None)
