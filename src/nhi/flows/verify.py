"""`nhi verify`: look at the cloud with other eyes than the ones that changed it, and compare with what is declared."""

from collections.abc import Sequence
from dataclasses import dataclass

from nhi.cloud.interface import Cloud
from nhi.errors import ExitCode, UsageError
from nhi.flows.declared import read_declared, stack_named
from nhi.flows.ground import read_ground
from nhi.manifest.ground import Ground
from nhi.manifest.place import IDENTITIES, is_manifest_path, place_of
from nhi.model.identity import Identity
from nhi.model.verification import CouldNotTell, Verified, Wanted
from nhi.repository.interface import Snapshot


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was found of all that was asked about."""

    verified: tuple[Verified, ...]
    needs_attestation: tuple[str, ...]
    """Identities on systems without an API: only people can tell, so no answer is claimed for them."""

    @property
    def exit_code(self) -> ExitCode:
        """Not knowing weighs more than a difference: it could hide one."""
        if any(isinstance(one.answer, CouldNotTell) for one in self.verified):
            return ExitCode.OUTSIDE
        return ExitCode.CLEAN if all(one.holds for one in self.verified) else ExitCode.FINDINGS


def verify(
    cloud: Cloud, snapshot: Snapshot, before: Snapshot | None, *, names: Sequence[str], stacks: Sequence[str]
) -> VerifyReport:
    """Verify the declared identities, and that those which only `before` declares are gone.

    `names` (`<stack>/<name>`) or `stacks` choose among them; a name that is not declared must be gone.

    Raises:
        InputError: the configuration is not valid, or there is no such stack.
        UsageError: a name is not of the form `<stack>/<name>`.
    """
    ground, _ = read_ground(snapshot)
    for stack in stacks:
        stack_named(ground, stack)
    state = read_declared(snapshot, ground)
    declared = {one.identity.id: one.identity for one in state.identities}
    unreadable = {_id(one.path): one.reason for one in state.unreadable}
    removed = set() if before is None else {_id(path) for path in before.paths(IDENTITIES) if is_manifest_path(path)}
    asked = sorted(set(names) or declared.keys() | unreadable.keys() | removed)
    verified: list[Verified] = []
    needs_attestation: list[str] = []
    for name in asked:
        if stacks and name.partition("/")[0] not in stacks:
            continue
        if name in unreadable:
            answer = CouldNotTell(f"its manifest cannot be read: {unreadable[name]}")
            verified.append(Verified(name, Wanted.PRESENT, answer))
        elif name in declared and ground.catalog.kinds[declared[name].kind].expectation is None:
            needs_attestation.append(name)
        else:
            verified.append(_verified(cloud, ground, name, declared.get(name)))
    return VerifyReport(tuple(verified), tuple(needs_attestation))


def _verified(cloud: Cloud, ground: Ground, name: str, identity: Identity | None) -> Verified:
    stack_name, slash, short = name.partition("/")
    if not slash or not short or "/" in short:
        raise UsageError(f"{name!r} is not an identity", hint="write <stack>/<name>")
    stack = stack_named(ground, stack_name)
    if identity is None:
        return Verified(name, Wanted.ABSENT, cloud.gone(short, stack))
    return Verified(name, Wanted.PRESENT, cloud.present(identity, ground.catalog.kinds[identity.kind], stack))


def _id(path: str) -> str:
    place = place_of(path, ())
    return f"{place.stack}/{place.name}"
