"""What a change does, identity by identity: the manifests before and after, and what the history says of them."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

from nhi.manifest.ground import Ground
from nhi.manifest.place import identity_at, is_manifest_path, stack_and_name
from nhi.manifest.read import read
from nhi.manifest.yamltext import Irregular, plain_values
from nhi.model.change import Change, ManifestChange
from nhi.model.identity import Manifest
from nhi.model.instant import NotAnInstant, parse_instant
from nhi.model.owners import Owners
from nhi.model.source import ChangeType, PathChange, SourceFile
from nhi.policy.people import person_named
from nhi.repository.interface import Repository, Snapshot


@dataclass(frozen=True, slots=True)
class ReadChange:
    """A change as rules see it, and the bytes in which its places are found."""

    change: Change
    data: Mapping[str, bytes]
    """Identity → the manifest's bytes after the change; before it, where it is removed."""
    unreadable: tuple[str, ...]
    """Paths of manifests that stand after the change and cannot be read."""


def read_change(
    head: Snapshot, base: Snapshot, grounds: tuple[Ground, Ground], paths: Sequence[PathChange], author: str | None
) -> ReadChange:
    """Read a change. `grounds` are those of the base and of the head.

    A manifest that cannot be read after the change is not there: the reading itself says so in a finding. One that is
    removed and could not be read is there with everything unknown: it may have been under hold.
    """
    before = _manifests(base, grounds[0], (one for one in paths if one.type is not ChangeType.ADDED))
    before |= _unknown(base, (one.path for one in paths if one.type is ChangeType.REMOVED), before.keys())
    after = _manifests(head, grounds[1], (one for one in paths if one.type is not ChangeType.REMOVED))
    standing = {identity_at(one.path) for one in paths if one.type is not ChangeType.REMOVED}
    identities = sorted(name for name in before.keys() | after.keys() if name in after or name not in standing)
    changes = [
        ManifestChange(name, before[name][0] if name in before else None, after[name][0] if name in after else None)
        for name in identities
    ]
    data = {name: (after.get(name) or before[name])[1] for name in identities}
    unread = standing - after.keys()
    lost = sorted(one.path for one in paths if is_manifest_path(one.path) and identity_at(one.path) in unread)
    return ReadChange(Change(tuple(changes), tuple(paths), author), data, tuple(lost))


def author_named(given: str | None, owners: Owners) -> str | None:
    """The person of owners.yaml with this name, GitHub login or e-mail address."""
    person = None if given is None else person_named(given, owners)
    return None if person is None else person.name


def with_history(found: ReadChange, repository: Repository, commit: str) -> ReadChange:
    """The change, and what the history up to its base says of it."""
    renewals, removed = from_history(repository, commit, found.change)
    return replace(found, change=replace(found.change, renewals=renewals, removed_before=removed))


def from_history(repository: Repository, commit: str, change: Change) -> tuple[dict[str, int], frozenset[str]]:
    """How often each changed identity's expiry was pushed out up to `commit`, and which new ones were there before.

    In a shallow clone nobody knows how often, so no identity is in the first.
    """
    moved_out = [one for one in change.manifests if _later(one)]
    added = {one.path for one in change.paths if one.type is ChangeType.ADDED}
    created = [one.after for one in change.manifests if one.before is None and one.after and one.after.path in added]
    paths = [one.before.path for one in moved_out if one.before is not None] + [one.path for one in created]
    versions = repository.versions(commit, paths)
    renewals = {
        one.identity: _renewals(versions.get(one.before.path, ())) for one in moved_out if one.before is not None
    }
    if repository.is_shallow():
        renewals = {}
    return renewals, frozenset(one.id for one in created if any(versions.get(one.path, ())))


def _manifests(snapshot: Snapshot, ground: Ground, paths: Iterable[PathChange]) -> dict[str, tuple[Manifest, bytes]]:
    wanted = {one.path for one in paths if is_manifest_path(one.path)}
    found: dict[str, tuple[Manifest, bytes]] = {}
    for file in snapshot.read(wanted):
        manifest = _manifest(file, ground)
        if manifest is not None:
            found[identity_at(file.path)] = (manifest, file.data)
    return found


def _unknown(snapshot: Snapshot, removed: Iterable[str], known: Container[str]) -> dict[str, tuple[Manifest, bytes]]:
    wanted = {path for path in removed if is_manifest_path(path) and identity_at(path) not in known}
    keys = frozenset(field.name for field in fields(Manifest)) - {"path", "stack", "name", "unreadable"}
    found: dict[str, tuple[Manifest, bytes]] = {}
    for file in snapshot.read(wanted):
        stack, name = stack_and_name(file.path)
        if stack is not None:
            found[identity_at(file.path)] = (Manifest(file.path, stack, name, "", unreadable=keys), file.data)
    return found


def _manifest(file: SourceFile, ground: Ground) -> Manifest | None:
    return read(file, ground.catalog, ground.settings.stacks).manifest


def _later(one: ManifestChange) -> bool:
    return bool(
        one.before and one.after and one.before.expiry and one.after.expiry and one.after.expiry > one.before.expiry
    )


def _renewals(versions: Sequence[bytes | None]) -> int:
    """How often the expiry moved later since the identity was last made. Versions come newest first."""
    expiries = []
    for data in versions:
        if data is None:
            break
        try:
            expiries.append(parse_instant(str(plain_values(data).get("expiry"))))
        except (Irregular, NotAnInstant):
            continue
    return sum(newer > older for newer, older in pairwise(expiries))
