"""nhi sweep."""

import sys
from pathlib import Path

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.on_github import on_github, workplace
from nhi.cli.options import ListFormat, as_of_option, format_option, root_option
from nhi.cli.request_report import request_json, request_text
from nhi.cli.sweep_report import sweep_json, sweep_text
from nhi.errors import ExitCode, UsageError
from nhi.flows.declared import read_declared
from nhi.flows.ground import read_ground
from nhi.flows.sweep import SweepOrder, sweep
from nhi.flows.sweep_forge import sweep_forge
from nhi.flows.swept import RequestOrder


@click.command
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--local", is_flag=True, help="Only commit the removals on branches of this clone.")
@click.option(
    "--base",
    metavar="REV",
    help="With --local or --dry-run: sweep this revision of the clone. Without it HEAD, or the branch on GitHub.",
)
@click.option(
    "--max-removals",
    type=click.IntRange(min=0),
    metavar="N",
    help="Allow so many removals in this run, in place of the circuit breaker; on GitHub, so many at once.",
)
@click.option("--reopen", is_flag=True, help="On GitHub: ask again for what a person refused.")
@click.option("--no-notices", is_flag=True, help="On GitHub: tell no owner what ends soon.")
@click.option("--last-use", is_flag=True, help="On GitHub: ask the cloud when each was last used, for the reviewers.")
@format_option
@as_of_option
@root_option
def command(
    dry_run: bool,
    local: bool,
    base: str | None,
    max_removals: int | None,
    reopen: bool,
    no_notices: bool,
    last_use: bool,
    output: ListFormat,
    as_of: str | None,
    root: str | None,
) -> ExitCode:
    """Remove what has expired: for each stack and owner one branch, one commit, one pull request.

    Works on GitHub: opens the pull requests, closes those that became wrong, tells owners what ends soon. --local only
    commits branches of this clone; so does --dry-run, without committing, where there are no credentials for GitHub.
    Never touches the working tree.
    """
    folder = wiring.root_folder(root)
    order = RequestOrder(moment(as_of), dry_run, max_removals, reopen, not no_notices)
    if local or base is not None:
        if reopen or last_use:
            raise UsageError("--reopen and --last-use are about pull requests", hint="leave out --local and --base")
        if not (local or dry_run):
            raise UsageError("--base is about this clone", hint="add --local or --dry-run; or leave it out")
        return _in_this_clone(folder, base or "HEAD", SweepOrder(order.as_of, dry_run, max_removals), output)
    if not on_github(folder, dry_run=dry_run, as_of=order.as_of):
        return _in_this_clone(folder, "HEAD", SweepOrder(order.as_of, dry_run, max_removals), output)
    report = sweep_forge(workplace(folder, last_use=last_use), order)
    sys.stdout.write(request_text(report) if output is ListFormat.TEXT else request_json(report) + "\n")
    return report.exit_code


def _in_this_clone(folder: Path, base: str, order: SweepOrder, output: ListFormat) -> ExitCode:
    repository = wiring.repository(folder)
    commit = repository.commit_id(base)
    snapshot = repository.snapshot(commit)
    ground, _ = read_ground(snapshot)
    report = sweep(read_declared(snapshot, ground), repository, commit, order, ground.settings.circuit_breaker)
    sys.stdout.write(sweep_text(report) if output is ListFormat.TEXT else sweep_json(report) + "\n")
    return ExitCode.CLEAN if report.clean else ExitCode.FINDINGS
