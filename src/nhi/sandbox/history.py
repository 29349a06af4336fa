"""What CloudTrail keeps, and in what ways it answers late, twice, or not so often."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from threading import Lock

from nhi.model.identity import Json
from nhi.sandbox.cloudtrail import RefusedLookup, lookup
from nhi.sandbox.recording import Call, Recorded, record

_MAX_EVENTS = 100_000
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Habits:
    """How LookupEvents behaves. Without any it answers at once, each event once, as often as it is asked."""

    held: bool = False
    """What is recorded from now on is found only once this is over: the real one is 5 to 15 minutes late."""
    doubled: bool = False
    """Each event is found twice."""
    per_second: int | None = None
    """Beyond so many lookups in a second, for each account and region, it throttles. The real one allows two."""


def habits_to_wire(habits: Habits) -> dict[str, Json]:
    """The habits as the control endpoint takes them."""
    return asdict(habits)


def habits_from_wire(value: Mapping[str, Json]) -> Habits:
    """The habits that the control endpoint was given.

    Raises:
        TypeError: a key is not a habit's.
    """
    return Habits(**value)  # type: ignore[arg-type]  # what does not fit is raised


class History:
    """Every recorded event. Calls arrive on many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._events: deque[Recorded] = deque(maxlen=_MAX_EVENTS)
        self._count = 0
        self._habits = Habits()
        self._visible: int | None = None
        self._lookups: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def keep(self, call: Call) -> None:
        """Record a call."""
        with self._lock:
            self._count += 1
            self._events.append(record(call, self._count))

    def behave(self, habits: Habits) -> None:
        """From now on, answer like this."""
        with self._lock:
            if not habits.held:
                self._visible = None
            elif self._visible is None:
                self._visible = self._count
            self._habits = habits
            self._lookups.clear()

    def lookup(self, request: Mapping[str, Json], account: str, region: str, at: datetime) -> dict[str, Json]:
        """The answer of LookupEvents at that time.

        Raises:
            RefusedLookup: the request is not one that CloudTrail answers, or one too many.
        """
        with self._lock:
            self._throttle(account, region, at)
            seen = self._count if self._visible is None else self._visible
            events = [one for one in self._events if one.number <= seen]
            doubled = self._habits.doubled
        return lookup(events, request, account, region, doubled=doubled)

    def _throttle(self, account: str, region: str, at: datetime) -> None:
        most = self._habits.per_second
        if most is None:
            return
        recent = self._lookups[account, region]
        while recent and at - recent[0] >= _SECOND:
            recent.popleft()
        if len(recent) >= most:
            raise RefusedLookup("ThrottlingException", "Rate exceeded")
        recent.append(at)
