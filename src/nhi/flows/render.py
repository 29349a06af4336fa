"""`nhi render`: a stack's Terraform root as text, complete with the modules of the kinds that it uses."""

from dataclasses import dataclass
from hashlib import sha256

from nhi.errors import InputError
from nhi.flows.declared import identities_of
from nhi.manifest.ground import Ground
from nhi.manifest.place import MODULES
from nhi.model.identity import Identity
from nhi.model.settings import Stack
from nhi.model.source import MAX_MANIFEST_BYTES, FileType, SourceFile
from nhi.repository.interface import Snapshot
from nhi.terraform.render import kinds_in_use, render

_MODULE_DEPTH = 3


@dataclass(frozen=True, slots=True)
class RenderedStack:
    """A stack's root: nothing but its files decides what Terraform does."""

    stack: Stack
    identities: tuple[Identity, ...]
    files: dict[str, str]
    """Path in the root → text."""
    state_path: str = ""
    """Where a local state is kept, as seen from the root."""

    @property
    def digest(self) -> str:
        """sha256 over all paths and texts: the same digest means the same root."""
        total = sha256()
        for path, text in sorted(self.files.items()):
            data = text.encode()
            total.update(f"{path}\0{len(data)}\0".encode())
            total.update(data)
        return f"sha256:{total.hexdigest()}"


def render_stack(snapshot: Snapshot, ground: Ground, stack: Stack, state_path: str) -> RenderedStack:
    """Render a stack. `state_path` is where its local state is kept, as seen from the root.

    Raises:
        InputError: a manifest of the stack cannot be read, or a module is not there.
    """
    identities = identities_of(snapshot, ground, stack)
    files = render(stack, identities, state_path=state_path)
    for kind in kinds_in_use(identities):
        files |= _module(snapshot, f"{MODULES}/{kind}")
    return RenderedStack(stack, identities, files, state_path)


def is_terraform(path: str) -> bool:
    """Whether a file below modules/ is part of the root of a stack that uses its kind."""
    return path.endswith(".tf") and path.count("/") == _MODULE_DEPTH - 1


def _module(snapshot: Snapshot, folder: str) -> dict[str, str]:
    files = {file.path: _text(file) for file in snapshot.files(folder) if is_terraform(file.path)}
    if not files:
        raise InputError(f"{folder} holds no Terraform", hint="a kind's folder holds its module: main.tf and others")
    return files


def _text(file: SourceFile) -> str:
    if file.type is not FileType.REGULAR or len(file.data) > MAX_MANIFEST_BYTES:
        raise InputError(f"{file.path} is not a file of at most 64 KiB", hint="a module's files are small and no links")
    try:
        return file.data.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise InputError(f"{file.path} is not UTF-8", hint="save it as UTF-8") from cause
