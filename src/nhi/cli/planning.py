"""Plan several stacks at once, and show how far each is: what `nhi plan` and `nhi gate` have in common."""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from threading import Lock

from nhi.cli import wiring
from nhi.cli.crew import Crew
from nhi.cli.progress import Progress
from nhi.cli.watched import watched
from nhi.errors import NhiError
from nhi.flows.plan import PlannedStack, plan_stack
from nhi.flows.render import RenderedStack
from nhi.model.plan import Action, PlanGround, PlanSummary
from nhi.model.settings import Stack
from nhi.output.plain import counted
from nhi.terraform.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Ready:
    """A stack that can be planned."""

    rendered: RenderedStack
    workspace: Workspace


@dataclass(frozen=True, slots=True)
class Done:
    """A stack whose plan is saved in its workspace."""

    ready: Ready
    plan: PlannedStack


def plan_stacks(
    stacks: Sequence[Stack], ready: Callable[[Stack], Ready], upon: PlanGround, *, jobs: int | None, quiet: bool
) -> list[Done | NhiError]:
    """Plan stacks, so many at once (None: as there are processors): of each its plan, or what stopped it.

    Raises:
        MissingTool: there is no Terraform.
    """
    crew: Crew[Done] = Crew()
    terraform = wiring.terraform(crew.interrupts)
    if stacks:
        terraform.version()  # where it is missing, that is said once and not for each stack
    live = not quiet and sys.stderr.isatty()
    printer = _printer(quiet=quiet)
    progress = Progress([one.name for one in stacks], _nobody if quiet or live else printer)

    def plan(stack: Stack) -> Done:
        with progress.work(stack.name):
            own = ready(stack)
            hear = printer if len(stacks) == 1 else lambda line: printer(f"{stack.name}: {line}".rstrip())
            done = plan_stack(
                watched(terraform, crew.outside, partial(progress.step, stack.name)),
                own.rendered,
                own.workspace,
                upon,
                hear,
                leftovers=wiring.leftovers(),
            )
            progress.step(stack.name, _outcome(done.summary))
        return Done(own, done)

    with _display(progress) if live else nullcontext():
        return crew.run([partial(plan, one) for one in stacks], jobs or os.cpu_count() or 1)


def _printer(*, quiet: bool) -> Callable[[str], None]:
    """Prints whole lines, from whatever thread they come."""
    printer, lock = wiring.line_printer(quiet=quiet), Lock()

    def print_line(line: str) -> None:
        with lock:
            printer(line)

    return print_line


def _nobody(_line: str) -> None:
    pass


def _display(progress: Progress) -> AbstractContextManager[None]:
    display: AbstractContextManager[None] = importlib.import_module("nhi.cli.terminal").live_rows(progress.rows)
    return display


def _outcome(summary: PlanSummary) -> str:
    number = sum(map(summary.count, Action))
    return f"planned, {counted(number, 'change') if number else 'no changes'}"
