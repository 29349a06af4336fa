"""The clock, read once a run, and `--as-of` instead of it."""

from datetime import UTC, datetime

from nhi.errors import UsageError
from nhi.model.instant import NotAnInstant, parse_instant


def now() -> datetime:
    """What the clock says, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def moment(as_of: str | None) -> datetime:
    """The moment that a command works for.

    Raises:
        UsageError: the text is no date and no timestamp with a zone.
    """
    if as_of is None:
        return now()
    try:
        return parse_instant(as_of)
    except NotAnInstant as cause:
        raise UsageError(
            f"--as-of {as_of!r} is not a date that exists, or an RFC 3339 time with a zone",
            hint="write 2027-03-31 or 2027-03-31T18:00:00Z",
        ) from cause
