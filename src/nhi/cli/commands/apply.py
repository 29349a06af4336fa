"""nhi apply."""

import sys

import click

from nhi.cli import wiring
from nhi.cli.options import base_option, quiet_option, root_option, stack_option, work_option
from nhi.cli.stacks import chosen_stacks
from nhi.errors import ExitCode
from nhi.flows.apply import Applied, Refused, apply_stack
from nhi.flows.ground import read_ground
from nhi.flows.render import render_stack
from nhi.output.plan_text import plan_text


@click.command
@stack_option
@base_option
@click.option(
    "--max-removals",
    type=click.IntRange(min=0),
    metavar="N",
    help="Allow so many removed identities; without it, as nhi.yaml says.",
)
@work_option
@quiet_option
@root_option
def command(
    stacks: tuple[str, ...], base: str | None, max_removals: int | None, work: str | None, quiet: bool, root: str | None
) -> ExitCode:
    """Apply the plans that `nhi plan` saved, and only while the manifests are still what was planned."""
    folder = wiring.root_folder(root)
    snapshot = wiring.working_tree(folder)
    ground, _ = read_ground(snapshot)
    limit = ground.settings.circuit_breaker.removals if max_removals is None else max_removals
    chosen = chosen_stacks(folder, ground, stacks, base)
    if not chosen:
        sys.stdout.write("no stack is touched: nothing to apply\n")
        return ExitCode.CLEAN
    terraform, code = wiring.terraform(), ExitCode.CLEAN
    for one in chosen:
        workspace = wiring.workspace(folder, work, one)
        rendered = render_stack(snapshot, ground, one, wiring.state_path(folder, one, workspace.root))
        match apply_stack(terraform, rendered, workspace, limit, wiring.line_printer(quiet=quiet)):
            case Applied(summary):
                sys.stdout.write("applied: " + plan_text(summary).splitlines()[-1] + "\n")
            case Refused(reason, hint):
                sys.stdout.write(f"refused: {reason}\n         {hint}\n")
                code = ExitCode.FINDINGS
    return code
