"""What `nhi scan` needs of a scanner: the checks that the resources of a plan do not pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from nhi.model.identity import Json


@dataclass(frozen=True, slots=True)
class NotPassed:
    """One check that one resource of a plan does not pass."""

    check: str
    """The scanner's id of the check, such as `CKV_AWS_61`."""
    name: str
    """What the check asks for, in the scanner's words: one line."""
    guideline: str | None
    """An https address that explains the check, where the scanner gives one."""
    address: str
    """Terraform's address of the resource."""
    type: str
    """The resource's type, such as `aws_iam_role`."""
    attribute: tuple[str, ...] = ()
    """What decided, as far as the scanner tells: ("policy", "Allow0", "Action"), a statement by its Sid."""
    judged: bool = True
    """False where the scanner could not tell. Then it is unknown, and never counts as passed."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scanner makes of one plan."""

    resources: int
    """How many resources it looked at: all that the plan has."""
    not_passed: tuple[NotPassed, ...]
    """Sorted by address and check."""


class Scanner(Protocol):
    """A program that looks for insecure settings in a plan."""

    def scan(self, plan: Mapping[str, Json]) -> ScanResult:
        """Scan a plan as `terraform show -json` prints it.

        Raises:
            MissingTool: the scanner is not installed.
            OutsideError: it failed, or its answer does not show that it looked at everything.
        """
        ...


class InstalledScanner(Scanner, Protocol):
    """One that is a program of this machine."""

    def program(self) -> str:
        """Where it is.

        Raises:
            MissingTool: it is not there.
        """
        ...
