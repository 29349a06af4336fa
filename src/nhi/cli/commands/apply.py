"""nhi apply."""

import sys
from collections.abc import Container
from pathlib import Path

import click

from nhi.cli import wiring
from nhi.cli.apply_report import apply_json, apply_text
from nhi.cli.moment import moment
from nhi.cli.options import ListFormat, base_option, format_option, quiet_option, root_option, stack_option, work_option
from nhi.cli.stacks import chosen_stacks
from nhi.errors import ExitCode, InputError
from nhi.flows.apply import ApplyReport, Means, Work, apply_stacks
from nhi.flows.committed import not_as_committed
from nhi.flows.ground import read_ground
from nhi.flows.guards import Allowances
from nhi.flows.render import render_stack
from nhi.output.plain import one_line
from nhi.repository.interface import Snapshot


@click.command
@stack_option
@base_option
@click.option(
    "--max-removals",
    type=click.IntRange(min=0),
    metavar="N",
    help="Allow so many removed identities in this run, in place of the circuit breaker.",
)
@click.option(
    "--allow-replace", "replace", metavar="ID", multiple=True, help="Let this identity's role or user be made anew."
)
@click.option(
    "--uncommitted", is_flag=True, help="Apply files that are in no commit; the record cannot say what they held."
)
@click.option("--used-keys", is_flag=True, help="End access keys even if they were used in the last day.")
@click.option(
    "--lift-revocation",
    "lifted",
    metavar="ID",
    multiple=True,
    help="Give this identity back the access that was ended at once.",
)
@work_option
@format_option
@quiet_option
@root_option
def command(
    stacks: tuple[str, ...],
    base: str | None,
    max_removals: int | None,
    replace: tuple[str, ...],
    uncommitted: bool,
    used_keys: bool,
    lifted: tuple[str, ...],
    work: str | None,
    output: ListFormat,
    quiet: bool,
    root: str | None,
) -> ExitCode:
    """Apply the plans that `nhi plan` saved, and only while all that they were made from is as it was."""
    folder = wiring.root_folder(root)
    snapshot = wiring.working_tree(folder)
    ground, _ = read_ground(snapshot)
    chosen = chosen_stacks(folder, ground, stacks, base)
    if not chosen and output is ListFormat.TEXT:
        sys.stdout.write("no stack is touched: nothing to apply\n")
        return ExitCode.CLEAN
    rendered = []
    for one in chosen:
        workspace = wiring.workspace(folder, work, one)
        state = wiring.state_path(folder, one, workspace.root)
        rendered.append(Work(render_stack(snapshot, ground, one, state), workspace))
    upon = wiring.plan_ground(folder, snapshot, base)
    if not uncommitted:
        _refuse_uncommitted(folder, snapshot, upon.commit, ground.settings.stacks.keys() - {one.name for one in chosen})
    means = Means(
        terraform=wiring.terraform(),
        repository=None if upon.commit is None else wiring.repository(folder),
        key_use=lambda key, stack: wiring.cloud_reads().access_key_use(key, stack),
        denied=lambda places, stack: wiring.revocations().denied(places, stack),
        clock=lambda: moment(None),
        on_line=wiring.line_printer(quiet=quiet),
        on_word=wiring.line_printer(quiet=False),
    )
    allowances = Allowances(max_removals, frozenset(replace), used_keys, frozenset(lifted), uncommitted)
    report = apply_stacks(means, rendered, upon, ground.settings.circuit_breaker, allowances)
    sys.stdout.write(apply_text(report) if output is ListFormat.TEXT else apply_json(report))
    return _code(report)


def _refuse_uncommitted(folder: Path, snapshot: Snapshot, commit: str | None, others: Container[str]) -> None:
    """The record of an apply names the commit, so it has to be the commit that is applied."""
    if commit is None:
        return
    loose = not_as_committed(snapshot, wiring.repository(folder).snapshot(commit), others)
    if loose:
        more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
        raise InputError(
            f"{one_line(loose[0])}{more}: what stands here is not what the commit {commit[:12]} holds",
            hint="commit it, and plan again; to try something out: --uncommitted",
        )


def _code(report: ApplyReport) -> ExitCode:
    if report.error is not None:
        sys.stdout.flush()
        raise report.error
    return ExitCode.FINDINGS if report.refused else ExitCode.CLEAN
