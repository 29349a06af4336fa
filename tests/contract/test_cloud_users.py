"""The real adapter against a loopback AWS: users with their credentials, secrets and event rules."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.fixtures.aws import session_of
from types_boto3_iam import IAMClient

from nhi.cloud.aws import Limits
from nhi.cloud.aws_cloud import AwsCloud
from nhi.model.identity import Identity
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Absent, Answer, CouldNotTell, Difference, Present
from nhi.sandbox.aws import LoopbackAws
from nhi.sandbox.faults import Fault, access_denied, internal_error, odd_answer, throttled

IDENTITY = Identity(
    path="identities/prod/ledger-export.yaml",
    stack="prod",
    name="ledger-export",
    kind="example-user",
    owner="payments",
    purpose="Nightly export to a system that knows no roles.",
    expiry=datetime(2027, 3, 31, tzinfo=UTC),
    scope={"actions": ["s3:GetObject"]},
)
TOPIC = "arn:aws:sns:eu-west-1:111122223333:security"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
PATTERN = {"source": ["aws.s3"], "detail": {"userIdentity": {"userName": ["ledger-export"]}}}
TEMPLATE = """{
  "users": [{
    "name": {{ identity.name | tojson }}, "path": "/nhi/prod/", "inline": {"nhi": %s}, "attached": [],
    "tags": {{ identity.tags | tojson }}, "access_keys": ["Active", "Inactive"]
  }],
  "secrets": [{"name": "nhi/prod/ledger-export", "tags": {{ identity.tags | tojson }}}],
  "event_rules": [{"name": "nhi-prod-ledger-export", "pattern": %s, "targets": ["%s"]}]
}""" % (json.dumps(POLICY), json.dumps(PATTERN), TOPIC)  # noqa: UP031  # the braces are jinja's
KIND = Kind("example-user", "Example", "A user for tests.", {}, TEMPLATE)
ONCE = Limits(attempts=1, retry_mode="standard", connect_seconds=2, read_seconds=5)
SECRET = "nhi/prod/ledger-export"  # noqa: S105  # its name
RULE = "nhi-prod-ledger-export"
TAGS = [
    {"Key": "nhi:id", "Value": "prod/ledger-export"},
    {"Key": "nhi:owner", "Value": "payments"},
    {"Key": "nhi:expiry", "Value": "2027-03-31T00:00:00Z"},
]


@pytest.fixture
def stack(fresh_account: str) -> Stack:
    return Stack("prod", fresh_account, "eu-west-1")


@pytest.fixture
def secrets(aws_environment: dict[str, str]) -> Any:  # noqa: ANN401  # boto3's client
    return _client(aws_environment, "secretsmanager")


@pytest.fixture
def events(aws_environment: dict[str, str]) -> Any:  # noqa: ANN401  # boto3's client
    return _client(aws_environment, "events")


def _client(environment: dict[str, str], service: str) -> Any:  # noqa: ANN401  # boto3's client
    session: Any = session_of(environment)
    return session.client(service, "eu-west-1", endpoint_url=environment["AWS_ENDPOINT_URL"])


@pytest.fixture
def user(iam: IAMClient) -> str:
    """The user of IDENTITY, made exactly as declared."""
    _make_user(iam)
    return IDENTITY.name


@pytest.fixture
def secret(secrets: Any) -> str:  # noqa: ANN401  # boto3's client
    """The secret of IDENTITY, as declared: its ARN."""
    return _make_secret(secrets)


@pytest.fixture
def rule(events: Any) -> None:  # noqa: ANN401  # boto3's client
    """The event rule of IDENTITY, as declared."""
    _make_rule(events)


def _make_user(iam: Any) -> None:  # noqa: ANN401  # boto3's client
    iam.create_user(UserName=IDENTITY.name, Path="/nhi/prod/", Tags=TAGS)
    iam.put_user_policy(UserName=IDENTITY.name, PolicyName="nhi", PolicyDocument=json.dumps(POLICY))
    old = iam.create_access_key(UserName=IDENTITY.name)["AccessKey"]["AccessKeyId"]
    iam.create_access_key(UserName=IDENTITY.name)
    iam.update_access_key(UserName=IDENTITY.name, AccessKeyId=old, Status="Inactive")


def _make_secret(secrets: Any) -> str:  # noqa: ANN401  # boto3's client
    return str(secrets.create_secret(Name=SECRET, SecretString="value", Tags=TAGS)["ARN"])


def _make_rule(events: Any) -> None:  # noqa: ANN401  # boto3's client
    events.put_rule(Name=RULE, EventPattern=json.dumps(PATTERN), Tags=TAGS)
    events.put_targets(Rule=RULE, Targets=[{"Id": "security", "Arn": TOPIC}])


def _present(environment: Mapping[str, str], stack: Stack) -> Answer:
    return AwsCloud(environment, ONCE).present(IDENTITY, KIND, stack)


def _gone(environment: Mapping[str, str], stack: Stack, name: str = IDENTITY.name) -> Answer:
    return AwsCloud(environment, ONCE).gone(name, stack)


def _differences(answer: Answer) -> tuple[Difference, ...]:
    assert isinstance(answer, Present), answer
    return answer.differences


def _wheres(answer: Answer) -> list[str]:
    return [one.where for one in _differences(answer)]


# --- present -------------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.usefixtures("loopback")
everything = pytest.mark.usefixtures("user", "secret", "rule")


@everything
def test_what_was_added_to_the_user_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, user: str
) -> None:
    arn = iam.create_policy(PolicyName="extra", PolicyDocument=json.dumps(POLICY))["Policy"]["Arn"]
    iam.create_group(GroupName="admins")
    iam.put_user_policy(UserName=user, PolicyName="backdoor", PolicyDocument=json.dumps(POLICY))
    iam.attach_user_policy(UserName=user, PolicyArn=arn)
    iam.add_user_to_group(GroupName="admins", UserName=user)
    iam.tag_user(UserName=user, Tags=[{"Key": "team", "Value": "everybody"}])
    assert _differences(_present(aws_environment, stack)) == (
        Difference(
            "user ledger-export, inline policy backdoor", "nothing more", "Allow Action s3:GetObject Resource *"
        ),
        Difference("user ledger-export, attached policies", "nothing more", arn),
        Difference("user ledger-export, groups", "nothing more", "admins"),
        Difference("user ledger-export, tag team", "nothing more", "everybody"),
    )


@everything
def test_every_credential_that_was_added_to_the_user_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, user: str
) -> None:
    for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
        iam.update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Active")
    iam.create_login_profile(UserName=user, Password="correct horse battery")  # noqa: S106  # nobody's
    iam.upload_ssh_public_key(UserName=user, SSHPublicKeyBody="ssh-ed25519 AAAA")
    iam.upload_signing_certificate(UserName=user, CertificateBody=_certificate())
    assert _differences(_present(aws_environment, stack)) == (
        Difference("user ledger-export, access keys, newest first", "Active, Inactive", "Active, Active"),
        Difference("user ledger-export, console password", "none", "present"),
        Difference("user ledger-export, SSH keys", "none", "1 Active"),
        Difference("user ledger-export, signing certificates", "none", "1 Active"),
    )


@everything
def test_a_credential_for_one_service_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    action = "ListServiceSpecificCredentials"
    listed = "<ServiceSpecificCredentials><member><Status>Active</Status></member></ServiceSpecificCredentials>"
    body = f"<{action}Response><{action}Result>{listed}</{action}Result></{action}Response>"
    loopback.add_fault(odd_answer(f"iam:{action}", body))
    assert _differences(_present(aws_environment, stack)) == (
        Difference("user ledger-export, credentials for one service", "none", "1 Active"),
    )


@everything
def test_a_moved_user_is_a_difference(aws_environment: dict[str, str], stack: Stack, iam: IAMClient, user: str) -> None:
    iam.update_user(UserName=user, NewPath="/")
    assert Difference("user ledger-export, path", "/nhi/prod/", "/") in _differences(_present(aws_environment, stack))


@everything
def test_another_user_that_carries_the_id_is_a_difference(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient
) -> None:
    iam.create_user(UserName="shadow", Tags=[{"Key": "nhi:id", "Value": IDENTITY.id}])
    assert _wheres(_present(aws_environment, stack)) == ["user shadow"]


@everything
def test_a_secret_with_other_tags_and_one_scheduled_for_deletion_are_differences(
    aws_environment: dict[str, str],
    stack: Stack,
    secrets: Any,  # noqa: ANN401  # boto3's client
) -> None:
    secrets.untag_resource(SecretId=SECRET, TagKeys=["nhi:owner"])
    secrets.delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    assert _differences(_present(aws_environment, stack)) == (
        Difference(f"secret {SECRET}", "present", "scheduled for deletion"),
        Difference(f"secret {SECRET}, tag nhi:owner", "payments", "missing"),
    )


@everything
def test_a_disabled_and_edited_event_rule_is_a_difference(
    aws_environment: dict[str, str],
    stack: Stack,
    events: Any,  # noqa: ANN401  # boto3's client
) -> None:
    events.put_rule(Name=RULE, EventPattern='{"source": ["nothing"]}', ScheduleExpression="rate(1 day)")
    events.disable_rule(Name=RULE)
    events.remove_targets(Rule=RULE, Ids=["security"])
    other = TOPIC.replace("security", "nobody")
    events.put_targets(Rule=RULE, Targets=[{"Id": "other", "Arn": other}])
    assert _differences(_present(aws_environment, stack)) == (
        Difference(f"event rule {RULE}, state", "ENABLED", "DISABLED"),
        Difference(f"event rule {RULE}, pattern", json.dumps(PATTERN, sort_keys=True), '{"source": ["nothing"]}'),
        Difference(f"event rule {RULE}, schedule", "none", "rate(1 day)"),
        Difference(f"event rule {RULE}, targets", TOPIC, other),
    )


@everything
def test_whatever_of_it_is_missing_is_a_difference(
    aws_environment: dict[str, str],
    stack: Stack,
    secrets: Any,  # noqa: ANN401  # boto3's client
    events: Any,  # noqa: ANN401  # boto3's client
) -> None:
    secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    events.remove_targets(Rule=RULE, Ids=["security"])
    events.delete_rule(Name=RULE)
    assert _differences(_present(aws_environment, stack)) == (
        Difference(f"secret {SECRET}", "present", "missing"),
        Difference(f"event rule {RULE}", "present", "missing"),
    )


def test_a_user_that_was_never_made_is_absent(aws_environment: dict[str, str], stack: Stack) -> None:
    assert _present(aws_environment, stack) == Absent()


# --- gone ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("user")
def test_a_user_that_still_stands_is_not_gone(aws_environment: dict[str, str], stack: Stack) -> None:
    arn = f"arn:aws:iam::{stack.account}:user/nhi/prod/ledger-export"
    assert _gone(aws_environment, stack) == Present(
        (Difference("user ledger-export", "nothing more", f"{arn} (nhi:id prod/ledger-export)"),)
    )


def test_a_user_that_was_moved_and_stripped_of_its_tags_is_not_gone(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient, user: str
) -> None:
    iam.untag_user(UserName=user, TagKeys=[tag["Key"] for tag in TAGS])
    iam.update_user(UserName=user, NewPath="/legacy/")
    assert _wheres(_gone(aws_environment, stack)) == ["user ledger-export"]


def test_another_identitys_user_of_the_same_name_does_not_count(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient
) -> None:
    iam.create_user(UserName=IDENTITY.name, Path="/nhi/test/", Tags=[{"Key": "nhi:id", "Value": "test/ledger-export"}])
    assert _gone(aws_environment, stack) == Absent()


@pytest.mark.usefixtures("secret", "rule")
def test_a_secret_and_a_rule_that_are_left_are_not_gone(aws_environment: dict[str, str], stack: Stack) -> None:
    assert _wheres(_gone(aws_environment, stack)) == [f"secret {SECRET}", f"event rule {RULE}"]


@pytest.mark.parametrize("tags", [TAGS, []], ids=["by id", "by name"])
def test_each_mark_is_enough_to_find_what_is_left(
    aws_environment: dict[str, str],
    stack: Stack,
    secrets: Any,  # noqa: ANN401  # boto3's client
    events: Any,  # noqa: ANN401  # boto3's client
    tags: list[dict[str, str]],
) -> None:
    names = ("something", "nhi-something") if tags else (SECRET, RULE)
    secrets.create_secret(Name=names[0], SecretString="value", Tags=tags)
    events.put_rule(Name=names[1], EventPattern="{}", Tags=tags)
    assert _wheres(_gone(aws_environment, stack)) == [f"secret {names[0]}", f"event rule {names[1]}"]


def test_what_is_left_behind_the_first_page_is_seen(
    aws_environment: dict[str, str],
    stack: Stack,
    secrets: Any,  # noqa: ANN401  # boto3's client
    loopback: LoopbackAws,
) -> None:
    secrets.create_secret(Name="late", SecretString="value", Tags=TAGS)
    loopback.add_fault(odd_answer("secretsmanager:*ListSecrets", '{"SecretList": [], "NextToken": "0"}', times=1))
    assert _wheres(_gone(aws_environment, stack)) == ["secret late"]


def test_a_secret_that_is_scheduled_for_deletion_is_gone(
    aws_environment: dict[str, str],
    stack: Stack,
    secret: str,
    secrets: Any,  # noqa: ANN401  # boto3's client
) -> None:
    secrets.delete_secret(SecretId=secret, RecoveryWindowInDays=30)
    assert _gone(aws_environment, stack) == Absent()


def test_a_secret_that_only_the_listing_still_knows_is_gone(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    arn = f"arn:aws:secretsmanager:eu-west-1:{stack.account}:secret:{SECRET}-aBcDeF"
    body = json.dumps({"SecretList": [{"Name": SECRET, "ARN": arn, "Tags": TAGS}]})
    loopback.add_fault(odd_answer("secretsmanager:*ListSecrets", body))
    assert _gone(aws_environment, stack) == Absent()


@everything
def test_what_belongs_to_others_does_not_count(aws_environment: dict[str, str], stack: Stack) -> None:
    assert _gone(aws_environment, stack, "ledger") == Absent()
    assert _gone(aws_environment, replace(stack, name="test")) == Absent()


# --- could not tell ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """An account in which everything stands as declared, for tests that change nothing in it."""

    environment: dict[str, str]
    stack: Stack
    looked: AwsCloud
    """It has answered before: a look costs only its direct questions."""
    loopback: LoopbackAws

    def present(self) -> Answer:
        return self.looked.present(IDENTITY, KIND, self.stack)

    def gone(self) -> Answer:
        return self.looked.gone(IDENTITY.name, self.stack)

    def gone_anew(self, name: str = IDENTITY.name) -> Answer:
        return _gone(self.environment, self.stack, name)


@pytest.fixture(scope="session")
def made(aws_server: LoopbackAws) -> Standing:
    """Everything of IDENTITY, made as declared, and looked at once."""
    environment = aws_server.credentials_for("444455550001")
    _make_user(_client(environment, "iam"))
    _make_secret(_client(environment, "secretsmanager"))
    _make_rule(_client(environment, "events"))
    there = Standing(environment, Stack("prod", "444455550001", "eu-west-1"), AwsCloud(environment, ONCE), aws_server)
    assert there.present() == Present()
    assert len(_differences(there.gone())) == 3
    return there


@pytest.fixture
def standing(made: Standing, loopback: LoopbackAws) -> Standing:
    """The same, without faults before and after."""
    assert made.loopback is loopback
    return made


FAULTS = (access_denied, throttled, internal_error)
BODIES = ("", "{}", "<html>", "[]")
OF_PRESENT = [
    "iam:GetLoginProfile",
    "iam:ListAccessKeys",
    "iam:ListSSHPublicKeys",
    "iam:ListSigningCertificates",
    "iam:ListServiceSpecificCredentials",
    "secretsmanager:DescribeSecret",
    "events:DescribeRule",
    "events:ListTargetsByRule",
]
DIRECT_OF_GONE = ["iam:GetUser", "secretsmanager:DescribeSecret"]
LISTINGS_OF_GONE = ["iam:ListUsers", "secretsmanager:ListSecrets", "events:ListRules", "events:ListTagsForResource"]

each_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
each_body = pytest.mark.parametrize("body", BODIES, ids=["nothing", "empty", "a page of a proxy", "a list"])


def _pattern(call: str) -> str:
    """The call as it goes over the wire, such as `events:AWSEvents.ListRules`."""
    return call.replace(":", ":*")


@each_fault
@pytest.mark.parametrize("call", OF_PRESENT)
def test_one_failing_call_is_enough_to_not_know_how_it_stands(
    standing: Standing, call: str, fault: Callable[..., Fault]
) -> None:
    standing.loopback.add_fault(fault(_pattern(call)))
    answer = standing.present()
    assert isinstance(answer, CouldNotTell)
    assert call in answer.reason


@each_body
@pytest.mark.parametrize("call", OF_PRESENT)
def test_an_odd_answer_cannot_tell_how_it_stands(standing: Standing, call: str, body: str) -> None:
    standing.loopback.add_fault(odd_answer(_pattern(call), body))
    assert isinstance(standing.present(), CouldNotTell)


@each_fault
@pytest.mark.parametrize("call", DIRECT_OF_GONE)
def test_one_failing_question_is_enough_to_not_know_that_it_is_gone(
    standing: Standing, call: str, fault: Callable[..., Fault]
) -> None:
    standing.loopback.add_fault(fault(_pattern(call)))
    answer = standing.gone()
    assert isinstance(answer, CouldNotTell)
    assert call in answer.reason


@each_body
@pytest.mark.parametrize("call", DIRECT_OF_GONE)
def test_an_odd_answer_to_a_question_cannot_tell_that_it_is_gone(standing: Standing, call: str, body: str) -> None:
    standing.loopback.add_fault(odd_answer(_pattern(call), body))
    assert isinstance(standing.gone(), CouldNotTell)


@each_fault
@pytest.mark.parametrize("call", LISTINGS_OF_GONE)
def test_one_failing_listing_is_enough_to_not_know_that_it_is_gone(
    standing: Standing, call: str, fault: Callable[..., Fault]
) -> None:
    standing.loopback.add_fault(fault(_pattern(call)))
    answer = standing.gone_anew()
    assert isinstance(answer, CouldNotTell)
    assert call in answer.reason


@each_body
@pytest.mark.parametrize("call", LISTINGS_OF_GONE)
def test_an_odd_listing_cannot_tell_that_it_is_gone(standing: Standing, call: str, body: str) -> None:
    standing.loopback.add_fault(odd_answer(_pattern(call), body))
    assert isinstance(standing.gone_anew("another"), CouldNotTell)


@pytest.mark.parametrize("call", ["iam:GetUser", "secretsmanager:ListSecrets", "events:ListRules"])
def test_what_was_never_made_is_not_absent_where_a_call_fails(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws, call: str
) -> None:
    loopback.add_fault(access_denied(_pattern(call)))
    assert isinstance(_present(aws_environment, stack), CouldNotTell)


@pytest.mark.parametrize("call", ["iam:ListAccessKeys", "iam:ListSSHPublicKeys", "iam:ListSigningCertificates"])
def test_a_user_that_goes_while_its_credentials_are_read_cannot_be_told(standing: Standing, call: str) -> None:
    standing.loopback.add_fault(Fault(call, status=404, code="NoSuchEntity"))
    assert isinstance(standing.present(), CouldNotTell)


@pytest.mark.parametrize("call", ["secretsmanager:DescribeSecret", "events:DescribeRule", "iam:GetLoginProfile"])
def test_only_the_documented_word_says_that_there_is_none(standing: Standing, call: str) -> None:
    standing.loopback.add_fault(Fault(_pattern(call), status=404, code="NotFound"))
    assert isinstance(standing.present(), CouldNotTell)


@pytest.mark.parametrize("token", ["", 7, "the same for ever"])
@pytest.mark.parametrize("call", ["secretsmanager:ListSecrets", "events:ListRules"])
def test_a_listing_that_says_more_and_not_where_cannot_tell(standing: Standing, call: str, token: object) -> None:
    body = json.dumps({"SecretList": [], "Rules": [], "NextToken": token})
    standing.loopback.add_fault(odd_answer(_pattern(call), body))
    answer = standing.gone_anew("another")
    assert isinstance(answer, CouldNotTell)
    assert f"{call} says that there is more, and not where" in answer.reason


def test_a_token_listing_without_an_end_cannot_tell(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nhi.cloud.aws._MAX_PAGES", 1)
    standing.loopback.add_fault(odd_answer("events:*ListRules", '{"Rules": [], "NextToken": "2"}'))
    answer = standing.gone_anew("another")
    assert isinstance(answer, CouldNotTell)
    assert "more than 1 pages" in answer.reason


def test_a_half_empty_listing_of_users_cannot_tell(standing: Standing) -> None:
    action = "GetAccountAuthorizationDetails"
    lists = f"<{action}Result><UserDetailList/><RoleDetailList/><IsTruncated>false</IsTruncated></{action}Result>"
    standing.loopback.add_fault(odd_answer(f"iam:{action}", f"<{action}Response>{lists}</{action}Response>"))
    answer = standing.gone_anew("another")
    assert isinstance(answer, CouldNotTell)
    assert "two listings of the users below /nhi/prod/ differ (ledger-export)" in answer.reason


# --- cost ----------------------------------------------------------------------------------------------------------


def test_secrets_and_rules_are_listed_once_for_all_identities_of_a_stack(standing: Standing) -> None:
    for call in ("iam:List*", "secretsmanager:*List*", "events:*List*"):
        standing.loopback.add_fault(internal_error(call))
    assert standing.looked.gone("another", standing.stack) == Absent()
    assert _wheres(standing.gone()) == ["user ledger-export", f"secret {SECRET}", f"event rule {RULE}"]


def test_a_listing_that_failed_is_not_asked_for_again(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    cloud = AwsCloud(aws_environment, ONCE)
    loopback.add_fault(internal_error("secretsmanager:*ListSecrets", times=1))
    first, second = (cloud.gone(name, stack) for name in ("one", "two"))
    assert isinstance(first, CouldNotTell)
    assert isinstance(second, CouldNotTell)
    assert first.reason.removeprefix("prod/one") == second.reason.removeprefix("prod/two")


def test_what_stands_is_verified_without_listing_secrets_and_rules_or_reading_a_value(standing: Standing) -> None:
    for call in ("secretsmanager:*ListSecrets", "secretsmanager:*GetSecretValue", "events:*ListRules"):
        standing.loopback.add_fault(access_denied(call))
    assert _present(standing.environment, standing.stack) == Present()


def _certificate() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ledger.example")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=365))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    return certificate.decode()
