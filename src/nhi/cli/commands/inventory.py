"""nhi inventory."""

import sys

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import ListFormat, as_of_option, format_option, root_option, stack_option
from nhi.errors import ExitCode
from nhi.flows.inventory import inventory
from nhi.output.inventory import inventory_json, inventory_text


@click.command
@stack_option
@click.option("--all", "everything", is_flag=True, help="List what is not managed too, in place of counting it.")
@format_option
@as_of_option
@root_option
def command(
    stacks: tuple[str, ...], everything: bool, output: ListFormat, as_of: str | None, root: str | None
) -> ExitCode:
    """Ask the cloud what stands in the accounts: declared or not, how old, when last used, and the quotas."""
    now = moment(as_of)
    reads = wiring.cloud_reads()
    report = inventory(reads, reads, wiring.working_tree(wiring.root_folder(root)), stacks=stacks)
    match output:
        case ListFormat.TEXT:
            sys.stdout.write(inventory_text(now, report.stacks, report.unreadable, everything=everything))
        case ListFormat.JSON:
            sys.stdout.write(inventory_json(now, report.stacks, report.unreadable, everything=everything) + "\n")
    return report.exit_code
