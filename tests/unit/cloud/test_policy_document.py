import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.cloud.policy_document import Document, OddPolicy, read_document
from nhi.model.identity import Json

ACTIONS = st.lists(st.sampled_from(["s3:GetObject", "s3:PutObject", "iam:PassRole"]), min_size=1, unique=True)
VALUES = st.lists(st.sampled_from(["a", "b", "C"]), min_size=1, unique=True)


def statement(**elements: Json) -> dict[str, Json]:
    return {"Sid": "Only", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **elements}


def meanings(policy: Json) -> tuple[str, frozenset[object]]:
    document: Document = read_document(policy)
    return document.version, frozenset(one.meaning for one in document.statements)


def policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def same(one: Json, other: Json) -> bool:
    return meanings(one) == meanings(other)


@st.composite
def two_spellings(draw: st.DrawFn) -> tuple[Json, Json]:
    """One statement, and the same with everything turned around that may be."""
    actions, values = draw(ACTIONS), draw(VALUES)
    first = statement(
        Action=_spelt(draw, actions), Condition={"StringEquals": {"aws:SourceAccount": _spelt(draw, values)}}
    )
    turned: Json = {"StringEquals": {"AWS:sourceaccount": _spelt(draw, values)}}
    second = statement(Action=_spelt(draw, [action.upper() for action in actions]), Condition=turned)
    return first, dict(draw(st.permutations(list(second.items()))))


def _spelt(draw: st.DrawFn, texts: list[str]) -> Json:
    if len(texts) == 1 and draw(st.booleans()):
        return texts[0]
    return [*draw(st.permutations(texts))]


@given(spellings=two_spellings())
def test_spelling_does_not_change_the_meaning(spellings: tuple[Json, Json]) -> None:
    one, other = spellings
    assert same(policy(one), policy(other))
    assert same({"Version": "2012-10-17", "Statement": one}, policy(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (statement(Principal={"AWS": "111122223333"}), statement(Principal={"AWS": "arn:aws:iam::111122223333:root"})),
        (statement(Principal="*"), statement(Principal={"AWS": ["*"]})),
        (statement(Condition={}), statement()),
        (
            statement(Condition={"Bool": {"aws:MultiFactorAuthPresent": True}}),
            statement(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        ),
        (
            statement(Condition={"NumericLessThan": {"s3:max-keys": 10}}),
            statement(Condition={"NumericLessThan": {"s3:max-keys": ["10"]}}),
        ),
    ],
    ids=["account root", "everybody", "no condition", "bool", "number"],
)
def test_two_spellings_of_the_same(one: Json, other: Json) -> None:
    assert same(policy(one), policy(other))


@pytest.mark.parametrize(
    "changed",
    [
        statement(Effect="Deny"),
        statement(Sid="Other"),
        statement(Action=["s3:GetObject", "s3:PutObject"]),
        statement(Resource="arn:aws:s3:::ledger/*"),
        statement(NotAction="s3:GetObject"),
        statement(Principal={"AWS": "111122223333"}),
        statement(Principal={"Service": "111122223333"}),
        statement(Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}}),
        statement(Condition={"StringEquals": {"aws:SourceAccount": []}}),
        statement(Condition={"StringEquals": {"aws:SourceAccount": ""}}),
        statement(Condition={"StringLike": {"aws:SourceAccount": "111122223333"}}),
    ],
)
def test_every_change_changes_the_meaning(changed: Json) -> None:
    plain = policy(statement())
    assert not same(plain, policy(changed))


def test_values_keep_their_case() -> None:
    upper: Json = {"StringEquals": {"sts:ExternalId": "Key"}}
    lower: Json = {"StringEquals": {"sts:ExternalId": "key"}}
    assert not same(policy(statement(Condition=upper)), policy(statement(Condition=lower)))
    assert not same(policy(statement(Resource="arn:aws:s3:::A")), policy(statement(Resource="arn:aws:s3:::a")))


def test_a_missing_version_is_the_oldest_one() -> None:
    assert read_document({"Statement": []}).version == "2008-10-17"


def test_url_encoded_text_is_read() -> None:
    plain = policy(statement(Resource="arn:aws:s3:::a b+c/%2F"))
    assert same(quote(json.dumps(plain)), plain)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("%7B", "not JSON"),
        ([], "not an object"),
        (None, "not an object"),
        ({}, "no statements"),
        ({"Version": 1, "Statement": []}, "no statements"),
        ({"Statement": "Allow"}, "no statements"),
        ({"Statement": ["Allow"]}, "a statement is not an object"),
        ({"Statement": [{"Sid": "A"}]}, "no effect"),
        ({"Statement": [{"Sid": 1, "Effect": "Allow"}]}, "no effect"),
        ({"Statement": statement(Principal="111122223333")}, "principal"),
        ({"Statement": statement(Condition=[])}, "condition is not"),
        ({"Statement": statement(Condition={"StringEquals": "x"})}, "no keys"),
        ({"Statement": statement(Condition={"Null": {"aws:A": "1", "AWS:a": "2"}})}, "stands twice"),
    ],
)
def test_what_is_no_policy_is_refused(value: Json, why: str) -> None:
    with pytest.raises(OddPolicy, match=why):
        read_document(value)
