"""nhi plan."""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from functools import partial
from threading import Lock

import click

from nhi.cli import wiring
from nhi.cli.crew import Crew
from nhi.cli.options import base_option, choice_option, quiet_option, root_option, stack_option, work_option
from nhi.cli.progress import Progress
from nhi.cli.stacks import chosen_stacks
from nhi.cli.watched import watched
from nhi.errors import ExitCode, NhiError
from nhi.flows.ground import read_ground
from nhi.flows.plan import plan_stack
from nhi.flows.render import render_stack
from nhi.model.plan import Action, PlanSummary
from nhi.model.settings import Stack
from nhi.output.plain import counted, one_line
from nhi.output.plan_json import plan_json
from nhi.output.plan_markdown import plan_markdown
from nhi.output.plan_report import NotPlanned, Planned, PlanReport
from nhi.output.plan_text import plan_text

_LONGEST = 2_000
"""Characters of one line of an error."""


class Format(StrEnum):
    """How plans are shown."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@click.command
@stack_option
@base_option
@choice_option("--format", Format, "How to print; markdown fits into one comment on GitHub.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many stacks to plan at once; without it, as many as there are processors.",
)
@work_option
@quiet_option
@root_option
def command(  # click hands over each option by itself
    stacks: tuple[str, ...],
    base: str | None,
    output: Format,
    jobs: int | None,
    work: str | None,
    quiet: bool,
    root: str | None,
) -> ExitCode:
    """Let Terraform plan stacks, save the plans, and say what they would do: what to know first, then everything."""
    folder = wiring.root_folder(root)
    snapshot = wiring.working_tree(folder)
    ground, _ = read_ground(snapshot)
    chosen = chosen_stacks(folder, ground, stacks, base)
    if not chosen and output is Format.TEXT:
        sys.stdout.write("no stack is touched: nothing to plan\n")
        return ExitCode.CLEAN
    upon = wiring.plan_ground(folder, snapshot, base)
    crew: Crew[Planned] = Crew()
    terraform = wiring.terraform(crew.interrupts)
    if chosen:
        terraform.version()  # where it is missing, that is said once and not for each stack
    live = not quiet and sys.stderr.isatty()
    printer = _printer(quiet=quiet)
    progress = Progress([one.name for one in chosen], _nobody if quiet or live else printer)

    def plan(stack: Stack) -> Planned:
        with progress.work(stack.name):
            workspace = wiring.workspace(folder, work, stack)
            rendered = render_stack(snapshot, ground, stack, wiring.state_path(folder, stack, workspace.root))
            own = watched(terraform, crew.outside, partial(progress.step, stack.name))
            hear = printer if len(chosen) == 1 else lambda line: printer(f"{stack.name}: {line}".rstrip())
            done = plan_stack(own, rendered, workspace, upon, hear, leftovers=wiring.leftovers())
            progress.step(stack.name, _outcome(done.summary))
        return Planned(stack, done.summary, done.digest, str(workspace.folder))

    with _display(progress) if live else nullcontext():
        answers = crew.run([partial(plan, one) for one in chosen], jobs or os.cpu_count() or 1)
    report = PlanReport(upon.commit, upon.base, [_reported(*one) for one in zip(chosen, answers, strict=True)])
    _print(output, report)
    return _said(report, [one for one in answers if isinstance(one, NhiError)])


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


def _reported(stack: Stack, answer: Planned | NhiError) -> Planned | NotPlanned:
    return answer if isinstance(answer, Planned) else NotPlanned(stack, answer.message, answer.hint)


def _print(output: Format, report: PlanReport) -> None:
    match output:
        case Format.TEXT:
            for one in report.stacks:
                if isinstance(one, Planned):
                    sys.stdout.write(f"{plan_text(one.summary)}  saved in {one.place}, {one.digest}\n")
        case Format.JSON:
            sys.stdout.write(plan_json(report) + "\n")
        case Format.MARKDOWN:
            sys.stdout.write(plan_markdown(report))
    sys.stdout.flush()


def _said(report: PlanReport, errors: Sequence[NhiError]) -> ExitCode:
    """Say what stopped stacks, each in its own words, and give the exit code."""
    for one in report.stacks:
        if isinstance(one, NotPlanned):
            prefix = f"{one.stack.name}: " if len(report.stacks) > 1 else ""
            for line in one.message.splitlines():
                sys.stderr.write(f"nhi: {prefix}{one_line(line, _LONGEST)}\n")
            if one.hint:
                sys.stderr.write(f"     {prefix}{one_line(one.hint, _LONGEST)}\n")
    return max((error.exit_code for error in errors), default=ExitCode.CLEAN)
