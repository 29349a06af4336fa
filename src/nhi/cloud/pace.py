"""Not faster than a service allows: CloudTrail answers two lookups a second, for each account and region."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, and how to let it pass; handed in, so that tests need not wait."""

    now: Callable[[], datetime]
    """Aware UTC."""
    elapsed: Callable[[], float]
    """Seconds that never run backwards."""
    pause: Callable[[float], None]
    """Do nothing for so many seconds."""


class Pace:
    """Keeps calls to the same place so many seconds apart."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._next: dict[tuple[str, str], float] = {}

    def wait(self, account: str, region: str) -> None:
        """Wait until the next call may be made there, which is then taken to be made."""
        place = (account, region)
        left = self._next.get(place, 0.0) - self._clock.elapsed()
        if place in self._next and left > 0:
            self._clock.pause(left)
        self._next[place] = self._clock.elapsed() + self._seconds
