"""nhi gate."""

import importlib
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

import click

from nhi.cli import findings, wiring, wiring_forge
from nhi.cli.gate_examine import Examiner
from nhi.cli.moment import moment
from nhi.cli.on_github import refuse_what_is_to_come
from nhi.cli.options import as_of_option, choice_option, jobs_option, quiet_option, root_option, work_option
from nhi.errors import ExitCode, InputError
from nhi.flows.approvals import approvals_of
from nhi.flows.gate import Ending, Outcome, Telling, Words, gate, refuse
from nhi.flows.gate_judge import Evidence
from nhi.flows.manual import pages
from nhi.flows.scan import check_pages
from nhi.forge.interface import Forge
from nhi.manifest.place import SETTINGS
from nhi.manifest.settings import read_settings
from nhi.model.forge import PullState
from nhi.model.gate import GateReport
from nhi.model.settings import Settings
from nhi.output.findings_github import findings_github
from nhi.output.gate_comment import gate_comment, gate_summary
from nhi.output.gate_report import gate_json, gate_text
from nhi.output.gate_words import description, failure_description
from nhi.output.plain import one_line
from nhi.policy.discovery import discover
from nhi.repository.interface import Repository

_PAGE = re.compile(r"https?://[A-Za-z0-9.:-]+/[A-Za-z0-9._/-]+")


class Format(StrEnum):
    """How the gate's answer is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@click.command
@click.option("--pr", "number", type=click.IntRange(min=1), metavar="N", required=True, help="The pull request.")
@click.option("--no-plan", is_flag=True, help="Leave plan and scan out; the comment says so.")
@click.option("--dry-run", is_flag=True, help="Judge, and write nothing to GitHub.")
@click.option("--sarif", metavar="FILE", help="Also write the findings there, as they go to code scanning.")
@click.option(
    "--summary", metavar="FILE", help="Add the whole report there; without it, to the file of GITHUB_STEP_SUMMARY."
)
@choice_option("--format", Format, "How to print; markdown is the comment.")
@jobs_option
@as_of_option
@work_option
@quiet_option
@root_option
def command(  # click hands over each option by itself
    number: int,
    no_plan: bool,
    dry_run: bool,
    sarif: str | None,
    summary: str | None,
    output: Format,
    jobs: int | None,
    as_of: str | None,
    work: str | None,
    quiet: bool,
    root: str | None,
) -> ExitCode:
    """Judge a pull request: check, difference and risk, plans and scans, told in one comment and the status nhi/gate.

    Runs where the base branch is checked out. The head is read as data: nothing of it is checked out or run.
    """
    folder, when, environment = wiring.root_folder(root), moment(as_of), wiring.environment()
    refuse_what_is_to_come(when, dry_run=dry_run)
    url = _run_page(environment)
    repository = wiring.repository(folder)
    here = _Here(repository, output, sarif, summary or environment.get("GITHUB_STEP_SUMMARY"), environment)
    telling = Telling(partial(_words, url=url), failure_description, partial(here.tell, url=url), url, dry_run)
    try:
        settings = read_settings(wiring.working_tree(folder).file(SETTINGS))
    except InputError as error:
        refuse(_forge_of(Settings(), error), telling, number, error)
        raise
    forge, remote = wiring_forge.forge(settings), wiring_forge.remote(folder, settings)
    evidence = Evidence(
        forge=forge,
        remote=remote,
        repository=repository,
        rules=discover(),
        branch=settings.github.branch,
        examine=None if no_plan else Examiner(folder, work, jobs, quiet),
        approvals=lambda read: approvals_of(read, forge, repository, remote, when),
    )
    return _ended(gate(evidence, telling, number, when))


@dataclass(frozen=True, slots=True)
class _Here:
    """Tells a report on this machine."""

    repository: Repository
    output: Format
    sarif: str | None
    summary: str | None
    environment: Mapping[str, str]

    def tell(self, report: GateReport, *, url: str) -> None:
        if self.sarif is not None:
            wiring.write_text(self.sarif, _sarif(report))
        if self.summary:
            with Path(self.summary).open("a", encoding="utf-8") as file:  # earlier steps write there too
                file.write(gate_summary(report))
        match self.output:
            case Format.JSON:
                sys.stdout.write(gate_json(report) + "\n")
            case Format.MARKDOWN:
                sys.stdout.write(gate_comment(report, url))
            case Format.TEXT:
                self._print(report)
        sys.stdout.flush()

    def _print(self, report: GateReport) -> None:
        if report.findings and self.environment.get("GITHUB_ACTIONS") == "true":
            sys.stdout.write(findings_github(report.findings) + "\n")
        elif report.findings:
            printer: Callable[..., None] = importlib.import_module("nhi.cli.terminal").print_findings
            printer(report.findings, self.repository.snapshot(report.merged))
        sys.stdout.write(gate_text(report))


def _words(report: GateReport, *, url: str) -> Words:
    return Words(gate_comment(report, url), description(report), _sarif(report))


def _sarif(report: GateReport) -> str:
    return findings.sarif(
        report.as_of, report.checked, report.findings, "nhi gate", (*pages(), *check_pages(report.checks))
    )


def _ended(outcome: Outcome) -> ExitCode:
    number, report = outcome.pull.number, outcome.report
    if outcome.refusal:
        sys.stderr.write(f"nhi: GitHub does not take the findings: {one_line(outcome.refusal)}\n")
    match outcome.ending:
        case Ending.NOT_OPEN:
            state = "merged" if outcome.pull.state is PullState.MERGED else "closed"
            sys.stdout.write(f"pull request {number} is {state}: there is nothing to judge\n")
            return ExitCode.CLEAN
        case Ending.MOVED:
            sys.stderr.write(f"nhi: pull request {number} moved while this ran: the run of the newer push decides\n")
            return ExitCode.FINDINGS
        case Ending.TOLD | Ending.UNTOLD:
            return ExitCode.FINDINGS if report is None else report.exit_code


def _forge_of(settings: Settings, broken: InputError) -> Forge:
    """The forge as the environment names it, where nhi.yaml cannot be read."""
    try:
        return wiring_forge.forge(settings)
    except InputError:
        raise broken from None


def _run_page(environment: Mapping[str, str]) -> str:
    """The page of the workflow's run; "" outside of one.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """
    parts = [environment.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    page = f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}"
    return page if all(parts) and _PAGE.fullmatch(page) else ""
