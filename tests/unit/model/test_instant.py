"""Points in time: what is read, what is refused, and that what is written is read again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nhi.model.instant import ImpossibleDate, MissingZone, NotAnInstant, format_instant, parse_instant


def test_a_date_is_its_first_second_in_utc() -> None:
    assert parse_instant("2027-03-31") == datetime(2027, 3, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-31T18:00:00Z",
        "2027-03-31t18:00:00z",
        "2027-03-31T18:00:00+00:00",
        "2027-03-31T18:00:00-00:00",
        "2027-03-31T20:30:00+02:30",
        "2027-03-31T16:00:00.999999-02:00",
    ],
)
def test_a_time_is_kept_in_utc_without_fractions(text: str) -> None:
    found = parse_instant(text)

    assert found == datetime(2027, 3, 31, 18, 0, tzinfo=UTC)
    assert found.tzinfo is UTC
    assert found.microsecond == 0


@pytest.mark.parametrize("text", ["2028-02-29", "2027-12-31T23:59:59Z", "0001-01-01", "9999-12-31T23:59:59Z"])
def test_the_edges_of_the_calendar_are_dates(text: str) -> None:
    assert parse_instant(text) == parse_instant(format_instant(parse_instant(text)))


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-29",
        "2027-13-01",
        "2027-00-10",
        "0000-01-01",
        "2027-03-31T24:00:00Z",
        "2027-03-31T23:60:00Z",
        "2027-06-30T23:59:60Z",
        "2027-03-31T00:00:00+24:00",
        "2027-03-31T00:00:00+01:60",
        "2027-03-31T00:00:00-00:99",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_a_time_that_no_clock_shows_is_impossible(text: str) -> None:
    with pytest.raises(ImpossibleDate):
        parse_instant(text)


@pytest.mark.parametrize("text", ["2027-03-31T18:00:00", "2027-03-31t18:00:00.5"])
def test_a_time_without_a_zone_is_a_guess(text: str) -> None:
    with pytest.raises(MissingZone):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "never",
        "2027",
        "2027-3-31",
        "20270331",
        "2027-03-31 18:00:00Z",
        "2027-03-31T18:00Z",
        "2027-03-31T18:00:00+0200",
        "2027-03-31T18:00:00.1234567Z",
        "2027-03-31\n",
        " 2027-03-31",
        "12027-03-31",
        "-2027-03-31",
        "2027-W13-3",
        "\uff12\uff10\uff12\uff17-03-31",
        "2027-03-31T\u0661\u0668:00:00Z",
    ],
)
def test_everything_else_is_no_instant(text: str) -> None:
    with pytest.raises(NotAnInstant) as refused:
        parse_instant(text)

    assert type(refused.value) is NotAnInstant


ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001  # UTC is set after


@given(INSTANTS)
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime(999, 12, 31, 23, 59, 59, tzinfo=UTC))
def test_what_is_written_is_read_again_to_the_second(instant: datetime) -> None:
    assert parse_instant(format_instant(instant)) == instant.replace(microsecond=0)


@given(INSTANTS)
def test_what_is_written_has_one_form(instant: datetime) -> None:
    written = format_instant(instant)

    assert len(written) == len("2027-03-31T18:00:00Z")
    assert format_instant(parse_instant(written)) == written


@given(INSTANTS, INSTANTS)
def test_the_written_form_sorts_as_time_does(one: datetime, other: datetime) -> None:
    early, late = sorted([one.replace(microsecond=0), other.replace(microsecond=0)])

    assert format_instant(early) <= format_instant(late)


@given(INSTANTS, ZONES)
def test_the_zone_that_it_is_written_from_does_not_matter(instant: datetime, zone: timezone) -> None:
    elsewhere = instant.astimezone(zone)

    assert format_instant(elsewhere) == format_instant(instant)
    assert parse_instant(elsewhere.replace(microsecond=0).isoformat()) == instant.replace(microsecond=0)


@given(st.text("0123456789-:TZtz+. ", max_size=30))
def test_any_text_is_an_instant_or_is_refused(text: str) -> None:
    try:
        found = parse_instant(text)
    except NotAnInstant:
        return
    assert found.tzinfo is UTC
