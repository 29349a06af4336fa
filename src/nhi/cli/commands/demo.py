"""nhi demo."""

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import as_of_option, root_option
from nhi.errors import ExitCode, InputError
from nhi.flows.ground import read_ground
from nhi.manifest.ground import Ground
from nhi.sandbox import cycle
from nhi.sandbox.demo import Stage, Step, play
from nhi.sandbox.evaluator import find_evaluator
from nhi.sandbox.table import Step as CycleStep
from nhi.sandbox.table import Table, table_text


@click.command
@click.option("--kinds", is_flag=True, help="Play the full cycle of every kind instead; print a table, kind by step.")
@click.option("--keep", is_flag=True, help="Keep the throw-away clone, and say where it is.")
@as_of_option
@root_option
def command(kinds: bool, keep: bool, as_of: str | None, root: str | None) -> ExitCode:
    """Play the whole loop on this machine: blocked, mended, applied, verified, expired, swept, gone, proven."""
    folder, start = wiring.root_folder(root), moment(as_of)
    ground, _ = read_ground(wiring.working_tree(folder))
    evaluator = find_evaluator(folder / ".tools", wiring.environment())
    clone = Path(tempfile.mkdtemp(prefix="nhi-demo-"))
    began = monotonic()
    table: Table | None = None
    try:
        if kinds:
            table = _play_cycle(folder, cycle.Cycle(clone, start, wiring.environment(), evaluator, _tell_step(began)))
        else:
            stack = min(ground.settings.stacks.values(), key=lambda one: (_size(folder, one.name), one.name))
            tell = _tell(began)
            play(Stage(clone, stack, _owner(ground), start, wiring.environment(), evaluator, tell), folder)
    finally:
        if keep:
            sys.stdout.write(f"kept: {clone}\n")
        else:
            shutil.rmtree(clone)
    seconds = monotonic() - began
    if table is not None:
        sys.stdout.write(f"{table.verdict} in {seconds:.0f} s\n")
        return ExitCode.FINDINGS if table.bad else ExitCode.CLEAN
    left = "" if keep else "; nothing is left behind"
    sys.stdout.write(f"{seconds:5.1f} s  the whole loop{left}\n")
    return ExitCode.CLEAN


def _tell(began: float) -> Callable[[Step], None]:
    def tell(step: Step) -> None:
        for index, line in enumerate(step.lines):
            head = f"{monotonic() - began:5.1f} s  {step.title:9}" if index == 0 else " " * 18
            sys.stdout.write(f"{head} {line}\n")
        sys.stdout.flush()

    return tell


def _tell_step(began: float) -> Callable[[CycleStep, cycle.Cells], None]:
    def tell(step: CycleStep, cells: cycle.Cells) -> None:
        marks = Counter(one.mark.value for one in cells.values())
        said = ", ".join(f"{number} {mark}" for mark, number in marks.most_common())
        sys.stdout.write(f"{monotonic() - began:5.1f} s  {step.head:9} {said}\n")
        sys.stdout.flush()

    return tell


def _play_cycle(folder: Path, played: cycle.Cycle) -> Table:
    table = cycle.play(played, folder)
    sys.stdout.write(f"\n{table_text(table)}\n")
    return table


def _owner(ground: Ground) -> str:
    if not ground.owners.teams or not ground.settings.stacks:
        raise InputError("the demo needs a stack and a team", hint="add them to nhi.yaml and identities/owners.yaml")
    return min(ground.owners.teams)


def _size(folder: Path, stack: str) -> int:
    return sum(1 for _ in wiring.working_tree(folder).paths(f"identities/{stack}"))
