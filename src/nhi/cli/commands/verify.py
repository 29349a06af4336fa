"""nhi verify."""

import sys
from typing import Annotated

import typer

from nhi.cli import wiring
from nhi.cli.moment import AsOf, moment
from nhi.cli.options import ListFormat, ListFormatOption, RootOption
from nhi.errors import ExitCode
from nhi.flows.verify import verify
from nhi.output.verification import verification_json, verification_text


def command(  # noqa: PLR0913  # one argument an option
    names: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Identities, as <stack>/<name>; without any, all declared.")
    ] = None,
    *,
    stack: Annotated[list[str] | None, typer.Option(help="Only this stack; can be given again.")] = None,
    base: Annotated[
        str | None, typer.Option(metavar="REV", help="Also verify that what was removed since then is gone.")
    ] = None,
    output: ListFormatOption = ListFormat.TEXT,
    as_of: AsOf = None,
    root: RootOption = None,
) -> ExitCode:
    """Ask the cloud: what is declared is there as declared, and what was removed is gone."""
    folder = wiring.root_folder(root)
    repository = wiring.repository(folder) if base is not None else None
    before = None if repository is None else repository.snapshot(repository.commit_id(base or ""))
    report = verify(wiring.cloud(), wiring.working_tree(folder), before, names=names or (), stacks=stack or ())
    match output:
        case ListFormat.TEXT:
            sys.stdout.write(verification_text(report.verified, report.needs_attestation))
        case ListFormat.JSON:
            sys.stdout.write(verification_json(moment(as_of), report.verified, report.needs_attestation) + "\n")
    return report.exit_code
