"""nhi explain."""

import difflib
import sys

import click

from nhi.errors import ExitCode, UsageError
from nhi.flows.manual import pages


@click.command
@click.argument("rule")
def command(rule: str) -> ExitCode:
    """Print the manual page of a rule."""
    listed = pages()
    for page in listed:
        if rule.lower() in (page.slug, page.code.lower()):
            sys.stdout.write(page.text + "\n")
            return ExitCode.CLEAN
    close = difflib.get_close_matches(rule, [page.slug for page in listed], n=1)
    raise UsageError(
        f"there is no rule {rule!r}", hint=f"did you mean {close[0]!r}?" if close else "`nhi rules` lists them"
    )
