"""nhi suspend."""

import click

from nhi.cli.asking import Asking, ask, asking_options, now_option
from nhi.errors import ExitCode
from nhi.model.proposal import Verb, Wish


@click.command
@click.option("--reason", metavar="TEXT", required=True, help="Why; it stands in the manifest.")
@now_option
@asking_options
def command(asking: Asking, reason: str, *, now: bool) -> ExitCode:
    """Keep an identity and deny all its access: its manifest edited on a branch, and a pull request for it.

    NAME is <stack>/<name>, or the name alone where one stack has it.
    """
    return ask(Wish(Verb.SUSPEND, reason), asking, now=now)
