"""nhi schema."""

import json
import sys

import click

from nhi.cli import wiring
from nhi.cli.options import root_option
from nhi.errors import ExitCode, UsageError
from nhi.flows.ground import read_catalog
from nhi.manifest.publish import editor_schema, kind_editor_schema


@click.command
@click.argument("kind", required=False)
@click.option("--out", metavar="FILE", help="Write it there instead of printing it.")
@root_option
def command(kind: str | None, out: str | None, root: str | None) -> ExitCode:
    """Print the JSON Schema of manifests, for editors: `.nhi/schema.json` is where the manifests' first line looks."""
    catalog = read_catalog(wiring.working_tree(wiring.root_folder(root)))
    if kind is None:
        document = editor_schema(catalog)
    elif kind in catalog.kinds:
        document = kind_editor_schema(catalog.kinds[kind])
    else:
        raise UsageError(f"there is no kind {kind!r}", hint="`nhi kinds` lists them")
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        wiring.write_text(out, text)
    return ExitCode.CLEAN
