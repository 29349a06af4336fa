"""The real reads against a loopback AWS: who we are, last use, inventory, quotas, CloudTrail, and all that fails."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.fixtures.aws import session_of
from types_boto3_iam import IAMClient
from types_boto3_iam.type_defs import TagTypeDef

from nhi.cloud.aws import Limits
from nhi.cloud.aws_reads import AwsReads
from nhi.cloud.interface import CloudReads
from nhi.cloud.pace import Clock
from nhi.model.inventory import LiveIdentity, Quota
from nhi.model.plan import PrincipalType
from nhi.model.settings import Stack
from nhi.model.trail import Actor, Attribute, Search, Trail, same_principal
from nhi.model.usage import NoUseSeen, Used
from nhi.model.verification import CouldNotTell
from nhi.sandbox.aws import LoopbackAws
from nhi.sandbox.faults import Fault, access_denied, half_empty, internal_error, odd_answer, slow, throttled
from nhi.sandbox.history import Habits

ONCE = Limits(attempts=1, retry_mode="standard", connect_seconds=2, read_seconds=5)
TRUST = '{"Version": "2012-10-17", "Statement": []}'
PATH = "/nhi/prod/"
NAME = "ledger-writer"
HOUR = timedelta(hours=1)
LOOKUP = "cloudtrail:LookupEvents"
GAAD = "iam:GetAccountAuthorizationDetails"
ABOUT_IT = Search(Attribute.RESOURCE, NAME)


class Waits:
    """A clock that stands still but for the calendar, and remembers how long it was to wait."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.pauses: list[float] = []
        self.clock = Clock(lambda: datetime.now(UTC) + ahead, lambda: sum(self.pauses), self.pauses.append)


@pytest.fixture
def stack(fresh_account: str) -> Stack:
    return Stack("prod", fresh_account, "eu-west-1")


@pytest.fixture
def reads(aws_environment: dict[str, str]) -> CloudReads:
    return AwsReads(aws_environment, Waits().clock, ONCE)


def _make_role(iam: IAMClient, name: str = NAME, path: str = PATH, **tags: str) -> str:
    listed: list[TagTypeDef] = [{"Key": key.replace("_", ":"), "Value": value} for key, value in tags.items()]
    made = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST, Tags=listed)
    return made["Role"]["RoleId"]


def _make_key(iam: IAMClient, user: str = NAME) -> dict[str, str]:
    """A new key, as the environment of who has it."""
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def _use(loopback: LoopbackAws, environment: Mapping[str, str], service: str = "iam") -> None:
    session = session_of({"AWS_SESSION_TOKEN": "", "AWS_REGION": "us-east-1", **environment})
    if service == "iam":
        session.client("iam", endpoint_url=loopback.endpoint).list_roles()
    else:
        session.client("sts", endpoint_url=loopback.endpoint).get_caller_identity()


def _assume(loopback: LoopbackAws, environment: Mapping[str, str], role: str) -> dict[str, str]:
    sts = session_of(environment).client("sts", "us-east-1", endpoint_url=loopback.endpoint)
    issued = sts.assume_role(RoleArn=role, RoleSessionName="batch-7")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
        "AWS_SESSION_TOKEN": issued["SessionToken"],
        "AWS_REGION": "us-east-1",
    }


def _recorded(
    reads: CloudReads, stack: Stack, search: Search = ABOUT_IT, since: timedelta = HOUR, *, in_region: bool = False
) -> Trail:
    now = datetime.now(UTC)
    found = reads.trail(search, now - since, now, stack, in_region=in_region)
    assert isinstance(found, Trail), found
    return found


# --- who we are ----------------------------------------------------------------------------------------------------


def test_a_session_is_known_with_the_role_behind_it(loopback: LoopbackAws, stack: Stack, iam: IAMClient) -> None:
    role_id = _make_role(iam, "nhi-verify", "/nhi/")
    environment = loopback.credentials_for(stack.account, role="nhi/nhi-verify", session="run-7")

    assert AwsReads(environment, Waits().clock, ONCE).caller(stack) == Actor(
        f"arn:aws:sts::{stack.account}:assumed-role/nhi-verify/run-7",
        f"arn:aws:iam::{stack.account}:role/nhi-verify",
        stack.account,
        role_id,
    )


