"""nhi kinds."""

import json
import sys

import click

from nhi.cli import wiring
from nhi.cli.options import ListFormat, format_option, root_option
from nhi.errors import ExitCode
from nhi.flows.ground import read_catalog
from nhi.output.plain import one_line


@click.command
@format_option
@root_option
def command(output: ListFormat, root: str | None) -> ExitCode:
    """List the kinds of identity that this repository has: the folders of modules/."""
    catalog = read_catalog(wiring.working_tree(wiring.root_folder(root)))
    match output:
        case ListFormat.JSON:
            rows = [
                {"kind": kind.name, "title": kind.title, "description": kind.description}
                for kind in catalog.kinds.values()
            ]
            sys.stdout.write(json.dumps({"schema": "nhi/kinds/v1", "kinds": rows}, indent=2) + "\n")
        case ListFormat.TEXT:
            width = max((len(name) for name in catalog.kinds), default=0)
            for kind in catalog.kinds.values():
                sys.stdout.write(f"{kind.name:{width}}  {one_line(kind.title)}\n")
    return ExitCode.CLEAN
