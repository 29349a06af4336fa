"""How much could go wrong with an identity or a change, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Risk(IntEnum):
    """The classes, in order. `nhi.yaml` gives each its lifetime and its approvals."""

    LOW = 0
    STANDARD = 1
    HIGH = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        """As `nhi.yaml` names it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Assessment:
    """A risk and the reasons for it, the first being what decides."""

    risk: Risk
    reasons: tuple[str, ...]


def highest(found: Iterable[tuple[Risk, str]], otherwise: Assessment) -> Assessment:
    """The highest class that was found, with every reason for that class, each once; `otherwise` where none was."""
    every = list(found)
    if not every:
        return otherwise
    risk = max(one for one, _ in every)
    return Assessment(risk, tuple(dict.fromkeys(reason for one, reason in every if one is risk)))
