"""Points in time: always aware, always UTC, written as RFC 3339 with a `Z`."""

import re
from datetime import UTC, date, datetime

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIMESTAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt](?P<hour>\d{2}):\d{2}:\d{2}(\.\d{1,6})?(?P<zone>[Zz]|[+-]\d{2}:(?P<minutes>\d{2}))?",
    re.ASCII,
)
_HOURS = "24"
_MINUTES = "60"


class NotAnInstant(ValueError):
    """The text is neither a calendar date nor an RFC 3339 timestamp."""


class ImpossibleDate(NotAnInstant):
    """The text has the right form, but no calendar has that date or time (2027-02-30)."""


class MissingZone(NotAnInstant):
    """The timestamp does not say in which zone it is meant."""


def parse_instant(text: str) -> datetime:
    """Read `2027-03-31` (00:00:00 UTC of that day) or an RFC 3339 timestamp with a zone, as aware UTC.

    Fractions of a second are cut off: AWS compares dates to the second.

    Raises:
        NotAnInstant: or one of its two kinds, ImpossibleDate and MissingZone.
    """
    if _DATE.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError as cause:
            raise ImpossibleDate(text) from cause
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise NotAnInstant(text)
    if match["zone"] is None:
        raise MissingZone(text)
    if match["hour"] >= _HOURS or (match["minutes"] or "") >= _MINUTES:
        raise ImpossibleDate(text)  # Python takes +00:60 for an hour, and from 3.14 on 24:00 for the next day
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as cause:
        raise ImpossibleDate(text) from cause


def format_instant(instant: datetime) -> str:
    """Write an aware instant as `2027-03-31T00:00:00Z`."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
