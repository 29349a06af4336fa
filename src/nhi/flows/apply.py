"""`nhi apply`: apply saved plans, and only while what they were made from still holds.

Two passes: every plan of the run is read and judged before the first is applied, so that a run that goes too far in one
stack does nothing in any. All the while it holds the locks of the stacks' folders, so that no plan is exchanged.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from nhi.errors import InputError, OutsideError
from nhi.flows.announced import Refused
from nhi.flows.guards import Allowances, Judged, counted_keys, refusals, refuse_moved, revoked_meanwhile, used_keys
from nhi.flows.last_word import has_access, last_words
from nhi.flows.plan import PATIENCE
from nhi.flows.render import RenderedStack
from nhi.flows.settle import ended, fates_in_words, settle_last
from nhi.model.application import Application, Fate, Outcome, ResourceFate
from nhi.model.plan import PlanGround
from nhi.model.revocation import PolicyPlace
from nhi.model.settings import CircuitBreaker, Stack
from nhi.model.usage import LastUse
from nhi.model.verification import CouldNotTell
from nhi.repository.interface import Repository
from nhi.terraform.creations import half_made
from nhi.terraform.credentials import ended_keys
from nhi.terraform.interface import Terraform
from nhi.terraform.lock import held
from nhi.terraform.plan import summarise
from nhi.terraform.progress import ending
from nhi.terraform.revocations import revoked_now, written_policies
from nhi.terraform.workspace import Workspace

_INTERRUPTED = "it was interrupted: Terraform saved its state; what was under way may stand in the cloud all the same"


@dataclass(frozen=True, slots=True)
class Work:
    """One stack of a run."""

    rendered: RenderedStack
    workspace: Workspace


@dataclass(frozen=True, slots=True)
class Means:
    """What an apply works with."""

    terraform: Terraform
    repository: Repository | None
    """None outside of Git."""
    key_use: Callable[[str, Stack], LastUse]
    """When an access key was last used, by its id."""
    denied: Callable[[Collection[PolicyPlace], Stack], frozenset[PolicyPlace] | CouldNotTell]
    """Which inline policies deny everything at once now."""
    clock: Callable[[], datetime]
    on_line: Callable[[str], None]
    """Is told what Terraform says."""
    on_word: Callable[[str], None]
    """Is told what became of an apply whose report nobody sees."""
    patience: float = PATIENCE


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What a run did, or why it did nothing."""

    applications: tuple[Application, ...] = ()
    """Of the stacks that were begun, in their order."""
    refused: tuple[Refused, ...] = ()
    not_begun: tuple[str, ...] = ()
    """Stacks after the one that failed."""
    error: OutsideError | None = None
    """Why the last application failed."""

    @property
    def clean(self) -> bool:
        """Whether all was applied."""
        return not (self.refused or self.not_begun or self.error)


def apply_stacks(
    means: Means,
    work: Sequence[Work],
    ground: PlanGround,
    breaker: CircuitBreaker,
    allowances: Allowances,
) -> ApplyReport:
    """Apply the plans that are saved in the workspaces, one after the other, until one fails.

    Raises:
        InputError: there is no saved plan, or what it was made from moved since.
        OutsideError: a plan cannot be read, or another run works on a stack.
    """
    with ExitStack() as locks:
        held_by = [locks.enter_context(held(one.workspace.lock_file, means.patience, means.on_line)) for one in work]
        plans = [_judged(means, one, ground) for one in work]
        refused = refusals(plans, means.repository, ground.commit, breaker, allowances)
        if any(one.keys for one in plans):
            refused += used_keys(plans, means.key_use, means.clock(), allowances)
        refused += revoked_meanwhile(plans, means.denied, allowances)
        if refused:
            return ApplyReport(refused=refused)
        applications: list[Application] = []
        for number, (one, plan, lock) in enumerate(zip(work, plans, held_by, strict=True), start=1):
            application, error = _apply(means, one.workspace, plan, allowances.options, lock)
            applications.append(application)
            if error is not None:
                rest = tuple(later.rendered.stack.name for later in work[number:])
                return ApplyReport(tuple(applications), not_begun=rest, error=error)
    return ApplyReport(tuple(applications))