def test_a_user_is_known_by_itself(loopback: LoopbackAws, stack: Stack, iam: IAMClient) -> None:
    user = iam.create_user(UserName="auditor", Path=PATH)["User"]
    environment = {**_make_key(iam, "auditor"), "AWS_ENDPOINT_URL": loopback.endpoint}

    found = AwsReads(environment, Waits().clock, ONCE).caller(stack)

    assert found == Actor(user["Arn"], None, stack.account, user["UserId"])


def test_who_looks_is_recognised_in_cloudtrail_whatever_its_path(loopback: LoopbackAws, stack: Stack) -> None:
    applies = loopback.credentials_for(stack.account, role="ci/nhi-apply", session="apply-1")
    verifies = loopback.credentials_for(stack.account, role="ci/nhi-verify", session="verify-1")
    _make_role(session_of(applies).client("iam", endpoint_url=loopback.endpoint))
    (event,) = _recorded(AwsReads(verifies, Waits().clock, ONCE), stack).events

    again = loopback.credentials_for(stack.account, role="ci/nhi-apply", session="apply-2")
    same, other = (AwsReads(one, Waits().clock, ONCE).caller(stack) for one in (again, verifies))

    assert isinstance(same, Actor)
    assert isinstance(other, Actor)
    assert same_principal(event.actor, same)
    assert not same_principal(event.actor, other)


# --- last use ------------------------------------------------------------------------------------------------------


def test_a_role_that_nobody_used_has_no_use_seen(reads: CloudReads, stack: Stack, iam: IAMClient) -> None:
    _make_role(iam)
    assert reads.last_use(NAME, stack) == NoUseSeen()


def test_a_used_role_was_used(
    reads: CloudReads, stack: Stack, iam: IAMClient, loopback: LoopbackAws, aws_environment: dict[str, str]
) -> None:
    _make_role(iam)
    before = datetime.now(UTC)
    _use(loopback, _assume(loopback, aws_environment, f"arn:aws:iam::{stack.account}:role{PATH}{NAME}"))

    found = reads.last_use(NAME, stack)

    assert isinstance(found, Used)
    assert before <= found.at <= datetime.now(UTC)
    assert found.at.tzinfo is UTC


def test_a_user_was_used_when_the_newest_of_its_keys_was(
    reads: CloudReads, stack: Stack, iam: IAMClient, loopback: LoopbackAws
) -> None:
    iam.create_user(UserName=NAME, Path=PATH)
    first, second, idle = (_make_key(iam), _make_key(iam), "other")
    iam.create_user(UserName=idle, Path=PATH)
    _use(loopback, first)
    _use(loopback, second, "sts")

    uses = reads.key_uses(NAME, stack)

    assert isinstance(uses, Mapping)
    assert uses.keys() == {first["AWS_ACCESS_KEY_ID"], second["AWS_ACCESS_KEY_ID"]}
    assert reads.last_use(NAME, stack) == uses[second["AWS_ACCESS_KEY_ID"]]
    assert reads.access_key_use(first["AWS_ACCESS_KEY_ID"], stack) == uses[first["AWS_ACCESS_KEY_ID"]]
    assert [one.service for one in uses.values() if isinstance(one, Used)] == ["iam", "sts"]
    assert reads.last_use(idle, stack) == NoUseSeen()


def test_an_idle_key_has_no_use_seen_and_a_user_without_keys_has_none(
    reads: CloudReads, stack: Stack, iam: IAMClient
) -> None:
    iam.create_user(UserName=NAME, Path=PATH)
    assert reads.key_uses(NAME, stack) == {}
    key = _make_key(iam)["AWS_ACCESS_KEY_ID"]
    assert reads.key_uses(NAME, stack) == {key: NoUseSeen()}
    assert reads.access_key_use(key, stack) == NoUseSeen()


