"""`nhi verify`: look at the cloud with other eyes than the ones that changed it, and compare with what is declared."""

from collections.abc import Sequence
from dataclasses import dataclass

from nhi.cloud.interface import Cloud
from nhi.errors import ExitCode, UsageError
from nhi.flows.declared import read_declared, stack_named
from nhi.flows.ground import read_ground
from nhi.manifest.ground import Ground
from nhi.manifest.place import place_of
from nhi.model.declared import UnreadableFile
from nhi.model.identity import Identity
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


def verify(
    cloud: Cloud, snapshot: Snapshot, before: Snapshot | None, *, names: Sequence[str], stacks: Sequence[str]
) -> VerifyReport:
    """Verify the declared identities, and that those which only `before` declares are gone.

    `names` (`<stack>/<name>`) or `stacks` choose among them; a name that is not declared must be gone.

    Raises:
        InputError: the configuration is not valid, or there is no such stack.
        UsageError: a name is not of the form `<stack>/<name>`, or both names and stacks are given.
    """
    if names and stacks:
        raise UsageError("names and --stack both choose the identities", hint="leave out one of the two")
    ground, _ = read_ground(snapshot)
    for stack in [*stacks, *(_stack_of(name) for name in names)]:
        stack_named(ground, stack)
    questions = _questions(snapshot, before, ground)
    asked = names or [name for name, one in questions.items() if not stacks or one.stack in (*stacks, None)]
    verified: list[Verified] = []
    needs_attestation: list[str] = []
    for name in sorted(set(asked)):
        question = questions.get(name) or _Question(_stack_of(name))
        answer = question.answer or _ask(cloud, ground, name, question)
        if answer is None:
            needs_attestation.append(name)
        else:
            verified.append(Verified(name, question.wanted, answer))
    return VerifyReport(tuple(verified), tuple(needs_attestation))


@dataclass(frozen=True, slots=True)
class _Question:
    """What to ask about one name. Without an identity: whether it is gone."""

    stack: str | None
    """None where it may be any."""
    identity: Identity | None = None
    wanted: Wanted = Wanted.ABSENT
    answer: CouldNotTell | None = None
    """Where it is known before asking."""


def _questions(snapshot: Snapshot, before: Snapshot | None, ground: Ground) -> dict[str, _Question]:
    """All that is declared, that may be, or that was."""
    state = read_declared(snapshot, ground)
    questions: dict[str, _Question] = {}
    if before is not None:
        past = read_declared(before, ground)
        for declared in past.identities:
            identity = declared.identity
            questions[identity.id] = _Question(identity.stack, identity)
        for file in past.unreadable:
            reason = f"its manifest was removed, and could not be read then: {file.reason}"
            questions[_name(file)] = _Question(file.stack, answer=CouldNotTell(reason))
    for declared in state.identities:
        identity = declared.identity
        questions[identity.id] = _Question(identity.stack, identity, Wanted.PRESENT)
    for file in state.unreadable:
        answer = CouldNotTell(f"its manifest cannot be read: {file.reason}")
        questions[_name(file)] = _Question(file.stack, None, Wanted.PRESENT, answer)
    return questions


def _ask(cloud: Cloud, ground: Ground, name: str, question: _Question) -> Answer | None:
    """None where only people can tell."""
    identity = question.identity
    stack = ground.settings.stacks[_stack_of(name)]
    if identity is not None and ground.catalog.kinds[identity.kind].expectation is None:
        return None
    if identity is None or question.wanted is Wanted.ABSENT:
        return cloud.gone(name.partition("/")[2], stack)
    return cloud.present(identity, ground.catalog.kinds[identity.kind], stack)


def _stack_of(name: str) -> str:
    stack, slash, short = name.partition("/")
    if not slash or not stack or not short or "/" in short:
        raise UsageError(f"{name!r} is not an identity", hint="write <stack>/<name>")
    return stack


def _name(file: UnreadableFile) -> str:
    """The identity's name, or the path of a file of which it is not known."""
    return file.path if file.stack is None else f"{file.stack}/{place_of(file.path, ()).name}"
