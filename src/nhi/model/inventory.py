"""What really stands in an account, whether or not anybody declared it, and how much room is left there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nhi.model.plan import PrincipalType
from nhi.model.usage import LastUse
from nhi.model.verification import CouldNotTell


@dataclass(frozen=True, slots=True)
class LiveIdentity:
    """One role or user of an account."""

    type: PrincipalType
    name: str
    path: str
    arn: str
    unique_id: str
    """IAM's own (AROA…, AIDA…): of what is made again under the same name it is another."""
    id: str | None
    """The identity that it says it is (`<stack>/<name>`): its tag `nhi:id`. None where it says nothing."""
    created: datetime
    last_use: LastUse | None
    """None where the listing does not say, as for users."""
    provided: bool
    """The cloud made it for its own services, such as a service-linked role: nobody can declare it."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of something an account may have, and has."""

    name: str
    """The cloud's own, such as `Roles`."""
    used: int | None
    """None where the cloud does not say, as for what is limited for each role or user apart."""
    limit: int | None


class Standing(StrEnum):
    """What a role or user is to the manifests."""

    DECLARED = "declared"
    NOT_DECLARED = "not-declared"
    """It stands below a stack's path or says that it is an identity, and no manifest says so."""
    MISSING = "missing"
    """It is declared, and nothing stands for it."""
    UNKNOWN = "unknown"
    """The manifest that may declare it cannot be read."""
    NOT_MANAGED = "not-managed"
    """It claims nothing, and is nothing of ours."""
    PROVIDED = "provided"
    """The cloud's own."""


@dataclass(frozen=True, slots=True)
class InventoryEntry:
    """One thing that stands in an account, or should."""

    standing: Standing
    identity: str | None
    """`<stack>/<name>`: what is declared, or what it says it is."""
    live: LiveIdentity | None
    """None where it is missing."""
    reason: str
    """For a person; empty where it is as it should be."""


@dataclass(frozen=True, slots=True)
class StackInventory:
    """What stands for one stack, and whatever else is in its account but for what other stacks show."""

    stack: str
    account: str
    entries: tuple[InventoryEntry, ...] | CouldNotTell
    """What is missing first, then what stands, by ARN."""
    quotas: tuple[Quota, ...] | CouldNotTell
    needs_attestation: tuple[str, ...]
    """Declared on systems without an API: they are in no account."""