def test_a_namesake_of_somebody_else_is_not_asked_about(reads: CloudReads, stack: Stack, iam: IAMClient) -> None:
    _make_role(iam, path="/")
    assert reads.last_use(NAME, stack) == CouldNotTell("prod/ledger-writer: no role or user stands for it")


def test_what_carries_the_id_is_asked_about_wherever_it_stands(reads: CloudReads, stack: Stack, iam: IAMClient) -> None:
    _make_role(iam, path="/", nhi_id="prod/ledger-writer")
    assert reads.last_use(NAME, stack) == NoUseSeen()


def test_of_what_does_not_exist_nobody_can_tell_the_use(reads: CloudReads, stack: Stack) -> None:
    assert isinstance(reads.last_use(NAME, stack), CouldNotTell)
    assert isinstance(reads.key_uses(NAME, stack), CouldNotTell)
    assert isinstance(reads.access_key_use("AKIAIOSFODNN7EXAMPLE", stack), CouldNotTell)


def test_one_key_that_may_not_be_asked_about_is_unknown_and_so_is_the_user(
    reads: CloudReads, stack: Stack, iam: IAMClient, loopback: LoopbackAws
) -> None:
    iam.create_user(UserName=NAME, Path=PATH)
    _make_key(iam)
    _use(loopback, _make_key(iam))
    loopback.add_fault(access_denied("iam:GetAccessKeyLastUsed", times=1))
    uses = reads.key_uses(NAME, stack)
    loopback.add_fault(access_denied("iam:GetAccessKeyLastUsed", times=1))

    assert isinstance(uses, Mapping)
    assert [type(one) for one in uses.values()] == [CouldNotTell, Used]
    assert isinstance(reads.last_use(NAME, stack), CouldNotTell)


def test_the_keys_of_every_page_are_asked_about(reads: CloudReads, stack: Stack, loopback: LoopbackAws) -> None:
    page = "<ListAccessKeysResponse><ListAccessKeysResult>%s</ListAccessKeysResult></ListAccessKeysResponse>"
    key = "<AccessKeyMetadata><member><AccessKeyId>%s</AccessKeyId></member></AccessKeyMetadata>"
    more = "<IsTruncated>true</IsTruncated><Marker>2</Marker>"
    loopback.add_fault(odd_answer("iam:ListAccessKeys", page % (key % "AKIA1" + more), times=1))
    loopback.add_fault(odd_answer("iam:ListAccessKeys", page % (key % "AKIA2"), times=1))

    uses = reads.key_uses(NAME, stack)

    assert isinstance(uses, Mapping)
    assert list(uses) == ["AKIA1", "AKIA2"]


# --- inventory and quotas ------------------------------------------------------------------------------------------


def test_the_inventory_has_every_role_and_user_with_what_it_says_of_itself(
    reads: CloudReads, stack: Stack, iam: IAMClient, loopback: LoopbackAws, aws_environment: dict[str, str]
) -> None:
    before = datetime.now(UTC)
    role_id = _make_role(iam, nhi_id="prod/ledger-writer", team="payments")
    user_id = iam.create_user(UserName="somebody")["User"]["UserId"]
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    _use(loopback, _assume(loopback, aws_environment, f"arn:aws:iam::{stack.account}:role{PATH}{NAME}"))

    found = reads.inventory(stack)

    assert isinstance(found, tuple)
    linked, role, user = found
    assert isinstance(role.last_use, Used)
    assert before <= role.created <= role.last_use.at <= datetime.now(UTC)
    assert role == LiveIdentity(
        PrincipalType.ROLE,
        NAME,
        PATH,
        f"arn:aws:iam::{stack.account}:role{PATH}{NAME}",
        role_id,
        "prod/ledger-writer",
        role.created,
        role.last_use,
        provided=False,
    )
    assert user == LiveIdentity(
        PrincipalType.USER,
        "somebody",
        "/",
        f"arn:aws:iam::{stack.account}:user/somebody",
        user_id,
        None,
        user.created,
        None,
        provided=False,
    )
    assert (linked.provided, linked.id, linked.last_use) == (True, None, NoUseSeen())


