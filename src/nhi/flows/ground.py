"""Read the ground that manifests are judged by from a snapshot."""

from collections.abc import Iterable
from hashlib import sha256

from nhi.manifest.ground import Ground, ground_of, is_ground
from nhi.manifest.kinds import Catalog, catalog_of
from nhi.manifest.place import MODULES, OWNERS, SETTINGS
from nhi.model.source import SourceFile
from nhi.repository.interface import Snapshot


def read_ground(snapshot: Snapshot) -> tuple[Ground, str]:
    """The ground and its digest: the same digest means the same bytes, so that verdicts made on it still hold.

    Raises:
        InputError: a part of it is missing or not valid.
    """
    settings, owners = snapshot.file(SETTINGS), snapshot.file(OWNERS)
    modules = [file for file in snapshot.files(MODULES) if is_ground(file.path)]
    return ground_of(settings, owners, modules), _digest(filter(None, [settings, owners, *modules]))


def read_catalog(snapshot: Snapshot) -> Catalog:
    """The kinds alone.

    Raises:
        InputError: a kind's schema is not valid.
    """
    return catalog_of(file for file in snapshot.files(MODULES) if is_ground(file.path))


def _digest(files: Iterable[SourceFile]) -> str:
    total = sha256()
    for file in files:
        total.update(f"{file.path}\0{file.type}\0{len(file.data)}\0".encode())
        total.update(file.data)
    return total.hexdigest()
