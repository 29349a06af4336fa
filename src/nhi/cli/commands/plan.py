"""nhi plan."""

import sys

from nhi.cli import wiring
from nhi.cli.options import QuietOption, RootOption, WorkOption
from nhi.cli.stacks import BaseOption, StackOption, chosen_stacks
from nhi.errors import ExitCode
from nhi.flows.ground import read_ground
from nhi.flows.plan import plan_stack
from nhi.flows.render import render_stack
from nhi.output.plan_text import plan_text


def command(
    *,
    stack: StackOption = None,
    base: BaseOption = None,
    work: WorkOption = None,
    quiet: QuietOption = False,
    root: RootOption = None,
) -> ExitCode:
    """Let Terraform plan stacks, save the plans, and say what they would do, identity by identity."""
    folder = wiring.root_folder(root)
    snapshot = wiring.working_tree(folder)
    ground, _ = read_ground(snapshot)
    stacks = chosen_stacks(folder, ground, stack, base)
    if not stacks:
        sys.stdout.write("no stack is touched: nothing to plan\n")
        return ExitCode.CLEAN
    terraform, commit = wiring.terraform(), wiring.checked_out_commit(folder)
    for one in stacks:
        workspace = wiring.workspace(folder, work, one)
        rendered = render_stack(snapshot, ground, one, wiring.state_path(folder, one, workspace.root))
        planned = plan_stack(terraform, rendered, workspace, commit, wiring.line_printer(quiet=quiet))
        sys.stdout.write(plan_text(planned.summary))
        sys.stdout.write(f"  saved in {workspace.folder}, {planned.digest}\n")
        sys.stdout.flush()
    return ExitCode.CLEAN
