"""Which stacks a change touches: only those are planned and applied."""

from collections.abc import Iterable

from nhi.manifest.ground import Ground
from nhi.manifest.place import MODULES, SETTINGS, is_manifest_path, stack_and_name
from nhi.model.source import PathChange


def touched_stacks(changes: Iterable[PathChange], ground: Ground) -> set[str]:
    """The stacks whose Terraform a change can alter.

    A changed manifest touches its own stack. A changed module or setting touches all: which of them it alters is only
    known after planning. Owners, READMEs and tests of modules alter no stack's Terraform.
    """
    touched: set[str] = set()
    for change in changes:
        if change.path == SETTINGS or _is_module_code(change.path):
            return set(ground.settings.stacks)
        if is_manifest_path(change.path):
            stack, _ = stack_and_name(change.path)
            touched |= {stack} if stack is not None else set()
    return touched


def _is_module_code(path: str) -> bool:
    parts = path.split("/")
    return parts[0] == MODULES and path.endswith(".tf") and "tests" not in parts
