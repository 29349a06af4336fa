"""nhi plan."""

import sys

import click

from nhi.cli import wiring
from nhi.cli.options import base_option, quiet_option, root_option, stack_option, work_option
from nhi.cli.stacks import chosen_stacks
from nhi.errors import ExitCode
from nhi.flows.ground import read_ground
from nhi.flows.plan import plan_stack
from nhi.flows.render import render_stack
from nhi.output.plan_text import plan_text


@click.command
@stack_option
@base_option
@work_option
@quiet_option
@root_option
def command(stacks: tuple[str, ...], base: str | None, work: str | None, quiet: bool, root: str | None) -> ExitCode:
    """Let Terraform plan stacks, save the plans, and say what they would do, identity by identity."""
    folder = wiring.root_folder(root)
    snapshot = wiring.working_tree(folder)
    ground, _ = read_ground(snapshot)
    chosen = chosen_stacks(folder, ground, stacks, base)
    if not chosen:
        sys.stdout.write("no stack is touched: nothing to plan\n")
        return ExitCode.CLEAN
    terraform, commit = wiring.terraform(), wiring.checked_out_commit(folder)
    for one in chosen:
        workspace = wiring.workspace(folder, work, one)
        rendered = render_stack(snapshot, ground, one, wiring.state_path(folder, one, workspace.root))
        planned = plan_stack(terraform, rendered, workspace, commit, wiring.line_printer(quiet=quiet))
        sys.stdout.write(plan_text(planned.summary))
        sys.stdout.write(f"  saved in {workspace.folder}, {planned.digest}\n")
        sys.stdout.flush()
    return ExitCode.CLEAN
