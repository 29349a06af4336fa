import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.model.settings import Stack
from nhi.policy.iam_resources import example_arn, is_every_resource

STACK = Stack("prod", account="111122223333", region="eu-west-1")


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "**",
        "*?",
        "?*",
        "arn:*",
        "arn:aws:*",
        "arn:aws:s3*",
        "arn:aws:dynamodb:*",
        "arn:aws:dynamodb:eu-west-1:*",
        "arn:aws:dynamodb:eu-west-1:1111*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::**",
        "arn:aws:s3:::*/*",
        "arn:aws:s3:eu-west-1:111122223333:accesspoint/*",
        "arn:aws:sqs:eu-west-1:111122223333:*",
        "arn:aws:dynamodb:*:*:table/*",
        "arn:aws:dynamodb:*:*:table/**",
        "arn:aws:dynamodb:*:*:table/?*",
        "arn:aws:dynamodb:*:*:table/*/index/*",
        "arn:aws:dynamodb:*:*:*/*",
        "arn:aws:dynamodb:*:*:t*/*",
        "arn:aws:iam::111122223333:role/*",
        "arn:aws:lambda:eu-west-1:111122223333:function:*",
        "arn:aws:lambda:eu-west-1:111122223333:function:*:*",
        "arn:aws:logs:eu-west-1:111122223333:log-group:*:log-stream:*",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:*",
        "arn:aws:apigateway:eu-west-1::/restapis/*",
        "arn:aws:apigateway:eu-west-1::/*",
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/*",
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/*/*",
        "arn:aws:execute-api:eu-west-1:111122223333:*/*",
        "arn:aws-cn:sns:cn-north-1:111122223333:*",
    ],
)
def test_only_wildcards_where_the_name_stands_are_every_resource(resource: str) -> None:
    assert is_every_resource(resource)


@pytest.mark.parametrize(
    "resource",
    [
        "",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger",
        "arn:aws:dynamodb:*:*:table/ledger",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger-*",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger/index/*",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/*/index/by-date-*",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/*/index/*/shard/*",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger?",
        "arn:aws:s3:::ledger/*",
        "arn:aws:s3:::ledger-*",
        "arn:aws:s3:::*-ledger",
        "arn:aws:s3:::*/ledger/entry",
        "arn:aws:iam::111122223333:role/*/deploy",
        "arn:aws:iam::111122223333:role/deploy/*",
        "arn:aws:iam::111122223333:role/*/team/*",
        "arn:aws:lambda:eu-west-1:111122223333:function:settlement:*",
        "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/settlement:*",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:settlement-*",
        "arn:aws:ssm:eu-west-1:111122223333:parameter/settlement/*",
        "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/*",
        "arn:aws:codepipeline:eu-west-1:111122223333:settlement/*",
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/settlement/*",
        "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5/*",
        "arn:aws:ecs:eu-west-1:111122223333:service/settlement/*",
    ],
)
def test_a_name_or_a_part_of_one_is_not_every_resource(resource: str) -> None:
    assert not is_every_resource(resource)


@settings(deadline=None)
@given(st.text(alphabet="arn:aws*?/s3-", max_size=60))
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_every_resource(text) in (True, False)
    example_arn(text, None)


@pytest.mark.parametrize(
    ("pattern", "arn"),
    [
        ("dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/NAME"),
        ("arn:aws:dynamodb:*:*:table/*", "arn:aws:dynamodb:eu-west-1:111122223333:table/NAME"),
        ("arn:aws:s3:::*", "arn:aws:s3:::BUCKET/* (objects) or arn:aws:s3:::BUCKET (the bucket)"),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/NAME"),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:NAME"),
        ("quantum:Entangle", None),
        ("arn:aws:*", None),
        ("arn:", None),
        ("*", None),
        ("", None),
    ],
)
def test_an_example_is_of_the_stack(pattern: str, arn: str | None) -> None:
    assert example_arn(pattern, STACK) == arn


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")]
)
def test_an_example_is_of_the_partition(region: str, partition: str) -> None:
    stack = Stack("prod", account="111122223333", region=region)

    assert (example_arn("s3:GetObject", stack) or "").startswith(f"arn:{partition}:s3:::BUCKET/*")


def test_an_example_without_a_stack_says_what_to_fill_in() -> None:
    assert example_arn("sqs:SendMessage", None) == "arn:aws:sqs:REGION:ACCOUNT:NAME"
