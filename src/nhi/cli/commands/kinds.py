"""nhi kinds."""

import json
import sys

from nhi.cli import wiring
from nhi.cli.options import ListFormat, ListFormatOption, RootOption
from nhi.errors import ExitCode
from nhi.flows.ground import read_catalog


def command(*, output: ListFormatOption = ListFormat.TEXT, root: RootOption = None) -> ExitCode:
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
                sys.stdout.write(f"{kind.name:{width}}  {kind.title}\n")
    return ExitCode.CLEAN
