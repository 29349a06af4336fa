"""nhi diff."""

import sys
from enum import StrEnum

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import as_of_option, author_option, choice_option, head_option, root_option
from nhi.cli.proposal import proposal
from nhi.errors import ExitCode
from nhi.flows.diff import diff
from nhi.output.diff import Explained, diff_json, diff_markdown, diff_text


class Format(StrEnum):
    """How a change is explained."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@click.command
@click.option("--base", metavar="REV", required=True, help="Explain the change since this revision.")
@head_option
@author_option
@choice_option("--format", Format, "How to print.")
@as_of_option
@root_option
def command(
    base: str, head: str | None, author: str | None, output: Format, as_of: str | None, root: str | None
) -> ExitCode:
    """Explain a change: what each identity may do more or less, how risky that is, whose approval it needs."""
    change, repository = proposal(wiring.root_folder(root), base, head, author)
    result = diff(change, repository, moment(as_of))
    shown = Explained(result.as_of, result.base, result.meanings, result.unreadable, result.risk, result.approvals)
    match output:
        case Format.TEXT:
            sys.stdout.write(diff_text(shown))
        case Format.JSON:
            sys.stdout.write(diff_json(shown) + "\n")
        case Format.MARKDOWN:
            sys.stdout.write(diff_markdown(shown))
    return ExitCode.FINDINGS if result.unreadable else ExitCode.CLEAN
