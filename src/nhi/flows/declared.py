"""Everything that a snapshot declares, for what acts on identities: sweep, render, plan, verify."""

from collections import Counter
from hashlib import sha256

from nhi.errors import InputError
from nhi.manifest.ground import Ground
from nhi.manifest.place import IDENTITIES, is_manifest_path
from nhi.manifest.read import Reading, read
from nhi.model.declared import DeclaredIdentity, DeclaredState, UnreadableFile
from nhi.model.identity import Identity, Manifest, complete
from nhi.model.settings import Stack
from nhi.repository.interface import Snapshot

_SHOWN = 10


def read_declared(snapshot: Snapshot, ground: Ground, stack: str | None = None) -> DeclaredState:
    """The declared state of the repository, or of one stack. Each manifest is in one of its two lists."""
    identities: list[DeclaredIdentity] = []
    unreadable: list[UnreadableFile] = []
    for file in snapshot.files(IDENTITIES if stack is None else f"{IDENTITIES}/{stack}"):
        if not is_manifest_path(file.path):
            continue
        reading = read(file, ground.catalog, ground.settings.stacks)
        identity = None if reading.problems or reading.manifest is None else complete(reading.manifest)
        if identity is None:
            known = reading.stack if reading.stack in ground.settings.stacks else None
            unreadable.append(UnreadableFile(file.path, known, _reason(reading)))
        else:
            identities.append(DeclaredIdentity(identity, sha256(file.data).hexdigest()))
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


def _reason(reading: Reading) -> str:
    if reading.problems:
        first = reading.problems[0]
        return f"line {first.line}: {first.message}"
    missing = [] if reading.manifest is None else _missing(reading.manifest)
    return f"it declares no {', no '.join(missing)}" if missing else "it could not be read in full"


def _missing(manifest: Manifest) -> list[str]:
    four = {
        "owner": manifest.owner,
        "purpose": manifest.purpose,
        "expiry": manifest.expiry,
        "scope": manifest.scope,
    }
    return [name for name, value in four.items() if value is None]


def _without_doubles(identities: list[DeclaredIdentity], unreadable: list[UnreadableFile]) -> DeclaredState:
    """A name that stands twice in a stack declares nothing: nobody can tell which of the two is meant."""
    counts = Counter((one.identity.stack, one.identity.name.casefold()) for one in identities)
    single = [one for one in identities if counts[one.identity.stack, one.identity.name.casefold()] == 1]
    for one in identities:
        if counts[one.identity.stack, one.identity.name.casefold()] > 1:
            reason = f"another manifest of the stack has the name {one.identity.name!r}"
            unreadable.append(UnreadableFile(one.identity.path, one.identity.stack, reason))
    return DeclaredState(tuple(single), tuple(sorted(unreadable, key=lambda one: one.path)))
