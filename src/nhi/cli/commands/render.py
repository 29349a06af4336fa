"""nhi render."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from nhi.cli import wiring
from nhi.cli.options import RootOption
from nhi.errors import ExitCode
from nhi.flows.declared import stack_named
from nhi.flows.ground import read_ground
from nhi.flows.render import render_stack
from nhi.terraform.workspace import write_files


def command(
    *,
    stack: Annotated[str, typer.Option(help="The stack to render.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where to write the Terraform root.")],
    root: RootOption = None,
) -> ExitCode:
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
