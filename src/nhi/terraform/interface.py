"""What the flows need of Terraform."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from nhi.model.identity import Json


class Terraform(Protocol):
    """One Terraform binary. Every call is bounded in time and streams its output, line by line, to `on_line`.

    `holding` are file descriptors that Terraform keeps open as long as it runs: a lock that outlives who started it.

    Every call raises OutsideError, with Terraform's own words, where Terraform fails or takes too long, and its kind
    MissingTool where there is no Terraform of at least 1.11.
    """

    def version(self) -> str:
        """Such as "1.11.4"."""
        ...

    def init(self, root: Path, on_line: Callable[[str], None], *, holding: Sequence[int] = ()) -> None:
        """Prepare a root: providers, modules, backend. Idempotent."""
        ...

    def validate(self, root: Path) -> None:
        """Raise where the root is not valid Terraform."""
        ...

    def plan(
        self,
        root: Path,
        plan_file: Path,
        on_line: Callable[[str], None],
        *,
        replace: Sequence[str] = (),
        holding: Sequence[int] = (),
    ) -> bool:
        """Save a plan. True where it would change something. The resources at `replace` are made anew."""
        ...

    def show(self, root: Path, plan_file: Path) -> dict[str, Json]:
        """A saved plan as JSON (https://developer.hashicorp.com/terraform/internals/json-format), secrets in clear."""
        ...

    def apply(
        self,
        root: Path,
        plan_file: Path,
        on_line: Callable[[str], None],
        *,
        transcript: Path,
        holding: Sequence[int] = (),
    ) -> None:
        """Apply a saved plan, and only that. It goes on to its end where whoever started it is killed.

        What happens stands in the file `transcript`, or for a root in parts in a file of each part beside it
        (`nhi.terraform.roots.of_part`), as it happens, in Terraform's JSON
        (https://developer.hashicorp.com/terraform/internals/machine-readable-ui); `on_line` gets it in words.
        """
        ...

    def push_state(self, root: Path, state: Path, on_line: Callable[[str], None]) -> None:
        """Make a file the root's state. Terraform refuses one of another lineage, or older than what is there."""
        ...

    def unlock(self, root: Path, lock: str, on_line: Callable[[str], None]) -> None:
        """Take away the state's lock of this id, whose holder is dead."""
        ...
