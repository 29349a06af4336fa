"""Trust policies, read from a loopback AWS."""

import json

import pytest
from types_boto3_iam import IAMClient

from nhi.cloud.aws import Limits
from nhi.cloud.aws_trusts import AwsTrusts
from nhi.cloud.interface import Trusts
from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell
from nhi.sandbox.aws import LoopbackAws
from nhi.sandbox.faults import access_denied, odd_answer, throttled

ONCE = Limits(attempts=1, retry_mode="standard", connect_seconds=2, read_seconds=5)
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
        }
    ],
}


@pytest.fixture
def stack(fresh_account: str) -> Stack:
    return Stack("prod", fresh_account, "eu-west-1")


@pytest.fixture
def trusts(aws_environment: dict[str, str]) -> Trusts:
    return AwsTrusts(aws_environment, ONCE)


def test_a_trust_policy_is_what_was_written(trusts: Trusts, iam: IAMClient, stack: Stack) -> None:
    iam.create_role(RoleName="nhi-apply", Path="/ci/", AssumeRolePolicyDocument=json.dumps(POLICY))

    assert trusts.trust_policy("nhi-apply", stack) == POLICY


def test_a_role_that_is_not_there_is_none(trusts: Trusts, stack: Stack) -> None:
    assert trusts.trust_policy("nhi-apply", stack) is None


@pytest.mark.parametrize("fault", ["denied", "throttled", "nothing", "no policy"])
def test_whatever_fails_is_no_answer(
    trusts: Trusts, iam: IAMClient, stack: Stack, loopback: LoopbackAws, fault: str
) -> None:
    iam.create_role(RoleName="nhi-apply", AssumeRolePolicyDocument=json.dumps(POLICY))
    faults = {
        "denied": access_denied("iam:GetRole"),
        "throttled": throttled("iam:GetRole"),
        "nothing": odd_answer("iam:GetRole", "<GetRoleResponse><GetRoleResult/></GetRoleResponse>"),
        "no policy": odd_answer(
            "iam:GetRole",
            "<GetRoleResponse><GetRoleResult><Role><RoleName>x</RoleName></Role></GetRoleResult></GetRoleResponse>",
        ),
    }
    loopback.add_fault(faults[fault])

    assert isinstance(trusts.trust_policy("nhi-apply", stack), CouldNotTell)


def test_credentials_of_another_account_tell_nothing(trusts: Trusts, stack: Stack) -> None:
    other = Stack("prod", "999999999999", stack.region)

    answer = trusts.trust_policy("nhi-apply", other)
    assert isinstance(answer, CouldNotTell)
    assert "999999999999" in answer.reason
