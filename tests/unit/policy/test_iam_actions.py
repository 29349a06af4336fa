import re

import pytest

from nhi.policy.iam_actions import (
    COMMON,
    ONLY_ON_ALL,
    ONLY_ON_ALL_PREFIXES,
    examples,
    has_wildcard,
    service_of,
    takes_only_all,
)


@pytest.mark.parametrize(
    "action",
    ["sts:GetCallerIdentity", "STS:getcalleridentity", "ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"],
)
def test_an_action_that_takes_nothing_but_all_is_known_in_any_spelling(action: str) -> None:
    assert takes_only_all(action)


@pytest.mark.parametrize("action", ["ec2:DescribeInstances", "autoscaling:DescribePolicies", "ec2:Describe*"])
def test_descriptions_of_services_that_take_nothing_else_are_known(action: str) -> None:
    assert takes_only_all(action)


@pytest.mark.parametrize(
    "action",
    [
        "dynamodb:PutItem",
        "dynamodb:*",
        "*",
        "",
        "sts:*",
        "ec2:*",
        "ec2:D*",
        "ec2:DescribeInstanceAttribute",
        "EC2:describeinstanceattribute",
        "iam:UpdateAccountPasswordPolicy",
        "secretsmanager:GetSecretValue",
        "sts:GetSessionToken",
    ],
)
def test_all_other_actions_can_name_their_resource_or_need_an_exception(action: str) -> None:
    assert not takes_only_all(action)


def test_nothing_that_hands_out_secrets_or_changes_permissions_is_taken_for_harmless() -> None:
    forbidden = re.compile(
        r":(create(?!control|data)|update|put(?!metricdata|telemetry|trace)|delete(?!message)|attach)"
    )

    assert not [action for action in ONLY_ON_ALL if forbidden.search(action)]


def test_the_data_is_lower_case_service_and_action() -> None:
    assert all(re.fullmatch(r"[a-z0-9-]+:[a-z0-9]+", action) for action in (*ONLY_ON_ALL, *ONLY_ON_ALL_PREFIXES))


def test_the_common_actions_are_whole_names() -> None:
    for service, actions in COMMON.items():
        assert len(set(actions.split())) == len(actions.split())
        assert re.fullmatch(r"[a-z0-9-]+", service)
        assert not has_wildcard(actions)


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        ("s3:*", ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")),
        ("s3:Put*", ("s3:PutObject",)),
        ("S3:put*", ("s3:PutObject",)),
        ("s3:?utObject", ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")),
        ("s3:Zap*", ()),
        ("quantum:*", ()),
        ("*", ()),
        ("*:*", ()),
        ("", ()),
    ],
)
def test_examples_are_whole_actions_that_the_pattern_begins_like(pattern: str, instead: tuple[str, ...]) -> None:
    assert examples(pattern) == instead


@pytest.mark.parametrize(
    ("action", "service"),
    [("S3:GetObject", "s3"), ("s3:*", "s3"), ("*", ""), ("*:*", ""), ("dyn*:PutItem", ""), ("nonsense", ""), ("", "")],
)
def test_a_service_is_named_or_it_is_not(action: str, service: str) -> None:
    assert service_of(action) == service