def test_an_empty_account_has_nothing(reads: CloudReads, stack: Stack) -> None:
    assert reads.inventory(stack) == ()


def test_quotas_say_what_is_used_and_what_may_be(reads: CloudReads, stack: Stack, iam: IAMClient) -> None:
    _make_role(iam)
    found = reads.quotas(stack)
    assert isinstance(found, tuple)
    assert Quota("Roles", 1, 1000) in found
    assert Quota("AccessKeysPerUser", None, 2) in found
    assert Quota("AssumeRolePolicySize", None, 2048) in found


# --- CloudTrail ----------------------------------------------------------------------------------------------------


def test_a_life_is_recorded_from_making_to_removal(
    reads: CloudReads, stack: Stack, iam: IAMClient, fresh_account: str
) -> None:
    role_id = _make_role(iam)
    iam.delete_role(RoleName=NAME)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_role(RoleName=NAME)

    made, removed, failed = sorted(_recorded(reads, stack).events, key=lambda one: (one.action, one.error or ""))

    assert (made.action, made.unique_id, made.error) == ("iam:CreateRole", role_id, None)
    assert (removed.action, removed.unique_id, removed.error) == ("iam:DeleteRole", None, None)
    assert (failed.action, failed.error) == ("iam:DeleteRole", "NoSuchEntity")
    assert removed.actor.issuer == f"arn:aws:iam::{fresh_account}:role/nhi-sandbox"
    assert removed.actor.arn == f"arn:aws:sts::{fresh_account}:assumed-role/nhi-sandbox/nhi-sandbox"
    assert removed.resources == (NAME,)


def test_a_users_unique_id_and_its_keys_are_in_the_record(reads: CloudReads, stack: Stack, iam: IAMClient) -> None:
    user_id = iam.create_user(UserName=NAME)["User"]["UserId"]
    key = _make_key(iam)["AWS_ACCESS_KEY_ID"]

    found = {one.action: one for one in _recorded(reads, stack).events}

    assert found["iam:CreateUser"].unique_id == user_id
    assert key in found["iam:CreateAccessKey"].resources
    assert _recorded(reads, stack, Search(Attribute.RESOURCE, key)).events == (found["iam:CreateAccessKey"],)


def test_that_a_user_got_another_name_is_in_the_record(reads: CloudReads, stack: Stack, iam: IAMClient) -> None:
    iam.create_user(UserName=NAME)
    iam.update_user(UserName=NAME, NewPath=PATH)
    iam.update_user(UserName=NAME, NewUserName="hidden")

    found = [
        (one.action, one.renamed) for one in _recorded(reads, stack).events if one.renamed or "Update" in one.action
    ]
    assert sorted(found, key=str) == [("iam:UpdateUser", "hidden"), ("iam:UpdateUser", None)]


def test_a_session_that_lived_on_is_found_with_the_id_of_its_removed_role(
    reads: CloudReads, stack: Stack, iam: IAMClient, loopback: LoopbackAws, aws_environment: dict[str, str]
) -> None:
    role_id = _make_role(iam)
    session = _assume(loopback, aws_environment, f"arn:aws:iam::{stack.account}:role{PATH}{NAME}")
    iam.delete_role(RoleName=NAME)
    session_of(session).client("iam", endpoint_url=loopback.endpoint).create_group(GroupName="left-behind")

    (event,) = _recorded(reads, stack, Search(Attribute.USER, "batch-7")).events

    assert event.actor.unique_id == role_id
    assert event.actor.issuer == f"arn:aws:iam::{stack.account}:role{PATH}{NAME}"
    for search in (
        Search(Attribute.ACTION, "CreateGroup"),
        Search(Attribute.ACCESS_KEY, session["AWS_ACCESS_KEY_ID"]),
        Search(Attribute.RESOURCE, "left-behind"),
    ):
        assert _recorded(reads, stack, search).events == (event,)


