"""Whether what stands in a folder is what a commit holds: the record of an apply names the commit, and nothing else."""

from collections.abc import Container

from nhi.flows.render import is_terraform
from nhi.manifest.ground import is_ground
from nhi.manifest.place import IDENTITIES, MODULES, SETTINGS, is_manifest_path, stack_and_name
from nhi.model.source import FileType
from nhi.repository.interface import Snapshot


def not_as_committed(stands: Snapshot, committed: Snapshot, others: Container[str]) -> tuple[str, ...]:
    """The paths, sorted, of what decides what is applied and is not the same in both.

    The manifests of `others`, stacks of nhi.yaml that are not applied, decide nothing.

    Git's own list of changes would not do: it has nothing that is ignored (`.gitignore`, `.git/info/exclude`), and
    nothing that the index is to take for unchanged (`git update-index --assume-unchanged`, `--skip-worktree`). Line
    ends are no difference, since git itself writes them anew (`core.autocrlf`).
    """
    here, there = _deciding(stands, others), _deciding(committed, others)
    return tuple(sorted(path for path in here.keys() | there.keys() if here.get(path) != there.get(path)))


def _deciding(snapshot: Snapshot, others: Container[str]) -> dict[str, tuple[FileType, bytes]]:
    below = (path for folder in (IDENTITIES, MODULES) for path in snapshot.paths(folder))
    paths = [SETTINGS, *(path for path in below if _decides(path, others))]
    return {file.path: (file.type, file.data.replace(b"\r\n", b"\n")) for file in snapshot.read(paths)}


def _decides(path: str, others: Container[str]) -> bool:
    if is_manifest_path(path):
        return stack_and_name(path)[0] not in others
    return is_ground(path) or (path.startswith(f"{MODULES}/") and is_terraform(path))
