"""nhi approvals."""

import re
import sys
from collections.abc import Sequence

import click

from nhi.cli import wiring, wiring_forge
from nhi.cli.moment import moment
from nhi.cli.on_github import refuse_what_is_to_come
from nhi.cli.options import ListFormat, as_of_option, format_option, root_option
from nhi.errors import ExitCode, NhiError, UsageError
from nhi.flows.approvals import Sources
from nhi.flows.tell_approvals import Counted, Order, tell_all, tell_emergencies, tell_head, tell_one
from nhi.manifest.place import SETTINGS
from nhi.manifest.settings import read_settings
from nhi.output.approvals_report import Shown, approvals_json, approvals_text

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@click.command
@click.option("--pr", "number", type=click.IntRange(min=1), metavar="N", help="Count those of this pull request.")
@click.option("--head", metavar="SHA", help="Of every open pull request with this head.")
@click.option("--all", "everyone", is_flag=True, help="Of every open pull request.")
@click.option("--emergencies", is_flag=True, help="Look whether merged emergencies were approved since.")
@click.option("--before", metavar="SHA", help="A commit that was the head, and is not approved any more.")
@click.option("--dry-run", is_flag=True, help="Count, and write nothing to GitHub.")
@format_option
@as_of_option
@root_option
def command(
    number: int | None,
    head: str | None,
    everyone: bool,
    emergencies: bool,
    before: str | None,
    dry_run: bool,
    output: ListFormat,
    as_of: str | None,
    root: str | None,
) -> ExitCode:
    """Count the approvals that a pull request needs and has, and set its commit status nhi/approvals.

    Exit code 1 where some are missing or something is in the way; with --emergencies, where one is overdue. With --all
    it is 0 when every pull request could be counted, whatever came out.
    """
    if [number is not None, head is not None, everyone, emergencies].count(True) != 1:
        raise UsageError("say which pull requests", hint="one of --pr N, --head SHA, --all, --emergencies")
    if before is not None and number is None and head is None:
        raise UsageError("--before is of one pull request", hint="name it with --pr N, or its head with --head SHA")
    for option, commit in (("--head", head), ("--before", before)):
        if commit is not None and not _COMMIT.fullmatch(commit):
            raise UsageError(f"{option} {commit!a} is not a full commit id", hint="git rev-parse prints it")
    at = moment(as_of)
    refuse_what_is_to_come(at, dry_run=dry_run)
    folder = wiring.root_folder(root)
    settings = read_settings(wiring.working_tree(folder).file(SETTINGS))
    sources = Sources(wiring_forge.forge(settings), wiring.repository(folder), wiring_forge.remote(folder, settings))
    order = Order(settings.github.branch, at, dry_run)
    if number is not None:
        counted = tell_one(number, sources, order, before)
    elif head is not None:
        counted = tell_head(head, sources, order, before)
    else:
        counted = tell_all(sources, order) if everyone else tell_emergencies(sources, order)
    shown = [Shown(one.pull.number, one.pull.head, one.result, one.status) for one in counted]
    sys.stdout.write(
        approvals_text(shown, order.as_of) if output is ListFormat.TEXT else approvals_json(shown, order.as_of) + "\n"
    )
    return _code(counted, only_failures=everyone)


def _code(counted: Sequence[Counted], *, only_failures: bool) -> ExitCode:
    failures = [one.result.exit_code for one in counted if isinstance(one.result, NhiError)]
    if failures:
        return max(failures)
    return ExitCode.CLEAN if only_failures or all(one.in_order for one in counted) else ExitCode.FINDINGS
