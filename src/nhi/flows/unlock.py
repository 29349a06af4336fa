"""`nhi unlock`: take away the lock that a dead run left on a stack's state."""

from collections.abc import Callable

from nhi.errors import UsageError
from nhi.flows.plan import PATIENCE
from nhi.flows.render import RenderedStack
from nhi.model.settings import LocalBackend
from nhi.terraform.interface import Terraform
from nhi.terraform.lock import held
from nhi.terraform.workspace import Workspace


def unlock_stack(
    terraform: Terraform, rendered: RenderedStack, workspace: Workspace, lock: str, on_line: Callable[[str], None]
) -> None:
    """Take away the lock of this id, and no other. A saved plan is dropped: it is older than what the dead run did.

    Raises:
        UsageError: the state is local.
        OutsideError: Terraform failed, such as for a lock of another id.
    """
    if isinstance(rendered.stack.backend, LocalBackend):
        raise UsageError(
            f"the state of {rendered.stack.name} is a local file, whose lock ends with its holder",
            hint="wait for the run that holds it",
        )
    with held(workspace.lock_file, PATIENCE, on_line) as lock_on_folder:
        workspace.write_root(rendered.files)
        terraform.init(workspace.root, on_line, holding=[lock_on_folder])
        terraform.unlock(workspace.root, lock, on_line)
