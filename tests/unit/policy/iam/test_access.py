import re
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nhi.model.identity import Json
from nhi.policy.iam.access import Change, compare, gained, lost, together

LEDGER = "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"

ACTIONS = [f"{service}:{name}" for service in "ab" for name in ("", "x", "y", "xy", "yx", "X")]
RESOURCES = ["".join(one) for length in range(4) for one in product("p:q", repeat=length)]
CIRCUMSTANCES = [None, "u", "v"]


def matcher(pattern: str, *, segments: bool) -> re.Pattern[str]:
    """IAM's pattern by one of the two readings that AWS's words allow; on its own, not with the code under test."""
    text = re.sub(r"\*+", "*", pattern)
    parts = {"?": "[^:]" if segments else "."}
    ends = [place + 1 == len(text) or text[place + 1] == ":" for place in range(len(text))]
    stars = [".*" if end or not segments else "[^:]*" for end in ends]
    return re.compile(
        "".join(stars[at] if one == "*" else parts.get(one, re.escape(one)) for at, one in enumerate(text)), re.DOTALL
    )


def allowed(statements: list[dict[str, Json]], *, segments: bool) -> set[tuple[str, str, str | None]]:
    """Every request of the small world that the statements allow."""
    found = set()
    for statement in statements:
        actions, resources = statement["actions"], statement["resources"]
        conditions = statement.get("conditions", {})
        assert isinstance(actions, list)
        assert isinstance(resources, list)
        assert isinstance(conditions, dict)
        names = [matcher(str(one).lower(), segments=False) for one in actions]
        things = [matcher(str(one), segments=segments) for one in resources]
        on = [one for one in RESOURCES if any(thing.fullmatch(one) for thing in things)]
        may = [one for one in ACTIONS if any(name.fullmatch(one.lower()) for name in names)]
        found |= {each for each in product(may, on, CIRCUMSTANCES) if passes(conditions, each[2])}
    return found


def passes(conditions: dict[str, Json], value: str | None) -> bool:
    for operator, keys in conditions.items():
        assert isinstance(keys, dict)
        values = keys["k"]
        assert isinstance(values, list)
        if (value in values) != (operator == "StringEquals"):
            return False
    return True


NAMES = st.builds("{}:{}".format, st.sampled_from(["a", "b", "*"]), st.text(alphabet="xyX*?", max_size=3))
CONDITIONS = st.sampled_from(
    [{}, {}, {}]
    + [{operator: {"k": values}} for operator in ("StringEquals", "StringNotEquals") for values in (["u"], ["u", "v"])]
)
STATEMENTS = st.lists(
    st.builds(
        lambda actions, resources, conditions: (
            {"actions": actions, "resources": resources} | ({"conditions": conditions} if conditions else {})
        ),
        st.lists(NAMES | st.sampled_from(["*", "**", "", "a"]), min_size=1, max_size=2),
        st.lists(st.text(alphabet="p:q*?", max_size=4), min_size=1, max_size=2),
        CONDITIONS,
    ),
    max_size=3,
)
MORE = {Change.BROADENED, Change.BOTH}
LESS = {Change.NARROWED, Change.BOTH}


@settings(max_examples=400, deadline=None)
@given(STATEMENTS, STATEMENTS)
@example([{"actions": ["a:*"], "resources": ["p*q"]}], [{"actions": ["a:x"], "resources": ["p:q"]}])
@example([{"actions": ["a:x"], "resources": ["*"]}], [{"actions": ["a:X", "a:y"], "resources": ["p"]}])
def test_whatever_is_allowed_after_and_not_before_is_up(
    before: list[dict[str, Json]], after: list[dict[str, Json]]
) -> None:
    change = compare([*before], [*after])
    for segments in (False, True):
        old, new = allowed(before, segments=segments), allowed(after, segments=segments)
        assert not new - old or change in MORE
        assert not old - new or change in LESS


@settings(max_examples=300, deadline=None)
@given(STATEMENTS, STATEMENTS)
def test_every_request_that_is_new_is_in_what_is_gained(
    before: list[dict[str, Json]], after: list[dict[str, Json]]
) -> None:
    found = gained([*before], [*after], most=1000)
    assert found.count == len(found.first)
    for segments in (False, True):
        for action, resource, _ in allowed(after, segments=segments) - allowed(before, segments=segments):
            assert any(
                matcher(one.action.lower(), segments=False).fullmatch(action.lower())
                and matcher(one.resource, segments=segments).fullmatch(resource)
                for one in found.first
            )


