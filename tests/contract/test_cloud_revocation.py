"""Access ended at once, in a loopback AWS: a real evaluator denies live sessions, and every way of not doing it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fixtures.modules import KINDS, VALID, catalog, identity, kind_of
from types_boto3_iam import IAMClient

from nhi.cloud.aws import Limits
from nhi.cloud.aws_cloud import AwsCloud
from nhi.cloud.aws_revocation import AwsRevocations
from nhi.cloud.expectation import expectation
from nhi.model.identity import Identity, Json
from nhi.model.kind import Kind
from nhi.model.revocation import REVOKED_SID, Denial, PolicyPlace
from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell, ExpectedRole, ExpectedUser, Present
from nhi.sandbox.access import calls
from nhi.sandbox.aws import LoopbackAws
from nhi.sandbox.evaluator import Denied, Evaluator, Question
from nhi.sandbox.faults import access_denied, odd_answer
from nhi.sandbox.live import Live, LiveUser, live_below

ONCE = Limits(attempts=1, retry_mode="standard", connect_seconds=2, read_seconds=5)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DENY: list[Json] = [{"Sid": REVOKED_SID, "Effect": "Deny", "Action": "*", "Resource": "*"}]
WITH_API = [one for one in VALID if catalog().kinds[kind_of(one)].expectation is not None]
EACH_KIND = list({kind_of(one): one for one in WITH_API if identity(one).suspended is None}.values())
RESULT = "<GetRolePolicyResult><PolicyDocument>%s</PolicyDocument></GetRolePolicyResult>"
OLD = f"<GetRolePolicyResponse>{RESULT}</GetRolePolicyResponse>" % "%7B%22Statement%22%3A%5B%5D%7D"


@dataclass
class Account:
    """A fresh account, who revokes in it, and how long that was waited."""

    environment: dict[str, str]
    iam: IAMClient
    stack: Stack
    pauses: list[float] = field(default_factory=list)

    def deny(self, one: Identity, kind: Kind) -> Denial | CouldNotTell | None:
        return AwsRevocations(self.environment, self.pauses.append, ONCE).deny(one, kind, self.stack)

    def make(self, example: Path) -> tuple[Identity, Kind]:
        """An example as an apply leaves it: the roles and users that its kind expects, and the keys of the users."""
        one, kind = declared(example)
        wanted = expectation(one, kind, self.stack)
        assert wanted is not None
        for role in wanted.roles:
            make_role(self.iam, role)
        for user in wanted.users:
            make_user(self.iam, user)
        return one, kind

    def live(self, path: str = "/nhi/prod/") -> dict[str, Live]:
        return live_below(self.environment, path)


@pytest.fixture
def account(aws_environment: dict[str, str], iam: IAMClient, fresh_account: str) -> Account:
    return Account(aws_environment, iam, Stack("prod", fresh_account, "eu-west-1"))


def declared(example: Path) -> tuple[Identity, Kind]:
    one = identity(example)
    return one, catalog().kinds[one.kind]


def make_role(iam: IAMClient, role: ExpectedRole) -> None:
    tags = [{"Key": key, "Value": value} for key, value in role.tags.items()]
    trust = json.dumps(role.trust)
    iam.create_role(RoleName=role.name, Path=role.path, AssumeRolePolicyDocument=trust, Tags=tags)  # type: ignore[arg-type]  # boto3 is stricter in words than AWS
    for name, policy in role.inline.items():
        iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=json.dumps(policy))


def make_user(iam: IAMClient, user: ExpectedUser) -> None:
    tags = [{"Key": key, "Value": value} for key, value in user.tags.items()]
    iam.create_user(UserName=user.name, Path=user.path, Tags=tags)  # type: ignore[arg-type]  # boto3 is stricter in words than AWS
    for name, policy in user.inline.items():
        iam.put_user_policy(UserName=user.name, PolicyName=name, PolicyDocument=json.dumps(policy))
    for status in user.access_keys:
        key = iam.create_access_key(UserName=user.name)["AccessKey"]["AccessKeyId"]
        iam.update_access_key(UserName=user.name, AccessKeyId=key, Status=status)  # type: ignore[arg-type]  # boto3 is stricter in words than AWS


def done(answer: Denial | CouldNotTell | None) -> Denial:
    assert isinstance(answer, Denial), answer
    assert answer.failures == ()
    return answer


def role_example() -> Path:
    return next(one for one in WITH_API if "roles" in (catalog().kinds[kind_of(one)].expectation or ""))


def user_example() -> Path:
    return next(one for one in WITH_API if '"users"' in (catalog().kinds[kind_of(one)].expectation or ""))


def allowed(evaluator: Evaluator, questions: Sequence[Question]) -> list[bool]:
    return [not isinstance(verdict, Denied) for verdict in evaluator.evaluate(questions)]


def test_every_kind_with_an_api_has_an_example() -> None:
    assert {kind_of(one) for one in EACH_KIND} == {
        name for name in KINDS if catalog().kinds[name].expectation is not None
    }


@pytest.mark.parametrize("example", EACH_KIND, ids=kind_of)
def test_a_session_that_lives_is_denied_at_once_even_what_a_resource_grants_everybody(
    example: Path, account: Account, evaluator: Evaluator
) -> None:
    one, kind = account.make(example)
    before = account.live()
    of_each = {name: calls(live, NOW) for name, live in before.items()}
    asked = [(name, each) for name, found in of_each.items() for each in (*found.work, found.granted)]
    assert all(allowed(evaluator, [each for _, each in asked]))

    denial = done(account.deny(one, kind))

    after = account.live()
    again = [replace(each, identity_policies=after[name].inline) for name, each in asked]
    verdicts = evaluator.evaluate(again)
    assert all(isinstance(verdict, Denied) and verdict.explicit for verdict in verdicts)
    assert [live.inline.keys() for live in after.values()] == [live.inline.keys() for live in before.values()]
    assert {principal.name for principal in denial.principals} == set(after)
    assert all(one.request_id and one.at and one.before for one in denial.principals)
    assert ":assumed-role/nhi-sandbox/" in denial.by
    keys = [status for live in after.values() if isinstance(live, LiveUser) for status in live.keys.values()]
    assert set(keys) <= {"Inactive"}


def test_what_was_on_and_off_before_is_kept(account: Account) -> None:
    one, kind = account.make(user_example())
    keys = account.iam.list_access_keys(UserName=one.name)["AccessKeyMetadata"]
    (user,) = done(account.deny(one, kind)).principals
    assert {key.id: key.was for key in user.keys} == {key["AccessKeyId"]: key["Status"] for key in keys}
    assert [bool(key.request_id) for key in user.keys] == [key.was == "Active" for key in user.keys]


@pytest.mark.parametrize("example", [role_example, user_example], ids=lambda one: one.__name__)
def test_done_again_it_changes_nothing_and_says_so(
    account: Account, loopback: LoopbackAws, example: Callable[[], Path]
) -> None:
    one, kind = account.make(example())
    done(account.deny(one, kind))
    for action in ("iam:PutRolePolicy", "iam:PutUserPolicy", "iam:UpdateAccessKey"):
        loopback.add_fault(access_denied(action))
    (again,) = done(account.deny(one, kind)).principals
    assert (again.request_id, again.at) == ("", "")
    assert all(not key.request_id for key in again.keys)


def test_verify_says_that_it_is_revoked_and_not_that_it_is_as_declared(account: Account) -> None:
    one, kind = account.make(role_example())
    done(account.deny(one, kind))
    answer = AwsCloud(account.environment, ONCE).present(one, kind, account.stack)
    assert isinstance(answer, Present)
    found = [each for each in answer.differences if "inline policy" in each.where]
    assert [(each.expected, each.found.partition(":")[0]) for each in found] == [("as declared", "revoked")]


def test_with_credentials_of_another_account_nothing_is_touched(account: Account) -> None:
    one, kind = account.make(role_example())
    before = account.live()
    account.stack = replace(account.stack, account="444455556666")
    answer = account.deny(one, kind)
    assert isinstance(answer, CouldNotTell)
    assert "444455556666" in answer.reason
    assert account.live() == before


def test_a_namesake_of_somebody_else_is_not_touched(account: Account) -> None:
    one, kind = declared(role_example())
    wanted = expectation(one, kind, account.stack)
    assert wanted is not None
    make_role(account.iam, replace(wanted.roles[0], path="/theirs/"))
    before = account.live("/theirs/")
    answer = account.deny(one, kind)
    assert isinstance(answer, Denial)
    assert answer.principals == ()
    assert "somebody else's" in answer.failures[0]
    assert account.live("/theirs/") == before


def test_a_role_that_is_tagged_as_another_identity_is_not_touched(account: Account) -> None:
    one, kind = account.make(role_example())
    tags = [{"Key": "nhi:id", "Value": "prod/somebody-else"}]
    account.iam.tag_role(RoleName=one.name, Tags=tags)  # type: ignore[arg-type]  # boto3 is stricter in words than AWS
    before = account.live()
    answer = account.deny(one, kind)
    assert isinstance(answer, Denial)
    assert answer.principals == ()
    assert "somebody else's" in answer.failures[0]
    assert account.live() == before


def test_who_lost_its_tags_is_denied_all_the_same(account: Account) -> None:
    one, kind = account.make(role_example())
    account.iam.untag_role(RoleName=one.name, TagKeys=["nhi:id"])
    assert len(done(account.deny(one, kind)).principals) == 1


def test_a_policy_that_is_no_document_any_more_is_replaced(account: Account, loopback: LoopbackAws) -> None:
    one, kind = account.make(role_example())
    loopback.add_fault(replace(odd_answer("iam:GetRolePolicy", OLD.replace("Statement", "Sentence")), times=1))
    assert len(done(account.deny(one, kind)).principals) == 1


def test_what_does_not_exist_is_no_failure_and_nothing_is_made(account: Account) -> None:
    one, kind = declared(role_example())
    denial = done(account.deny(one, kind))
    assert (denial.principals, denial.absent) == ((), (f"role {one.name}",))
    assert account.live("/") == {}


def test_a_kind_without_an_api_is_for_people(account: Account) -> None:
    assert account.deny(*declared(next(one for one in VALID if one not in WITH_API))) is None


@pytest.mark.parametrize("action", ["iam:GetRole", "iam:GetRolePolicy", "iam:PutRolePolicy"])
def test_a_call_that_fails_is_a_failure_and_keeps_nobody_else(
    account: Account, loopback: LoopbackAws, action: str
) -> None:
    one, kind = account.make(role_example())
    policy: Json = {"Version": "2012-10-17", "Statement": DENY}
    user = ExpectedUser(f"{one.name}-user", "/nhi/prod/", {"nhi": policy}, (), {}, ("Active",))
    make_user(account.iam, user)
    also = json.dumps({"users": [asdict(user)]}).removeprefix("{")
    loopback.add_fault(access_denied(action))
    both = replace(kind, expectation=f"{(kind.expectation or '').rstrip().removesuffix('}')}, {also}")
    answer = account.deny(one, both)
    assert isinstance(answer, Denial)
    assert [principal.type for principal in answer.principals] == ["user"]
    assert len(answer.failures) == 1
    assert answer.failures[0].startswith(f"role {one.name}: ")
    assert action in answer.failures[0]


@pytest.mark.parametrize("ever", [True, False], ids=["late", "never"])
def test_what_is_read_back_otherwise_is_waited_for_and_then_no_success(
    account: Account,
    loopback: LoopbackAws,
    ever: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    one, kind = account.make(role_example())
    loopback.add_fault(odd_answer("iam:GetRolePolicy", OLD))

    def pause(seconds: float) -> None:
        account.pauses.append(seconds)
        if ever and len(account.pauses) == 2:
            loopback.clear_faults()

    answer = AwsRevocations(account.environment, pause, ONCE).deny(one, kind, account.stack)
    assert isinstance(answer, Denial)
    if ever:
        assert (len(answer.principals), answer.failures, account.pauses) == (1, (), [1.0, 2.0])
    else:
        assert answer.principals == ()
        assert "is read as it was" in answer.failures[0]
        assert account.pauses == [1.0, 2.0, 4.0, 8.0]


def test_keys_are_switched_off_although_the_policy_cannot_be_written(account: Account, loopback: LoopbackAws) -> None:
    one, kind = account.make(user_example())
    keys = [each["AccessKeyId"] for each in account.iam.list_access_keys(UserName=one.name)["AccessKeyMetadata"]]
    loopback.add_fault(access_denied("iam:PutUserPolicy"))
    answer = account.deny(one, kind)
    assert isinstance(answer, Denial)
    assert answer.principals == ()
    assert "iam:PutUserPolicy" in answer.failures[0]
    assert answer.failures[1] == f"user {one.name}: these of its access keys are off: {', '.join(sorted(keys))}"
    (live,) = account.live().values()
    assert isinstance(live, LiveUser)
    assert set(live.keys.values()) == {"Inactive"}


def test_a_key_that_cannot_be_switched_off_keeps_no_other_key_on(account: Account, loopback: LoopbackAws) -> None:
    one, kind = account.make(user_example())
    keys = [each["AccessKeyId"] for each in account.iam.list_access_keys(UserName=one.name)["AccessKeyMetadata"]]
    if len(keys) == 1:
        keys.append(account.iam.create_access_key(UserName=one.name)["AccessKey"]["AccessKeyId"])
    for key in keys:
        account.iam.update_access_key(UserName=one.name, AccessKeyId=key, Status="Active")
    first, second = sorted(keys)
    loopback.add_fault(access_denied("iam:UpdateAccessKey", times=1))
    answer = account.deny(one, kind)
    assert isinstance(answer, Denial)
    (user,) = answer.principals
    assert [(key.id, key.was) for key in user.keys] == [(second, "Active")]
    assert len(answer.failures) == 1
    (live,) = account.live().values()
    assert isinstance(live, LiveUser)
    assert live.keys == {first: "Active", second: "Inactive"}


def test_what_was_written_and_cannot_be_read_back_is_said_to_be_written(
    account: Account, loopback: LoopbackAws
) -> None:
    one, kind = account.make(role_example())
    loopback.add_fault(odd_answer("iam:GetRolePolicy", OLD))
    answer = AwsRevocations(account.environment, lambda _: None, ONCE).deny(one, kind, account.stack)
    assert isinstance(answer, Denial)
    assert answer.failures[0].startswith(f"role {one.name}: ")
    assert " was replaced (request " in answer.failures[0]
    loopback.clear_faults()
    (live,) = account.live().values()
    assert [policy["Statement"] for policy in live.inline.values()] == [DENY]  # type: ignore[index, call-overload]  # any JSON


def test_which_policies_deny_at_once_is_known_by_looking_alone(account: Account, loopback: LoopbackAws) -> None:
    one, kind = account.make(role_example())
    wanted = expectation(one, kind, account.stack)
    assert wanted is not None
    (policy,) = wanted.roles[0].inline
    place, nowhere = PolicyPlace("role", one.name, policy), PolicyPlace("user", "nobody", policy)
    for action in ("iam:PutRolePolicy", "iam:PutUserPolicy"):
        loopback.add_fault(access_denied(action))
    door = AwsRevocations(account.environment, account.pauses.append, ONCE)
    assert door.denied([place, nowhere], account.stack) == frozenset()
    loopback.clear_faults()
    done(account.deny(one, kind))
    assert door.denied([place, nowhere], account.stack) == frozenset({place})
    loopback.add_fault(access_denied("iam:GetRolePolicy"))
    assert isinstance(door.denied([place], account.stack), CouldNotTell)
    assert isinstance(door.denied([place], replace(account.stack, account="444455556666")), CouldNotTell)
