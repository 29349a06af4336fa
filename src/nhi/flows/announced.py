"""Whether a removal was announced: an identity's manifest stood in Git, and a commit removed it."""

from collections.abc import Collection
from dataclasses import dataclass

from nhi.manifest.place import IDENTITIES, identity_at, is_manifest_path
from nhi.repository.interface import Repository


@dataclass(frozen=True, slots=True)
class Refused:
    """A reason why nothing is applied."""

    reason: str
    hint: str
    stack: str | None = None
    """None where it is about all stacks of the run."""
    identity: str | None = None


def unannounced(
    repository: Repository | None, commit: str | None, stack: str, removed: Collection[str]
) -> tuple[Refused, ...]:
    """A refusal for each identity that the history of a commit does not say is removed.

    Any commit of the history counts, on whatever branch it was made: it was merged, and its change was reviewed.
    """
    if not removed:
        return ()
    if repository is None or commit is None:
        reason = f"{stack}: {len(removed)} identities would be removed, and no Git history says that they should be"
        return (Refused(reason, "work in a Git repository: a removal is a commit", stack),)
    folder = f"{IDENTITIES}/{stack}"
    standing = {identity_at(path) for path in repository.snapshot(commit).paths(folder) if is_manifest_path(path)}
    gone = {identity_at(path) for path in repository.removed_paths(commit, folder) if is_manifest_path(path)}
    shallow = repository.is_shallow()
    found = []
    for identity in sorted(removed):
        if identity in standing:
            reason = f"{identity}: its manifest is deleted here, but not in the commit {commit[:12]}"
            found.append(Refused(reason, "commit the removal, or bring the manifest back", stack, identity))
        elif identity not in gone and shallow:
            reason = f"{identity}: this clone is too shallow to show who removed its manifest"
            hint = "fetch the whole history: git fetch --unshallow, or fetch-depth: 0 in actions/checkout"
            found.append(Refused(reason, hint, stack, identity))
        elif identity not in gone:
            reason = f"{identity}: no commit up to {commit[:12]} has ever removed its manifest"
            hint = "find out who made it, and how it came into the state; nothing of Git's says that it goes"
            found.append(Refused(reason, hint, stack, identity))
    return tuple(found)
