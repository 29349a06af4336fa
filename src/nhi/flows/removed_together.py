"""What else was removed by the commits that removed an identity: a change is as large as all that it removes."""

from collections.abc import Collection, Mapping

from nhi.manifest.place import IDENTITIES, identity_at, is_manifest_path
from nhi.model.source import ChangeType
from nhi.repository.interface import Repository


def removed_together(repository: Repository, commit: str, removed: Mapping[str, Collection[str]]) -> dict[str, int]:
    """How many identities of other stacks were removed by the same commits of the branch, by stack.

    A run may be about one stack of many: in CI each has a job of its own. So the commits are asked, along first
    parents: a pull request that removes a few identities of every stack is one removal of many.

    Args:
        repository: a clone with its whole history.
        commit: the commit that is applied.
        removed: stack → the identities that the run would remove there. All stacks of the run, also without any.
    """
    elsewhere: dict[str, set[str]] = {}
    for merge in _removing(repository, commit, removed):
        for identity in _removed_by(repository, merge):
            elsewhere.setdefault(identity.partition("/")[0], set()).add(identity)
    others = {stack: gone for stack, gone in elsewhere.items() if stack not in removed}
    if not others:
        return {}
    # What was only moved, or came back since, is not gone.
    declared = {identity_at(path) for path in repository.snapshot(commit).paths(IDENTITIES) if is_manifest_path(path)}
    counts = {stack: len(gone - declared) for stack, gone in others.items()}
    return {stack: count for stack, count in sorted(counts.items()) if count}


def _removing(repository: Repository, commit: str, removed: Mapping[str, Collection[str]]) -> list[str]:
    """The commits of the branch that removed these identities' manifests last."""
    paths = [
        path
        for stack, identities in removed.items()
        if identities
        for path in repository.removed_paths(commit, f"{IDENTITIES}/{stack}")
        if is_manifest_path(path) and identity_at(path) in identities
    ]
    return sorted({merged.commit for merged in repository.removals(commit, sorted(paths)).values()})


def _removed_by(repository: Repository, merge: str) -> set[str]:
    """The identities whose manifest one commit of the branch took away from where it was."""
    changes = repository.changes(repository.commit_id(f"{merge}^1"), merge, [IDENTITIES])
    return {identity_at(one.path) for one in changes if one.type is ChangeType.REMOVED and is_manifest_path(one.path)}
