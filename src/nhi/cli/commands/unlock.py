"""nhi unlock."""

import re
import sys

import click

from nhi.cli import wiring
from nhi.cli.options import quiet_option, root_option, work_option
from nhi.errors import ExitCode, UsageError
from nhi.flows.declared import stack_named
from nhi.flows.ground import read_ground
from nhi.flows.render import render_stack
from nhi.flows.unlock import unlock_stack

_LOCK = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@click.command
@click.argument("lock", metavar="LOCK_ID")
@click.option("--stack", metavar="STACK", required=True, help="The stack whose state is locked.")
@work_option
@quiet_option
@root_option
def command(lock: str, stack: str, work: str | None, quiet: bool, root: str | None) -> ExitCode:
    """Take away the lock that a run left on a stack's state in S3 when it was killed. Make sure first that it is dead.

    The lock's id stands in the error of the run that could not get it. A local state needs no such thing: its lock ends
    with its holder.
    """
    if not _LOCK.fullmatch(lock):
        raise UsageError(f"{lock!r} is not the id of a lock", hint="it stands in the error, after `ID:`")
    folder = wiring.root_folder(root)
    snapshot = wiring.working_tree(folder)
    ground, _ = read_ground(snapshot)
    one = stack_named(ground, stack)
    workspace = wiring.workspace(folder, work, one)
    rendered = render_stack(snapshot, ground, one, wiring.state_path(folder, one, workspace.root))
    unlock_stack(wiring.terraform(), rendered, workspace, lock, wiring.line_printer(quiet=quiet))
    sys.stdout.write(f"{one.name}: unlocked; run `nhi plan`, which finds what the dead run left\n")
    return ExitCode.CLEAN
