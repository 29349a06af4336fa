"""Findings as the commands that find something print them."""

import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nhi.cli import wiring
from nhi.errors import ExitCode
from nhi.model.finding import Finding
from nhi.model.manual import ManualPage
from nhi.output.findings_github import findings_github
from nhi.output.findings_json import findings_json
from nhi.output.findings_junit import findings_junit
from nhi.output.findings_markdown import findings_markdown
from nhi.output.findings_sarif import Driver, findings_sarif
from nhi.output.summary import summary
from nhi.repository.interface import Snapshot


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Report:
    """What a command found."""

    command: str
    """Such as "nhi check"."""
    as_of: datetime
    checked: int
    """How many manifests."""
    findings: Sequence[Finding]
    snapshot: Snapshot
    """Where the lines are that they are about."""
    manual: Callable[[], Sequence[ManualPage]]
    """The pages of all that could be found; asked only where they are shown."""


def tell(report: Report, output: Format, target: str | None) -> ExitCode:
    """Print a report, or write it into the file `target`; the command's exit code."""
    if target is not None:
        wiring.write_text(target, _written(report, output))
    elif output is not Format.TEXT:
        sys.stdout.write(_written(report, output))
    else:
        if report.findings:
            importlib.import_module("nhi.cli.terminal").print_findings(report.findings, report.snapshot)
        sys.stdout.write(summary(report.as_of, report.checked, report.findings) + "\n")
    return ExitCode.FINDINGS if any(one.blocks for one in report.findings) else ExitCode.CLEAN


def _written(report: Report, output: Format) -> str:
    """The whole output, without colours."""
    as_of, checked, findings = report.as_of, report.checked, report.findings
    match output:
        case Format.TEXT:
            lines: str = importlib.import_module("nhi.cli.terminal").plain_findings(findings, report.snapshot)
            return lines + summary(as_of, checked, findings) + "\n"
        case Format.JSON:
            return findings_json(as_of, checked, findings) + "\n"
        case Format.GITHUB:
            annotations = findings_github(findings)
            return annotations + "\n" if annotations else ""
        case Format.SARIF:
            return sarif(as_of, checked, findings, report.command, report.manual())
        case Format.JUNIT:
            return findings_junit(as_of, checked, findings, report.command)
        case Format.MARKDOWN:
            return findings_markdown(as_of, checked, findings, command=report.command)


def sarif(as_of: datetime, checked: int, found: Sequence[Finding], command: str, manual: Sequence[ManualPage]) -> str:
    """Findings as SARIF of this version of the program."""
    version = importlib.import_module("importlib.metadata").version("nhi-control-plane")
    return findings_sarif(as_of, checked, found, Driver(version, manual, command)) + "\n"
