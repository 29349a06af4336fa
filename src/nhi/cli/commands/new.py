"""nhi new."""

import importlib
import sys

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import as_of_option, root_option
from nhi.errors import ExitCode, UsageError
from nhi.flows.new import new_manifest
from nhi.policy.discovery import discover

_ASKED = {
    "stack": "Stack (a folder of identities/)",
    "owner": "Owner (a team or person of identities/owners.yaml)",
    "purpose": "Purpose (what runs with it, what that does, for whom)",
    "expiry": "Expiry (a date, or a time with a zone)",
}


@click.command
@click.argument("kind")
@click.argument("name")
@click.option("--stack", help=_ASKED["stack"])
@click.option("--owner", help=_ASKED["owner"])
@click.option("--purpose", help=_ASKED["purpose"])
@click.option("--expiry", help=_ASKED["expiry"])
@click.option("--ticket", help="The request's number in your own system.")
@click.option("--justification", help="Why the business needs it.")
@click.option("--scope", metavar="YAML", help="The scope; without it, the kind's example.")
@click.option("--stdout", is_flag=True, help="Print the manifest instead of writing it.")
@as_of_option
@root_option
def command(
    kind: str,
    name: str,
    stack: str | None,
    owner: str | None,
    purpose: str | None,
    expiry: str | None,
    ticket: str | None,
    justification: str | None,
    scope: str | None,
    stdout: bool,
    as_of: str | None,
    root: str | None,
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
    else:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with (folder / path).open("x", encoding="utf-8") as file:
            file.write(text)
        sys.stdout.write(f"wrote {path}\n")
    if findings:
        importlib.import_module("nhi.cli.terminal").print_findings(findings, snapshot, apart=stdout)
    return ExitCode.FINDINGS if any(found.blocks for found in findings) else ExitCode.CLEAN


def _ask(key: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(f"--{key} is missing", hint="on a terminal, `nhi new` asks for it")
    answer: str = click.prompt(_ASKED[key], err=True)
    return answer
