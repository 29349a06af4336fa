"""`nhi plan`: render a stack, let Terraform plan it, and say what the plan means."""

from collections.abc import Callable
from dataclasses import dataclass

from nhi.flows.render import RenderedStack
from nhi.model.plan import PlanSummary
from nhi.terraform.interface import Terraform
from nhi.terraform.plan import plan_digest, summarise
from nhi.terraform.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PlannedStack:
    """A saved plan of one stack."""

    summary: PlanSummary
    digest: str
    """Of what the plan does, without its times."""


def plan_stack(
    terraform: Terraform,
    rendered: RenderedStack,
    workspace: Workspace,
    commit: str | None,
    on_line: Callable[[str], None],
) -> PlannedStack:
    """Plan a stack and save the plan in the workspace.

    Raises:
        OutsideError: Terraform failed or took too long.
    """
    workspace.write_root(rendered.files)
    terraform.init(workspace.root, on_line)
    terraform.plan(workspace.root, workspace.plan_file, on_line)
    document = terraform.show(workspace.root, workspace.plan_file)
    workspace.keep_record(rendered.stack.name, rendered.digest, commit)
    return PlannedStack(summarise(document, rendered.stack.name), plan_digest(document))
