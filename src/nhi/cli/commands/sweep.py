"""nhi sweep."""

import sys
from typing import Annotated

import typer

from nhi.cli import wiring
from nhi.cli.moment import AsOf, moment
from nhi.cli.options import ListFormat, ListFormatOption, RootOption
from nhi.cli.sweep_report import sweep_json, sweep_text
from nhi.errors import ExitCode, UsageError
from nhi.flows.declared import read_declared
from nhi.flows.ground import read_ground
from nhi.flows.sweep import SweepOrder, sweep


def command(  # noqa: PLR0913  # one argument an option
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    local: Annotated[bool, typer.Option("--local", help="Commit the removals on branches of this clone.")] = False,
    base: Annotated[str, typer.Option(metavar="REV", help="The revision whose manifests are swept.")] = "HEAD",
    max_removals: Annotated[
        int | None, typer.Option(min=0, help="Allow so many removals in this run, in place of the circuit breaker.")
    ] = None,
    output: ListFormatOption = ListFormat.TEXT,
    as_of: AsOf = None,
    root: RootOption = None,
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
