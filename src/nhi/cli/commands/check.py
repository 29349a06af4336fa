"""nhi check."""

import importlib
import sys
from enum import StrEnum

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import as_of_option, author_option, choice_option, head_option, root_option
from nhi.cli.proposal import proposal
from nhi.errors import ExitCode, UsageError
from nhi.flows.check import check
from nhi.flows.check_change import check_change
from nhi.flows.judge import CheckResult
from nhi.flows.manual import pages
from nhi.output.findings_github import findings_github
from nhi.output.findings_json import findings_json
from nhi.output.findings_junit import findings_junit
from nhi.output.findings_markdown import findings_markdown
from nhi.output.findings_sarif import Driver, findings_sarif
from nhi.output.summary import summary
from nhi.policy.discovery import discover
from nhi.repository.interface import Snapshot


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"


@click.command
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--base", metavar="REV", help="Check the change since this revision, and blame nothing else on it.")
@head_option
@author_option
@choice_option("--format", Format, "How to print.")
@click.option("--output", "target", metavar="FILE", help="Write it there instead of printing it.")
@as_of_option
@root_option
def command(
    paths: tuple[str, ...],
    base: str | None,
    head: str | None,
    author: str | None,
    output: Format,
    target: str | None,
    as_of: str | None,
    root: str | None,
) -> ExitCode:
    """Check manifests: are they well formed, and do they keep the policy?"""
    folder, when = wiring.root_folder(root), moment(as_of)
    if head is not None and base is None:
        raise UsageError("--head needs --base", hint="name the revision that the change starts from")
    if base is not None:
        if paths:
            raise UsageError("--base checks a whole change, so it takes no paths", hint="leave out one of the two")
        change, repository = proposal(folder, base, head, author)
        snapshot, result = change.head, check_change(change, repository, discover(), when)
    else:
        snapshot = wiring.working_tree(folder)
        result = check(
            snapshot,
            discover(),
            when,
            paths=[wiring.below_root(folder, path) for path in paths],
            store=wiring.verdict_store(folder),
        )
    if target is None:
        _print(output, result, snapshot)
    else:
        wiring.write_text(target, _written(output, result, snapshot))
    return ExitCode.FINDINGS if result.blocks else ExitCode.CLEAN


def _print(output: Format, result: CheckResult, snapshot: Snapshot) -> None:
    if output is not Format.TEXT:
        sys.stdout.write(_written(output, result, snapshot))
        return
    if result.findings:
        importlib.import_module("nhi.cli.terminal").print_findings(result.findings, snapshot)
    sys.stdout.write(summary(result.as_of, result.checked, result.findings) + "\n")


def _written(output: Format, result: CheckResult, snapshot: Snapshot) -> str:
    """The whole output, without colours."""
    as_of, checked, findings = result.as_of, result.checked, result.findings
    match output:
        case Format.TEXT:
            lines: str = importlib.import_module("nhi.cli.terminal").plain_findings(findings, snapshot)
            return lines + summary(as_of, checked, findings) + "\n"
        case Format.JSON:
            return findings_json(as_of, checked, findings) + "\n"
        case Format.GITHUB:
            annotations = findings_github(findings)
            return annotations + "\n" if annotations else ""
        case Format.SARIF:
            driver = Driver(importlib.import_module("importlib.metadata").version("nhi-control-plane"), pages())
            return findings_sarif(as_of, checked, findings, driver) + "\n"
        case Format.JUNIT:
            return findings_junit(as_of, checked, findings)
        case Format.MARKDOWN:
            return findings_markdown(as_of, checked, findings)
