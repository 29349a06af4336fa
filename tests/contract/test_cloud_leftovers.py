"""What stands in AWS of what a plan would make, asked of the loopback AWS; what fails is never an absence."""

import json
from typing import TYPE_CHECKING

import boto3
import pytest
from tests.fixtures.aws import session_of

from nhi.cloud.aws import Limits
from nhi.cloud.aws_leftovers import AwsLeftovers
from nhi.cloud.leftovers import Standing
from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell
from nhi.sandbox.aws import LoopbackAws
from nhi.sandbox.faults import access_denied, half_empty, internal_error, throttled

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

ONCE = Limits(attempts=1, retry_mode="standard")
ROLE, USER, SECRET = "aws_iam_role", "aws_iam_user", "aws_secretsmanager_secret"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
OURS = [{"Key": "nhi:id", "Value": "prod/a"}]


@pytest.fixture
def stack(fresh_account: str) -> Stack:
    return Stack("prod", fresh_account, "us-east-1")


@pytest.fixture
def leftovers(aws_environment: dict[str, str]) -> AwsLeftovers:
    return AwsLeftovers(aws_environment, ONCE)


@pytest.fixture
def role(iam: "IAMClient") -> str:
    iam.create_role(RoleName="a", Path="/nhi/prod/", AssumeRolePolicyDocument=TRUST, Tags=OURS)  # type: ignore[arg-type]  # tags
    return "a"


def test_what_does_not_stand_is_not_there(leftovers: AwsLeftovers, stack: Stack) -> None:
    assert leftovers.standing(stack, {(ROLE, "a"), (USER, "a"), (SECRET, "nhi/prod/a")}) == {}
    assert leftovers.keys(stack, "a") == ()


@pytest.mark.usefixtures("role")
def test_a_role_is_found_with_its_place_and_its_identity(leftovers: AwsLeftovers, stack: Stack) -> None:
    found = leftovers.standing(stack, {(ROLE, "a"), (ROLE, "b")})

    assert found == {(ROLE, "a"): Standing("a", "prod/a", "/nhi/prod/")}


def test_a_role_elsewhere_and_without_tags_is_found_too(
    leftovers: AwsLeftovers, stack: Stack, iam: "IAMClient"
) -> None:
    iam.create_role(RoleName="A", AssumeRolePolicyDocument=TRUST)

    assert leftovers.standing(stack, {(ROLE, "a")}) == {(ROLE, "a"): Standing("A", None, "/")}


def test_a_user_and_its_keys_are_found(leftovers: AwsLeftovers, stack: Stack, iam: "IAMClient") -> None:
    iam.create_user(UserName="a", Path="/nhi/prod/", Tags=OURS)  # type: ignore[arg-type]  # tags
    key = iam.create_access_key(UserName="a")["AccessKey"]["AccessKeyId"]

    assert leftovers.standing(stack, {(USER, "a"), (ROLE, "a")}) == {(USER, "a"): Standing("a", "prod/a", "/nhi/prod/")}
    assert leftovers.keys(stack, "a") == (key,)


def test_a_secret_is_found_even_while_it_waits_for_its_deletion(
    leftovers: AwsLeftovers, stack: Stack, aws_environment: dict[str, str]
) -> None:
    session: boto3.session.Session = session_of(aws_environment)
    secrets = session.client("secretsmanager", endpoint_url=aws_environment["AWS_ENDPOINT_URL"])
    arn = secrets.create_secret(Name="nhi/prod/a", SecretString="x", Tags=OURS)["ARN"]
    wanted = {(SECRET, "nhi/prod/a"), (SECRET, "nhi/prod/b")}
    assert leftovers.standing(stack, wanted) == {(SECRET, "nhi/prod/a"): Standing(arn, "prod/a", "")}

    secrets.delete_secret(SecretId="nhi/prod/a")

    found = leftovers.standing(stack, wanted)
    assert found == {(SECRET, "nhi/prod/a"): Standing(arn, "prod/a", "", waits_for_deletion=True)}


@pytest.mark.usefixtures("role")
@pytest.mark.parametrize(
    "fault",
    [
        access_denied("iam:ListRoles"),
        throttled("iam:ListRoles"),
        internal_error("iam:GetRole"),
        half_empty("iam:ListRoles", "Roles"),
        half_empty("iam:GetRole", "Path"),
        access_denied("sts:GetCallerIdentity"),
    ],
)
def test_what_cannot_be_asked_is_not_told(
    leftovers: AwsLeftovers, stack: Stack, loopback: LoopbackAws, fault: object
) -> None:
    loopback.add_fault(fault)  # type: ignore[arg-type]  # as above

    assert isinstance(leftovers.standing(stack, {(ROLE, "a")}), CouldNotTell)


def test_keys_that_cannot_be_asked_are_not_told(leftovers: AwsLeftovers, stack: Stack, loopback: LoopbackAws) -> None:
    loopback.add_fault(access_denied("iam:ListAccessKeys"))

    assert isinstance(leftovers.keys(stack, "a"), CouldNotTell)


def test_a_secret_that_cannot_be_asked_is_not_told(
    leftovers: AwsLeftovers, stack: Stack, loopback: LoopbackAws
) -> None:
    loopback.add_fault(throttled("secretsmanager:*"))

    assert isinstance(leftovers.standing(stack, {(SECRET, "nhi/prod/a")}), CouldNotTell)


def test_another_account_is_not_believed(leftovers: AwsLeftovers) -> None:
    other = Stack("prod", "999988887777", "us-east-1")

    assert isinstance(leftovers.standing(other, {(ROLE, "a")}), CouldNotTell)
    assert isinstance(leftovers.keys(other, "a"), CouldNotTell)
