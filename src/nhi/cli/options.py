"""Options that several commands share."""

from enum import StrEnum
from typing import Annotated

import typer

RootOption = Annotated[
    str | None,
    typer.Option("--root", metavar="DIR", help="The repository; without it, the nearest folder upwards with nhi.yaml."),
]


class ListFormat(StrEnum):
    """How lists are printed."""

    TEXT = "text"
    JSON = "json"


ListFormatOption = Annotated[ListFormat, typer.Option("--format", help="How to print.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Do not pass on what Terraform says meanwhile.")]
WorkOption = Annotated[
    str | None, typer.Option("--work", metavar="DIR", help="Where Terraform works; without it, .nhi/work/.")
]
