import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.model.identity import Json
from nhi.policy.iam.access import Change
from nhi.policy.iam.trust import Entry, compare_sets, entries_gained

JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["services", "subjects", "x"]), inner),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_a_trust_is_the_same_as_itself(trust: Json) -> None:
    assert compare_sets(trust, trust) is Change.SAME


@settings(max_examples=300, deadline=None)
@given(JSON, JSON)
def test_only_what_is_shown_not_to_be_more_is_down(before: Json, after: Json) -> None:
    change = compare_sets(before, after)
    assert change.is_up or not entries_gained(before, after)
    assert change is not Change.SAME or compare_sets(after, before) is Change.SAME


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({"services": ["a", "b"]}, {"services": ["b", "a"]}, Change.SAME),
        ({"services": ["a"]}, {"services": ["a", "b"]}, Change.BROADENED),
        ({"services": ["a", "b"]}, {"services": ["a"]}, Change.NARROWED),
        ({"services": ["a"]}, {"services": ["b"]}, Change.BOTH),
        ({"services": ["a"], "accounts": ["1", "2"]}, {"services": ["a", "b"], "accounts": ["1"]}, Change.BOTH),
        ({"x": {"subjects": ["a", "b"]}}, {"x": {"subjects": ["a"]}}, Change.NARROWED),
        ([{"a": 1}, {"b": 2}], [{"b": 2}], Change.NARROWED),
        (["a"], ["a", "b"], Change.BROADENED),
    ],
)
def test_a_list_lets_in_what_it_names(before: Json, after: Json, change: Change) -> None:
    assert compare_sets(before, after) is change


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"source_account": "1"}, {"source_account": "2"}),
        ({"services": ["a"], "source_account": "1"}, {"services": ["a"]}),
        ({"services": ["a"]}, {"services": ["a"], "source_account": "1"}),
        ({"source_arns": ["a"]}, {"source_arns": []}),
        ({"source_arns": []}, {"source_arns": ["a"]}),
        ({"services": ["a"]}, {"services": "a"}),
        ({"mfa": "true"}, {"mfa": True}),
        ({"ports": [1]}, {"ports": ["1"]}),
        ({"services": ["a"]}, None),
        ({"not_principals": ["a", "b"]}, {"not_principals": ["a"]}),
        ({"excluded_accounts": ["a", "b"]}, {"excluded_accounts": ["a"]}),
        ({"denied": ["a"]}, {"denied": ["a", "b"]}),
    ],
)
def test_what_cannot_be_told_is_up(before: Json, after: Json) -> None:
    assert compare_sets(before, after) is Change.BOTH


def test_a_list_is_not_taken_for_one_that_shuts_out_by_a_part_of_a_word() -> None:
    assert compare_sets({"notifiers": ["a", "b"]}, {"notifiers": ["a"]}) is Change.NARROWED


def test_the_values_that_are_new_are_named_with_their_place() -> None:
    before: Json = {"services": ["a"], "github": {"owner_id": "1"}}
    after: Json = {"services": ["a", "b"], "github": {"owner_id": 2}}

    assert entries_gained(before, after) == (Entry("services", "b"), Entry("github.owner_id", "2"))
    assert entries_gained(after, before) == (Entry("github.owner_id", "1"),)


def test_no_more_values_are_named_than_asked_for() -> None:
    assert len(entries_gained([], [str(one) for one in range(100)], most=7)) == 7
