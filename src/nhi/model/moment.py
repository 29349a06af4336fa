"""The moment that a judgement is made for, which remembers over which span of time the judgement holds."""

from datetime import UTC, datetime

from nhi.model.instant import format_instant

_EVER = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Moment:
    """The `--as-of` of a run. Code that judges asks `reached(instant)` and never sees the moment itself.

    So the span in which all answers given so far stay the same is known: from `since` (inclusive) to `until`
    (exclusive). A verdict can be kept and used again by any later run whose moment lies in its span.
    """

    __slots__ = ("_as_of", "since", "until")

    def __init__(self, as_of: datetime) -> None:
        self._as_of = as_of
        self.since = _EVER
        self.until = _NEVER

    def reached(self, instant: datetime) -> bool:
        """Whether the instant is now or past."""
        if instant <= self._as_of:
            self.since = max(self.since, instant)
            return True
        self.until = min(self.until, instant)
        return False

    def start_span(self) -> None:
        """Forget the answers given so far: a new judgement begins."""
        self.since = _EVER
        self.until = _NEVER

    def __repr__(self) -> str:
        """For people who debug."""
        return f"Moment({format_instant(self._as_of)})"
