"""Everything that a snapshot declares, for what acts on identities: sweep, render, plan, verify."""

from collections import Counter
from hashlib import sha256

from nhi.errors import InputError
from nhi.manifest.ground import Ground
from nhi.manifest.place import IDENTITIES, is_manifest_path, place_of
from nhi.manifest.read import Reading, read
from nhi.model.declared import DeclaredIdentity, DeclaredState, UnreadableFile
from nhi.model.identity import Identity, complete
from nhi.model.settings import Stack
from nhi.repository.interface import Snapshot

_SHOWN = 10


def read_declared(snapshot: Snapshot, ground: Ground, stack: str | None = None) -> DeclaredState:
    """The declared state of the repository, or of one stack. Each manifest is in one of its two lists.

    What is in no stack's folder may belong to any stack, so it is unreadable in every one.
    """
    identities: list[DeclaredIdentity] = []
    unreadable = [] if stack is None else _strays(snapshot, ground)
    for file in snapshot.files(IDENTITIES if stack is None else f"{IDENTITIES}/{stack}"):
        if not is_manifest_path(file.path) or (stack is not None and _known_stack(file.path, ground) is None):
            continue
        match _identity(read(file, ground.catalog, ground.settings.stacks)):
            case Identity() as identity:
                identities.append(DeclaredIdentity(identity, sha256(file.data).hexdigest()))
            case reason:
                unreadable.append(UnreadableFile(file.path, _known_stack(file.path, ground), reason))
    return _without_doubles(identities, unreadable)


def identities_of(snapshot: Snapshot, ground: Ground, stack: Stack) -> tuple[Identity, ...]:
    """All identities of a stack, for what must not go on without one of them.

    Raises:
        InputError: a manifest of the stack cannot be read in full, since leaving it out would destroy its identity.
    """
    state = read_declared(snapshot, ground, stack.name)
    if state.unreadable:
        shown = [f"{one.path}: {one.reason}" for one in state.unreadable[:_SHOWN]]
        more = len(state.unreadable) - len(shown)
        raise InputError(
            "\n".join(shown + ([f"and {more} more"] if more else [])),
            hint=f"mend them (`nhi check`): leaving them out would remove their identities from {stack.name}",
        )
    return tuple(one.identity for one in state.identities)


def stack_named(ground: Ground, name: str) -> Stack:
    """A stack of nhi.yaml.

    Raises:
        InputError: there is no such stack.
    """
    stack = ground.settings.stacks.get(name)
    if stack is None:
        raise InputError(f"there is no stack {name!r}", hint="stacks: " + ", ".join(sorted(ground.settings.stacks)))
    return stack


def _identity(reading: Reading) -> Identity | str:
    """What a file declares, or the reason why it is not known."""
    manifest = reading.manifest
    if reading.problems or manifest is None:
        first = reading.problems[0]
        return f"line {first.line}: {first.message}"
    four = ("owner", "purpose", "expiry", "scope")
    missing = [name for name in four if getattr(manifest, name) is None]
    return complete(manifest) or f"it declares no {', no '.join(missing)}"


def _known_stack(path: str, ground: Ground) -> str | None:
    stack = place_of(path, ground.settings.stacks).stack
    return stack if stack in ground.settings.stacks else None


def _strays(snapshot: Snapshot, ground: Ground) -> list[UnreadableFile]:
    paths = filter(is_manifest_path, snapshot.paths(IDENTITIES))
    reason = "it is in no stack's folder, so that it may belong to any"
    return [UnreadableFile(path, None, reason) for path in paths if _known_stack(path, ground) is None]


def _without_doubles(identities: list[DeclaredIdentity], unreadable: list[UnreadableFile]) -> DeclaredState:
    """A name that stands twice in a stack declares nothing: nobody can tell which of the two is meant."""
    counts = Counter((one.identity.stack, one.identity.name.casefold()) for one in identities)
    single = [one for one in identities if counts[one.identity.stack, one.identity.name.casefold()] == 1]
    for one in identities:
        if counts[one.identity.stack, one.identity.name.casefold()] > 1:
            reason = f"another manifest of the stack has the name {one.identity.name!r}"
            unreadable.append(UnreadableFile(one.identity.path, one.identity.stack, reason))
    return DeclaredState(tuple(single), tuple(sorted(unreadable, key=lambda one: one.path)))
