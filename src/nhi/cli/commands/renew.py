"""nhi renew."""

import click

from nhi.cli.asking import Asking, ask, asking_options
from nhi.errors import ExitCode, UsageError
from nhi.model.instant import NotAnInstant, parse_instant
from nhi.model.proposal import Verb, Wish


@click.command
@click.option("--until", metavar="DATE", required=True, help="The new expiry: 2027-06-30, or an RFC 3339 time.")
@click.option("--reason", metavar="TEXT", default="", help="Why, for those who approve it.")
@asking_options
def command(asking: Asking, until: str, reason: str) -> ExitCode:
    """Give an identity another expiry: its manifest edited on a branch, and a pull request for it.

    NAME is <stack>/<name>, or the name alone where one stack has it.
    """
    try:
        expiry = parse_instant(until)
    except NotAnInstant as cause:
        raise UsageError(
            f"--until {until!r} is not a date that exists, or an RFC 3339 time with a zone",
            hint="write 2027-06-30 or 2027-06-30T18:00:00Z",
        ) from cause
    return ask(Wish(Verb.RENEW, reason, expiry), asking)
