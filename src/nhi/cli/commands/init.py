"""nhi init."""

import sys
from importlib.metadata import version
from pathlib import Path

import click

from nhi.errors import ExitCode, InputError, UsageError
from nhi.flows.init import PLACEHOLDERS, NewFile, Wanted, new_repository

_MODE = {True: 0o755, False: 0o644}


@click.command
@click.argument("directory", metavar="DIR")
@click.option("--repository", metavar="OWNER/NAME", help="Where it will be on GitHub.", default=PLACEHOLDERS.repository)
@click.option("--stack", metavar="NAME", help="The first stack.", default=PLACEHOLDERS.stack)
@click.option("--account", metavar="ID", help="The stack's AWS account.", default=PLACEHOLDERS.account)
@click.option("--region", metavar="REGION", help="The stack's AWS region.", default=PLACEHOLDERS.region)
@click.option("--state-bucket", metavar="BUCKET", help="The S3 bucket of its Terraform state; without it, a file.")
@click.option("--app-id", metavar="NUMBER", type=click.IntRange(1), help="The GitHub App whose statuses count.")
@click.option(
    "--owner",
    "owners",
    metavar="LOGIN=NUMBER",
    multiple=True,
    help="Who answers for it: a GitHub account and its number. The first is accountable, the second the deputy.",
)
def command(
    directory: str,
    repository: str,
    stack: str,
    account: str,
    region: str,
    state_bucket: str | None,
    app_id: int | None,
    owners: tuple[str, ...],
) -> ExitCode:
    """Make a repository of one's own: kinds, workflows, rules, configuration. DIR is new, or empty but for .git."""
    folder = Path(directory)
    if folder.exists() and (not folder.is_dir() or any(one.name != ".git" for one in folder.iterdir())):
        raise InputError(f"{directory} is not an empty folder", hint="name one that is empty, or not there yet")
    wanted = Wanted(
        version("nhi-control-plane"),
        repository=repository,
        stack=stack,
        account=account,
        region=region,
        owners=tuple(map(_owner, owners)) or PLACEHOLDERS.owners,
        state_bucket=state_bucket,
        app_id=app_id,
    )
    files = new_repository(wanted)
    for one in files:
        _write(folder, one)
    sys.stdout.write(
        f"wrote {len(files)} files to {directory}; its README.md says what to set up, `nhi doctor` what is\n"
    )
    return ExitCode.CLEAN


def _owner(given: str) -> tuple[str, int]:
    login, _, number = given.partition("=")
    if not login or not number.isascii() or not number.isdecimal():
        raise UsageError(f"{given!r} is not LOGIN=NUMBER", hint="gh api users/LOGIN --jq .id says the number")
    return login, int(number)


def _write(folder: Path, file: NewFile) -> None:
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as opened:
        opened.write(file.data)
    path.chmod(_MODE[file.is_executable])
