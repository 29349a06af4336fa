"""What Git removed since a commit: each identity with the commit that removed it, and what was declared until then.

Asked of the history and not of two trees, so that what came and went in between is found, and its last manifest is
the last, not that of the base.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from nhi.cloud.expectation import expectation
from nhi.errors import InputError
from nhi.flows.change import read_change
from nhi.flows.ground import read_ground
from nhi.manifest.ground import Ground
from nhi.manifest.place import IDENTITIES, identity_at, is_manifest_path, stack_and_name
from nhi.model.identity import Manifest, complete
from nhi.model.kind import Kind
from nhi.model.plan import PrincipalType
from nhi.model.settings import Settings, Stack
from nhi.model.source import ChangeType, PathChange
from nhi.repository.interface import Merged, Repository, Snapshot


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An identity whose manifest was removed."""

    manifest: Manifest
    """The last. Where that cannot be read, everything of it is unknown."""
    settings: Settings
    """Under which it stood."""
    stack: Stack | None
    """None where no nhi.yaml says what its stack is."""
    on_paper: bool
    """It stood on a system without an API."""
    types: frozenset[PrincipalType]
    """What stood for it in the cloud; both where nothing says it."""
    merged: Merged | None
    """None where no commit of the branch removed it: it is deleted here only, or never stood on the branch."""
    again: bool
    """Whether a manifest declares the same name again."""


@dataclass(frozen=True, slots=True)
class _History:
    """A branch from a base to its head, and the ground that is judged by at each commit."""

    repository: Repository
    base: str
    head: str
    grounds: dict[str, Ground | None] = field(default_factory=dict)

    def ground_at(self, commit: str) -> Ground | None:
        """The ground of a commit; None where it was not valid then."""
        if commit not in self.grounds:
            try:
                self.grounds[commit] = read_ground(self.repository.snapshot(commit))[0]
            except InputError:
                self.grounds[commit] = None
        return self.grounds[commit]


def withdrawn_since(repository: Repository, base: str, head: str) -> tuple[Withdrawn, ...]:
    """The identities that were removed after `base` up to `head`, or are deleted in the working tree. Sorted.

    An identity whose manifest moved within its stack was not removed. Of one that was removed more than once, the last
    removal is meant; one that stands again is among them.

    Raises:
        InputError: the configuration of one of the two commits is not valid, or the clone is shallow.
    """
    if repository.is_shallow():
        raise InputError(
            "this clone is shallow: it does not show every removal",
            hint="fetch the whole history: git fetch --unshallow, or fetch-depth: 0 in actions/checkout",
        )
    grounds = {commit: read_ground(repository.snapshot(commit))[0] for commit in (base, head)}
    history = _History(repository, base, head, {**grounds})
    at_base, at_head, here = _declared(repository.snapshot(base)), _declared(repository.snapshot(head)), _here(history)
    found: dict[str, Withdrawn] = {}
    removals = _removals(history)
    for commit in sorted({merge.commit for _, merge in removals.values()}):
        paths = {path: merge for path, merge in removals.values() if merge.commit == commit}
        before = repository.commit_id(f"{commit}^1")
        found |= _withdrawn(history, before, paths, here)
    for commit, declared in ((head, at_head), (base, at_base)):
        lost = {path: None for identity, path in declared.items() if identity not in here and identity not in found}
        found |= _withdrawn(history, commit, lost, here)
    return tuple(found[identity] for identity in sorted(found))


def _declared(snapshot: Snapshot) -> Mapping[str, str]:
    """Identity → path of its manifest, readable or not."""
    return _identities(snapshot.paths(IDENTITIES))


def _identities(paths: Iterable[str]) -> Mapping[str, str]:
    return {identity_at(path): path for path in paths if is_manifest_path(path) and stack_and_name(path)[0] is not None}


def _here(history: _History) -> Mapping[str, str]:
    """What the working tree declares, whatever is committed."""
    changes = history.repository.changes(history.head, None, (IDENTITIES,))
    gone = {one.path for one in changes if one.type is ChangeType.REMOVED}
    paths = {*history.repository.snapshot(history.head).paths(IDENTITIES), *(one.path for one in changes)} - gone
    return _identities(paths)


def _removals(history: _History) -> Mapping[str, tuple[str, Merged]]:
    """Identity → its manifest's last path, and the last commit since the base that removed it."""
    repository = history.repository
    earlier_paths = repository.removed_paths(history.base, IDENTITIES)
    paths = sorted(filter(is_manifest_path, repository.removed_paths(history.head, IDENTITIES)))
    earlier = repository.removals(history.base, [path for path in paths if path in earlier_paths])
    standing: dict[str, Mapping[str, str]] = {}
    found: dict[str, tuple[str, Merged]] = {}
    for path, merge in repository.removals(history.head, paths).items():
        identity, commit = identity_at(path), merge.commit
        if earlier.get(path) == merge or stack_and_name(path)[0] is None:
            continue
        if commit not in standing:
            standing[commit] = _declared(repository.snapshot(commit))
        moved = identity in standing[commit]
        if not moved and (identity not in found or _is_later(repository, commit, found[identity][1].commit)):
            found[identity] = (path, merge)
    return found


def _is_later(repository: Repository, commit: str, other: str) -> bool:
    """Both are of one branch; their dates may say anything."""
    return commit != other and repository.merge_base(commit, other) == other


def _withdrawn(
    history: _History, before: str, paths: Mapping[str, Merged | None], here: Mapping[str, str]
) -> Mapping[str, Withdrawn]:
    """The identities of some manifests, as they stood at the commit `before` their removal."""
    if not paths:
        return {}
    snapshot = history.repository.snapshot(before)
    grounds = list(_grounds(history, before))
    removed = [PathChange(path, ChangeType.REMOVED) for path in paths]
    changes = read_change(snapshot, snapshot, (grounds[0], grounds[0]), removed, None).change.manifests
    return {
        one.identity: _of(one.before, grounds, paths[one.before.path], again=one.identity in here)
        for one in changes
        if one.before is not None
    }


def _grounds(history: _History, before: str) -> Iterator[Ground]:
    """The ground that it stood on, then those that may say what that does not: a stack can be dropped first."""
    for commit in (before, history.base, history.head):
        ground = history.ground_at(commit)
        if ground is not None:
            yield ground


def _of(manifest: Manifest, grounds: Iterable[Ground], merged: Merged | None, *, again: bool) -> Withdrawn:
    ground, *others = grounds
    kind = ground.catalog.kinds.get(manifest.kind)
    stacks = (one.settings.stacks.get(manifest.stack) for one in (ground, *others))
    stack = next((one for one in stacks if one is not None), None)
    return Withdrawn(
        manifest=manifest,
        settings=ground.settings,
        stack=stack,
        on_paper=kind is not None and kind.expectation is None,
        types=_types(manifest, kind, stack),
        merged=merged,
        again=again,
    )


def _types(manifest: Manifest, kind: Kind | None, stack: Stack | None) -> frozenset[PrincipalType]:
    identity, both = complete(manifest), frozenset(PrincipalType)
    if identity is None or kind is None or stack is None:
        return both
    try:
        wanted = expectation(identity, kind, stack)
    except InputError:
        return both  # a kind that is broken now may have rendered then
    if wanted is None:
        return both
    standing = ((PrincipalType.ROLE, wanted.roles), (PrincipalType.USER, wanted.users))
    return frozenset(one for one, found in standing if found)
