import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.lifecycle.breaker import Limit, tripped_limits
from nhi.model.settings import CircuitBreaker

BREAKER = CircuitBreaker()
STACKS = st.dictionaries(st.sampled_from(["dev", "prod", "test"]), st.tuples(st.integers(1, 60), st.integers(0, 600)))


def limits(removals: dict[str, int], totals: dict[str, int], max_removals: int | None = None) -> list[Limit]:
    return [one.limit for one in tripped_limits(removals, totals, BREAKER, max_removals)]


@pytest.mark.parametrize(("removals", "tripped"), [(25, []), (26, [Limit.REMOVALS])])
def test_more_than_25_removals_in_one_run_trip_it(removals: int, tripped: list[Limit]) -> None:
    assert limits({"prod": removals}, {"prod": 100_000}) == tripped


def test_removals_count_over_all_stacks() -> None:
    assert limits({"dev": 13, "prod": 13}, {"dev": 1000, "prod": 1000}) == [Limit.REMOVALS]


@pytest.mark.parametrize(
    ("removals", "total", "tripped"),
    [
        (3, 3, []),
        (3, 4, []),
        (4, 4, [Limit.SHARE]),
        (4, 39, [Limit.SHARE]),
        (4, 40, []),
        (5, 49, [Limit.SHARE]),
        (5, 50, []),
        (20, 199, [Limit.SHARE]),
        (20, 200, []),
    ],
)
def test_more_than_3_removals_that_are_more_than_10_percent_of_a_stack_trip_it(
    removals: int, total: int, tripped: list[Limit]
) -> None:
    assert limits({"prod": removals}, {"prod": total}) == tripped


def test_the_share_is_of_each_stack_and_not_of_the_repository() -> None:
    assert limits({"dev": 4}, {"dev": 4, "prod": 10_000}) == [Limit.SHARE]


@pytest.mark.parametrize(("allowed", "tripped"), [(30, []), (29, [Limit.ALLOWED]), (0, [Limit.ALLOWED])])
def test_what_a_person_allows_stands_for_every_limit_and_is_one(allowed: int, tripped: list[Limit]) -> None:
    assert limits({"prod": 30}, {"prod": 30}, allowed) == tripped


def test_a_person_can_also_allow_less() -> None:
    assert limits({"prod": 2}, {"prod": 1000}, 1) == [Limit.ALLOWED]


def test_no_removal_trips_nothing() -> None:
    assert limits({}, {"prod": 10}, 0) == []


@given(STACKS, st.builds(CircuitBreaker, st.integers(0, 60), st.integers(0, 100), st.integers(0, 10)))
def test_it_trips_exactly_as_it_says(stacks: dict[str, tuple[int, int]], breaker: CircuitBreaker) -> None:
    removals = {stack: removed for stack, (removed, _) in stacks.items()}
    totals = {stack: removed + kept for stack, (removed, kept) in stacks.items()}
    tripped = tripped_limits(removals, totals, breaker, None)
    expected = {
        stack
        for stack in stacks
        if removals[stack] > breaker.few and removals[stack] / totals[stack] > breaker.percent / 100
    }
    assert {one.stack for one in tripped if one.limit is Limit.SHARE} == expected
    assert (Limit.REMOVALS in {one.limit for one in tripped}) == (sum(removals.values()) > breaker.removals)
    assert all(one.excess > 0 for one in tripped)


def test_its_words_say_which_limit_and_by_how_much() -> None:
    tripped = tripped_limits({"dev": 4, "prod": 23}, {"dev": 30, "prod": 400}, BREAKER, None)
    assert [one.words for one in tripped] == [
        "27 removals in one run: 2 more than circuit_breaker.removals allows (25)",
        "dev: 4 of 30 identities: 1 more than circuit_breaker.percent allows (3)",
    ]
    (allowed,) = tripped_limits({"dev": 4}, {"dev": 30}, BREAKER, 1)
    assert allowed.words == "4 removals in one run: 3 more than --max-removals allows (1)"


def test_what_is_proposed_already_counts_beside_what_is_new() -> None:
    (found,) = tripped_limits({"prod": 6}, {"prod": 1000}, BREAKER, None, {"prod": 20})
    assert (found.removals, found.standing) == (26, 20)
    assert found.words == (
        "26 removals at once, 20 of them proposed already: 1 more than circuit_breaker.removals allows (25)"
    )


@pytest.mark.parametrize("allowed", [None, 25])
def test_without_anything_new_what_is_proposed_trips_nothing(allowed: int | None) -> None:
    assert tripped_limits({}, {"prod": 10}, BREAKER, allowed, {"prod": 500}) == ()


def test_a_stack_with_nothing_new_does_not_stop_another() -> None:
    found = tripped_limits({"dev": 1}, {"dev": 10, "prod": 10}, BREAKER, None, {"prod": 9})
    assert found == ()


def test_what_a_person_allows_is_how_many_may_be_open() -> None:
    totals, standing = {"prod": 10}, {"prod": 4}
    assert tripped_limits({"prod": 1}, totals, BREAKER, 5, standing) == ()
    assert [one.limit for one in tripped_limits({"prod": 2}, totals, BREAKER, 5, standing)] == [Limit.ALLOWED]
