"""nhi check."""

import importlib
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import as_of_option, choice_option, root_option
from nhi.errors import ExitCode, UsageError
from nhi.flows.check import check
from nhi.flows.check_change import check_change
from nhi.flows.judge import CheckResult
from nhi.manifest.place import IDENTITIES, MODULES, SETTINGS
from nhi.output.findings_github import findings_github
from nhi.output.findings_json import findings_json
from nhi.output.summary import summary
from nhi.policy.discovery import discover
from nhi.repository.interface import Snapshot


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


@click.command
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--base", metavar="REV", help="Check the change since this revision, and blame nothing else on it.")
@click.option("--head", metavar="REV", help="With --base: up to this revision, read as data; else the files here.")
@choice_option("--format", Format, "How to print.")
@as_of_option
@root_option
def command(
    paths: tuple[str, ...], base: str | None, head: str | None, output: Format, as_of: str | None, root: str | None
) -> ExitCode:
    """Check manifests: are they well formed, and do they keep the policy?"""
    folder, when = wiring.root_folder(root), moment(as_of)
    if head is not None and base is None:
        raise UsageError("--head needs --base", hint="name the revision that the change starts from")
    if base is not None:
        if paths:
            raise UsageError("--base checks a whole change, so it takes no paths", hint="leave out one of the two")
        snapshot, result = _change(folder, base, head, when)
    else:
        snapshot = wiring.working_tree(folder)
        result = check(
            snapshot,
            discover(),
            when,
            paths=[wiring.below_root(folder, path) for path in paths],
            store=wiring.verdict_store(folder),
        )
    _print(output, result, snapshot)
    return ExitCode.FINDINGS if result.blocks else ExitCode.CLEAN


def _change(folder: Path, base: str, head: str | None, when: datetime) -> tuple[Snapshot, CheckResult]:
    repository = wiring.repository(folder)
    tip = None if head is None else repository.commit_id(head)
    commit = repository.merge_base(repository.commit_id(base), tip or repository.commit_id("HEAD"))
    changes = repository.changes(commit, tip, (IDENTITIES, MODULES, SETTINGS))
    snapshot = wiring.working_tree(folder) if tip is None else repository.snapshot(tip)
    return snapshot, check_change(snapshot, repository.snapshot(commit), changes, discover(), when)


def _print(output: Format, result: CheckResult, snapshot: Snapshot) -> None:
    match output:
        case Format.JSON:
            sys.stdout.write(findings_json(result.as_of, result.checked, result.findings) + "\n")
        case Format.GITHUB:
            annotations = findings_github(result.findings)
            sys.stdout.write(annotations + "\n" if annotations else "")
        case Format.TEXT:
            if result.findings:
                importlib.import_module("nhi.cli.terminal").print_findings(result.findings, snapshot)
            sys.stdout.write(summary(result.as_of, result.checked, result.findings) + "\n")
