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


@dataclass(frozen=True, slots=True)
class Stack:
    """One Terraform root with one state, by default one AWS account."""

    name: str
    account: str
    """Twelve digits. Nothing is believed or changed when the credentials are of another account."""
    region: str
    backend: LocalBackend | S3Backend = field(default_factory=LocalBackend)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The longest time from now to an expiry, in days, by risk class."""

    low: int = 365
    standard: int = 365
    high: int = 180
    emergency: int = 1


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """When one sweep would remove too much, it stops before it acts."""

    removals: int = 25
    """More removals than this in one run trip it."""
    percent: int = 10
    """More than this share of a stack trips it, if it is also more than `few` removals."""
    few: int = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """The repository's configuration."""

    stacks: Mapping[str, Stack] = field(default_factory=dict)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    circuit_breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
