"""What a Terraform plan would do, identity by identity."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What happens to one resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    READ = "read"


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One resource that a plan would change."""

    address: str
    """Terraform's own address."""
    action: Action
    attributes: tuple[str, ...]
    """Names of the top-level attributes that change; never their values, since a value may be a secret."""


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """What a plan would do to one identity."""

    identity: str | None
    """`<stack>/<name>`; None for what belongs to no identity of the stack's manifests."""
    changes: tuple[ResourceChange, ...]


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What a plan of one stack would do."""

    stack: str
    identities: tuple[IdentityChange, ...]
    """Sorted by identity; identities without a change are not listed."""

    @property
    def empty(self) -> bool:
        """Whether applying the plan would change nothing."""
        return not self.identities

    def count(self, action: Action) -> int:
        """How many resources the plan would treat so."""
        return sum(change.action is action for one in self.identities for change in one.changes)
