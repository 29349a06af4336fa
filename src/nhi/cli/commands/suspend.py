"""nhi suspend."""

import click

from nhi.cli.asking import Asking, ask, asking_options
from nhi.cli.options import ListFormat
from nhi.errors import ExitCode, UsageError
from nhi.model.proposal import Verb, Wish


@click.command
@click.option("--reason", metavar="TEXT", required=True, help="Why; it stands in the manifest.")
@click.option("--now", is_flag=True, help="Deny everything in the cloud at once, before anything else.")
@asking_options
def command(
    name: str,
    reason: str,
    now: bool,
    author: str | None,
    local: bool,
    dry_run: bool,
    base: str | None,
    repository: str | None,
    output: ListFormat,
    as_of: str | None,
    root: str | None,
) -> ExitCode:
    """Keep an identity and deny all its access: its manifest edited on a branch, and a pull request for it.

    NAME is <stack>/<name>, or the name alone where one stack has it.
    """
    if not reason.strip():
        raise UsageError("--reason is empty", hint="say why, in a line")
    asking = Asking(name, reason, author, local, dry_run, base, repository, output, as_of, root)
    return ask(Wish(Verb.SUSPEND, reason), asking, now=now)
