"""Plan and scan what a pull request touches, in a folder that nobody else can write."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from nhi.cli import wiring
from nhi.cli.planning import Done, Ready, plan_stacks
from nhi.errors import NhiError
from nhi.flows.gate_stacks import Examined, PlanTask
from nhi.flows.render import render_stack
from nhi.flows.scan import ScanTools, StackScan, scan_stack
from nhi.model.plan import PlanGround
from nhi.model.settings import Stack
from nhi.terraform.interface import Terraform


@dataclass(frozen=True, slots=True)
class Examiner:
    """Plans and scans with this machine's Terraform and checkov."""

    root: Path
    """The clone with the base's code checked out."""
    work: str | None
    """Where Terraform works; None for a private folder that is removed at the end, since plans can hold secrets."""
    jobs: int | None
    quiet: bool

    def __call__(self, task: PlanTask) -> Sequence[Examined | NhiError]:
        """One answer for each stack of the task, in their order.

        Raises:
            InputError: files of the folder where Terraform is to work are committed.
            MissingTool: there is no Terraform.
        """
        upon = PlanGround(task.commit, task.base, wiring.policy_digest(task.snapshot))
        with _private(self.work) as work:
            workspaces = {one.name: wiring.workspace(self.root, work, one) for one in task.stacks}

            def ready(stack: Stack) -> Ready:
                workspace = workspaces[stack.name]
                state = wiring.state_path(self.root, stack, workspace.root)
                return Ready(render_stack(task.snapshot, task.ground, stack, state), workspace)

            answers = plan_stacks(task.stacks, ready, upon, jobs=self.jobs, quiet=self.quiet)
            terraform = wiring.terraform()
            return [_examined(task, terraform, one) for one in answers]


@contextmanager
def _private(work: str | None) -> Iterator[str]:
    if work is not None:
        yield work
        return
    with TemporaryDirectory(prefix="nhi-gate-") as folder:
        yield folder


def _examined(task: PlanTask, terraform: Terraform, answer: Done | NhiError) -> Examined | NhiError:
    if isinstance(answer, NhiError):
        return answer
    return Examined(answer.plan.summary, answer.plan.digest, _scan(task, terraform, answer.ready))


def _scan(task: PlanTask, terraform: Terraform, ready: Ready) -> StackScan | NhiError:
    tools = ScanTools(wiring.scanner(), terraform, task.snapshot, task.ground)
    try:
        return scan_stack(tools, ready.rendered, ready.workspace, task.as_of)
    except NhiError as error:
        return error
