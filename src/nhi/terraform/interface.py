"""What the flows need of Terraform."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from nhi.model.identity import Json


class Terraform(Protocol):
    """One Terraform binary. Every call is bounded in time and streams its output, line by line, to `on_line`.

    Every call raises OutsideError, with Terraform's own words, where Terraform fails or takes too long, and its kind
    MissingTool where there is no Terraform of at least 1.11.
    """

    def version(self) -> str:
        """Such as "1.11.4"."""
        ...

    def init(self, root: Path, on_line: Callable[[str], None]) -> None:
        """Prepare a root: providers, modules, backend. Idempotent."""
        ...

    def validate(self, root: Path) -> None:
        """Raise where the root is not valid Terraform."""
        ...

    def plan(self, root: Path, plan_file: Path, on_line: Callable[[str], None]) -> bool:
        """Save a plan. True where it would change something."""
        ...

    def show(self, root: Path, plan_file: Path) -> dict[str, Json]:
        """A saved plan as JSON (https://developer.hashicorp.com/terraform/internals/json-format), secrets in clear."""
        ...

    def apply(self, root: Path, plan_file: Path, on_line: Callable[[str], None]) -> None:
        """Apply a saved plan, and only that."""
        ...
