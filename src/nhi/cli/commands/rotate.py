"""nhi rotate."""

import sys

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import ListFormat, as_of_option, format_option, root_option, stack_option
from nhi.errors import ExitCode, UsageError
from nhi.flows.rotate import RotateOrder, rotate
from nhi.output.rotation import rotation_json, rotation_text


@click.command
@stack_option
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--local", is_flag=True, help="Commit the steps on branches of this clone.")
@click.option(
    "--base", metavar="REV", default="HEAD", show_default=True, help="The revision whose manifests are rotated."
)
@format_option
@as_of_option
@root_option
def command(
    stacks: tuple[str, ...],
    dry_run: bool,
    local: bool,
    base: str,
    output: ListFormat,
    as_of: str | None,
    root: str | None,
) -> ExitCode:
    """Rotate the keys that are due: two overlap, then the old one is off, then it goes. One branch each step."""
    if dry_run == local:
        raise UsageError("say what to do", hint="--dry-run to look, --local to commit on branches of this clone")
    repository = wiring.repository(wiring.root_folder(root))
    report = rotate(repository, wiring.access_keys(), base, RotateOrder(moment(as_of), dry_run, stacks))
    match output:
        case ListFormat.TEXT:
            sys.stdout.write(rotation_text(report))
        case ListFormat.JSON:
            sys.stdout.write(rotation_json(report) + "\n")
    return report.exit_code
