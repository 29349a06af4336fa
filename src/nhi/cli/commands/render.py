"""nhi render."""

import sys
from pathlib import Path

import click

from nhi.cli import wiring
from nhi.cli.options import root_option
from nhi.errors import ExitCode
from nhi.flows.declared import stack_named
from nhi.flows.ground import read_ground
from nhi.flows.render import render_stack
from nhi.terraform.workspace import write_files


@click.command
@click.option("--stack", required=True, help="The stack to render.")
@click.option("--out", required=True, metavar="DIR", help="Where to write the Terraform root.")
@root_option
def command(stack: str, out: str, root: str | None) -> ExitCode:
    """Write a stack's Terraform root. The same manifests give the same bytes."""
    folder = wiring.root_folder(root)
    snapshot = wiring.working_tree(folder)
    ground, _ = read_ground(snapshot)
    chosen = stack_named(ground, stack)
    target = Path(out).resolve()
    rendered = render_stack(snapshot, ground, chosen, wiring.state_path(folder, chosen, target))
    write_files(target, rendered.files)
    sys.stdout.write(f"{out}: {len(rendered.identities)} identities of {stack}, {rendered.digest}\n")
    return ExitCode.CLEAN
