"""nhi stacks."""

import sys
from enum import StrEnum

import click

from nhi.cli import wiring
from nhi.cli.options import choice_option, root_option
from nhi.cli.stacks import changed_stacks
from nhi.errors import ExitCode, UsageError
from nhi.flows.ground import read_ground
from nhi.output.stacks import stacks_json, stacks_matrix, stacks_text

_WORKFLOW = """\b
In a workflow, one job lists the stacks and the next has one run for each.
An empty matrix is an error on GitHub, so that job is skipped:
\b
  stacks:
    outputs:
      matrix: ${{ steps.list.outputs.matrix }}
    steps:
      - id: list
        env: {BASE: "${{ github.event.pull_request.base.sha }}"}
        run: |
          matrix="$(nhi stacks --changed --base "$BASE" --format github-matrix)"
          echo "matrix=$matrix" >> "$GITHUB_OUTPUT"
  plan:
    needs: stacks
    if: needs.stacks.outputs.matrix != '{"include":[]}'
    strategy:
      matrix: ${{ fromJSON(needs.stacks.outputs.matrix) }}
    steps:
      - env: {STACK: "${{ matrix.stack }}"}
        run: nhi plan --stack "$STACK"
"""


class Format(StrEnum):
    """How stacks are listed."""

    TEXT = "text"
    JSON = "json"
    GITHUB_MATRIX = "github-matrix"


@click.command(epilog=_WORKFLOW)
@click.option("--changed", is_flag=True, help="Only the stacks that a change touches; needs --base.")
@click.option("--base", metavar="REV", help="With --changed: the revision that the change starts from.")
@click.option("--since", metavar="REV", help="Only those that a commit since touched, also if a later one put it back.")
@choice_option("--format", Format, "How to print; github-matrix is one line for `fromJSON` in a workflow.")
@root_option
def command(changed: bool, base: str | None, since: str | None, output: Format, root: str | None) -> ExitCode:
    """List the stacks, or those that a change touches by manifests, settings or kinds."""
    if changed != (base is not None):
        raise UsageError("--changed and --base go together", hint="nhi stacks --changed --base origin/main")
    if base is not None and since is not None:
        raise UsageError("--base and --since both choose the stacks", hint="leave out one of the two")
    folder = wiring.root_folder(root)
    ground, _ = read_ground(wiring.working_tree(folder))
    start = since if base is None else base
    reasons = {} if start is None else changed_stacks(folder, ground, start, on_the_way=since is not None)
    stacks = [ground.settings.stacks[name] for name in (sorted(ground.settings.stacks) if start is None else reasons)]
    match output:
        case Format.TEXT:
            sys.stdout.write(stacks_text(stacks, reasons))
        case Format.JSON:
            sys.stdout.write(stacks_json(stacks, reasons) + "\n")
        case Format.GITHUB_MATRIX:
            sys.stdout.write(stacks_matrix(stacks) + "\n")
    return ExitCode.CLEAN
