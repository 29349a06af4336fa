"""Options that several commands share: decorators that add one option each."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import click


class ListFormat(StrEnum):
    """How lists are printed."""

    TEXT = "text"
    JSON = "json"


def choice_option(name: str, values: type[StrEnum], help_text: str) -> Callable[[Any], Any]:
    """An option `output` whose value is one of an enumeration's; its first is the default."""
    return click.option(
        name,
        "output",
        type=click.Choice([one.value for one in values]),
        default=next(iter(values)).value,
        show_default=True,
        callback=lambda _context, _option, value: values(value),
        help=help_text,
    )


as_of_option = click.option(
    "--as-of", metavar="TIME", help="Judge as of this date or RFC 3339 time; without it, now (UTC)."
)
author_option = click.option(
    "--author", metavar="NAME", help="With --base: who asks for it, as in owners.yaml or on GitHub."
)
head_option = click.option(
    "--head", metavar="REV", help="With --base: up to this revision, read as data; else the files here."
)
base_option = click.option("--base", metavar="REV", help="Only the stacks touched since this revision.")
format_option = choice_option("--format", ListFormat, "How to print.")
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many stacks to plan at once; without it, as many as there are processors.",
)
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Do not pass on what Terraform says meanwhile.")
root_option = click.option(
    "--root", metavar="DIR", help="The repository; without it, the nearest folder upwards with nhi.yaml."
)
stack_option = click.option(
    "--stack", "stacks", metavar="STACK", multiple=True, help="A stack; can be given again. Without it, all."
)
work_option = click.option("--work", metavar="DIR", help="Where Terraform works; without it, .nhi/terraform/.")
