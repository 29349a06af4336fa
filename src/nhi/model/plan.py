"""What a Terraform plan would do, identity by identity."""

import re
from dataclasses import dataclass
from enum import StrEnum

_INDEX = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]')
"""The key of one of several instances in an address."""


class Action(StrEnum):
    """What happens to one resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    READ = "read"
    IMPORT = "import"
    """What stands already is taken into the state, and perhaps changed."""
    FORGET = "forget"
    """What stands is let go from the state, and stays."""


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One resource that a plan would change."""

    address: str
    """Terraform's own address."""
    action: Action
    attributes: tuple[str, ...]
    """Names of the top-level attributes that change; never their values, since a value may be a secret."""

    @property
    def type(self) -> str:
        """The resource's type, as in its address: "aws_iam_role"; "output" for an output."""
        parts = _INDEX.sub("", self.address).split(" ", maxsplit=1)[0].split(".")
        return parts[-2] if len(parts) > 1 else ""


class PrincipalType(StrEnum):
    """What an identity can be to IAM."""

    ROLE = "role"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Principal:
    """A role or user that a plan touches: what an identity is to the cloud."""

    address: str
    type: PrincipalType
    name: str
    action: Action
    unique_id: str | None
    """IAM's own id (AROA…, AIDA…) before the change; None where it does not exist yet."""


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
    principals: tuple[Principal, ...] = ()
    """The roles and users that would change, sorted by address."""
    created: tuple[str, ...] = ()
    """The identities of which the plan would make something and nothing stands yet, sorted."""
    destroyed: tuple[str, ...] = ()
    """The identities of which the plan would destroy something and leave nothing, sorted."""
    drift: tuple[IdentityChange, ...] = ()
    """What was found to be other than the last apply left it: changed (UPDATE) or gone (DESTROY). Sorted as above."""
    lifted: tuple[str, ...] = ()
    """The identities whose access was ended at once, and would come back. Sorted."""

    @property
    def empty(self) -> bool:
        """Whether applying the plan would change nothing."""
        return not self.identities

    def count(self, action: Action) -> int:
        """How many resources the plan would treat so."""
        return sum(change.action is action for one in self.identities for change in one.changes)


@dataclass(frozen=True, slots=True)
class PlanGround:
    """What a plan is made upon, beside the root itself. It is applied upon the same, or not at all."""

    commit: str | None
    """The commit that is checked out; None outside of Git."""
    base: str | None
    """The commit that `--base` named; None where none was given."""
    policy: str
    """Digest of the settings, the owners and the program that judges."""
