import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.policy.iam.resources import Breadth, breadth, fits, kinds, may_apply

TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/"
ROLE = "arn:aws:iam::111122223333:role/"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:PutItem", "*"),
        ("dynamodb:PutItem", "arn:*"),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*"),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:*"),
        ("dynamodb:PutItem", TABLE + "*"),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/*"),
        ("dynamodb:*", TABLE + "*"),
        ("dynamodb:Query", TABLE + "*/index/*"),
        ("iam:PassRole", ROLE + "*"),
        ("iam:PassRole", "arn:aws:iam::*:role*"),
        ("s3:ListBucket", "arn:aws:s3:::*"),
        ("s3:GetObject", "arn:aws:s3:::*/*"),
        ("quantum:Entangle", "arn:aws:quantum:::*"),
    ],
)
def test_what_takes_in_every_one_of_a_kind_is_every(action: str, resource: str) -> None:
    assert breadth(action, resource) is Breadth.EVERY


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:PutItem", TABLE + "ledger-*"),
        ("dynamodb:PutItem", TABLE + "ledge?"),
        ("iam:PassRole", ROLE + "app/*"),
        ("s3:GetObject", "arn:aws:s3:::ledger/*"),
        ("s3:*", "arn:aws:s3:::job/*"),
        ("s3:ListBucket", "arn:aws:s3:::ledger-*"),
        ("quantum:Entangle", "arn:aws:quantum:::pair/*"),
        ("iam:PassRole", "arn:aws:iam?"),
    ],
)
def test_what_takes_in_a_part_is_some(action: str, resource: str) -> None:
    assert breadth(action, resource) is Breadth.SOME


@pytest.mark.parametrize("resource", [TABLE + "ledger", ROLE + "app", "", "nonsense"])
def test_what_is_written_out_is_one(resource: str) -> None:
    assert breadth("dynamodb:PutItem", resource) is Breadth.ONE


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:PassRole", ROLE + "app"),
        ("IAM:passrole", ROLE + "app"),
        ("iam:PassRole", "*"),
        ("iam:PassRole", "arn:*"),
        ("iam:PassRole", "arn:aws:*:eu-west-1:1:x"),
        ("ssm:SendCommand", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"),
        ("ec2:DescribeInstances", ROLE + "app"),
        ("quantum:Entangle", ROLE + "app"),
        ("dynamodb:*", TABLE + "ledger"),
        ("*", TABLE + "ledger"),
        ("backup:DeleteRecoveryPoint", "arn:aws:ec2:eu-west-1::snapshot/snap-1"),
    ],
)
def test_a_resource_may_apply_where_nothing_is_known_against_it(action: str, resource: str) -> None:
    assert may_apply(action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [("iam:PassRole", TABLE + "ledger"), ("dynamodb:*", ROLE + "app"), ("s3:GetObject", TABLE + "ledger")],
)
def test_a_resource_of_another_service_never_applies(action: str, resource: str) -> None:
    assert not may_apply(action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::ledger/*"),
        ("s3:GetObject", "arn:aws:s3:::ledger*"),
        ("s3:GetObject", "*"),
        ("s3:ListBucket", "arn:aws:s3:::ledger"),
        ("quantum:Entangle", "arn:aws:s3:::ledger"),
        ("ec2:DescribeInstances", TABLE),
    ],
)
def test_a_resource_fits_where_it_can_be_of_a_kind_that_the_action_is_used_on(action: str, resource: str) -> None:
    assert fits(action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [("s3:GetObject", "arn:aws:s3:::ledger"), ("iam:PassRole", "arn:aws:iam::1:user/x"), ("dynamodb:PutItem", ROLE)],
)
def test_a_resource_of_another_kind_does_not_fit(action: str, resource: str) -> None:
    assert not fits(action, resource)


def test_a_pattern_of_actions_is_used_on_all_that_its_service_has() -> None:
    assert set(kinds("dynamodb:PutItem")) < set(kinds("dynamodb:*"))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["s3:GetObject", "iam:*", "*", "", "a:b"]), st.text(alphabet="arn:aws*?/s3-", max_size=60))
def test_any_text_gets_an_answer(action: str, resource: str) -> None:
    assert breadth(action, resource) in Breadth
    assert may_apply(action, resource) in {True, False}
    assert fits(action, resource) in {True, False}
