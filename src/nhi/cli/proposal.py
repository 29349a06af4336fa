"""A change that a command is about: from a revision to another, or to the files as they stand."""

from pathlib import Path

from nhi.cli import wiring
from nhi.flows.check_change import Proposal
from nhi.repository.interface import Repository


def proposal(folder: Path, base: str, head: str | None, author: str | None) -> tuple[Proposal, Repository]:
    """The change since the commit where it parted from `base`.

    Raises:
        InputError: there is no such revision, or the two have no history in common.
    """
    repository = wiring.repository(folder)
    tip = None if head is None else repository.commit_id(head)
    commit = repository.merge_base(repository.commit_id(base), tip or repository.commit_id("HEAD"))
    paths = repository.changes(commit, tip, (".",))
    snapshot = wiring.working_tree(folder) if tip is None else repository.snapshot(tip)
    return Proposal(snapshot, repository.snapshot(commit), commit, paths, author), repository
