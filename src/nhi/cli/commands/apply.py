"""nhi apply."""

import sys
from typing import Annotated

import typer

from nhi.cli import wiring
from nhi.cli.options import QuietOption, RootOption, WorkOption
from nhi.cli.stacks import BaseOption, StackOption, chosen_stacks
from nhi.errors import ExitCode
from nhi.flows.apply import Applied, Refused, apply_stack
from nhi.flows.ground import read_ground
from nhi.flows.render import render_stack
from nhi.output.plan_text import plan_text


def command(  # noqa: PLR0913  # one argument an option
    *,
    stack: StackOption = None,
    base: BaseOption = None,
    max_removals: Annotated[
        int | None, typer.Option(min=0, help="Allow so many removed identities; without it, as nhi.yaml says.")
    ] = None,
    work: WorkOption = None,
    quiet: QuietOption = False,
    root: RootOption = None,
) -> ExitCode:
    """Apply the plans that `nhi plan` saved, and only while the manifests are still what was planned."""
    folder = wiring.root_folder(root)
    snapshot = wiring.working_tree(folder)
    ground, _ = read_ground(snapshot)
    limit = ground.settings.circuit_breaker.removals if max_removals is None else max_removals
    stacks = chosen_stacks(folder, ground, stack, base)
    if not stacks:
        sys.stdout.write("no stack is touched: nothing to apply\n")
        return ExitCode.CLEAN
    terraform, code = wiring.terraform(), ExitCode.CLEAN
    for one in stacks:
        workspace = wiring.workspace(folder, work, one)
        rendered = render_stack(snapshot, ground, one, wiring.state_path(folder, one, workspace.root))
        match apply_stack(terraform, rendered, workspace, limit, wiring.line_printer(quiet=quiet)):
            case Applied(summary):
                sys.stdout.write("applied: " + plan_text(summary).splitlines()[-1] + "\n")
            case Refused(reason, hint):
                sys.stdout.write(f"refused: {reason}\n         {hint}\n")
                code = ExitCode.FINDINGS
    return code
