"""nhi verify."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.cli.options import ListFormat, as_of_option, format_option, root_option, work_option
from nhi.errors import ExitCode, InputError, UsageError
from nhi.flows.ground import read_ground
from nhi.flows.removals import Witness, prove_removals
from nhi.flows.verify import verify
from nhi.flows.withdrawn import Withdrawn, withdrawn_since
from nhi.model.application import Application
from nhi.model.settings import Stack
from nhi.output.removals import removals_json, removals_text
from nhi.output.verification import verification_json, verification_text
from nhi.repository.interface import Snapshot

_AGAIN_AFTER = 60
"""Long enough for a listing that lags behind, and short enough for a job that waits."""


@click.command
@click.argument("names", metavar="[ID]...", nargs=-1)
@click.option("--stack", "stacks", metavar="STACK", multiple=True, help="Only this stack; can be given again.")
@click.option("--base", metavar="REV", help="Also verify that what was removed since this revision is gone.")
@click.option("--proof", is_flag=True, help="With --base: prove each removal since, by its four times and two looks.")
@click.option(
    "--again-after",
    type=click.IntRange(0, 3600),
    metavar="SECONDS",
    help=f"With --proof: how long after the first look the second one is; without it, {_AGAIN_AFTER}.",
)
@work_option
@format_option
@as_of_option
@root_option
def command(
    names: tuple[str, ...],
    stacks: tuple[str, ...],
    base: str | None,
    proof: bool,
    again_after: int | None,
    work: str | None,
    output: ListFormat,
    as_of: str | None,
    root: str | None,
) -> ExitCode:
    """Ask the cloud: what is declared is there as declared, and what was removed is gone."""
    folder = wiring.root_folder(root)
    if proof:
        if base is None or names:
            raise UsageError("--proof is about all removals since --base", hint="nhi verify --base REV --proof")
        if as_of is not None:
            raise UsageError("--proof is about what the cloud says now", hint="leave out --as-of")
        pause = _AGAIN_AFTER if again_after is None else again_after
        return _prove(folder, base, work, output, stacks=stacks, again_after=pause)
    if again_after is not None:
        raise UsageError("--again-after is about a proof's second look", hint="nhi verify --base REV --proof")
    before, withdrawn = (None, ()) if base is None else _where_it_left(folder, base)
    report = verify(wiring.cloud(), wiring.working_tree(folder), before, withdrawn, names=names, stacks=stacks)
    match output:
        case ListFormat.TEXT:
            sys.stdout.write(verification_text(report.verified, report.needs_attestation))
        case ListFormat.JSON:
            sys.stdout.write(verification_json(moment(as_of), report.verified, report.needs_attestation) + "\n")
    return report.exit_code


def _prove(
    folder: Path, base: str, work: str | None, output: ListFormat, *, stacks: Sequence[str], again_after: int
) -> ExitCode:
    repository, began = wiring.repository(folder), moment(None)
    head = repository.commit_id("HEAD")
    start = repository.merge_base(repository.commit_id(base), head)
    known = {name for one in (start, head) for name in read_ground(repository.snapshot(one))[0].settings.stacks}
    for name in stacks:
        if name not in known:
            raise InputError(f"{name!r} is not a stack, neither now nor at {base}", hint="stacks are in nhi.yaml")

    def applications(stack: Stack) -> Iterable[Application]:
        return wiring.workspace(folder, work, stack).applications()

    reads = wiring.cloud_reads()
    witness = Witness(wiring.cloud, reads, reads, wiring.clock(), again_after)
    report = prove_removals(witness, repository, start, head, applications, stacks=stacks)
    match output:
        case ListFormat.TEXT:
            sys.stdout.write(removals_text(report.proofs, report.needs_attestation))
        case ListFormat.JSON:
            sys.stdout.write(removals_json(began, report.proofs, report.needs_attestation) + "\n")
    return report.exit_code


def _where_it_left(folder: Path, base: str) -> tuple[Snapshot, Sequence[Withdrawn]]:
    """The revision, or where the files here left it: what was added there since was never here to be removed.

    And what came after that and went again: it was applied, and differs in no file.
    """
    repository = wiring.repository(folder)
    head = repository.commit_id("HEAD")
    start = repository.merge_base(repository.commit_id(base), head)
    return repository.snapshot(start), withdrawn_since(repository, start, head)
