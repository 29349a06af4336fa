"""When something was last used, as far as the cloud tells. Denied attempts can count as use."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from nhi.model.verification import CouldNotTell


@dataclass(frozen=True, slots=True)
class Used:
    """The cloud saw it used."""

    at: datetime
    service: str | None
    """Such as `s3`; None where the cloud does not say."""
    region: str | None


@dataclass(frozen=True, slots=True)
class NoUseSeen:
    """The cloud saw no use in the time that it keeps (400 days for a role). That is not "never used"."""


LastUse: TypeAlias = Used | NoUseSeen | CouldNotTell