@settings(max_examples=200, deadline=None)
@given(STATEMENTS.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_of_statements_means_nothing(pair: tuple[list[dict[str, Json]], list[dict[str, Json]]]) -> None:
    assert compare([*pair[0]], [*pair[1]]) is Change.SAME


@settings(max_examples=200, deadline=None)
@given(STATEMENTS, STATEMENTS)
def test_statements_that_are_added_never_narrow(before: list[dict[str, Json]], more: list[dict[str, Json]]) -> None:
    assert compare([*before], [*before, *more]) in {Change.SAME, Change.BROADENED}


def allow(actions: str, *resources: str, **conditions: Json) -> dict[str, Json]:
    found: dict[str, Json] = {"actions": [*actions.split()], "resources": [*resources]}
    return {**found, "conditions": conditions} if conditions else found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], []),
        ([allow("s3:GetObject s3:PutObject", "a", "b")], [allow("s3:PutObject s3:GetObject", "b", "a")]),
        ([allow("s3:GetObject", "a", "b")], [allow("s3:GetObject", "a"), allow("s3:GetObject", "b")]),
        ([allow("s3:GetObject", "a"), allow("s3:PutObject", "a")], [allow("s3:GetObject s3:PutObject", "a")]),
        ([allow("s3:GetObject", "a*")], [allow("s3:GetObject", "a*", "ab")]),
        ([allow("S3:getobject", "a")], [allow("s3:GetObject", "a")]),
        ([allow("*", "*")], [allow("*:*", "*")]),
        ([allow("s3:Get*", "a"), allow("s3:G*", "a")], [allow("s3:G*", "a")]),
        ([allow("s3:*", "a", StringEquals={"k": ["1"]})], [allow("s3:*", "a", StringEquals={"K": "1"})]),
        ([allow("s3:?", "a"), allow("s3:??*", "a")], [allow("s3:?*", "a")]),
        (["unreadable", allow("s3:GetObject", "a")], [allow("s3:GetObject", "a"), "unreadable"]),
    ],
)
def test_what_allows_the_same_is_the_same(before: Json, after: Json) -> None:
    assert compare(before, after) is Change.SAME


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, [allow("s3:GetObject", "a")]),
        ([allow("s3:GetObject", "a")], [allow("s3:GetObject s3:PutObject", "a")]),
        ([allow("s3:GetObject", "a")], [allow("s3:GetObject", "a", "b")]),
        ([allow("s3:GetObject", "a")], [allow("s3:Get*", "a")]),
        ([allow("dynamodb:PutItem", LEDGER)], [allow("dynamodb:PutItem", f"{LEDGER}*")]),
        ([allow("s3:*", "a", StringEquals={"k": ["1"]})], [allow("s3:*", "a")]),
        ([allow("s3:*", "a", StringEquals={"k": ["1"]})], [allow("s3:*", "a", StringEquals={"k": ["1", "2"]})]),
        ([allow("s3:GetObject", "a"), allow("s3:PutObject", "b")], [allow("s3:GetObject s3:PutObject", "a", "b")]),
    ],
)
def test_more_is_broadened_and_the_way_back_is_narrowed(before: Json, after: Json) -> None:
    assert (compare(before, after), compare(after, before)) == (Change.BROADENED, Change.NARROWED)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([allow("s3:GetObject", "a")], [allow("s3:PutObject", "a")]),
        ([allow("s3:*", "a")], [allow("s3:GetObject", "*")]),
        ([allow("s3:*", "a", StringEquals={"k": ["1"]})], [allow("s3:*", "a", StringEquals={"k": ["2"]})]),
        ([allow("s3:*", "a", StringEquals={"k": ["1"]})], [allow("s3:*", "a", StringLike={"k": ["1"]})]),
        ([allow("s3:*", "x/${aws:username}")], [allow("s3:*", "x/${aws:userid}")]),
        ("everything", [allow("s3:*", "a")]),
        ([{"actions": ["s3:*"], "resources": ["a"], "effect": "Allow"}], [allow("s3:*", "a")]),
    ],
)
def test_what_cannot_be_compared_is_both(before: Json, after: Json) -> None:
    assert (compare(before, after), compare(after, before)) == (Change.BOTH, Change.BOTH)


