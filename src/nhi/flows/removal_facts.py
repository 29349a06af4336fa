"""What a removal's pull request tells of each identity: who approved its end, its last use, what is destroyed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nhi.cloud.expectation import expectation
from nhi.cloud.interface import LastUses
from nhi.errors import InputError
from nhi.manifest.ground import Ground
from nhi.manifest.read import read
from nhi.model.identity import Identity
from nhi.model.removal_request import RequestedRemoval, Resource, Written
from nhi.model.source import FileType, SourceFile
from nhi.model.usage import LastUse
from nhi.model.verification import CouldNotTell
from nhi.repository.interface import Repository

_AT_ONCE = 500
"""So many paths one look at the history is for: far from what any system's command line takes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the facts are looked for."""

    repository: Repository
    commit: str
    ground: Ground
    uses: LastUses | None
    """None where the cloud is not asked."""


def removal_facts(place: Place, identities: Iterable[Identity]) -> Mapping[str, RequestedRemoval]:
    """The facts of each identity, by its path. The history is read in one go, not once for each."""
    wanted = sorted(identities, key=lambda one: one.path)
    ends: dict[str, Written] = {}
    paths = [one.path for one in wanted]
    known = {} if place.repository.is_shallow() else {one.path: one.expiry for one in wanted}
    for start in range(0, len(known), _AT_ONCE):
        ends |= _ends(place, paths[start : start + _AT_ONCE], known)
    return {
        one.path: RequestedRemoval(one, ends.get(one.path), _last_use(place, one), _destroyed(place, one))
        for one in wanted
    }


def _ends(place: Place, paths: Sequence[str], expiries: Mapping[str, datetime]) -> dict[str, Written]:
    """The commit since which each manifest says its expiry, in the first-parent history."""
    versions = place.repository.versions(place.commit, paths)
    writers = place.repository.writers(place.commit, paths)
    found = {}
    for path, contents in versions.items():
        for content, writer in zip(contents, writers[path], strict=True):
            if content is None or _expiry(place, path, content) != expiries[path]:
                break
            found[path] = Written(writer.commit, writer.at)
    return found


def _expiry(place: Place, path: str, content: bytes) -> datetime | None:
    file = SourceFile(path, FileType.REGULAR, content)
    manifest = read(file, place.ground.catalog, place.ground.settings.stacks).manifest
    return None if manifest is None else manifest.expiry


def _last_use(place: Place, identity: Identity) -> LastUse | None:
    if place.uses is None:
        return None
    return place.uses.last_use(identity.name, place.ground.settings.stacks[identity.stack])


def _destroyed(place: Place, identity: Identity) -> tuple[Resource, ...] | CouldNotTell:
    kind = place.ground.catalog.kinds[identity.kind]
    try:
        found = expectation(identity, kind, place.ground.settings.stacks[identity.stack])
    except InputError as error:
        return CouldNotTell(error.message)
    if found is None:
        return ()
    return (
        *(Resource("role", one.name) for one in found.roles),
        *(Resource("user", one.name) for one in found.users),
        *(Resource("secret", one.name) for one in found.secrets),
        *(Resource("event rule", one.name) for one in found.event_rules),
    )
