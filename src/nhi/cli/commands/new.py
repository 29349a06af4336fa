"""nhi new."""

import importlib
import sys
from typing import Annotated

import typer

from nhi.cli import wiring
from nhi.cli.moment import AsOf, moment
from nhi.cli.options import RootOption
from nhi.errors import ExitCode, UsageError
from nhi.flows.new import new_manifest
from nhi.policy.discovery import discover

_ASKED = {
    "stack": "Stack (a folder of identities/)",
    "owner": "Owner (a team or person of identities/owners.yaml)",
    "purpose": "Purpose (what runs with it, what that does, for whom)",
    "expiry": "Expiry (a date, or a time with a zone)",
}


def command(  # noqa: PLR0913  # one argument an option
    kind: Annotated[str, typer.Argument(metavar="KIND", help="A folder of modules/; `nhi kinds` lists them.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The identity's name: 3 to 56 of a-z, 0-9 and '-'.")],
    *,
    stack: Annotated[str | None, typer.Option(help=_ASKED["stack"])] = None,
    owner: Annotated[str | None, typer.Option(help=_ASKED["owner"])] = None,
    purpose: Annotated[str | None, typer.Option(help=_ASKED["purpose"])] = None,
    expiry: Annotated[str | None, typer.Option(help=_ASKED["expiry"])] = None,
    ticket: Annotated[str | None, typer.Option(help="The request's number in your own system.")] = None,
    justification: Annotated[str | None, typer.Option(help="Why the business needs it.")] = None,
    scope: Annotated[
        str | None, typer.Option(metavar="YAML", help="The scope; without it, the kind's example.")
    ] = None,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print the manifest instead of writing it.")] = False,
    as_of: AsOf = None,
    root: RootOption = None,
) -> ExitCode:
    """Write a new manifest from a kind's schema, and say what `nhi check` thinks of it."""
    folder = wiring.root_folder(root)
    snapshot = wiring.working_tree(folder)
    wanted = {"stack": stack, "owner": owner, "purpose": purpose, "expiry": expiry}
    given = {key: value if value is not None else _ask(key) for key, value in wanted.items()}
    given |= {key: value for key, value in (("ticket", ticket), ("justification", justification)) if value}
    path, text, findings = new_manifest(
        snapshot,
        discover(),
        moment(as_of),
        kind=kind,
        name=name,
        stack=given.pop("stack"),
        given=given,
        scope=scope,
    )
    if stdout:
        sys.stdout.write(text)
        return ExitCode.CLEAN
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, "utf-8")
    sys.stdout.write(f"wrote {path}\n")
    if findings:
        importlib.import_module("nhi.cli.terminal").print_findings(findings, snapshot)
    return ExitCode.FINDINGS if any(found.blocks for found in findings) else ExitCode.CLEAN


def _ask(key: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(f"--{key} is missing", hint="on a terminal, `nhi new` asks for it")
    answer: str = typer.prompt(_ASKED[key])
    return answer
