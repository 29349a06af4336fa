from itertools import chain, combinations, product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nhi.model.identity import Json
from nhi.policy.iam.statement import Condition, Statement, implies, read, words

VALUES = ("u", "v", "w")
SETS = [frozenset(one) for one in chain.from_iterable(combinations(VALUES, size) for size in range(4))]
OPERATORS = [
    *("StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringNotEqualsIfExists", "Null"),
    *("ForAllValues:StringEquals", "ForAnyValue:StringEquals"),
    *("ForAllValues:StringNotEquals", "ForAnyValue:StringNotEquals"),
]
CONDITIONS = st.frozensets(
    st.builds(
        Condition,
        st.sampled_from(OPERATORS),
        st.sampled_from(["k", "l"]),
        st.sampled_from([one for one in SETS if one]) | st.sampled_from([frozenset({"true"}), frozenset({"false"})]),
    ),
    max_size=3,
)


def holds(condition: Condition, circumstances: dict[str, frozenset[str] | None]) -> bool:
    """A condition as IAM evaluates it, for a key with none, one or several values; written on its own."""
    there = circumstances[condition.key]
    if condition.operator == "Null":
        return ("true" if there is None else "false") in condition.values
    name = condition.operator.rpartition(":")[2]
    if there is None:
        return name.endswith("IfExists") or "Not" in name or condition.operator.startswith("ForAllValues:")
    hits = {("Not" in name) != (one in condition.values) for one in there}
    if condition.operator.startswith("ForAnyValue:"):
        return True in hits
    if condition.operator.startswith("ForAllValues:") or "Not" in name:
        return False not in hits
    return True in hits


@settings(max_examples=500, deadline=None)
@given(CONDITIONS, CONDITIONS)
@example(
    frozenset({Condition("StringNotEquals", "k", frozenset("u"))}),
    frozenset({Condition("StringNotEquals", "k", frozenset("uv"))}),
)
def test_stricter_conditions_never_let_through_what_the_others_stop(
    these: frozenset[Condition], those: frozenset[Condition]
) -> None:
    if implies(these, those):
        for k, value in product([*SETS, None], repeat=2):
            there = {"k": k, "l": value}
            assert not all(holds(one, there) for one in these) or all(holds(one, there) for one in those)


def conditions(text: str) -> frozenset[Condition]:
    """`operator key value value; …`."""
    parts = [one.split() for one in text.split(";") if one.strip()]
    return frozenset(Condition(operator, key, frozenset(values)) for operator, key, *values in parts)


@pytest.mark.parametrize(
    ("these", "those"),
    [
        ("", ""),
        ("StringEquals k u", ""),
        ("StringEquals k u; Bool l true", "StringEquals k u"),
        ("StringEquals k u", "StringEquals k u v"),
        ("ForAllValues:StringLike k u", "ForAllValues:StringLike k u v"),
        ("StringNotEquals k u v", "StringNotEquals k u"),
        ("NotIpAddress k u v", "NotIpAddress k u"),
        ("Null k true", "Null k true"),
    ],
)
def test_what_asks_for_more_is_stricter(these: str, those: str) -> None:
    assert implies(conditions(these), conditions(those))


@pytest.mark.parametrize(
    ("these", "those"),
    [
        ("", "StringEquals k u"),
        ("StringEquals k u v", "StringEquals k u"),
        ("StringEquals k u", "StringEquals l u"),
        ("StringEquals k u", "StringLike k u"),
        ("StringNotEquals k u", "StringNotEquals k u v"),
        ("Null k true", "Null k true false"),
        ("StringEquals k", "StringEquals k u"),
        ("StringEqualsIfExists k u", "StringEquals k u"),
    ],
)
def test_what_cannot_be_shown_to_be_stricter_is_not(these: str, those: str) -> None:
    assert not implies(conditions(these), conditions(those))


def test_a_statement_is_read_whatever_the_order_and_spelling_of_its_conditions() -> None:
    one: Json = [
        {"actions": ["s3:*"], "resources": ["*"], "conditions": {"StringEquals": {"aws:A": ["1", "2"], "aws:B": "3"}}}
    ]
    other: Json = [
        {"resources": ["*"], "conditions": {"StringEquals": {"AWS:b": ["3"], "aws:a": ["2", "1"]}}, "actions": ["s3:*"]}
    ]

    assert read(one) == read(other) != ()


@pytest.mark.parametrize(("allow", "count"), [(None, 0), ([], 0), ([{}], 1), ({"actions": ["a:b"]}, 1), ("all", 1)])
def test_nothing_is_nothing_and_all_else_is_at_least_a_statement(allow: Json, count: int) -> None:
    assert len(read(allow)) == count


@pytest.mark.parametrize(
    "statement",
    [
        "s3:*",
        {},
        {"not_actions": ["iam:*"], "resources": ["*"]},
        {"actions": ["s3:GetObject"]},
        {"actions": [], "resources": ["*"]},
        {"actions": ["s3:GetObject", 3], "resources": ["*"]},
        {"actions": "s3:GetObject", "resources": ["*"]},
    ],
)
def test_what_has_another_shape_is_taken_to_allow_everything(statement: Json) -> None:
    (found,) = read([statement])

    assert found.unread
    assert "*" in {*found.actions, *found.resources}


@pytest.mark.parametrize(
    "conditions",
    [["StringEquals"], {"StringEquals": ["aws:A"]}, {"StringEquals": {"aws:A": [None]}}, {"X": {"k": {"a": 1}}}],
)
def test_conditions_of_another_shape_make_a_statement_that_cannot_be_compared(conditions: Json) -> None:
    (found,) = read([{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::x/*"], "conditions": conditions}])

    assert (found.actions, found.conditions, bool(found.unread)) == (("s3:GetObject",), frozenset(), True)


def test_an_unknown_key_makes_a_statement_that_cannot_be_compared() -> None:
    (found,) = read([{"actions": ["s3:GetObject"], "resources": ["*"], "effect": "Deny"}])

    assert found.unread == '{"actions": ["s3:GetObject"], "effect": "Deny", "resources": ["*"]}'


def test_numbers_and_truth_are_the_text_that_they_are_in_json() -> None:
    assert read([{"actions": ["a:b"], "resources": ["*"], "conditions": {"Bool": {"k": True}, "X": {"n": [3]}}}]) == (
        Statement(("a:b",), ("*",), conditions("Bool k true; X n 3")),
    )


def test_conditions_in_words_are_always_in_the_same_order() -> None:
    assert words(conditions("StringEquals b 2 1; Bool a true")) == "a Bool true and b StringEquals 1 or 2"
