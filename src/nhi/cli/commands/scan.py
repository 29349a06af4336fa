"""nhi scan."""

import sys

import click

from nhi.cli import wiring
from nhi.cli.findings import Format, Report, tell
from nhi.cli.moment import moment
from nhi.cli.options import as_of_option, base_option, choice_option, root_option, stack_option, work_option
from nhi.cli.stacks import chosen_stacks
from nhi.errors import ExitCode
from nhi.flows.ground import read_ground
from nhi.flows.manual import pages
from nhi.flows.render import render_stack
from nhi.flows.scan import ScanTools, StackScan, check_pages, scan_stack
from nhi.model.finding import in_order
from nhi.output.plain import counted


@click.command
@stack_option
@base_option
@click.option("--all", "everything", is_flag=True, help="Also list what our own modules never pass and nhi.yaml skips.")
@choice_option("--format", Format, "How to print.")
@click.option("--output", "target", metavar="FILE", help="Write it there instead of printing it.")
@as_of_option
@work_option
@root_option
def command(
    stacks: tuple[str, ...],
    base: str | None,
    everything: bool,
    output: Format,
    target: str | None,
    as_of: str | None,
    work: str | None,
    root: str | None,
) -> ExitCode:
    """Let checkov scan the plans that `nhi plan` saved, and tell what it finds at the lines of the manifests.

    checkov is the program that NHI_CHECKOV names, else that of the PATH, else the one that scripts/setup installed.
    """
    folder, when = wiring.root_folder(root), moment(as_of)
    snapshot = wiring.working_tree(folder)
    ground, _ = read_ground(snapshot)
    tools = ScanTools(wiring.scanner(), wiring.terraform(), snapshot, ground)
    scans: list[StackScan] = []
    for one in chosen_stacks(folder, ground, stacks, base):
        workspace = wiring.workspace(folder, work, one)
        rendered = render_stack(snapshot, ground, one, wiring.state_path(folder, one, workspace.root))
        scans.append(scan_stack(tools, rendered, workspace, when))
    found = [finding for scan in scans for finding in (scan.findings + scan.unlisted if everything else scan.findings)]
    checks = {check: name for scan in scans for check, name in scan.checks.items()}
    report = Report(
        "nhi scan",
        when,
        sum(scan.identities for scan in scans),
        in_order(found),
        snapshot,
        lambda: (*pages(), *check_pages(checks)),
    )
    code = tell(report, output, target)
    unlisted = sum(len(scan.unlisted) for scan in scans)
    if unlisted and not everything:
        sys.stderr.write(f"{counted(unlisted, 'finding')} by design or skipped: `nhi scan --all` lists them\n")
    return code
