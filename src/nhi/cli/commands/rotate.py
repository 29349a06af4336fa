"""nhi rotate."""

import sys

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.on_github import on_github, workplace
from nhi.cli.options import ListFormat, as_of_option, format_option, root_option, stack_option
from nhi.cli.rotation_report import requests_json, requests_text
from nhi.errors import ExitCode, UsageError
from nhi.flows.rotate import RotateOrder, rotate
from nhi.flows.rotate_forge import rotate_forge
from nhi.output.rotation import rotation_json, rotation_text


@click.command
@stack_option
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--local", is_flag=True, help="Only commit the steps on branches of this clone.")
@click.option(
    "--base",
    metavar="REV",
    help="With --local or --dry-run: rotate this revision of the clone. Without it HEAD, or the branch on GitHub.",
)
@format_option
@as_of_option
@root_option
def command(
    stacks: tuple[str, ...],
    dry_run: bool,
    local: bool,
    base: str | None,
    output: ListFormat,
    as_of: str | None,
    root: str | None,
) -> ExitCode:
    """Rotate the keys that are due: two overlap, then the old one is off, then it goes. One pull request each step.

    Works on GitHub: opens the pull requests, closes those that became wrong. --local only commits branches of this
    clone; so does --dry-run, without committing, where there are no credentials for GitHub.
    """
    folder = wiring.root_folder(root)
    order = RotateOrder(moment(as_of), dry_run, stacks)
    if base is not None and not (local or dry_run):
        raise UsageError("--base is about this clone", hint="add --local or --dry-run; or leave it out")
    if not (local or base is not None) and on_github(folder, dry_run=dry_run, as_of=order.as_of):
        place = workplace(folder)
        requests = rotate_forge(place, wiring.access_keys(), order)
        sys.stdout.write(requests_text(requests) if output is ListFormat.TEXT else requests_json(requests) + "\n")
        return requests.exit_code
    report = rotate(wiring.repository(folder), wiring.access_keys(), base or "HEAD", order)
    sys.stdout.write(rotation_text(report) if output is ListFormat.TEXT else rotation_json(report) + "\n")
    return report.exit_code
