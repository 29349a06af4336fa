"""The loopback AWS itself: accounts, callers, CloudTrail, faults, and how it begins and ends."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from socket import create_connection
from types import MappingProxyType
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.fixtures.aws import session_of
from types_boto3_iam import IAMClient

from nhi.errors import MissingTool, OutsideError
from nhi.sandbox import aws as sandbox
from nhi.sandbox.aws import LoopbackAws, loopback_aws
from nhi.sandbox.faults import Fault, access_denied, half_empty, internal_error, throttled
from nhi.sandbox.history import Habits

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def _events(
    environment: dict[str, str], query: Mapping[str, Any] = MappingProxyType({}), *, region: str = "us-east-1"
) -> list[dict[str, Any]]:
    """Every event that LookupEvents finds, as CloudTrail's own records, newest first."""
    trail = session_of(environment).client("cloudtrail", region, endpoint_url=environment["AWS_ENDPOINT_URL"])
    pages = trail.get_paginator("lookup_events").paginate(**query)
    return [json.loads(event["CloudTrailEvent"]) for page in pages for event in page["Events"]]


def _about(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


# --- accounts ------------------------------------------------------------------------------------------------------


def test_each_account_has_its_own_roles(loopback: LoopbackAws, iam: IAMClient, fresh_account: str) -> None:
    arn = iam.create_role(RoleName="here", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    elsewhere = loopback.credentials_for("444455556666")
    there = session_of(elsewhere).client("iam", endpoint_url=loopback.endpoint)
    assert arn == f"arn:aws:iam::{fresh_account}:role/here"
    with pytest.raises(there.exceptions.NoSuchEntityException):
        there.get_role(RoleName="here")


def test_a_caller_is_the_session_that_was_asked_for(loopback: LoopbackAws) -> None:
    environment = loopback.credentials_for("111122223333", role="nhi-verify", session="nhi-run-7")
    sts = session_of(environment).client("sts", endpoint_url=loopback.endpoint)
    assert sts.get_caller_identity()["Arn"] == "arn:aws:sts::111122223333:assumed-role/nhi-verify/nhi-run-7"


def test_credentials_that_were_never_issued_are_refused(aws_environment: dict[str, str]) -> None:
    environment = {**aws_environment, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}
    sts = session_of(environment).client("sts", endpoint_url=environment["AWS_ENDPOINT_URL"])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()


def test_a_large_body_passes_through_unharmed(aws_environment: dict[str, str]) -> None:
    s3 = session_of(aws_environment).client("s3", endpoint_url=aws_environment["AWS_ENDPOINT_URL"])
    state = os.urandom(6 * 1024 * 1024)
    s3.create_bucket(Bucket="nhi-state")
    s3.put_object(Bucket="nhi-state", Key="prod.tfstate", Body=state)
    assert s3.get_object(Bucket="nhi-state", Key="prod.tfstate")["Body"].read() == state


TERRAFORM = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  allowed_account_ids = ["%s"]
}
resource "aws_iam_role" "example" {
  name               = "from-terraform"
  path               = "/nhi/prod/"
  assume_role_policy = jsonencode(%s)
}
"""


@pytest.fixture
def run_terraform(
    terraform_environment: Mapping[str, str], tmp_path: Path, aws_environment: dict[str, str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *arguments],
            cwd=tmp_path,
            env={**terraform_environment, **aws_environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_terraform_makes_its_roles_in_the_account_of_the_credentials(
    run_terraform: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, fresh_account: str, iam: IAMClient
) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM % (fresh_account, TRUST))
    assert run_terraform("init", "-no-color").returncode == 0
    applied = run_terraform("apply", "-no-color", "-auto-approve")
    assert applied.returncode == 0, applied.stderr
    arn = iam.get_role(RoleName="from-terraform")["Role"]["Arn"]
    assert arn == f"arn:aws:iam::{fresh_account}:role/nhi/prod/from-terraform"
    (tmp_path / "main.tf").write_text(TERRAFORM % ("444455556666", TRUST))
    refused = run_terraform("plan", "-no-color")
    assert refused.returncode == 1
    assert "AWS account ID not allowed" in refused.stderr


# --- CloudTrail ----------------------------------------------------------------------------------------------------


def test_a_write_is_recorded_with_who_when_and_what(
    loopback: LoopbackAws, iam: IAMClient, fresh_account: str, aws_environment: dict[str, str]
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    actor = loopback.credentials_for(fresh_account, role="nhi-apply", session="nhi-run-9")
    answer = (
        session_of(actor)
        .client("iam", endpoint_url=loopback.endpoint)
        .create_role(
            RoleName="made",
            Path="/nhi/prod/",
            AssumeRolePolicyDocument=TRUST,
            Tags=[{"Key": "nhi:id", "Value": "prod/made"}],
        )
    )
    iam.list_roles()
    (event,) = _events(aws_environment, _about("ResourceName", "made"))
    identity = event["userIdentity"]
    assert identity["arn"] == f"arn:aws:sts::{fresh_account}:assumed-role/nhi-apply/nhi-run-9"
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == f"arn:aws:iam::{fresh_account}:role/nhi-apply"
    assert identity["principalId"] == identity["sessionContext"]["sessionIssuer"]["principalId"] + ":nhi-run-9"
    assert before <= datetime.fromisoformat(event["eventTime"]) <= datetime.now(UTC)
    assert event["eventName"] == "CreateRole"
    assert event["eventSource"] == "iam.amazonaws.com"
    assert event["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert event["recipientAccountId"] == fresh_account
    assert event["requestParameters"] == {
        "roleName": "made",
        "path": "/nhi/prod/",
        "assumeRolePolicyDocument": TRUST,
        "tags": [{"key": "nhi:id", "value": "prod/made"}],
    }
    assert "errorCode" not in event


def test_reads_are_not_recorded(iam: IAMClient, aws_environment: dict[str, str]) -> None:
    iam.list_roles()
    iam.get_account_authorization_details()
    assert _events(aws_environment) == []


def test_a_write_that_failed_says_so(iam: IAMClient, aws_environment: dict[str, str]) -> None:
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_role(RoleName="nobody")
    (event,) = _events(aws_environment, _about("EventName", "DeleteRole"))
    assert event["errorCode"] == "NoSuchEntity"


def test_a_write_that_was_denied_says_so(
    loopback: LoopbackAws, iam: IAMClient, aws_environment: dict[str, str]
) -> None:
    loopback.add_fault(access_denied("iam:DeleteRole"))
    with pytest.raises(ClientError, match="AccessDenied"):
        iam.delete_role(RoleName="nobody")
    (event,) = _events(aws_environment, _about("EventName", "DeleteRole"))
    assert event["errorCode"] == "AccessDenied"


def test_a_new_password_is_not_written_down(iam: IAMClient, aws_environment: dict[str, str]) -> None:
    iam.create_user(UserName="somebody")
    iam.create_login_profile(UserName="somebody", Password="Correct-Horse-9")  # noqa: S106 - that it is hidden is the test
    (event,) = _events(aws_environment, _about("EventName", "CreateLoginProfile"))
    assert event["requestParameters"] == {"userName": "somebody", "password": "HIDDEN_DUE_TO_SECURITY_REASONS"}


def test_an_assumed_role_is_seen_by_both_accounts(
    loopback: LoopbackAws, fresh_account: str, aws_environment: dict[str, str]
) -> None:
    vendor = loopback.credentials_for("444455556666", session=f"vendor-{fresh_account}")
    role = f"arn:aws:iam::{fresh_account}:role/nhi/prod/vendor"
    sts = session_of(vendor).client("sts", endpoint_url=loopback.endpoint)
    sts.assume_role(RoleArn=role, RoleSessionName="vendor")
    (ours,) = _events(aws_environment, _about("EventName", "AssumeRole"))
    (theirs,) = _events(vendor, _about("ResourceName", role))
    assert (ours["recipientAccountId"], theirs["recipientAccountId"]) == (fresh_account, "444455556666")
    assert ours["eventID"] == theirs["eventID"]


def test_an_account_does_not_see_anothers_events(
    loopback: LoopbackAws, iam: IAMClient, aws_environment: dict[str, str]
) -> None:
    iam.create_role(RoleName="ours-alone", AssumeRolePolicyDocument=TRUST)
    other = loopback.credentials_for("444455556666")
    assert _events(other, _about("ResourceName", "ours-alone")) == []
    assert len(_events(aws_environment)) == 1


def test_events_of_iam_are_found_in_one_region_only(iam: IAMClient, aws_environment: dict[str, str]) -> None:
    iam.create_role(RoleName="made", AssumeRolePolicyDocument=TRUST)
    assert _events(aws_environment, region="eu-west-1") == []


def test_events_are_found_by_their_attributes(iam: IAMClient, aws_environment: dict[str, str]) -> None:
    iam.create_role(RoleName="one", AssumeRolePolicyDocument=TRUST)
    iam.create_role(RoleName="two", AssumeRolePolicyDocument=TRUST)
    (two,) = _events(aws_environment, _about("ResourceName", "two"))
    assert _events(aws_environment, _about("EventId", two["eventID"])) == [two]
    assert len(_events(aws_environment, _about("EventName", "CreateRole"))) == 2
    assert len(_events(aws_environment, _about("Username", "nhi-sandbox"))) == 2
    assert len(_events(aws_environment, _about("AccessKeyId", aws_environment["AWS_ACCESS_KEY_ID"]))) == 2
    assert _events(aws_environment, _about("EventName", "DeleteRole")) == []


def test_events_are_found_by_their_time(iam: IAMClient, aws_environment: dict[str, str]) -> None:
    iam.create_role(RoleName="made", AssumeRolePolicyDocument=TRUST)
    now = datetime.now(UTC)
    minute = timedelta(minutes=1)
    assert len(_events(aws_environment, {"StartTime": now - minute, "EndTime": now + minute})) == 1
    assert _events(aws_environment, {"StartTime": now + minute}) == []
    assert _events(aws_environment, {"EndTime": now - minute}) == []


def test_events_come_in_pages_of_fifty_newest_first(iam: IAMClient, aws_environment: dict[str, str]) -> None:
    for number in range(53):
        iam.create_group(GroupName=f"group-{number}")
    trail = session_of(aws_environment).client("cloudtrail", endpoint_url=aws_environment["AWS_ENDPOINT_URL"])
    first = trail.lookup_events()
    iam.create_group(GroupName="meanwhile")
    second = trail.lookup_events(NextToken=first["NextToken"])
    names = [event["Resources"][0]["ResourceName"] for event in (*first["Events"], *second["Events"])]
    assert len(first["Events"]) == 50
    assert names == [f"group-{number}" for number in reversed(range(53))]
    assert "NextToken" not in second


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"NextToken": "7.somebody-elses"}, "InvalidNextTokenException"),
        (
            {"StartTime": datetime(2027, 1, 2, tzinfo=UTC), "EndTime": datetime(2027, 1, 1, tzinfo=UTC)},
            "InvalidTimeRange",
        ),
        ({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "a"}] * 2}, "InvalidLookupAttributes"),
    ],
)
def test_a_lookup_that_aws_refuses_is_refused(
    aws_environment: dict[str, str], query: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError, match=code):
        _events(aws_environment, query)


def _raw(environment: dict[str, str]) -> str:
    """Every recorded event as it is written, to look for what must not be in it."""
    return json.dumps(_events(environment) + _events(environment, region="eu-west-1"))


def test_the_ids_of_what_was_made_are_in_the_record_and_the_secrets_are_not(
    iam: IAMClient, aws_environment: dict[str, str]
) -> None:
    role = iam.create_role(RoleName="made", AssumeRolePolicyDocument=TRUST)["Role"]
    user = iam.create_user(UserName="somebody")["User"]
    key = iam.create_access_key(UserName="somebody")["AccessKey"]
    sts = session_of(aws_environment).client("sts", endpoint_url=aws_environment["AWS_ENDPOINT_URL"])
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="batch-7")

    found = {event["eventName"]: event["responseElements"] for event in _events(aws_environment)}

    assert (found["CreateRole"]["role"]["roleId"], found["CreateRole"]["role"]["arn"]) == (role["RoleId"], role["Arn"])
    assert found["CreateUser"]["user"]["userId"] == user["UserId"]
    assert found["CreateAccessKey"]["accessKey"]["accessKeyId"] == key["AccessKeyId"]
    assert found["AssumeRole"]["credentials"]["accessKeyId"] == session["Credentials"]["AccessKeyId"]
    assert found["AssumeRole"]["assumedRoleUser"] == {
        "assumedRoleId": session["AssumedRoleUser"]["AssumedRoleId"],
        "arn": session["AssumedRoleUser"]["Arn"],
    }
    secrets = (
        key["SecretAccessKey"],
        session["Credentials"]["SecretAccessKey"],
        session["Credentials"]["SessionToken"],
    )
    assert [secret for secret in secrets if secret in _raw(aws_environment)] == []


def test_what_failed_answers_nothing(iam: IAMClient, aws_environment: dict[str, str]) -> None:
    iam.create_role(RoleName="made", AssumeRolePolicyDocument=TRUST)
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="made", AssumeRolePolicyDocument=TRUST)
    refused, made = _events(aws_environment, _about("EventName", "CreateRole"))
    if "errorCode" in made:  # both in one second
        refused, made = made, refused
    assert refused["responseElements"] is None
    assert made["responseElements"]["role"]["roleName"] == "made"


def test_a_rule_and_a_secret_are_recorded_in_their_region_without_what_the_secret_holds(
    aws_environment: dict[str, str],
) -> None:
    endpoint = aws_environment["AWS_ENDPOINT_URL"]
    rules = session_of(aws_environment).client("events", "eu-west-1", endpoint_url=endpoint)
    rules.put_rule(Name="break-glass", EventPattern='{"source": ["aws.sts"]}')
    secrets = session_of(aws_environment).client("secretsmanager", "eu-west-1", endpoint_url=endpoint)
    secrets.create_secret(Name="key", SecretString="Correct-Horse-9", Tags=[{"Key": "nhi:id", "Value": "prod/a"}])
    with pytest.raises(secrets.exceptions.ResourceExistsException):
        secrets.create_secret(Name="key", SecretString="Correct-Horse-9")
    secrets.get_secret_value(SecretId="key")
    secrets.put_secret_value(SecretId="key", SecretBinary=b"Correct-Horse-9")

    (rule,) = _events(aws_environment, _about("ResourceName", "break-glass"), region="eu-west-1")
    found = _events(aws_environment, _about("EventSource", "secretsmanager.amazonaws.com"), region="eu-west-1")

    assert (rule["eventSource"], rule["eventName"]) == ("events.amazonaws.com", "PutRule")
    assert [event["eventName"] for event in found] == ["PutSecretValue", "CreateSecret", "CreateSecret"]
    assert found[1]["errorCode"] == "ResourceExistsException"
    assert found[2]["requestParameters"]["secretString"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert found[2]["requestParameters"]["tags"] == [{"key": "nhi:id", "value": "prod/a"}]
    written = _raw(aws_environment)
    assert "Correct-Horse-9" not in written
    assert b64encode(b"Correct-Horse-9").decode() not in written


def test_a_session_keeps_the_id_of_its_role_when_the_role_is_gone(
    loopback: LoopbackAws, iam: IAMClient, aws_environment: dict[str, str], fresh_account: str
) -> None:
    role_id = iam.create_role(RoleName="gone", AssumeRolePolicyDocument=TRUST)["Role"]["RoleId"]
    live = loopback.credentials_for(fresh_account, role="gone", session="lives-on")
    iam.delete_role(RoleName="gone")
    iam.create_role(RoleName="gone", AssumeRolePolicyDocument=TRUST)
    session_of(live).client("iam", endpoint_url=loopback.endpoint).create_group(GroupName="late")
    (event,) = _events(aws_environment, _about("Username", "lives-on"))
    assert event["userIdentity"]["sessionContext"]["sessionIssuer"]["principalId"] == role_id


def test_held_events_are_found_once_they_are_let_go(
    loopback: LoopbackAws, iam: IAMClient, aws_environment: dict[str, str]
) -> None:
    iam.create_group(GroupName="before")
    loopback.set_habits(Habits(held=True))
    iam.create_group(GroupName="meanwhile")
    loopback.set_habits(Habits(held=True, doubled=True))
    assert [event["requestParameters"]["groupName"] for event in _events(aws_environment)] == ["before", "before"]
    loopback.set_habits(Habits())
    assert [event["requestParameters"]["groupName"] for event in _events(aws_environment)] == ["meanwhile", "before"]


def test_doubled_events_are_all_found_on_pages_of_fifty(
    loopback: LoopbackAws, iam: IAMClient, aws_environment: dict[str, str]
) -> None:
    for number in range(26):
        iam.create_group(GroupName=f"group-{number}")
    loopback.set_habits(Habits(doubled=True))
    trail = session_of(aws_environment).client("cloudtrail", endpoint_url=aws_environment["AWS_ENDPOINT_URL"])
    first = trail.lookup_events()
    second = trail.lookup_events(NextToken=first["NextToken"])
    ids = [event["EventId"] for event in (*first["Events"], *second["Events"])]
    assert (len(first["Events"]), len(second["Events"]), len(set(ids))) == (50, 2, 26)


# --- inactive keys -------------------------------------------------------------------------------------------------


def test_an_inactive_or_deleted_key_is_refused_and_an_active_one_is_not(loopback: LoopbackAws, iam: IAMClient) -> None:
    iam.create_user(UserName="somebody")
    key = iam.create_access_key(UserName="somebody")["AccessKey"]
    environment = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_SESSION_TOKEN": "",
        "AWS_REGION": "us-east-1",
    }
    sts = session_of(environment).client("sts", endpoint_url=loopback.endpoint)
    assert sts.get_caller_identity()["Arn"].endswith(":user/somebody")
    iam.update_access_key(UserName="somebody", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()
    iam.update_access_key(UserName="somebody", AccessKeyId=key["AccessKeyId"], Status="Active")
    assert sts.get_caller_identity()["Arn"].endswith(":user/somebody")
    iam.delete_access_key(UserName="somebody", AccessKeyId=key["AccessKeyId"])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()


# --- faults --------------------------------------------------------------------------------------------------------


def test_a_fault_ends_after_as_many_calls_as_asked_for(
    loopback: LoopbackAws, iam: IAMClient, fresh_account: str
) -> None:
    loopback.add_fault(throttled("iam:ListRoles", account=fresh_account, times=2))
    for _ in range(2):
        with pytest.raises(ClientError, match="Throttling"):
            iam.list_roles()
    assert iam.list_roles()["Roles"] == []


def test_a_fault_meets_only_its_account_and_action(loopback: LoopbackAws, iam: IAMClient, fresh_account: str) -> None:
    loopback.add_fault(internal_error("iam:*", account="444455556666"))
    loopback.add_fault(access_denied("iam:Delete*", account=fresh_account))
    assert iam.list_roles()["Roles"] == []


def test_a_half_empty_answer_lacks_what_was_named_and_nothing_else(loopback: LoopbackAws, iam: IAMClient) -> None:
    iam.create_role(RoleName="made", AssumeRolePolicyDocument=TRUST)
    loopback.add_fault(half_empty("iam:ListRoles", "Arn"))
    (role,) = iam.list_roles()["Roles"]
    assert role["RoleName"] == "made"
    assert "Arn" not in role


def test_a_fault_of_cloudtrail_speaks_its_words(loopback: LoopbackAws, aws_environment: dict[str, str]) -> None:
    loopback.add_fault(throttled("cloudtrail:LookupEvents", times=10))
    with pytest.raises(ClientError, match="ThrottlingException"):
        _events(aws_environment)


def test_cleared_faults_are_gone(loopback: LoopbackAws, iam: IAMClient) -> None:
    loopback.add_fault(Fault(status=500, code="ServiceFailure"))
    loopback.clear_faults()
    assert iam.list_roles()["Roles"] == []


# --- life ----------------------------------------------------------------------------------------------------------


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_ends_with_its_block() -> None:
    with loopback_aws(os.environ) as aws:
        assert _alive(aws.pid)
    assert not _alive(aws.pid)


PARENT = """
import os, sys
from nhi.sandbox.aws import loopback_aws
with loopback_aws(os.environ) as aws:
    print(aws.port, flush=True)
    sys.stdin.read()
"""


def test_it_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        with create_connection(("127.0.0.1", int(parent.stdout.readline())), timeout=10) as open_until_it_ends:
            parent.kill()
            with suppress(ConnectionResetError):  # as good an end as the end of the stream
                assert open_until_it_ends.recv(1) == b""


def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", which("false"))
    with pytest.raises(OutsideError, match="did not start"), loopback_aws({}):
        pass


def test_without_the_extra_it_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "find_spec", lambda name: None if name == "flask" else object())
    with pytest.raises(MissingTool, match="needs flask"), loopback_aws({}):
        pass


def test_a_server_that_is_gone_is_an_error_of_the_outside(aws_server: LoopbackAws) -> None:
    with pytest.raises(OutsideError, match="does not answer"):
        LoopbackAws(port=9, pid=aws_server.pid).clear_faults()
