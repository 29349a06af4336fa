"""Which stacks a change touches: only those are planned and applied."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from nhi.errors import InputError
from nhi.flows.gone import gone_in, standing_in
from nhi.manifest.ground import Ground
from nhi.manifest.place import IDENTITIES, MODULES, SETTINGS, is_manifest_path, stack_and_name
from nhi.manifest.read import read
from nhi.manifest.settings import read_settings
from nhi.model.settings import Stack
from nhi.model.source import ChangeType, PathChange
from nhi.repository.interface import Snapshot

READ = (IDENTITIES, MODULES, SETTINGS)
"""The folders and files whose changes can touch a stack."""
_SHOWN = 10


class Reason(StrEnum):
    """Why a stack is touched."""

    NEW = "new"
    SETTINGS = "settings"
    MANIFESTS = "manifests"
    KIND = "kind"


def touched_stacks(
    changes: Sequence[PathChange], base: Snapshot, head: Snapshot, ground: Ground
) -> dict[str, tuple[Reason, ...]]:
    """The stacks whose Terraform a change can alter, sorted by name, each with its reasons. `ground` is the head's.

    A manifest touches its stack. nhi.yaml touches the stacks that are new in it or have other settings. Terraform code
    of a kind touches the stacks that use the kind, or of which that cannot be told. Owners, schemas, READMEs and tests
    of modules alter no stack's Terraform.

    Raises:
        InputError: a stack is gone from nhi.yaml though identities of it stood at the base, or is divided into other
            parts while some of them go, or a manifest that is new or edited is in no stack: nobody would ever plan
            them.
    """
    stacks = ground.settings.stacks
    found: dict[str, set[Reason]] = {}
    if any(change.path == SETTINGS for change in changes):
        before = _stacks_of(base)
        _refuse_forgotten(before, base, ground)
        _refuse_left_behind(before, changes, head, ground)
        for name, stack in stacks.items():
            if before is None or before.get(name) != stack:
                new = before is not None and name not in before
                found.setdefault(name, set()).add(Reason.NEW if new else Reason.SETTINGS)
    _refuse_strays(changes, ground)
    for change in changes:
        folder, _ = stack_and_name(change.path)
        if folder in stacks and folder is not None and is_manifest_path(change.path):
            found.setdefault(folder, set()).add(Reason.MANIFESTS)
    kinds = {change.path.split("/")[1] for change in changes if _is_module_code(change.path)}
    for name in stacks if kinds else ():
        # Where its manifests change too it is touched anyway; so those that stand here stood at the base as well.
        if Reason.MANIFESTS in found.get(name, ()) or _uses(name, kinds, head, ground):
            found.setdefault(name, set()).add(Reason.KIND)
    return {name: tuple(reason for reason in Reason if reason in found[name]) for name in sorted(found)}


def with_put_back(changes: Sequence[PathChange], ever: Collection[str]) -> tuple[PathChange, ...]:
    """The changes, and the paths that were changed at some time and are as they were: nothing new, nothing edited."""
    differing = {one.path for one in changes}
    put_back = (PathChange(path, ChangeType.REMOVED) for path in sorted(set(ever) - differing))
    return (*changes, *put_back)


def _stacks_of(base: Snapshot) -> Mapping[str, Stack] | None:
    """The stacks at the base; None where its settings cannot be read, so that any stack may have been otherwise."""
    file = base.file(SETTINGS)
    if file is None:
        return {}
    try:
        return read_settings(file).stacks
    except InputError:
        return None


def _refuse_forgotten(before: Mapping[str, Stack] | None, base: Snapshot, ground: Ground) -> None:
    stood = Counter(stack_and_name(path)[0] for path in base.paths(IDENTITIES) if is_manifest_path(path))
    gone = [
        f"the stack {name!r} is gone from {SETTINGS}, and {number} of its manifests stood before this change"
        for name, number in sorted((name, number) for name, number in stood.items() if name is not None)
        if name not in ground.settings.stacks and (before is None or name in before)
    ]
    _refuse(gone, "bring it back, remove its manifests and apply that; then nothing of it is left to forget")


def _refuse_left_behind(
    before: Mapping[str, Stack] | None, changes: Iterable[PathChange], head: Snapshot, ground: Ground
) -> None:
    """Who goes while their stack is divided anew would be in none of the new states, and so in no plan.

    Where nobody can tell how many parts a stack had, it may have had others if it has several now.
    """
    gone = Counter(one.partition("/")[0] for one in gone_in(changes) - standing_in(head))
    had = {name: stack.parts for name, stack in (before or {}).items()}
    known = ground.settings.stacks if before is None else before
    left = [
        f"{SETTINGS} gives the stack {name!r} parts: {stack.parts}, which had {had.get(name, 'perhaps others')}, and"
        f" {gone[name]} of its identities go in the same change"
        for name, stack in sorted(ground.settings.stacks.items())
        if gone[name] and name in known and had.get(name, 1) != stack.parts
    ]
    _refuse(left, "bring the number of parts back, and change it once the removals are applied")


def _refuse_strays(changes: Iterable[PathChange], ground: Ground) -> None:
    strays = [
        f"{change.path} is in no stack of {SETTINGS}"
        for change in changes
        if change.type is not ChangeType.REMOVED
        and is_manifest_path(change.path)
        and stack_and_name(change.path)[0] not in ground.settings.stacks
    ]
    _refuse(strays, "move it below identities/<stack>/, or add the stack")


def _refuse(problems: Sequence[str], hint: str) -> None:
    if problems:
        left = len(problems) - _SHOWN
        raise InputError("\n".join([*problems[:_SHOWN], *([f"and {left} more"] if left > 0 else [])]), hint=hint)


def _is_module_code(path: str) -> bool:
    folder, *parts = path.split("/")
    return folder == MODULES and len(parts) > 1 and path.endswith(".tf") and "tests" not in parts


def _uses(stack: str, kinds: set[str], head: Snapshot, ground: Ground) -> bool:
    """Whether a stack has an identity of one of the kinds, or one of which the kind cannot be told."""
    for file in head.files(f"{IDENTITIES}/{stack}"):
        if is_manifest_path(file.path):
            manifest = read(file, ground.catalog, ground.settings.stacks).manifest
            if manifest is None or not manifest.kind or manifest.kind in kinds:
                return True
    return False