def test_a_list_of_all_that_aws_has_today_is_less_than_the_pattern() -> None:
    pattern, names = [allow("sts:AssumeRole*", "*")], [allow("sts:AssumeRole sts:AssumeRoleWithSAML", "*")]

    assert compare([*names], [*pattern]) is Change.BROADENED


def test_what_is_gained_is_said_as_it_is_written_and_in_its_order() -> None:
    found = gained([allow("s3:GetObject", "a/*")], [allow("s3:PutObject s3:GetObject", "b/*", "a/*")])

    assert [(one.action, one.resource) for one in found.first] == [
        ("s3:PutObject", "b/*"),
        ("s3:PutObject", "a/*"),
        ("s3:GetObject", "b/*"),
    ]


def test_what_is_lost_is_what_the_way_back_would_gain() -> None:
    before, after = [allow("s3:GetObject s3:PutObject", "a")], [allow("s3:GetObject", "a")]

    assert lost([*before], [*after]) == gained([*after], [*before])
    assert [one.action for one in lost([*before], [*after]).first] == ["s3:PutObject"]


def test_more_than_asked_for_is_counted_but_not_listed() -> None:
    found = gained([], [allow("a:x a:y a:z", "1", "2")], most=4)

    assert (len(found.first), found.count) == (4, 6)


def test_what_no_request_can_be_is_left_out_where_there_is_anything_else() -> None:
    before = [allow("dynamodb:GetItem", LEDGER), allow("s3:GetObject", "arn:aws:s3:::x/*")]
    joined = [allow("dynamodb:GetItem s3:GetObject", LEDGER, "arn:aws:s3:::x/*", "arn:aws:s3:::y/*")]

    assert [(one.action, one.resource) for one in gained([*before], [*joined]).first] == [
        ("s3:GetObject", "arn:aws:s3:::y/*")
    ]


def test_what_no_request_can_be_is_said_where_there_is_nothing_else() -> None:
    assert gained([], [allow("dynamodb:GetItem", "arn:aws:s3:::x/*")]).count == 1


def test_a_grant_says_whether_only_its_conditions_are_other() -> None:
    before = [allow("s3:GetObject", "a", StringEquals={"k": ["1"]})]
    after = [allow("s3:GetObject s3:PutObject", "a", StringEquals={"k": ["2"]})]

    found = gained([*before], [*after])

    assert [(one.action, one.allowed_before) for one in found.first] == [
        ("s3:GetObject", True),
        ("s3:PutObject", False),
    ]


def test_a_statement_of_another_shape_is_gained_in_whole() -> None:
    found = gained([allow("*", "*")], [{"not_actions": ["iam:*"], "resources": ["*"]}])

    assert [(one.action, one.resource, one.allowed_before) for one in found.first] == [("*", "*", False)]


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ((), Change.SAME),
        ((Change.SAME, Change.NARROWED), Change.NARROWED),
        ((Change.BROADENED, Change.SAME), Change.BROADENED),
        ((Change.BROADENED, Change.NARROWED), Change.BOTH),
        ((Change.BOTH, Change.SAME), Change.BOTH),
    ],
)
def test_changes_add_up(changes: tuple[Change, ...], result: Change) -> None:
    assert together(*changes) is result


def test_only_more_needs_approval() -> None:
    assert [one for one in Change if one.is_up] == [Change.BROADENED, Change.BOTH]


def test_statements_made_to_take_long_are_compared_all_the_same() -> None:
    hard = "*a" + "?" * 20
    before = [allow(f"s3:*{place}?G*", f"arn:aws:s3:::{hard}*{place}*b{'?' * 20}*") for place in range(10)]
    after = [
        allow(f"s3:*{place}?Ga*", *(f"arn:aws:s3:::{hard}*{place}*b{'?' * 20}*{end}" for end in range(20)))
        for place in range(10)
    ]

    assert compare([*before], [*after]) is Change.NARROWED
