"""nhi demo."""

import shutil
import sys
import tempfile
from pathlib import Path
from time import monotonic

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import as_of_option, root_option
from nhi.errors import ExitCode, InputError
from nhi.flows.ground import read_ground
from nhi.manifest.ground import Ground
from nhi.sandbox.demo import Stage, Step, play
from nhi.sandbox.evaluator import find_evaluator


@click.command
@click.option("--keep", is_flag=True, help="Keep the throw-away clone, and say where it is.")
@as_of_option
@root_option
def command(keep: bool, as_of: str | None, root: str | None) -> ExitCode:
    """Play the whole loop on this machine: blocked, mended, applied, verified, expired, swept, gone."""
    folder = wiring.root_folder(root)
    ground, _ = read_ground(wiring.working_tree(folder))
    evaluator = find_evaluator(folder / ".tools", wiring.environment())
    clone = Path(tempfile.mkdtemp(prefix="nhi-demo-"))
    began = monotonic()

    def tell(step: Step) -> None:
        for index, line in enumerate(step.lines):
            head = f"{monotonic() - began:5.1f} s  {step.title:9}" if index == 0 else " " * 18
            sys.stdout.write(f"{head} {line}\n")
        sys.stdout.flush()

    try:
        stack = min(ground.settings.stacks.values(), key=lambda one: (_size(folder, one.name), one.name))
        play(
            Stage(clone, stack, _owner(ground), moment(as_of), wiring.environment(), evaluator, tell),
            folder,
        )
    finally:
        if keep:
            sys.stdout.write(f"kept: {clone}\n")
        else:
            shutil.rmtree(clone)
    left = "" if keep else "; nothing is left behind"
    sys.stdout.write(f"{monotonic() - began:5.1f} s  the whole loop{left}\n")
    return ExitCode.CLEAN


def _owner(ground: Ground) -> str:
    if not ground.owners.teams or not ground.settings.stacks:
        raise InputError("the demo needs a stack and a team", hint="add them to nhi.yaml and identities/owners.yaml")
    return min(ground.owners.teams)


def _size(folder: Path, stack: str) -> int:
    return sum(1 for _ in wiring.working_tree(folder).paths(f"identities/{stack}"))