def _judged(means: Means, one: Work, ground: PlanGround) -> Judged:
    """Read a saved plan: what it would do, and whether all that it was made from is as it was."""
    workspace, stack = one.workspace, one.rendered.stack.name
    unfinished = settle_last(workspace, means.on_word)
    if unfinished is not None:
        workspace.drop_plan()
        raise InputError(
            f"the saved plan of {stack} was begun by an apply that nobody saw the end of",
            hint="run `nhi plan`, which finds what is left to do, and then `nhi apply`",
        )
    if unsaved := workspace.unsaved_states():
        raise InputError(
            f"{unsaved[0]} is a state that an apply could not save",
            hint="run `nhi plan`, which gives it back to Terraform first",
        )
    record = workspace.record()
    refuse_moved(record, one.rendered, ground)
    document = means.terraform.show(workspace.root, workspace.plan_file)
    summary = summarise(document, stack)
    keys = ended_keys(document, stack)
    live = {**_live(means, one, ground), **dict.fromkeys(revoked_now(document, stack), False)} if keys else {}
    counted = counted_keys(keys, live)
    return Judged(one.rendered, record, summary, counted, half_made(document), written_policies(document, stack))


def _live(means: Means, one: Work, ground: PlanGround) -> Mapping[str, bool]:
    """Which identities have access at this moment, of those that are known."""
    now = means.clock()
    live = {
        identity.id: has_access(identity.expiry, now, suspended=identity.suspended is not None)
        for identity in one.rendered.identities
    }
    if means.repository is not None and ground.commit is not None:
        live = {**last_words(means.repository, ground.commit, one.rendered.stack.name, now), **live}
    return live


def _apply(
    means: Means, workspace: Workspace, plan: Judged, insisted: tuple[str, ...], lock: int
) -> tuple[Application, OutsideError | None]:
    """Apply one plan. It is recorded before it begins, and its plan is used up then."""
    began = _begun(plan, insisted, means.clock())
    if workspace.record() != plan.record:
        raise InputError(f"{workspace.plan_file} is not the plan that was judged", hint="run `nhi plan` again")
    workspace.begin(began)
    error: OutsideError | None = None
    try:
        if not plan.summary.empty:
            root, plan_file, transcript = workspace.root, workspace.plan_file, workspace.transcript
            means.terraform.apply(root, plan_file, means.on_line, transcript=transcript, holding=[lock])
    except OutsideError as cause:
        error = cause
    except KeyboardInterrupt:
        done = ending(workspace.transcripts()).complete  # the interrupt came when there was nothing left to stop
        stopped = _end(workspace, began, means.clock(), None if done else _INTERRUPTED)
        means.on_word(f"the apply of {stopped.stack} was interrupted: {fates_in_words(stopped)}")
        raise
    finally:
        workspace.drop_plan()
    return _end(workspace, began, means.clock(), None if error is None else error.message), error


def _begun(plan: Judged, insisted: tuple[str, ...], at: datetime) -> Application:
    record = plan.record
    addresses = sorted(change.address for one in plan.summary.identities for change in one.changes)
    return Application(
        stack=record.stack,
        commit=record.commit,
        base=record.base,
        policy=record.policy,
        root=record.root,
        plan=record.digest,
        intended=plan.summary,
        began=at,
        ended=None,
        outcome=Outcome.STARTED,
        resources=tuple(ResourceFate(address, Fate.NOT_BEGUN) for address in addresses),
        failure=None,
        insisted=insisted,
    )


def _end(workspace: Workspace, began: Application, at: datetime, failure: str | None) -> Application:
    """Record the end. What Terraform said of each resource is in its transcript."""
    application = ended(began, workspace.transcripts(), at, failure)
    workspace.keep_application(application)
    return application
