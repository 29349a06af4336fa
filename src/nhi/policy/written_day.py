"""Days that people write down: a date alone is 00:00 UTC, and where the day begins first, it is written before that."""

from datetime import datetime, timedelta

from nhi.model.moment import Moment

_FIRST_ZONE = timedelta(hours=14)
"""UTC+14, the earliest zone of the IANA time zone database: https://data.iana.org/time-zones/tzdb/australasia."""


def has_come(day: datetime, now: Moment) -> bool:
    """Whether this day has begun somewhere, so that nobody who writes today's date is told that it lies ahead."""
    try:
        return now.reached(day - _FIRST_ZONE)
    except OverflowError:
        return True
