"""The real adapter against a loopback AWS: present, drift in every aspect, gone, and every way of not knowing."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from types_boto3_iam import IAMClient
from types_boto3_iam.type_defs import TagTypeDef

from nhi.cloud.aws import Aws, Limits
from nhi.cloud.aws_cloud import AwsCloud
from nhi.cloud.expectation import expectation
from nhi.cloud.interface import Cloud
from nhi.model.identity import Identity
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Absent, Answer, CouldNotTell, Difference, ExpectedRole, Present
from nhi.sandbox.aws import LoopbackAws
from nhi.sandbox.faults import Fault, access_denied, internal_error, odd_answer, slow, throttled

IDENTITY = Identity(
    path="identities/prod/ledger-writer.yaml",
    stack="prod",
    name="ledger-writer",
    kind="example-role",
    owner="payments",
    purpose="Settlement batch writes cleared transactions.",
    expiry=datetime(2027, 3, 31, tzinfo=UTC),
    scope={"service": "ecs-tasks.amazonaws.com", "actions": ["dynamodb:PutItem", "dynamodb:UpdateItem"]},
)
TEMPLATE = """
{"roles": [{
  "name": {{ identity.name | tojson }},
  "path": {{ ("/nhi/" ~ identity.stack ~ "/") | tojson }},
  "trust": {"Version": "2012-10-17", "Statement": [{"Sid": "TrustUntilExpiry", "Effect": "Allow",
    "Principal": {"Service": {{ scope.service | tojson }}}, "Action": "sts:AssumeRole",
    "Condition": {"DateLessThan": {"aws:CurrentTime": {{ identity.expiry | tojson }}}}}]},
  "inline": {
    "scope": {"Version": "2012-10-17", "Statement": [{"Sid": "Scope", "Effect": "Allow",
      "Action": {{ scope.actions | tojson }}, "Resource": "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"}]},
    "expiry": {"Version": "2012-10-17", "Statement": [{"Sid": "DenyAfterExpiry", "Effect": "Deny", "Action": "*",
      "Resource": "*", "Condition": {"DateGreaterThanEquals": {"aws:CurrentTime": {{ identity.expiry | tojson }}}}}]}},
  "attached": [],
  "tags": {{ identity.tags | tojson }},
  "max_session_seconds": 3600
}]}
"""
KIND = Kind("example-role", "Example", "A role for tests.", {}, TEMPLATE)
ONCE = Limits(attempts=1, retry_mode="standard", connect_seconds=2, read_seconds=5)
OPEN = '{"Version": "2012-10-17", "Statement": {"Sid": "Open", "Effect": "Allow", "Action": "*", "Resource": "*"}}'


@pytest.fixture
def stack(fresh_account: str) -> Stack:
    return Stack("prod", fresh_account, "eu-west-1")


@pytest.fixture
def role(stack: Stack, iam: IAMClient) -> ExpectedRole:
    """The role of IDENTITY, made exactly as declared."""
    wanted = expectation(IDENTITY, KIND, stack)
    assert wanted is not None
    (role,) = wanted.roles
    iam.create_role(
        RoleName=role.name,
        Path=role.path,
        AssumeRolePolicyDocument=json.dumps(role.trust),
        MaxSessionDuration=role.max_session_seconds,
        Tags=_tags(role.tags),
    )
    for name, document in role.inline.items():
        iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=json.dumps(document))
    return role


def _tags(tags: Mapping[str, str]) -> list[TagTypeDef]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _present(environment: Mapping[str, str], stack: Stack) -> Answer:
    return AwsCloud(environment, ONCE).present(IDENTITY, KIND, stack)


def _gone(environment: Mapping[str, str], stack: Stack, name: str = IDENTITY.name) -> Answer:
    cloud: Cloud = AwsCloud(environment, ONCE)
    return cloud.gone(name, stack)


def _differences(answer: Answer) -> tuple[Difference, ...]:
    assert isinstance(answer, Present), answer
    return answer.differences


def _delete(iam: IAMClient, role: ExpectedRole) -> None:
    for name in role.inline:
        iam.delete_role_policy(RoleName=role.name, PolicyName=name)
    iam.delete_role(RoleName=role.name)


# --- present -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("role")
def test_a_role_as_declared_is_present_without_differences(aws_environment: dict[str, str], stack: Stack) -> None:
    assert _present(aws_environment, stack) == Present()


def test_an_edited_trust_policy_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    later = json.dumps(role.trust).replace("2027-03-31", "2037-03-31")
    iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=later)
    assert _differences(_present(aws_environment, stack)) == (
        Difference(
            "role ledger-writer, trust policy, statement TrustUntilExpiry, Condition",
            "DateLessThan aws:CurrentTime 2027-03-31T00:00:00Z",
            "DateLessThan aws:CurrentTime 2037-03-31T00:00:00Z",
        ),
    )


def test_an_edited_inline_policy_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    wider = json.dumps(role.inline["scope"]).replace("dynamodb:UpdateItem", "dynamodb:*")
    iam.put_role_policy(RoleName=role.name, PolicyName="scope", PolicyDocument=wider)
    assert _differences(_present(aws_environment, stack)) == (
        Difference(
            "role ledger-writer, inline policy scope, statement Scope, Action", "dynamodb:UpdateItem", "dynamodb:*"
        ),
    )


def test_a_deleted_expiry_deny_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    iam.delete_role_policy(RoleName=role.name, PolicyName="expiry")
    assert _differences(_present(aws_environment, stack)) == (
        Difference("role ledger-writer, inline policy expiry", "present", "missing"),
    )


def test_an_extra_inline_policy_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    iam.put_role_policy(RoleName=role.name, PolicyName="backdoor", PolicyDocument=OPEN)
    assert _differences(_present(aws_environment, stack)) == (
        Difference("role ledger-writer, inline policy backdoor", "nothing more", "Allow Action * Resource *"),
    )


def test_an_attached_policy_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    arn = iam.create_policy(PolicyName="extra", PolicyDocument=OPEN)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
    assert _differences(_present(aws_environment, stack)) == (
        Difference("role ledger-writer, attached policies", "nothing more", arn),
    )


def test_a_changed_and_an_added_tag_are_differences(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    iam.tag_role(RoleName=role.name, Tags=_tags({"nhi:expiry": "2037-03-31T00:00:00Z", "team": "everybody"}))
    assert _differences(_present(aws_environment, stack)) == (
        Difference("role ledger-writer, tag nhi:expiry", "2027-03-31T00:00:00Z", "2037-03-31T00:00:00Z"),
        Difference("role ledger-writer, tag team", "nothing more", "everybody"),
    )


def test_a_longer_session_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    iam.update_role(RoleName=role.name, MaxSessionDuration=43200)
    assert _differences(_present(aws_environment, stack)) == (
        Difference("role ledger-writer, longest session", "3600 s", "43200 s"),
    )


def test_a_permissions_boundary_that_nobody_declared_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    arn = iam.create_policy(PolicyName="boundary", PolicyDocument=OPEN)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=role.name, PermissionsBoundary=arn)
    assert _differences(_present(aws_environment, stack)) == (
        Difference("role ledger-writer, permissions boundary", "none", arn),
    )


def test_the_role_under_another_path_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    _delete(iam, role)
    iam.create_role(
        RoleName=role.name, Path="/", AssumeRolePolicyDocument=json.dumps(role.trust), Tags=_tags(role.tags)
    )
    assert Difference("role ledger-writer, path", "/nhi/prod/", "/") in _differences(_present(aws_environment, stack))


def test_another_role_that_carries_the_id_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    made = iam.create_role(
        RoleName="shadow", AssumeRolePolicyDocument=json.dumps(role.trust), Tags=_tags({"nhi:id": IDENTITY.id})
    )
    assert _differences(_present(aws_environment, stack)) == (
        Difference("role shadow", "nothing more", f"{made['Role']['Arn']} (nhi:id prod/ledger-writer)"),
    )


def test_an_identity_that_was_never_made_is_absent(aws_environment: dict[str, str], stack: Stack) -> None:
    assert _present(aws_environment, stack) == Absent()


def test_an_identity_without_its_role_but_with_its_user_is_not_absent(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient
) -> None:
    iam.create_user(UserName="left", Tags=_tags({"nhi:id": IDENTITY.id}))
    assert [one.where for one in _differences(_present(aws_environment, stack))] == ["role ledger-writer", "user left"]


def test_a_kind_without_an_expectation_could_not_be_told(aws_environment: dict[str, str], stack: Stack) -> None:
    manual = Kind("paper", "Paper", "A system without an API.", {}, None)
    assert AwsCloud(aws_environment, ONCE).present(IDENTITY, manual, stack) == CouldNotTell(
        "paper has no API that could be asked about prod/ledger-writer"
    )


# --- gone ----------------------------------------------------------------------------------------------------------


def test_a_deleted_role_is_absent(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    _delete(iam, role)
    assert _gone(aws_environment, stack) == Absent()


@pytest.mark.usefixtures("role")
def test_a_role_that_still_stands_is_not_gone(
    aws_environment: dict[str, str], stack: Stack, fresh_account: str
) -> None:
    arn = f"arn:aws:iam::{fresh_account}:role/nhi/prod/ledger-writer"
    assert _gone(aws_environment, stack) == Present(
        (Difference("role ledger-writer", "nothing more", f"{arn} (nhi:id prod/ledger-writer)"),)
    )


def test_a_role_whose_tags_were_stripped_is_not_gone(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, role: ExpectedRole
) -> None:
    iam.untag_role(RoleName=role.name, TagKeys=list(role.tags))
    assert [one.where for one in _differences(_gone(aws_environment, stack))] == ["role ledger-writer"]


@pytest.mark.parametrize("carries", ["id", "name"])
@pytest.mark.parametrize("kind", ["role", "user", "policy", "instance profile"])
def test_whatever_below_the_path_carries_the_id_or_the_name_keeps_it_from_being_gone(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, kind: str, carries: str
) -> None:
    name = "other" if carries == "id" else "ledger-writer"
    tags = _tags({"nhi:id": IDENTITY.id} if carries == "id" else {})
    if (kind, carries) == ("role", "name"):
        name = "Ledger-Writer"
    match kind:
        case "role":
            iam.create_role(RoleName=name, Path="/nhi/prod/", AssumeRolePolicyDocument=OPEN, Tags=tags)
        case "user":
            iam.create_user(UserName=name, Path="/nhi/prod/", Tags=tags)
        case "policy":
            iam.create_policy(PolicyName=name, Path="/nhi/prod/", PolicyDocument=OPEN, Tags=tags)
        case _:
            iam.create_instance_profile(InstanceProfileName=name, Path="/nhi/prod/", Tags=tags)
    assert [one.where for one in _differences(_gone(aws_environment, stack))] == [f"{kind} {name}"]


def test_somebody_elses_role_of_the_same_name_elsewhere_does_not_count(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient
) -> None:
    iam.create_role(
        RoleName="ledger-writer",
        Path="/nhi/test/",
        AssumeRolePolicyDocument=OPEN,
        Tags=_tags({"nhi:id": "test/ledger-writer"}),
    )
    assert _gone(aws_environment, stack) == Absent()


def test_an_instance_profile_of_another_stack_does_not_count(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient
) -> None:
    iam.create_instance_profile(InstanceProfileName="ledger-writer", Path="/nhi/test/")
    assert _gone(aws_environment, stack) == Absent()


def test_the_same_name_in_a_stack_whose_name_begins_alike_does_not_count(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient
) -> None:
    iam.create_role(RoleName="ledger-writer", Path="/nhi/prod-eu/", AssumeRolePolicyDocument=OPEN)
    assert _gone(aws_environment, stack) == Absent()


# --- could not tell ------------------------------------------------------------------------------------------------

CALLS = ["sts:GetCallerIdentity", "iam:GetAccountAuthorizationDetails", "iam:ListRoles", "iam:ListPolicies"]
CALLS += ["iam:ListUsers", "iam:ListInstanceProfiles", "iam:GetRole", "iam:GetUser"]


@pytest.mark.parametrize("fault", [access_denied, throttled, internal_error], ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("call", CALLS)
def test_one_failing_call_is_enough_to_not_know_that_it_is_gone(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws, call: str, fault: Callable[..., Fault]
) -> None:
    loopback.add_fault(fault(call, account=stack.account))
    answer = _gone(aws_environment, stack)
    assert isinstance(answer, CouldNotTell)
    assert call in answer.reason


@pytest.mark.parametrize("call", ["iam:GetPolicy", "iam:GetInstanceProfile"])
def test_tags_that_may_not_be_read_are_not_no_tags(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws, iam: IAMClient, call: str
) -> None:
    iam.create_policy(PolicyName="some", Path="/nhi/prod/", PolicyDocument=OPEN)
    iam.create_instance_profile(InstanceProfileName="some", Path="/nhi/prod/")
    loopback.add_fault(access_denied(call))
    answer = _gone(aws_environment, stack)
    assert isinstance(answer, CouldNotTell)
    assert f"{call} with AccessDenied" in answer.reason


@pytest.mark.usefixtures("role")
def test_a_refused_listing_is_not_a_missing_role(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    loopback.add_fault(access_denied("iam:GetAccountAuthorizationDetails"))
    assert isinstance(_present(aws_environment, stack), CouldNotTell)


def test_credentials_of_another_account_cannot_tell(aws_environment: dict[str, str], fresh_account: str) -> None:
    answer = _gone(aws_environment, Stack("prod", "444455556666", "eu-west-1"))
    assert answer == CouldNotTell(
        f"prod/ledger-writer: the credentials are of the account {fresh_account}, but the stack prod is in 444455556666"
    )


def test_credentials_that_aws_does_not_know_cannot_tell(aws_environment: dict[str, str], stack: Stack) -> None:
    answer = _gone({**aws_environment, "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE"}, stack)
    assert isinstance(answer, CouldNotTell)
    assert "InvalidClientTokenId" in answer.reason


def test_no_credentials_cannot_tell(stack: Stack) -> None:
    answer = _gone({}, stack)
    assert isinstance(answer, CouldNotTell)
    assert "AWS_ACCESS_KEY_ID" in answer.reason


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
def test_credentials_with_a_line_break_are_not_sent_and_not_repeated(
    aws_environment: dict[str, str], stack: Stack, name: str
) -> None:
    answer = _gone({**aws_environment, name: f"{aws_environment[name]}\n"}, stack)
    assert isinstance(answer, CouldNotTell)
    assert name in answer.reason
    assert aws_environment[name] not in answer.reason


def test_a_region_that_cannot_exist_cannot_tell(aws_environment: dict[str, str], fresh_account: str) -> None:
    assert isinstance(_gone(aws_environment, Stack("prod", fresh_account, "no region")), CouldNotTell)


def test_a_server_that_is_down_cannot_tell(aws_environment: dict[str, str], stack: Stack) -> None:
    answer = _gone({**aws_environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, stack)
    assert isinstance(answer, CouldNotTell)
    assert "sts:GetCallerIdentity" in answer.reason


def test_an_answer_that_does_not_come_in_time_cannot_tell(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    loopback.add_fault(slow("iam:ListRoles", 2))
    impatient = Limits(attempts=1, retry_mode="standard", read_seconds=0.2)
    answer = AwsCloud(aws_environment, impatient).gone(IDENTITY.name, stack)
    assert isinstance(answer, CouldNotTell)
    assert "iam:ListRoles" in answer.reason


GAAD = "iam:GetAccountAuthorizationDetails"
EMPTY = f"<{GAAD[4:]}Response><{GAAD[4:]}Result>%s</{GAAD[4:]}Result></{GAAD[4:]}Response>"
LISTS = "<UserDetailList/><RoleDetailList/>"
LAST = "<IsTruncated>false</IsTruncated>"
DATED = "<UserDetailList/><RoleDetailList><member><CreateDate>%s</CreateDate></member></RoleDetailList>"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("{}", id="json"),
        pytest.param("<html><body>proxy login</body></html>", id="a page of a proxy"),
        pytest.param(EMPTY % "", id="no lists"),
        pytest.param(EMPTY % "<UserDetailList/>", id="no list of roles"),
        pytest.param(EMPTY % (LISTS + "<IsTruncated>true</IsTruncated>"), id="more, but not where"),
        pytest.param(
            EMPTY % (LISTS + "<IsTruncated>true</IsTruncated><Marker>m</Marker>"), id="the same page for ever"
        ),
        pytest.param(EMPTY % (LISTS + LAST + "<Marker>m</Marker>"), id="a marker on the last page"),
        pytest.param(EMPTY % LISTS, id="an end that nobody said"),
        pytest.param(
            EMPTY % f"<UserDetailList/><RoleDetailList><member/></RoleDetailList>{LAST}", id="a role without a name"
        ),
        pytest.param(EMPTY % (DATED % "soon" + LAST), id="a date that is none"),
        pytest.param(EMPTY % (DATED % ("9" * 20) + LAST), id="a date beyond the calendar"),
    ],
)
def test_an_odd_answer_cannot_tell(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws, body: str
) -> None:
    loopback.add_fault(odd_answer(GAAD, body))
    assert isinstance(_gone(aws_environment, stack), CouldNotTell)


def test_a_role_that_is_answered_without_a_role_cannot_tell(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    loopback.add_fault(odd_answer("iam:GetRole", "<GetRoleResponse><GetRoleResult/></GetRoleResponse>"))
    assert _gone(aws_environment, stack) == CouldNotTell("prod/ledger-writer: Role is missing")


@pytest.mark.usefixtures("role")
def test_a_half_empty_listing_cannot_tell(aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws) -> None:
    loopback.add_fault(odd_answer(GAAD, EMPTY % (LISTS + LAST)))
    answer = _gone(aws_environment, stack, "another")
    assert isinstance(answer, CouldNotTell)
    assert "two listings of the roles below /nhi/prod/ differ (ledger-writer)" in answer.reason


# --- cost, retries, isolation --------------------------------------------------------------------------------------


def test_a_throttled_call_is_tried_again(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws, fresh_account: str
) -> None:
    loopback.add_fault(throttled("iam:ListRoles", account=fresh_account, times=1))
    patient = Limits(attempts=2, retry_mode="standard")
    assert AwsCloud(aws_environment, patient).gone(IDENTITY.name, stack) == Absent()


def test_a_stack_is_listed_once_for_all_its_identities(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws, role: ExpectedRole
) -> None:
    cloud = AwsCloud(aws_environment, ONCE)
    assert cloud.present(IDENTITY, KIND, stack) == Present()
    loopback.add_fault(Fault("iam:List*", status=500, code="ServiceFailure"))
    loopback.add_fault(Fault(GAAD, status=500, code="ServiceFailure"))
    assert cloud.present(IDENTITY, KIND, stack) == Present()
    assert isinstance(cloud.gone(role.name, stack), Present)


def test_what_stands_on_a_later_page_is_seen(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    holder = "<Tags><member><Key>nhi:id</Key><Value>prod/ledger-writer</Value></member></Tags>"
    named = "<UserName>late</UserName><UserId>AIDA</UserId><Path>/</Path>"
    user = f"{named}<Arn>arn:aws:iam::{stack.account}:user/late</Arn>{holder}"
    last = f"<UserDetailList><member>{user}</member></UserDetailList><RoleDetailList/><IsTruncated>false</IsTruncated>"
    loopback.add_fault(odd_answer(GAAD, EMPTY % (LISTS + "<IsTruncated>true</IsTruncated><Marker>2</Marker>"), times=1))
    loopback.add_fault(odd_answer(GAAD, EMPTY % last, times=1))
    assert [one.where for one in _differences(_gone(aws_environment, stack))] == ["user late"]


def test_a_listing_without_an_end_cannot_tell(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nhi.cloud.aws._MAX_PAGES", 1)
    loopback.add_fault(odd_answer(GAAD, EMPTY % (LISTS + "<IsTruncated>true</IsTruncated><Marker>2</Marker>")))
    answer = _gone(aws_environment, stack)
    assert isinstance(answer, CouldNotTell)
    assert "more than 1 pages" in answer.reason


def test_a_proxy_of_the_given_environment_is_used_unless_it_is_excepted(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    behind = {**aws_environment, "AWS_ENDPOINT_URL": "http://127.0.0.2:9", "HTTP_PROXY": loopback.endpoint}
    assert _gone(behind, stack) == Absent()
    assert isinstance(_gone({**behind, "NO_PROXY": "127.0.0.2"}, stack), CouldNotTell)


@pytest.mark.parametrize(
    ("excepted", "direct"),
    [
        ("sts.eu-west-1.amazonaws.com", {"sts"}),
        (".eu-west-1.amazonaws.com", {"sts", "events"}),
        ("iam.amazonaws.com", {"iam"}),
    ],
)
def test_each_service_is_excepted_from_the_proxy_by_its_own_host(excepted: str, direct: set[str]) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "none"}
    door = Aws({**keys, "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": excepted})
    clients = {one: door._client(one, "eu-west-1") for one in ("iam", "sts", "events")}  # noqa: SLF001  # its settings
    assert {service for service, client in clients.items() if not client.meta.config.proxies} == direct


@pytest.mark.usefixtures("role")
def test_neither_the_process_environment_nor_a_persons_files_are_used(
    aws_environment: dict[str, str], stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = xx\nendpoint_url = http://127.0.0.1:9\n[plugins]\nnone = no.such.module\n")
    for key, value in {
        "AWS_PROFILE": "somebody",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:9",
        "AWS_DATA_PATH": str(tmp_path),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "REQUESTS_CA_BUNDLE": os.devnull,
    }.items():
        monkeypatch.setenv(key, value)
    assert _present(aws_environment, stack) == Present()
