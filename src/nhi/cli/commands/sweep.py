"""nhi sweep."""

import sys

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import ListFormat, as_of_option, format_option, root_option
from nhi.cli.sweep_report import sweep_json, sweep_text
from nhi.errors import ExitCode, UsageError
from nhi.flows.declared import read_declared
from nhi.flows.ground import read_ground
from nhi.flows.sweep import SweepOrder, sweep


@click.command
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--local", is_flag=True, help="Commit the removals on branches of this clone.")
@click.option(
    "--base", metavar="REV", default="HEAD", show_default=True, help="The revision whose manifests are swept."
)
@click.option(
    "--max-removals",
    type=click.IntRange(min=0),
    metavar="N",
    help="Allow so many removals in this run, in place of the circuit breaker.",
)
@format_option
@as_of_option
@root_option
def command(
    dry_run: bool,
    local: bool,
    base: str,
    max_removals: int | None,
    output: ListFormat,
    as_of: str | None,
    root: str | None,
) -> ExitCode:
    """Remove what has expired: for each stack and owner one branch with one commit. Never touches the working tree."""
    if dry_run == local:
        raise UsageError("say what to do", hint="--dry-run to look, --local to commit on branches of this clone")
    repository = wiring.repository(wiring.root_folder(root))
    commit = repository.commit_id(base)
    snapshot = repository.snapshot(commit)
    ground, _ = read_ground(snapshot)
    order = SweepOrder(moment(as_of), dry_run, max_removals)
    report = sweep(read_declared(snapshot, ground), repository, commit, order, ground.settings.circuit_breaker)
    sys.stdout.write(sweep_text(report) if output is ListFormat.TEXT else sweep_json(report) + "\n")
    return ExitCode.CLEAN if report.clean else ExitCode.FINDINGS
