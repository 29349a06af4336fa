"""What of a pull request may be planned: its identities, upon the base's settings, modules and owners, and no more.

A plan runs modules and reaches addresses with the gate's own credentials. So nothing that a change says of either is
used before it is merged, and a stack whose settings or modules it edits is not planned: a plan with the base's would
show what will not be.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nhi.errors import NhiError
from nhi.flows.check_change import Proposal
from nhi.flows.declared import read_declared
from nhi.flows.scan import StackScan
from nhi.flows.touched import Reason, touched_stacks
from nhi.manifest.ground import Ground
from nhi.manifest.place import IDENTITIES, MODULES, OWNERS, SETTINGS, is_manifest_path, stack_and_name
from nhi.model.declared import UnreadableFile
from nhi.model.finding import Finding
from nhi.model.plan import PlanSummary
from nhi.model.settings import Stack
from nhi.model.source import ChangeType, PathChange
from nhi.repository.interface import Snapshot
from nhi.repository.overlay import Overlay

FINDINGS_FIRST = "findings first: what is found in its manifests has to be mended before a plan says anything"
_SETTINGS_CHANGE = f"the change edits its settings in {SETTINGS}, and nothing is planned with settings nobody approved"
_MODULES_CHANGE = (
    "the change edits modules that it uses: they are not run before they are merged,"
    " and a plan with those of the base would show what will not be"
)
_BESIDE_THE_MODULE = ("README.md", "tests")


@dataclass(frozen=True, slots=True)
class PlanTask:
    """Stacks to plan and scan."""

    snapshot: Snapshot
    """The identities as merging would leave them, upon everything else of the base."""
    ground: Ground
    """The base's."""
    base: str
    commit: str
    """What merging makes. No branch has it."""
    stacks: tuple[Stack, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Examined:
    """A stack that was planned, and what the scan of its plan found, or why it found nothing out."""

    summary: PlanSummary
    digest: str
    scan: StackScan | NhiError


Examine = Callable[[PlanTask], Sequence[Examined | NhiError]]
"""Plans and scans: one answer for each stack, in their order. Raises NhiError where none could be begun."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The stacks that a change touches."""

    to_plan: tuple[Stack, ...]
    """As the base has them, sorted by name."""
    left_out: Mapping[str, tuple[Stack, str]]
    """Name → the stack, and why it is not planned."""


def proposed(proposal: Proposal) -> Overlay:
    """The proposed identities upon the base's everything else, its owners included."""
    return Overlay(proposal.base, proposal.head, IDENTITIES, frozenset({OWNERS}))


def select(proposal: Proposal, base: Ground, head: Ground, findings: Iterable[Finding]) -> Selection:
    """Choose the stacks to plan. `findings` are those of the check.

    Raises:
        InputError: the change leaves identities behind that nobody would ever plan.
    """
    stacks = head.settings.stacks
    changes = [one for one in proposal.paths if not _is_stray(one, stacks)]  # a finding says so already
    touched = touched_stacks(changes, proposal.base, proposal.head, head)
    blocked = {stack_and_name(one.path)[0] for one in findings if one.blocks and is_manifest_path(one.path)}
    kinds = _changed_kinds(proposal.paths)
    to_plan: list[Stack] = []
    left_out: dict[str, tuple[Stack, str]] = {}
    for name, reasons in touched.items():
        stack = base.settings.stacks.get(name, stacks[name])
        if not blocked <= base.settings.stacks.keys() or name in blocked:
            left_out[name] = (stack, FINDINGS_FIRST)  # what is in no stack may belong to any
        elif {Reason.NEW, Reason.SETTINGS}.intersection(reasons):
            left_out[name] = (stack, _SETTINGS_CHANGE)
        elif Reason.KIND in reasons or (kinds and _uses(name, kinds, proposed(proposal), base)):
            left_out[name] = (stack, _MODULES_CHANGE)
        else:
            to_plan.append(stack)
    return Selection(tuple(to_plan), left_out)


def broken_before(proposal: Proposal, ground: Ground, stack: Stack) -> tuple[UnreadableFile, ...]:
    """What keeps a stack from being planned and is none of the change's: it is broken before and after, and not edited.

    `ground` is the base's.
    """
    edited = {one.path for one in proposal.paths}
    after = {one.path for one in read_declared(proposed(proposal), ground, stack.name).unreadable}
    before = read_declared(proposal.base, ground, stack.name).unreadable
    return tuple(one for one in before if one.path in after - edited)


def _is_stray(change: PathChange, stacks: Container[str | None]) -> bool:
    stands = change.type is not ChangeType.REMOVED
    return stands and is_manifest_path(change.path) and stack_and_name(change.path)[0] not in stacks


def _changed_kinds(changes: Iterable[PathChange]) -> frozenset[str]:
    """The kinds of which a change edits what decides something: code, schema, what is expected to stand."""
    parts = (one.path.split("/") for one in changes)
    return frozenset(
        folder[1]
        for folder in parts
        if folder[0] == MODULES and len(folder) > 1 and folder[2:3] not in ([one] for one in _BESIDE_THE_MODULE)
    )


def _uses(stack: str, kinds: frozenset[str], snapshot: Snapshot, ground: Ground) -> bool:
    """Whether an identity of a stack is of one of the kinds, or may be."""
    declared = read_declared(snapshot, ground, stack)
    return bool(declared.unreadable) or any(one.identity.kind in kinds for one in declared.identities)