def test_sessions_of_a_regional_sts_are_found_in_the_region_of_the_stack(
    reads: CloudReads, stack: Stack, aws_environment: dict[str, str]
) -> None:
    role = f"arn:aws:iam::{stack.account}:role{PATH}{NAME}"
    sts = session_of(aws_environment).client("sts", "eu-west-1", endpoint_url=aws_environment["AWS_ENDPOINT_URL"])
    issued = sts.assume_role(RoleArn=role, RoleSessionName="batch-7")

    (event,) = _recorded(reads, stack, Search(Attribute.RESOURCE, role), in_region=True).events

    assert event.action == "sts:AssumeRole"
    assert event.resources == (role, issued["Credentials"]["AccessKeyId"])
    assert event.unique_id == issued["AssumedRoleUser"]["AssumedRoleId"].partition(":")[0]
    assert event.expires == issued["Credentials"]["Expiration"].replace(microsecond=0)
    assert _recorded(reads, stack, Search(Attribute.RESOURCE, role)).events == ()


def test_every_page_is_read_not_faster_than_twice_a_second(
    aws_environment: dict[str, str], stack: Stack, iam: IAMClient
) -> None:
    for number in range(101):
        iam.create_group(GroupName=f"group-{number}")
    waits = Waits()

    found = _recorded(AwsReads(aws_environment, waits.clock, ONCE), stack, Search(Attribute.ACTION, "CreateGroup"))

    assert {one.resources for one in found.events} == {(f"group-{number}",) for number in range(101)}
    assert [one.at for one in found.events] == sorted(one.at for one in found.events)
    assert waits.pauses == [0.5, 0.5]


def test_an_event_that_comes_twice_counts_once(
    reads: CloudReads, stack: Stack, iam: IAMClient, loopback: LoopbackAws
) -> None:
    for _ in range(30):
        with pytest.raises(iam.exceptions.NoSuchEntityException):
            iam.delete_role(RoleName=NAME)
    once = _recorded(reads, stack).events
    loopback.set_habits(Habits(doubled=True))
    assert len(once) == 30
    assert _recorded(reads, stack).events == once


def test_a_late_event_is_not_there_until_it_is(
    reads: CloudReads, stack: Stack, iam: IAMClient, loopback: LoopbackAws
) -> None:
    _make_role(iam)
    loopback.set_habits(Habits(held=True))
    iam.delete_role(RoleName=NAME)
    early = _recorded(reads, stack)
    loopback.set_habits(Habits())

    assert [one.action for one in early.events] == ["iam:CreateRole"]
    assert {one.action for one in _recorded(reads, stack).events} == {"iam:CreateRole", "iam:DeleteRole"}


def test_nothing_recorded_is_a_trail_without_events(reads: CloudReads, stack: Stack) -> None:
    assert _recorded(reads, stack).events == ()


def test_the_trail_says_how_far_back_it_reaches(aws_environment: dict[str, str], stack: Stack) -> None:
    now = datetime(2027, 1, 1, tzinfo=UTC)
    reads = AwsReads(aws_environment, Clock(lambda: now, lambda: 0, lambda _: None), ONCE)

    found = reads.trail(ABOUT_IT, now - timedelta(days=400), now + HOUR, stack)

    assert found == Trail(now - timedelta(days=90), now, ())


@pytest.mark.parametrize(("since", "until"), [(-400, -91), (1, 2), (-1, -2)])
def test_of_a_time_that_is_in_no_record_nobody_can_tell(
    reads: CloudReads, stack: Stack, since: int, until: int
) -> None:
    now = datetime.now(UTC)
    found = reads.trail(ABOUT_IT, now + timedelta(days=since), now + timedelta(days=until), stack)
    assert isinstance(found, CouldNotTell)
    assert "no record" in found.reason


