"""nhi check."""

import click

from nhi.cli import wiring
from nhi.cli.findings import Format, Report, tell
from nhi.cli.moment import moment
from nhi.cli.options import as_of_option, author_option, choice_option, head_option, root_option
from nhi.cli.proposal import proposal
from nhi.errors import ExitCode, UsageError
from nhi.flows.check import check
from nhi.flows.check_change import check_change
from nhi.flows.manual import pages
from nhi.policy.discovery import discover


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
    report = Report("nhi check", result.as_of, result.checked, result.findings, snapshot, pages)
    return tell(report, output, target)
