"""Lookups keep their distance, for each account and region apart."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nhi.cloud.pace import Clock, Pace


class Watch:
    """Seconds that pass only when somebody waits, or says so."""

    def __init__(self) -> None:
        self.seconds = 7.0
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds

    @property
    def pace(self) -> Pace:
        return Pace(Clock(lambda: datetime(2027, 1, 1, tzinfo=UTC), lambda: self.seconds, self.pause), 0.5)


@given(st.lists(st.floats(0, 2), max_size=20))
def test_calls_to_one_place_are_never_closer_than_allowed(idle: list[float]) -> None:
    watch = Watch()
    pace = watch.pace
    calls = []
    for seconds in idle:
        watch.seconds += seconds
        pace.wait("111122223333", "us-east-1")
        calls.append(watch.seconds)
    assert all(later - earlier >= 0.5 - 1e-9 for earlier, later in pairwise(calls))


def test_nobody_waits_for_another_place_or_after_long_enough() -> None:
    watch = Watch()
    pace = watch.pace
    pace.wait("111122223333", "us-east-1")
    pace.wait("111122223333", "eu-west-1")
    pace.wait("444455556666", "us-east-1")
    watch.seconds += 0.5
    pace.wait("111122223333", "us-east-1")
    assert watch.pauses == []
