"""Who stands in files, and who goes by a change of them: by their paths alone, so that nothing has to be readable."""

from collections.abc import Iterable

from nhi.manifest.place import IDENTITIES, identity_at, is_manifest_path
from nhi.model.source import ChangeType, PathChange
from nhi.repository.interface import Snapshot


def standing_in(snapshot: Snapshot) -> frozenset[str]:
    """The identities that have a manifest."""
    return frozenset(identity_at(path) for path in snapshot.paths(IDENTITIES) if is_manifest_path(path))


def gone_in(changes: Iterable[PathChange]) -> frozenset[str]:
    """The identities that a change removes; what it moves within its stack is not among them."""
    manifests = [one for one in changes if is_manifest_path(one.path)]
    gone = {identity_at(one.path) for one in manifests if one.type is ChangeType.REMOVED}
    return frozenset(gone - {identity_at(one.path) for one in manifests if one.type is ChangeType.ADDED})