def test_lookups_that_are_too_fast_are_tried_again_and_then_could_not_be_told(
    reads: CloudReads, aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    loopback.set_habits(Habits(per_second=0))
    found = reads.trail(ABOUT_IT, datetime.now(UTC) - HOUR, datetime.now(UTC), stack)
    assert isinstance(found, CouldNotTell)
    assert f"{LOOKUP} with ThrottlingException" in found.reason
    loopback.set_habits(Habits())
    loopback.add_fault(throttled(LOOKUP, times=1))
    patient = AwsReads(aws_environment, Waits().clock, Limits(attempts=2, retry_mode="standard"))
    assert _recorded(patient, stack).events == ()


def _event(**changes: object) -> dict[str, object]:
    """One event that AWS could answer with, as LookupEvents does."""
    event = {
        "eventID": "6c1d7b1e-0001",
        "eventTime": "2026-11-20T00:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "DeleteRole",
        "userIdentity": {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"},
        "recipientAccountId": "444455556666",
        **changes,
    }
    return {"EventId": "6c1d7b1e-0001", "CloudTrailEvent": json.dumps(event)}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("<html>proxy login</html>", id="a page of a proxy"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="no list of events"),
        pytest.param('{"Events": null}', id="null in place of events"),
        pytest.param('{"Events": [], "NextToken": "7"}', id="the same page for ever"),
        pytest.param('{"Events": [], "NextToken": ""}', id="a next page nowhere"),
        pytest.param('{"Events": [{"EventId": "1"}]}', id="an event without a record"),
        pytest.param('{"Events": [{"EventTime": 1e20}]}', id="an event beyond the calendar"),
        pytest.param("[" * 100_000, id="an answer without a bottom"),
        pytest.param('{"Events": [{"EventId": "1", "CloudTrailEvent": "{"}]}', id="a record that is cut off"),
        pytest.param(json.dumps({"Events": [_event()]}), id="an event of another account"),
    ],
)
def test_an_odd_answer_of_cloudtrail_cannot_tell(
    reads: CloudReads, stack: Stack, loopback: LoopbackAws, body: str
) -> None:
    loopback.add_fault(odd_answer(LOOKUP, body))
    found = reads.trail(ABOUT_IT, datetime.now(UTC) - HOUR, datetime.now(UTC), stack)
    assert isinstance(found, CouldNotTell)
    assert found.reason.startswith("CloudTrail of prod about ledger-writer: ")


@pytest.mark.parametrize("fault", [access_denied, throttled, internal_error], ids=lambda fault: fault.__name__)
def test_a_second_page_that_cannot_be_had_leaves_nothing_of_the_first(
    reads: CloudReads, stack: Stack, iam: IAMClient, loopback: LoopbackAws, fault: Callable[..., Fault]
) -> None:
    for _ in range(51):
        with pytest.raises(iam.exceptions.NoSuchEntityException):
            iam.delete_role(RoleName=NAME)
    loopback.add_fault(slow(LOOKUP, 0, times=1))  # the first page is right
    loopback.add_fault(fault(LOOKUP))
    found = reads.trail(ABOUT_IT, datetime.now(UTC) - HOUR, datetime.now(UTC), stack)
    assert isinstance(found, CouldNotTell)
    assert LOOKUP in found.reason

    lists = "<UserDetailList/><RoleDetailList/><IsTruncated>true</IsTruncated><Marker>2</Marker>"
    page = f"<{GAAD[4:]}Response><{GAAD[4:]}Result>{lists}</{GAAD[4:]}Result></{GAAD[4:]}Response>"
    loopback.add_fault(odd_answer(GAAD, page, times=1))
    loopback.add_fault(fault(GAAD))
    listed = reads.inventory(stack)
    assert isinstance(listed, CouldNotTell)
    assert GAAD in listed.reason


