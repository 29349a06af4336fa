"""nhi plan."""

import sys
from collections.abc import Sequence
from enum import StrEnum

import click

from nhi.cli import wiring
from nhi.cli.options import (
    base_option,
    choice_option,
    jobs_option,
    quiet_option,
    root_option,
    stack_option,
    work_option,
)
from nhi.cli.planning import Done, Ready, plan_stacks
from nhi.cli.stacks import chosen_stacks
from nhi.errors import ExitCode, NhiError
from nhi.flows.ground import read_ground
from nhi.flows.render import render_stack
from nhi.model.settings import Stack
from nhi.output.plain import one_line
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
@jobs_option
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

    def ready(stack: Stack) -> Ready:
        workspace = wiring.workspace(folder, work, stack)
        return Ready(render_stack(snapshot, ground, stack, wiring.state_path(folder, stack, workspace.root)), workspace)

    answers = plan_stacks(chosen, ready, upon, jobs=jobs, quiet=quiet)
    report = PlanReport(upon.commit, upon.base, [_reported(*one) for one in zip(chosen, answers, strict=True)])
    _print(output, report)
    return _said(report, [one for one in answers if isinstance(one, NhiError)])


def _reported(stack: Stack, answer: Done | NhiError) -> Planned | NotPlanned:
    if isinstance(answer, NhiError):
        return NotPlanned(stack, answer.message, answer.hint)
    return Planned(stack, answer.plan.summary, answer.plan.digest, str(answer.ready.workspace.folder))


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
