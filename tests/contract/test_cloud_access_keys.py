"""The keys of a user, asked of a loopback AWS: age, whether on, last use; and every way of not knowing."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.fixtures.aws import session_of
from types_boto3_iam import IAMClient

from nhi.cloud.access_keys import AwsAccessKeys
from nhi.cloud.aws import Limits
from nhi.cloud.interface import AccessKeys
from nhi.model.rotation import LiveKey
from nhi.model.settings import Stack
from nhi.model.usage import NoUseSeen, Used
from nhi.model.verification import CouldNotTell
from nhi.sandbox.aws import LoopbackAws
from nhi.sandbox.faults import access_denied, half_empty, internal_error, odd_answer, throttled

NAME = "ledger-key"
ONCE = Limits(attempts=1, retry_mode="standard", connect_seconds=2, read_seconds=5)
CALLS = ("sts:GetCallerIdentity", "iam:GetUser", "iam:ListAccessKeys")
LIST = "<AccessKeyMetadata>%s</AccessKeyMetadata>%s"
PAGE = f"<ListAccessKeysResponse><ListAccessKeysResult>{LIST}</ListAccessKeysResult></ListAccessKeysResponse>"
KEY = "<member><AccessKeyId>%s</AccessKeyId><Status>%s</Status><CreateDate>%s</CreateDate></member>"


@pytest.fixture
def stack(fresh_account: str) -> Stack:
    return Stack("prod", fresh_account, "eu-west-1")


@pytest.fixture
def keys(aws_environment: dict[str, str]) -> AccessKeys:
    return AwsAccessKeys(aws_environment, ONCE)


@pytest.fixture
def user(iam: IAMClient) -> str:
    iam.create_user(UserName=NAME, Path="/nhi/prod/")
    return NAME


def told(keys: AccessKeys, stack: Stack) -> tuple[LiveKey, ...]:
    found = keys.access_keys(NAME, stack)
    assert isinstance(found, tuple), found
    return found


def unknown(keys: AccessKeys, stack: Stack) -> str:
    found = keys.access_keys(NAME, stack)
    assert isinstance(found, CouldNotTell)
    assert found.reason.startswith("the keys of prod/ledger-key: ")
    return found.reason


def test_each_key_has_its_age_its_status_and_its_last_use(
    keys: AccessKeys, stack: Stack, iam: IAMClient, user: str, loopback: LoopbackAws
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    used, idle = (iam.create_access_key(UserName=user)["AccessKey"] for _ in range(2))
    iam.update_access_key(UserName=user, AccessKeyId=idle["AccessKeyId"], Status="Inactive")
    own = {"AWS_ACCESS_KEY_ID": used["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": used["SecretAccessKey"]}
    session = session_of({"AWS_SESSION_TOKEN": "", "AWS_REGION": "eu-west-1", **own})
    session.client("sts", endpoint_url=loopback.endpoint).get_caller_identity()
    found = {one.id: one for one in told(keys, stack)}
    assert found.keys() == {used["AccessKeyId"], idle["AccessKeyId"]}
    first, second = found[used["AccessKeyId"]], found[idle["AccessKeyId"]]
    assert (first.active, second.active, second.last_use) == (True, False, NoUseSeen())
    assert isinstance(first.last_use, Used)
    assert first.last_use.service == "sts"
    assert all(before <= one.created <= datetime.now(UTC) + timedelta(seconds=1) for one in (first, second))


def test_the_oldest_stands_first_whatever_page_it_is_on(
    keys: AccessKeys, stack: Stack, loopback: LoopbackAws, user: str
) -> None:
    assert user == NAME
    young, old = KEY % ("AKIA1", "Active", "2026-11-01T00:00:00Z"), KEY % ("AKIA2", "Inactive", "2026-08-01T00:00:00Z")
    more = "<IsTruncated>true</IsTruncated><Marker>2</Marker>"
    loopback.add_fault(odd_answer("iam:ListAccessKeys", PAGE % (young, more), times=1))
    loopback.add_fault(odd_answer("iam:ListAccessKeys", PAGE % (old, ""), times=1))
    found = told(keys, stack)
    assert [(one.id, one.active, one.created.date().isoformat()) for one in found] == [
        ("AKIA2", False, "2026-08-01"),
        ("AKIA1", True, "2026-11-01"),
    ]
    assert all(isinstance(one.last_use, CouldNotTell) for one in found)  # there are no such keys


@pytest.mark.usefixtures("user")
def test_a_user_without_keys_has_none(keys: AccessKeys, stack: Stack) -> None:
    assert told(keys, stack) == ()


def test_where_there_is_no_user_nothing_is_known(keys: AccessKeys, stack: Stack) -> None:
    assert "NoSuchEntity" in unknown(keys, stack)


def test_a_namesake_of_somebody_else_is_not_asked_about(keys: AccessKeys, stack: Stack, iam: IAMClient) -> None:
    iam.create_user(UserName=NAME, Path="/nhi/prod-eu/")
    assert "somebody else's" in unknown(keys, stack)


def test_what_carries_the_id_is_asked_about_wherever_it_stands(keys: AccessKeys, stack: Stack, iam: IAMClient) -> None:
    iam.create_user(UserName=NAME, Path="/", Tags=[{"Key": "nhi:id", "Value": "prod/ledger-key"}])
    assert told(keys, stack) == ()


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("fault", [access_denied, throttled, internal_error], ids=lambda fault: fault.__name__)
def test_a_call_that_fails_is_unknown_and_never_no_key(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws, fault: object
) -> None:
    assert callable(fault)
    for call in CALLS:
        loopback.clear_faults()
        loopback.add_fault(fault(call))
        unknown(AwsAccessKeys(aws_environment, ONCE), stack)


def test_a_half_empty_list_is_unknown(
    keys: AccessKeys, stack: Stack, iam: IAMClient, loopback: LoopbackAws, user: str
) -> None:
    iam.create_access_key(UserName=user)
    for element in ("AccessKeyMetadata", "AccessKeyId", "Status", "CreateDate"):
        loopback.clear_faults()
        loopback.add_fault(half_empty("iam:ListAccessKeys", element))
        unknown(keys, stack)


@pytest.mark.usefixtures("user")
def test_a_status_that_aws_does_not_document_is_unknown(keys: AccessKeys, stack: Stack, loopback: LoopbackAws) -> None:
    loopback.add_fault(
        odd_answer("iam:ListAccessKeys", PAGE % (KEY % ("AKIA1", "Sleeping", "2026-11-01T00:00:00Z"), ""), times=1)
    )
    assert "neither Active nor Inactive" in unknown(keys, stack)


def test_one_key_whose_use_cannot_be_told_is_a_key_even_so(
    keys: AccessKeys, stack: Stack, iam: IAMClient, loopback: LoopbackAws, user: str
) -> None:
    iam.create_access_key(UserName=user)
    loopback.add_fault(access_denied("iam:GetAccessKeyLastUsed"))
    (one,) = told(keys, stack)
    assert isinstance(one.last_use, CouldNotTell)
    assert "AccessDenied" in one.last_use.reason


def test_with_credentials_of_another_account_nothing_is_believed(keys: AccessKeys) -> None:
    assert "444455556666" in unknown(keys, Stack("prod", "444455556666", "eu-west-1"))
