"""nhi rules."""

import json
import sys

import click

from nhi.cli.options import ListFormat, format_option
from nhi.errors import ExitCode
from nhi.flows.manual import pages


@click.command
@format_option
def command(output: ListFormat) -> ExitCode:
    """List the rules, and the reasons for which a file cannot be read."""
    listed = pages()
    match output:
        case ListFormat.JSON:
            rows = [
                {
                    "rule": page.slug,
                    "code": page.code,
                    "severity": page.severity,
                    "title": page.title,
                    "references": page.references,
                }
                for page in listed
            ]
            sys.stdout.write(json.dumps({"schema": "nhi/rules/v1", "rules": rows}, indent=2) + "\n")
        case ListFormat.TEXT:
            width = max(len(page.slug) for page in listed)
            for page in listed:
                sys.stdout.write(f"{page.code}  {page.severity:7}  {page.slug:{width}}  {page.title}\n")
    return ExitCode.CLEAN
