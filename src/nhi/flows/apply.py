"""`nhi apply`: apply a saved plan, and only while what it was made from still holds."""

from collections.abc import Callable
from dataclasses import dataclass

from nhi.errors import InputError
from nhi.flows.render import RenderedStack
from nhi.model.plan import Action, PlanSummary
from nhi.terraform.interface import Terraform
from nhi.terraform.plan import summarise
from nhi.terraform.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Refused:
    """The plan was not applied."""

    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Applied:
    """The plan was applied in full."""

    summary: PlanSummary


def apply_stack(
    terraform: Terraform,
    rendered: RenderedStack,
    workspace: Workspace,
    max_removals: int,
    on_line: Callable[[str], None],
) -> Applied | Refused:
    """Apply the plan that is saved in the workspace. More than `max_removals` removed identities are refused.

    Raises:
        InputError: there is no saved plan, or the manifests, settings or modules changed since it was made.
        OutsideError: Terraform failed or took too long; what it had done until then is in its state.
    """
    record = workspace.record()
    if (record.stack, record.root) != (rendered.stack.name, rendered.digest):
        raise InputError(
            f"the saved plan of {rendered.stack.name} is not of the manifests as they are now",
            hint="run `nhi plan` again",
        )
    summary = summarise(terraform.show(workspace.root, workspace.plan_file), rendered.stack.name)
    removed = removed_identities(summary, rendered)
    if len(removed) > max_removals:
        return Refused(
            f"the plan would remove {len(removed)} identities of {rendered.stack.name}: more than {max_removals}",
            f"if that is meant, say so with --max-removals {len(removed)}",
        )
    if not summary.empty:
        terraform.apply(workspace.root, workspace.plan_file, on_line)
    workspace.drop_plan()
    return Applied(summary)


def removed_identities(summary: PlanSummary, rendered: RenderedStack) -> list[str]:
    """The identities of which a plan would destroy something and which are no longer declared."""
    declared = {identity.id for identity in rendered.identities}
    return [
        one.identity or "(no identity)"
        for one in summary.identities
        if one.identity not in declared and any(change.action is Action.DESTROY for change in one.changes)
    ]
