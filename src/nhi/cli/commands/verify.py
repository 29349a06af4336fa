"""nhi verify."""

import sys
from pathlib import Path

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import ListFormat, as_of_option, format_option, root_option
from nhi.errors import ExitCode
from nhi.flows.verify import verify
from nhi.output.verification import verification_json, verification_text
from nhi.repository.interface import Snapshot


@click.command
@click.argument("names", metavar="[ID]...", nargs=-1)
@click.option("--stack", "stacks", metavar="STACK", multiple=True, help="Only this stack; can be given again.")
@click.option("--base", metavar="REV", help="Also verify that what was removed since this revision is gone.")
@format_option
@as_of_option
@root_option
def command(
    names: tuple[str, ...],
    stacks: tuple[str, ...],
    base: str | None,
    output: ListFormat,
    as_of: str | None,
    root: str | None,
) -> ExitCode:
    """Ask the cloud: what is declared is there as declared, and what was removed is gone."""
    folder = wiring.root_folder(root)
    before = None if base is None else _where_it_left(folder, base)
    report = verify(wiring.cloud(), wiring.working_tree(folder), before, names=names, stacks=stacks)
    match output:
        case ListFormat.TEXT:
            sys.stdout.write(verification_text(report.verified, report.needs_attestation))
        case ListFormat.JSON:
            sys.stdout.write(verification_json(moment(as_of), report.verified, report.needs_attestation) + "\n")
    return report.exit_code


def _where_it_left(folder: Path, base: str) -> Snapshot:
    """The revision, or where the files here left it: what was added there since was never here to be removed."""
    repository = wiring.repository(folder)
    return repository.snapshot(repository.merge_base(repository.commit_id(base), repository.commit_id("HEAD")))
