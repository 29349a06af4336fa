"""The ground on which manifests are judged: the settings, the owners and the kinds of one snapshot."""

from collections.abc import Iterable
from dataclasses import dataclass

from nhi.manifest.kinds import Catalog, catalog_of, is_kind_file
from nhi.manifest.owners import read_owners
from nhi.manifest.place import MODULES, OWNERS, SETTINGS
from nhi.manifest.settings import read_settings
from nhi.model.owners import Owners
from nhi.model.settings import Settings
from nhi.model.source import SourceFile


@dataclass(frozen=True, slots=True)
class Ground:
    """What a manifest is judged by, beside itself."""

    settings: Settings
    owners: Owners
    catalog: Catalog


def is_ground(path: str) -> bool:
    """Whether a file is part of the ground: a change of it can break manifests that did not change."""
    return path in (SETTINGS, OWNERS) or (path.startswith(MODULES + "/") and is_kind_file(path))


def ground_of(settings: SourceFile | None, owners: SourceFile | None, modules: Iterable[SourceFile]) -> Ground:
    """Read the ground.

    Raises:
        InputError: a part of it is missing or not valid.
    """
    return Ground(read_settings(settings), read_owners(owners), catalog_of(modules))
