"""Whether what stands in a folder is what a commit holds: the record of an apply names the commit, and nothing else."""

from nhi.flows.render import is_terraform
from nhi.manifest.ground import is_ground
from nhi.manifest.place import IDENTITIES, MODULES, SETTINGS, is_manifest_path
from nhi.model.source import FileType
from nhi.repository.interface import Snapshot


def not_as_committed(stands: Snapshot, committed: Snapshot) -> tuple[str, ...]:
    """The paths, sorted, of what decides what is applied and is not the same in both.

    Git's own list of changes would not do: it has nothing that is ignored (`.gitignore`, `.git/info/exclude`), and
    nothing that the index is to take for unchanged (`git update-index --assume-unchanged`, `--skip-worktree`). Line
    ends are no difference, since git itself writes them anew (`core.autocrlf`).
    """
    here, there = _deciding(stands), _deciding(committed)
    return tuple(sorted(path for path in here.keys() | there.keys() if here.get(path) != there.get(path)))


def _deciding(snapshot: Snapshot) -> dict[str, tuple[FileType, bytes]]:
    paths = [SETTINGS, *(path for folder in (IDENTITIES, MODULES) for path in snapshot.paths(folder) if _decides(path))]
    return {file.path: (file.type, file.data.replace(b"\r\n", b"\n")) for file in snapshot.read(paths)}


def _decides(path: str) -> bool:
    return is_manifest_path(path) or is_ground(path) or (path.startswith(f"{MODULES}/") and is_terraform(path))
