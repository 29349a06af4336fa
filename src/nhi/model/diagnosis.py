"""What `nhi doctor` finds of one thing that the safety of the whole rests upon."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a thing is."""

    GOOD = "good"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """It could not be told. That is no pass: what cannot be seen may be missing."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at."""

    subject: str
    """A slug, such as `required-checks`."""
    health: Health
    what: str
    """What was found, or why nothing could be."""
    why: str = ""
    """Why it matters, where it is not good."""
    mend: str = ""
    """The very command, where there is one, else what to do."""


def worst(found: tuple[Diagnosis, ...]) -> Health:
    """Not knowing weighs more than a fault: it could hide one."""
    states = {one.health for one in found}
    return next((one for one in (Health.UNKNOWN, Health.WRONG) if one in states), Health.GOOD)
