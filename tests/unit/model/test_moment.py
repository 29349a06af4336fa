"""A moment remembers over which span its answers hold."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nhi.model.instant import parse_instant
from nhi.model.moment import Moment
from nhi.model.verdict import span

AS_OF = parse_instant("2026-11-20T12:00:00Z")
BEFORE = parse_instant("2026-10-01")
AFTER = parse_instant("2027-01-01")
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001  # UTC is set after


def test_an_instant_is_reached_at_its_own_second() -> None:
    assert Moment(AS_OF).reached(AS_OF)
    assert not Moment(AS_OF).reached(AS_OF + timedelta(seconds=1))


def test_a_moment_that_was_asked_nothing_holds_forever() -> None:
    moment = Moment(AS_OF)

    assert moment.since == datetime.min.replace(tzinfo=UTC)
    assert moment.until == datetime.max.replace(tzinfo=UTC)


def test_the_span_lies_between_the_nearest_instants() -> None:
    moment = Moment(AS_OF)
    for instant in (AFTER, BEFORE, AFTER + timedelta(1), BEFORE - timedelta(1)):
        moment.reached(instant)

    assert (moment.since, moment.until) == (BEFORE, AFTER)


def test_a_new_judgement_begins_with_a_new_span() -> None:
    moment = Moment(AS_OF)
    moment.reached(BEFORE)
    moment.reached(AFTER)

    moment.start_span()

    assert (moment.since, moment.until) == (Moment(AS_OF).since, Moment(AS_OF).until)


def test_a_moment_shows_its_time() -> None:
    assert repr(Moment(AS_OF)) == "Moment(2026-11-20T12:00:00Z)"


@given(INSTANTS, st.lists(INSTANTS, max_size=8), INSTANTS)
def test_within_the_span_every_answer_is_the_same_and_at_its_edges_one_is_not(
    as_of: datetime, asked: list[datetime], later: datetime
) -> None:
    moment = Moment(as_of)
    answers = [moment.reached(one) for one in asked]
    holds = span(moment.since, moment.until, ()).holds(later.timestamp())

    assert holds == ([Moment(later).reached(one) for one in asked] == answers)
