"""nhi revoke."""

import click

from nhi.cli.asking import Asking, ask, asking_options, now_option
from nhi.errors import ExitCode
from nhi.model.proposal import Verb, Wish


@click.command
@click.option("--reason", metavar="TEXT", required=True, help="Why.")
@now_option
@asking_options
def command(asking: Asking, reason: str, *, now: bool) -> ExitCode:
    """Remove an identity before it expires: its manifest gone on a branch, and a pull request for it.

    NAME is <stack>/<name>, or the name alone where one stack has it.
    """
    return ask(Wish(Verb.REVOKE, reason), asking, now=now)
