"""nhi explain."""

import difflib
import sys
from typing import Annotated

import typer

from nhi.errors import ExitCode, UsageError
from nhi.flows.manual import pages


def command(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A slug or a code, as in a finding.")],
) -> ExitCode:
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