def test_events_without_an_end_cannot_tell(
    reads: CloudReads, stack: Stack, iam: IAMClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nhi.cloud.aws_reads._MAX_PAGES", 1)
    _make_role(iam)
    found = reads.trail(ABOUT_IT, datetime.now(UTC) - HOUR, datetime.now(UTC), stack)
    assert isinstance(found, CouldNotTell)
    assert "1 pages or more" in found.reason


# --- could not tell ------------------------------------------------------------------------------------------------

Ask = Callable[[CloudReads, Stack], object]
QUESTIONS: dict[str, tuple[Ask, tuple[str, ...]]] = {
    "caller": (lambda reads, stack: reads.caller(stack), ()),
    "last_use": (
        lambda reads, stack: reads.last_use(NAME, stack),
        ("iam:GetRole", "iam:GetUser", "iam:ListAccessKeys"),
    ),
    "key_uses": (lambda reads, stack: reads.key_uses(NAME, stack), ("iam:ListAccessKeys",)),
    "access_key_use": (lambda reads, stack: reads.access_key_use("AKIA1", stack), ("iam:GetAccessKeyLastUsed",)),
    "inventory": (lambda reads, stack: reads.inventory(stack), (GAAD,)),
    "quotas": (lambda reads, stack: reads.quotas(stack), ("iam:GetAccountSummary",)),
    "trail": (
        lambda reads, stack: reads.trail(ABOUT_IT, datetime.now(UTC) - HOUR, datetime.now(UTC), stack),
        (LOOKUP,),
    ),
}


@pytest.fixture
def both(iam: IAMClient) -> None:
    """A role and a user that both stand for the identity, so that each call is made."""
    _make_role(iam)
    iam.create_user(UserName=NAME, Path=PATH)


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("fault", [access_denied, throttled, internal_error], ids=lambda fault: fault.__name__)
def test_one_failing_call_is_enough_to_not_know(
    reads: CloudReads, stack: Stack, loopback: LoopbackAws, fault: Callable[..., Fault]
) -> None:
    for ask, calls in QUESTIONS.values():
        for call in calls:
            loopback.add_fault(fault(call, account=stack.account))
            found = ask(reads, stack)
            loopback.clear_faults()
            assert isinstance(found, CouldNotTell), call
            assert call in found.reason


@pytest.mark.parametrize("fault", [access_denied, throttled, internal_error], ids=lambda fault: fault.__name__)
def test_while_it_is_not_known_whose_account_it_is_nothing_is(
    reads: CloudReads, stack: Stack, loopback: LoopbackAws, fault: Callable[..., Fault]
) -> None:
    loopback.add_fault(fault("sts:GetCallerIdentity", account=stack.account))
    for question, (ask, _) in QUESTIONS.items():
        found = ask(reads, stack)
        assert isinstance(found, CouldNotTell), question
        assert "sts:GetCallerIdentity" in found.reason


HALF_EMPTY = [
    ("caller", "sts:GetCallerIdentity", "Arn"),
    ("caller", "sts:GetCallerIdentity", "UserId"),
    ("last_use", "iam:GetRole", "Role"),
    ("last_use", "iam:GetRole", "RoleLastUsed"),
    ("last_use", "iam:GetUser", "User"),
    ("key_uses", "iam:ListAccessKeys", "AccessKeyMetadata"),
    ("inventory", GAAD, "RoleDetailList"),
    ("inventory", GAAD, "UserDetailList"),
    ("inventory", GAAD, "CreateDate"),
    ("inventory", GAAD, "IsTruncated"),
    ("quotas", "iam:GetAccountSummary", "SummaryMap"),
    ("quotas", "iam:GetAccountSummary", "entry"),
    ("quotas", "iam:GetAccountSummary", "value"),
    ("trail", LOOKUP, "Events"),
    ("trail", LOOKUP, "CloudTrailEvent"),
]


@pytest.mark.usefixtures("both")
def test_a_half_empty_answer_cannot_tell(reads: CloudReads, stack: Stack, loopback: LoopbackAws) -> None:
    for question, call, element in HALF_EMPTY:
        ask = QUESTIONS[question][0]
        assert not isinstance(ask(reads, stack), CouldNotTell), question
        loopback.add_fault(half_empty(call, element))
        found = ask(reads, stack)
        loopback.clear_faults()
        assert isinstance(found, CouldNotTell), (call, element)


@pytest.mark.parametrize("element", ["AccessKeyLastUsed", "ServiceName", "UserName"])
def test_a_half_empty_answer_about_a_key_is_not_no_use_seen(
    reads: CloudReads, stack: Stack, loopback: LoopbackAws, iam: IAMClient, element: str
) -> None:
    iam.create_user(UserName=NAME, Path=PATH)
    key = _make_key(iam)["AWS_ACCESS_KEY_ID"]
    assert reads.access_key_use(key, stack) == NoUseSeen()
    loopback.add_fault(half_empty("iam:GetAccessKeyLastUsed", element))
    assert isinstance(reads.access_key_use(key, stack), CouldNotTell)


@pytest.mark.parametrize("call", [GAAD, "iam:ListAccessKeys"])
@pytest.mark.parametrize("rest", ["", "<Marker>m</Marker>"])
def test_a_listing_that_goes_on_nowhere_cannot_tell(
    reads: CloudReads, stack: Stack, loopback: LoopbackAws, call: str, rest: str
) -> None:
    name = call.partition(":")[2]
    lists = "<UserDetailList/><RoleDetailList/><AccessKeyMetadata/><IsTruncated>true</IsTruncated>"
    loopback.add_fault(odd_answer(call, f"<{name}Response><{name}Result>{lists}{rest}</{name}Result></{name}Response>"))
    found = reads.inventory(stack) if call == GAAD else reads.key_uses(NAME, stack)
    assert isinstance(found, CouldNotTell)
    assert "not where" in found.reason


def test_with_credentials_of_another_account_nothing_is_believed(reads: CloudReads, fresh_account: str) -> None:
    said = f"the credentials are of the account {fresh_account}, but the stack prod is in 444455556666"
    for question, (ask, _) in QUESTIONS.items():
        found = ask(reads, Stack("prod", "444455556666", "eu-west-1"))
        assert isinstance(found, CouldNotTell), question
        assert found.reason.endswith(said)


def test_without_an_answer_in_time_nothing_is_known(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    impatient = Limits(attempts=1, retry_mode="standard", read_seconds=0.2)
    loopback.add_fault(slow("*", 1))
    found = AwsReads(aws_environment, Waits().clock, impatient).inventory(stack)
    assert isinstance(found, CouldNotTell)
    assert "sts:GetCallerIdentity" in found.reason


def test_a_service_that_does_not_answer_is_not_asked_for_ever(
    aws_environment: dict[str, str], stack: Stack, loopback: LoopbackAws
) -> None:
    impatient = Limits(attempts=1, retry_mode="standard", read_seconds=0.2, unanswered=2)
    reads = AwsReads(aws_environment, Waits().clock, impatient)
    ask = QUESTIONS["trail"][0]

    loopback.add_fault(slow(LOOKUP, 1, times=1))
    assert isinstance(ask(reads, stack), CouldNotTell)
    assert isinstance(ask(reads, stack), Trail)  # not in a row
    loopback.add_fault(slow(LOOKUP, 1, times=2))
    told = [ask(reads, stack) for _ in range(4)]

    assert [isinstance(one, CouldNotTell) and "without an answer" in one.reason for one in told] == [
        False,
        False,
        True,
        True,
    ]
    assert all(isinstance(one, CouldNotTell) for one in told)
    assert isinstance(reads.quotas(stack), tuple)  # IAM answers
    patient = AwsReads(aws_environment, Waits().clock, replace(impatient, unanswered=None))
    loopback.add_fault(slow(LOOKUP, 1, times=2))
    assert [type(ask(patient, stack)) for _ in range(3)] == [CouldNotTell, CouldNotTell, Trail]


def test_the_account_is_looked_at_once_and_a_failure_is_not_remembered(
    reads: CloudReads, stack: Stack, loopback: LoopbackAws
) -> None:
    loopback.add_fault(internal_error("sts:GetCallerIdentity", times=1))
    assert isinstance(reads.quotas(stack), CouldNotTell)
    assert isinstance(reads.quotas(stack), tuple)
    loopback.add_fault(internal_error("sts:GetCallerIdentity"))
    assert reads.inventory(stack) == ()
