"""`nhi plan`: render a stack, let Terraform plan it, and say what the plan means."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from nhi.cloud.leftovers import Leftovers
from nhi.errors import InputError
from nhi.flows.adopt import adoption, refuse_others_use
from nhi.flows.render import RenderedStack
from nhi.flows.settle import mend_local, push_unsaved, settle_last
from nhi.model.application import Outcome
from nhi.model.identity import Json
from nhi.model.parts import part_of
from nhi.model.plan import PlanGround, PlanSummary
from nhi.model.settings import Stack
from nhi.terraform.accounts import elsewhere
from nhi.terraform.creations import Import, import_blocks
from nhi.terraform.interface import Terraform
from nhi.terraform.lock import held
from nhi.terraform.plan import plan_digest, summarise
from nhi.terraform.workspace import PlanRecord, Workspace

PATIENCE = 120.0
"""Seconds that one run waits for another in the same folder: as long as Terraform does for the state's lock."""


@dataclass(frozen=True, slots=True)
class PlannedStack:
    """A saved plan of one stack."""

    summary: PlanSummary
    digest: str
    """Of what the plan does, without its times."""


def plan_stack(  # noqa: PLR0913  # what is planned, upon what, by which means
    terraform: Terraform,
    rendered: RenderedStack,
    workspace: Workspace,
    ground: PlanGround,
    on_line: Callable[[str], None],
    *,
    leftovers: Leftovers,
    patience: float = PATIENCE,
) -> PlannedStack:
    """Plan a stack and save the plan in the workspace. Stacks may be planned from several threads, each once.

    What an apply that was killed left behind is found first, and taken in by the plan.

    Raises:
        InputError: what somebody else made stands where the plan would make something, or what the state knows is in
            another account or region than the stack.
        OutsideError: Terraform or the cloud failed or took too long, or another run works on the stack.
    """
    with held(workspace.lock_file, patience, on_line) as lock:
        settle_last(workspace, on_line)
        workspace.write_root(rendered.files)
        last = workspace.last_application()
        mend_local(rendered, workspace, on_line, killed=last is not None and last.outcome is Outcome.FAILED)
        terraform.init(workspace.root, on_line, holding=[lock])
        push_unsaved(terraform, workspace, on_line)
        terraform.plan(workspace.root, workspace.plan_file, on_line, holding=[lock])
        document = terraform.show(workspace.root, workspace.plan_file)
        _refuse_moved_stack(rendered.stack, document)
        taken_in = adoption(leftovers, rendered.stack, document)
        if taken_in.imports:
            on_line(f"{len(taken_in.imports)} left by an apply that did not end: the plan takes them in")
            _write_imports(workspace, rendered.stack, taken_in.imports)
            root, plan_file = workspace.root, workspace.plan_file
            terraform.plan(root, plan_file, on_line, replace=taken_in.replace, holding=[lock])
            document = terraform.show(root, plan_file)
        summary, digest = summarise(document, rendered.stack.name), plan_digest(document)
        refuse_others_use(summary)
        workspace.keep_record(
            PlanRecord(
                stack=rendered.stack.name,
                root=rendered.digest,
                plan=workspace.plan_digest(),
                commit=ground.commit,
                base=ground.base,
                policy=ground.policy,
                digest=digest,
            )
        )
    return PlannedStack(summary, digest)


def _write_imports(workspace: Workspace, stack: Stack, imports: Iterable[Import]) -> None:
    """Each into the root of the part that knows its identity."""
    by_part: dict[str, list[Import]] = {}
    for one in imports:
        name = one.creation.identity.removeprefix(f"{stack.name}/")
        by_part.setdefault(part_of(name, stack.parts), []).append(one)
    for part, own in by_part.items():
        workspace.write_imports(import_blocks(own), part)


def _refuse_moved_stack(stack: Stack, plan: Mapping[str, Json]) -> None:
    left = elsewhere(plan, stack.account, stack.region)
    if left:
        first = left[0]
        place = " ".join(filter(None, (first.account, first.region)))
        raise InputError(
            f"the state of {stack.name} knows what is elsewhere than in {stack.account}"
            f" {stack.region} ({len(left)}), first {first.address} in {place}: nobody would manage it any more",
            hint="bring the stack's account and region back in nhi.yaml, and make another stack for another place",
        )
