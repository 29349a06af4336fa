"""What else was removed by the commits that removed an identity: a change is as large as all that it removes."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from nhi.flows.gone import gone_in, standing_in
from nhi.manifest.place import IDENTITIES, identity_at, is_manifest_path
from nhi.repository.interface import Repository


def removed_together(repository: Repository, commit: str, removed: Mapping[str, Collection[str]]) -> dict[str, int]:
    """How many identities of other stacks one commit of the branch removed with these, by stack: of the one with most.

    A run may be about one stack of many: in CI each has a job of its own. So the commits are asked, along first
    parents: a pull request that removes a few identities of every stack is one removal of many. One that is merged by
    rebasing is as many commits as it has, and each counts by itself.

    Args:
        repository: a clone with its whole history.
        commit: the commit that is applied.
        removed: stack → the identities that the run would remove there. All stacks of the run, also without any.
    """
    gone_with = list(_removed_with(repository, commit, removed))
    elsewhere = [{one for one in gone if _stack(one) not in removed} for gone in gone_with]
    if not any(elsewhere):
        return {}
    # What came back since is not gone.
    declared = standing_in(repository.snapshot(commit))
    most = max((gone - declared for gone in elsewhere), key=len)
    stacks = sorted({_stack(one) for one in most})
    return {stack: sum(_stack(one) == stack for one in most) for stack in stacks}


def _stack(identity: str) -> str:
    return identity.partition("/")[0]


def _removed_with(
    repository: Repository, commit: str, removed: Mapping[str, Collection[str]]
) -> Iterator[frozenset[str]]:
    """All that each commit removed by which one of these identities went last."""
    paths = [
        path
        for stack, identities in removed.items()
        if identities
        for path in repository.removed_paths(commit, f"{IDENTITIES}/{stack}")
        if is_manifest_path(path) and identity_at(path) in identities
    ]
    by_commit: dict[str, frozenset[str]] = {}
    last: dict[str, tuple[datetime, str]] = {}
    for path, merged in repository.removals(commit, sorted(paths)).items():
        if merged.commit not in by_commit:
            by_commit[merged.commit] = _removed_by(repository, merged.commit)
        identity = identity_at(path)
        if identity in by_commit[merged.commit]:
            last[identity] = max(last.get(identity, (merged.at, merged.commit)), (merged.at, merged.commit))
    for one in sorted({by for _, by in last.values()}):
        yield by_commit[one]


def _removed_by(repository: Repository, merge: str) -> frozenset[str]:
    """The identities that one commit of the branch removed."""
    return gone_in(repository.changes(repository.commit_id(f"{merge}^1"), merge, [IDENTITIES]))
