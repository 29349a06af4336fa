"""What `nhi.yaml` configures. Every absent key has the default written here."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """Terraform state in a file. `path` is relative to the repository; None is under `.nhi/state/`."""

    path: str | None = None


@dataclass(frozen=True, slots=True)
class S3Backend:
    """Terraform state in S3, locked by a lock file beside it."""

    bucket: str
    key: str
    region: str
    endpoint: str | None = None
    """Of a store that is not AWS's own but speaks S3; None is AWS."""
    use_path_style: bool = False
    """Whether the bucket stands in the path of a URL, as such stores want it, and not in its host name."""
    kms_key_id: str | None = None
    """The key that encrypts the state; None is the store's own."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What Terraform plans and applies together, by default one AWS account."""

    name: str
    account: str
    """Twelve digits. Nothing is believed or changed when the credentials are of another account."""
    region: str
    backend: LocalBackend | S3Backend = field(default_factory=LocalBackend)
    environment: str | None = None
    """Such as "production". What is of another environment than the stack's does not belong into its scopes."""
    parts: int = 1
    """How many Terraform roots and states it has (`nhi.model.parts`)."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The longest time from now to an expiry, in days, by risk class."""

    low: int = 365
    standard: int = 365
    high: int = 180
    emergency: int = 1


@dataclass(frozen=True, slots=True)
class RemovalHours:
    """From when an identity is due to when it must be removed, in hours, by risk class. Access ends when it is due."""

    low: int = 72
    standard: int = 48
    high: int = 24
    emergency: int = 24


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """When one sweep would remove too much, it stops before it acts."""

    removals: int = 25
    """More removals than this in one run trip it."""
    percent: int = 10
    """More than this share of a stack trips it, if it is also more than `few` removals."""
    few: int = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How far routine goes; beyond, somebody has to look again."""

    renewals: int = 3
    """How often an expiry may be pushed out before the identity needs a certification."""
    exception_days: int = 180
    """The longest time from now to the end of an exception."""
    rotation_days: int = 90
    """The longest life of a static key."""
    overlap_days: int = 7
    """How long an old key goes on working beside its new one, and then stays switched off before it is deleted."""


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many people must approve a change."""

    owners: int
    """Of those who answer for the identity, at the base of the change."""
    security: int
    """Of the security team."""


@dataclass(frozen=True, slots=True)
class Approvals:
    """The approvals that a change needs, by its risk. `nhi.yaml` can ask for more, never for less."""

    low: Quorum = Quorum(owners=1, security=0)  # frozen
    standard: Quorum = Quorum(owners=1, security=0)  # frozen
    high: Quorum = Quorum(owners=1, security=1)  # frozen
    emergency: Quorum = Quorum(owners=0, security=1)  # frozen


@dataclass(frozen=True, slots=True)
class HighRisk:
    """What counts as high risk beside what always does."""

    stacks: frozenset[str] = frozenset()
    actions: tuple[str, ...] = ()
    """IAM actions, perhaps with wildcards."""


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """What the repository makes of a scanner's checks; each check's id (`CKV_AWS_355`) and the reason."""

    warn: Mapping[str, str] = field(default_factory=dict)
    """Listed, and blocks nothing."""
    skip: Mapping[str, str] = field(default_factory=dict)
    """Listed by `nhi scan --all` only."""


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """How a sweep speaks to owners and gets its removals merged. Its limits are the circuit breaker's."""

    notice_days: tuple[int, ...] = (30, 14, 7, 1)
    """Owners are told of an end when it is so many days away; descending."""
    auto_merge: bool = True
    """Whether removals of what expired are merged without a person: their end was approved when it was written."""


@dataclass(frozen=True, slots=True)
class GitHubSettings:
    """Where the repository lives on GitHub."""

    repository: str | None = None
    """`owner/name`; None where the environment must say it (GITHUB_REPOSITORY)."""
    branch: str = "main"
    """The branch that changes are merged into."""
    app_id: int | None = None
    """The GitHub App that sets the commit statuses. Without it, whoever may push could set them too."""
    retroactive_hours: int = 24
    """How long after the merge of an emergency its owners' approval is due."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The repository's configuration."""

    stacks: Mapping[str, Stack] = field(default_factory=dict)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    circuit_breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    limits: Limits = field(default_factory=Limits)
    removal_hours: RemovalHours = field(default_factory=RemovalHours)
    approvals: Approvals = field(default_factory=Approvals)
    high_risk: HighRisk = field(default_factory=HighRisk)
    accounts: frozenset[str] = frozenset()
    """AWS accounts of the organisation beside those of the stacks."""
    security_team: str = "security"
    """The team of owners.yaml that approves what is risky and accepts exceptions."""
    scan: ScanSettings = field(default_factory=ScanSettings)
    sweep: SweepSettings = field(default_factory=SweepSettings)
    github: GitHubSettings = field(default_factory=GitHubSettings)
