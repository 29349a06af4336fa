"""`nhi verify`: look at the cloud with other eyes than the ones that changed it, and compare with what is declared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nhi.cloud.interface import Cloud
from nhi.errors import ExitCode, UsageError
from nhi.flows.declared import read_declared, stack_named
from nhi.flows.ground import read_ground
from nhi.flows.withdrawn import Withdrawn
from nhi.manifest.ground import Ground
from nhi.manifest.place import stack_and_name
from nhi.model.identity import Identity
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Answer, CouldNotTell, Verified, Wanted
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


def verify(  # noqa: PLR0913  # what is declared now and was before, and what of it is asked about
    cloud: Cloud,
    snapshot: Snapshot,
    before: Snapshot | None,
    withdrawn: Iterable[Withdrawn] = (),
    *,
    names: Sequence[str],
    stacks: Sequence[str],
) -> VerifyReport:
    """Verify the declared identities, and that those which only `before` declares are gone from where they were.

    So must be what was `withdrawn` since: an identity that came and went in between stands in neither of the two.

    `names` (`<stack>/<name>`) or `stacks` choose among them; a name that is not declared must be gone.

    Raises:
        InputError: the configuration, here or in `before`, is not valid, or there is no such stack.
        UsageError: a name is not of the form `<stack>/<name>`, or both names and stacks are given.
    """
    if names and stacks:
        raise UsageError("names and --stack both choose the identities", hint="leave out one of the two")
    ground, _ = read_ground(snapshot)
    subjects = {} if before is None else _subjects(before, read_ground(before)[0], Wanted.ABSENT)
    subjects |= _subjects(snapshot, ground, Wanted.PRESENT)
    strays = {stack_and_name(path)[1]: one for path, one in subjects.items() if one.stack is None}
    for left in withdrawn:
        subjects.setdefault(left.manifest.id, _Left(left.stack, left.on_paper))
    for name in names:
        stack = stack_named(ground, _stack_of(name))
        subjects.setdefault(name, strays.get(name.partition("/")[2], _Named(stack)))
    chosen = {stack_named(ground, stack).name for stack in stacks}
    answered: list[Verified] = []
    needs_attestation: list[str] = []
    for name in sorted(set(names) or subjects):
        subject = subjects[name]
        if chosen and subject.stack is not None and subject.stack.name not in chosen:
            continue
        answer = _answer(cloud, name, subject)
        if answer is None:
            needs_attestation.append(name)
        else:
            answered.append(Verified(name, subject.wanted, answer))
    return VerifyReport(tuple(answered), tuple(needs_attestation))


@dataclass(frozen=True, slots=True)
class _Read:
    """An identity that is declared, or was."""

    stack: Stack
    wanted: Wanted
    identity: Identity
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Unread:
    """A manifest that cannot be read, or could not."""

    stack: Stack | None
    """None where it may be any."""
    wanted: Wanted
    reason: str


@dataclass(frozen=True, slots=True)
class _Named:
    """A name that nothing declares: what had it must be gone."""

    stack: Stack
    wanted: Wanted = Wanted.ABSENT


@dataclass(frozen=True, slots=True)
class _Left:
    """An identity that came and went."""

    stack: Stack | None
    """None where no nhi.yaml says what it was."""
    on_paper: bool
    wanted: Wanted = Wanted.ABSENT


_Subject: TypeAlias = _Read | _Unread | _Named | _Left


def _subjects(snapshot: Snapshot, ground: Ground, wanted: Wanted) -> dict[str, _Subject]:
    """All that a snapshot declares, or may declare, on its own ground."""
    state = read_declared(snapshot, ground)
    subjects: dict[str, _Subject] = {}
    for identity in (one.identity for one in state.identities):
        kind = ground.catalog.kinds[identity.kind]
        subjects[identity.id] = _Read(ground.settings.stacks[identity.stack], wanted, identity, kind)
    for file in state.unreadable:
        stack = None if file.stack is None else ground.settings.stacks[file.stack]
        name = file.path if stack is None else f"{stack.name}/{stack_and_name(file.path)[1]}"
        subjects[name] = _Unread(stack, wanted, file.reason)
    return subjects


def _answer(cloud: Cloud, name: str, subject: _Subject) -> Answer | None:
    """None where only people can tell."""
    match subject:
        case _Unread(reason=reason):
            return CouldNotTell(f"its manifest cannot be read: {reason}")
        case _Read(kind=Kind(expectation=None)) | _Left(on_paper=True):
            return None
        case _Read(stack, Wanted.PRESENT, identity, kind):
            return cloud.present(identity, kind, stack)
        case _Read(stack=stack) | _Named(stack=stack) | _Left(stack=stack):
            if stack is None:
                return CouldNotTell("no nhi.yaml says in which account it stood")
            return cloud.gone(name.partition("/")[2], stack)


def _stack_of(name: str) -> str:
    stack, slash, short = name.partition("/")
    if not slash or not stack or not short or "/" in short:
        raise UsageError(f"{name!r} is not an identity", hint="write <stack>/<name>")
    return stack
