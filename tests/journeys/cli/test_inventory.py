"""`nhi inventory` as a user calls it, against a loopback AWS."""

import json
from collections.abc import Callable

import pytest
from tests.fixtures.command_line import Organisation, Said
from types_boto3_iam import IAMClient
from types_boto3_iam.type_defs import TagTypeDef

from nhi.sandbox.aws import LoopbackAws
from nhi.sandbox.faults import access_denied

TRUST = '{"Version": "2012-10-17", "Statement": []}'


@pytest.fixture
def ask(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch, aws_environment: dict[str, str], fresh_account: str
) -> Callable[..., Said]:
    """`nhi inventory` of the staging stack, which is in the fresh account."""
    settings = (organisation.clone.root / "nhi.yaml").read_text()
    assert "444455556666" in settings
    organisation.clone.write("nhi.yaml", settings.replace("444455556666", fresh_account))
    for key, value in aws_environment.items():
        monkeypatch.setenv(key, value)
    return lambda *arguments: organisation("inventory", "--stack", "staging", *arguments)


def test_the_account_and_the_manifests_are_told_side_by_side(ask: Callable[..., Said], iam: IAMClient) -> None:
    for name, identity in (("ledger-writer-test", "staging/ledger-writer-test"), ("shadow", "staging/shadow")):
        tags: list[TagTypeDef] = [{"Key": "nhi:id", "Value": identity}]
        iam.create_role(RoleName=name, Path="/nhi/staging/", AssumeRolePolicyDocument=TRUST, Tags=tags)
    iam.create_user(UserName="somebody")

    said = ask()
    whole = json.loads(ask("--format", "json", "--all").out)

    assert said.code == 1
    assert "  ok       staging/ledger-writer-test: role, 0 days old, no use seen\n" in said.out
    assert "role/nhi/staging/shadow: role, 0 days old, no use seen; it says that it is staging/shadow" in said.out
    assert "  MISSING  staging/schema-migrator" in said.out
    assert "somebody" not in said.out
    assert "Roles 2 of 1000" in said.out
    assert whole["stacks"][0]["entries"][-1]["live"]["name"] == "somebody"


def test_an_account_that_may_not_be_read_is_a_failure_outside(ask: Callable[..., Said], loopback: LoopbackAws) -> None:
    loopback.add_fault(access_denied("iam:GetAccountAuthorizationDetails"))

    said = ask()

    assert said.code == 4
    assert "UNKNOWN  could not tell what stands there" in said.out
    assert "MISSING" not in said.out


@pytest.mark.usefixtures("ask")
def test_credentials_of_another_account_tell_nothing(organisation: Organisation) -> None:
    said = organisation("inventory", "--stack", "production")

    assert said.code == 4
    assert "but the stack production is in 111122223333" in said.out


def test_a_stack_that_is_not_there_is_bad_input(organisation: Organisation) -> None:
    assert organisation("inventory", "--stack", "nowhere").code == 3
