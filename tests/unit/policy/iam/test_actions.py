import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.policy.iam import data
from nhi.policy.iam.actions import (
    AccessLevel,
    access_level,
    actions_matching,
    data_date,
    known_action,
    known_service,
    lookup,
    service,
    suggest,
)

ALL = actions_matching("*")


@pytest.mark.parametrize("action", ["s3:GetObject", "S3:getobject", "iam:PassRole", "sts:AssumeRole", "rds-db:connect"])
def test_an_action_of_aws_is_known_in_any_spelling(action: str) -> None:
    assert known_action(action)


@pytest.mark.parametrize(
    "action", ["s3:GetObjects", "quantum:Entangle", "s3:*", "*", "s3:", ":GetObject", "GetObject", "", "s3:Get:Object"]
)
def test_what_aws_does_not_have_is_not_known(action: str) -> None:
    assert not known_action(action)


@pytest.mark.parametrize("prefix", ["s3", "S3", "iam", "ec2-instance-connect"])
def test_a_service_is_known_in_any_spelling(prefix: str) -> None:
    assert known_service(prefix)


@pytest.mark.parametrize("prefix", ["", "s", "s3*", "*", "quantum", "[s3]"])
def test_what_is_no_service_is_not_known(prefix: str) -> None:
    assert not known_service(prefix)


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("s3:ListBucket", AccessLevel.LIST),
        ("s3:GetObject", AccessLevel.READ),
        ("s3:PutObject", AccessLevel.WRITE),
        ("s3:PutObjectTagging", AccessLevel.TAGGING),
        ("S3:putbucketpolicy", AccessLevel.PERMISSIONS),
        ("iam:PutRolePolicy", AccessLevel.PERMISSIONS),
        ("quantum:Entangle", None),
        ("s3:Get*", None),
    ],
)
def test_an_action_can_do_as_much_as_aws_says(action: str, level: AccessLevel | None) -> None:
    assert access_level(action) is level


def test_a_service_knows_the_arns_of_its_resources() -> None:
    found = service("dynamodb")

    assert found is not None
    assert (found.title, found.resources["table"]) == ("Amazon DynamoDB", "arn:*:dynamodb:*:*:table/*")


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("s3:GetObject", ("s3:GetObject",)),
        ("S3:getobject", ("s3:GetObject",)),
        ("sts:AssumeRole*", ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")),
        ("STS:assumerole?ith*", ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")),
        ("rds-d?:*", ("rds-db:connect",)),
        ("s3:Zap*", ()),
        ("s3:Zap", ()),
        ("quantum:*", ()),
        ("s3*", ()),
        ("", ()),
    ],
)
def test_a_pattern_matches_as_iam_matches(pattern: str, names: tuple[str, ...]) -> None:
    assert actions_matching(pattern)[:3] == names


@pytest.mark.parametrize("pattern", ["*", "*:*", "**", "?*:?*"])
def test_everything_is_every_action(pattern: str) -> None:
    assert actions_matching(pattern) == ALL


def test_assume_role_with_a_star_matches_one_more() -> None:
    assert len(actions_matching("sts:AssumeRole*")) >= 3


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="s3ec2:GetLis*?[](", max_size=20))
def test_any_text_gets_an_answer(text: str) -> None:
    assert known_action(text) in {True, False}
    assert suggest(text) is None or known_action(str(suggest(text))) or "*" in text or "?" in text
    assert set(actions_matching(text)) <= set(ALL)


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("s3:GetObjcet", "s3:GetObject"),
        ("dynamo:PutItem", "dynamodb:PutItem"),
        ("dynamo:PutItme", "dynamodb:PutItem"),
        ("dynamo:Put*", "dynamodb:Put*"),
        ("EC2:StopInstance", "ec2:StopInstances"),
        ("iam:PasRole", "iam:PassRole"),
        ("s3:ListObjectsV2", "s3:ListBucket"),
        ("S3:headobject", "s3:GetObject"),
        ("lambda:Invoke", "lambda:InvokeFunction"),
    ],
)
def test_a_slip_gets_the_action_that_was_meant(wrong: str, meant: str) -> None:
    assert suggest(wrong) == meant


@pytest.mark.parametrize(
    "action", ["s3:GetObject", "s3:Get*", "s3:", "quantum:Entangle", "s3:Xyzzy", "s3:" + "a" * 10_000, "", "*"]
)
def test_what_is_right_or_far_off_gets_none(action: str) -> None:
    assert suggest(action) is None


def test_every_suggestion_for_an_api_operation_is_an_action() -> None:
    operations = ["s3:CopyObject", "s3:CreateMultipartUpload", "s3:DeleteObjects", "s3:HeadBucket", "s3:ListBuckets"]
    operations += ["s3:ListObjects", "s3:ListObjectVersions", "s3:UploadPart", "s3:CompleteMultipartUpload"]

    assert [one for one in operations if known_action(one) or not known_action(str(suggest(one)))] == []


def test_the_data_say_of_which_day_they_are() -> None:
    assert data_date() >= "2026-10-27"


def test_only_the_services_that_are_asked_for_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = {"s3": data.index().blocks["s3"], "broken": "broken] Broken\nno line"}
    monkeypatch.setattr("nhi.policy.iam.actions.index", lambda: data.Index("2026-10-27", blocks))
    service.cache_clear()
    try:
        assert lookup("s3:GetObject") is not None
        with pytest.raises(ValueError, match="not enough values"):
            lookup("broken:Action")
    finally:
        service.cache_clear()
