"""CloudTrail's events, read: who acted, on what, whether it was refused, and nothing that is not there."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.cloud.inventory import OddAnswer
from nhi.cloud.trail import in_order, read_caller, read_events
from nhi.model.trail import Actor, TrailEvent

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci/nhi-apply"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/nhi-apply/run-7"
ASSUMED: dict[str, object] = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLEAPPLY:run-7",
    "arn": SESSION,
    "accountId": ACCOUNT,
    "sessionContext": {
        "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLEAPPLY", "arn": ROLE, "accountId": ACCOUNT}
    },
}
RECORD: dict[str, object] = {
    "eventVersion": "1.11",
    "userIdentity": ASSUMED,
    "eventTime": "2026-11-20T10:00:00Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "DeleteRole",
    "requestParameters": {"roleName": "ledger-writer"},
    "responseElements": None,
    "eventID": "e-1",
    "recipientAccountId": ACCOUNT,
}


def answer(*, summary: Mapping[str, object] | None = None, **changes: object) -> dict[str, object]:
    """A page with one event."""
    record = {key: value for key, value in {**RECORD, **changes}.items() if value is not ...}
    return {"Events": [{"EventId": "e-1", "CloudTrailEvent": json.dumps(record), **(summary or {})}]}


def event(*, summary: Mapping[str, object] | None = None, **changes: object) -> TrailEvent:
    return event_with(changes, summary)


def event_with(changes: Mapping[str, object], summary: Mapping[str, object] | None = None) -> TrailEvent:
    (found,) = read_events(answer(summary=summary, **changes), ACCOUNT)
    return found


def test_an_event_says_who_did_what_to_what_and_when() -> None:
    assert event() == TrailEvent(
        id="e-1",
        at=datetime(2026, 11, 20, 10, tzinfo=UTC),
        action="iam:DeleteRole",
        actor=Actor(SESSION, ROLE, ACCOUNT, "AROAEXAMPLEAPPLY"),
        resources=("ledger-writer",),
        unique_id=None,
        error=None,
    )


def test_a_page_without_events_has_none() -> None:
    assert read_events({"Events": []}, ACCOUNT) == ()


@pytest.mark.parametrize(
    ("name", "elements", "unique_id"),
    [
        ("CreateRole", {"role": {"roleId": "AROAEXAMPLE"}}, "AROAEXAMPLE"),
        ("CreateUser", {"user": {"userId": "AIDAEXAMPLE"}}, "AIDAEXAMPLE"),
        ("CreateRole", None, None),
        ("CreateRole", {"role": {}}, None),
        ("CreateUser", {"role": {"roleId": "AROAEXAMPLE"}}, None),
        ("UpdateRole", {"role": {"roleId": "AROAEXAMPLE"}}, None),
    ],
)
def test_the_unique_id_of_what_was_made_is_the_answers(
    name: str, elements: dict[str, object] | None, unique_id: str | None
) -> None:
    assert event(eventName=name, responseElements=elements).unique_id == unique_id


def test_only_iam_makes_roles() -> None:
    made = event(eventName="CreateRole", eventSource="x.amazonaws.com", responseElements={"role": {"roleId": "AROAX"}})
    assert (made.action, made.unique_id) == ("x:CreateRole", None)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"errorCode": "AccessDenied", "errorMessage": "no"}, "AccessDenied"),
        ({"errorCode": "", "errorMessage": "Failed authentication"}, "Failed authentication"),
        ({"errorCode": None}, None),
    ],
)
def test_a_refused_call_is_never_a_done_one(changes: dict[str, object], error: str | None) -> None:
    assert event_with(changes).error == error


@pytest.mark.parametrize(
    ("identity", "actor"),
    [
        pytest.param(
            {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/a", "accountId": ACCOUNT, "principalId": "AIDAX"},
            Actor(f"arn:aws:iam::{ACCOUNT}:user/a", None, ACCOUNT, "AIDAX"),
            id="user",
        ),
        pytest.param(
            {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT, "principalId": ACCOUNT},
            Actor(f"arn:aws:iam::{ACCOUNT}:root", None, ACCOUNT, None),
            id="root",
        ),
        pytest.param(
            {"type": "AssumedRole", "arn": SESSION, "accountId": ACCOUNT, "principalId": "AROAX:run"},
            Actor(SESSION, f"arn:aws:iam::{ACCOUNT}:role/nhi-apply", ACCOUNT, "AROAX"),
            id="session without its issuer",
        ),
        pytest.param(
            {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"},
            Actor("lambda.amazonaws.com", None, "", None),
            id="service",
        ),
        pytest.param(
            {"type": "AWSAccount", "principalId": "AROAX:vendor", "accountId": "444455556666"},
            Actor("AROAX:vendor", None, "444455556666", "AROAX"),
            id="another account",
        ),
        pytest.param(
            {
                "type": "WebIdentityUser",
                "principalId": "arn:aws:iam::111122223333:oidc-provider/token.example:sts:repo:acme/ledger",
                "userName": "repo:acme/ledger:ref:refs/heads/main",
                "identityProvider": "arn:aws:iam::111122223333:oidc-provider/token.example",
            },
            Actor("repo:acme/ledger:ref:refs/heads/main", None, "", None),
            id="web identity",
        ),
        pytest.param(
            {
                "type": "FederatedUser",
                "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/a",
                "accountId": ACCOUNT,
                "principalId": f"{ACCOUNT}:a",
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "IAMUser",
                        "arn": f"arn:aws:iam::{ACCOUNT}:user/a",
                        "principalId": "AIDAX",
                    }
                },
            },
            Actor(f"arn:aws:sts::{ACCOUNT}:federated-user/a", None, ACCOUNT, "AIDAX"),
            id="federated user",
        ),
    ],
)
def test_whoever_acts_is_named_as_far_as_cloudtrail_knows(identity: dict[str, object], actor: Actor) -> None:
    assert event(userIdentity=identity).actor == actor


def test_what_a_call_was_about_is_gathered_from_everywhere_once() -> None:
    found = event(
        eventName="AssumeRole",
        eventSource="sts.amazonaws.com",
        summary={"Resources": [{"ResourceName": ROLE}, {"ResourceType": "AWS::STS::AssumedRole"}]},
        resources=[{"ARN": ROLE, "type": "AWS::IAM::Role"}],
        requestParameters={"roleArn": ROLE, "roleSessionName": "run-7"},
        responseElements={"credentials": {"accessKeyId": "ASIAEXAMPLE"}, "assumedRoleUser": {"arn": SESSION}},
    )
    assert found.resources == (ROLE, "ASIAEXAMPLE")


@pytest.mark.parametrize(
    ("written", "expires"),
    [
        ("Oct 2, 2019, 11:12:29 PM", datetime(2019, 10, 2, 23, 12, 29, tzinfo=UTC)),
        ("Oct 2, 2019 11:12:29 PM", datetime(2019, 10, 2, 23, 12, 29, tzinfo=UTC)),
        ("Feb 12, 2025, 12:00:00\u202fAM", datetime(2025, 2, 12, tzinfo=UTC)),
        ("Dec 31, 2026, 12:59:59 PM", datetime(2026, 12, 31, 12, 59, 59, tzinfo=UTC)),
        ("Feb 30, 2026, 1:00:00 AM", None),
        ("Okt 2, 2019, 11:12:29 PM", None),
        ("Oct 2, 2019, 23:12:29 PM", None),
        ("soon", None),
        (1795132800, None),
        (None, None),
    ],
)
def test_when_credentials_end_is_known_where_cloudtrail_writes_it_as_it_does(
    written: object, expires: datetime | None
) -> None:
    given = {"credentials": {"accessKeyId": "ASIAEXAMPLE", "expiration": written}}
    found = event(eventName="AssumeRole", eventSource="sts.amazonaws.com", responseElements=given)
    assert (found.expires, found.resources) == (expires, ("ledger-writer", "ASIAEXAMPLE"))


def test_a_new_name_is_a_users() -> None:
    asked = {"userName": "a", "newUserName": "b"}
    assert event(eventName="UpdateUser", requestParameters=asked).renamed == "b"
    assert event(eventName="UpdateUser", requestParameters={"userName": "a", "newPath": "/"}).renamed is None
    assert event(eventName="UpdateGroup", requestParameters=asked).renamed is None


def test_an_event_of_any_other_service_is_kept() -> None:
    found = event(
        eventSource="s3.amazonaws.com",
        eventName="PutBucketPolicy",
        requestParameters={"bucketName": "b", "userName": {"not": "a name"}},
        responseElements={"x-amz-id-2": "1", "credentials": {"accessKeyId": 7}},
    )
    assert (found.action, found.resources) == ("s3:PutBucketPolicy", ())


@pytest.mark.parametrize(
    "changes",
    [
        {"eventID": ...},
        {"eventID": "e-2"},
        {"eventTime": ...},
        {"eventTime": "yesterday"},
        {"eventTime": "2026-11-20T10:00:00"},
        {"eventTime": 1795132800},
        {"eventName": ...},
        {"eventName": ""},
        {"eventSource": ...},
        {"userIdentity": ...},
        {"userIdentity": None},
        {"userIdentity": {}},
        {"userIdentity": {"arn": 7}},
        {"userIdentity": {**ASSUMED, "sessionContext": "none"}},
        {"recipientAccountId": ...},
        {"recipientAccountId": "444455556666"},
        {"requestParameters": "roleName=x"},
        {"responseElements": ["x"]},
        {"errorCode": {"code": "AccessDenied"}},
        {"resources": {"ARN": ROLE}},
        {"resources": ["x"]},
    ],
)
def test_a_malformed_event_is_not_read_at_all(changes: dict[str, object]) -> None:
    with pytest.raises(OddAnswer):
        event_with(changes)


@pytest.mark.parametrize(
    "summary",
    [
        {"EventId": None},
        {"Resources": "x"},
        {"CloudTrailEvent": "{"},
        {"CloudTrailEvent": "[]"},
        {"CloudTrailEvent": "[" * 100_000},
        {"CloudTrailEvent": None},
    ],
)
def test_an_event_that_is_listed_oddly_is_not_read_at_all(summary: dict[str, object]) -> None:
    with pytest.raises(OddAnswer):
        event_with({}, summary)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(RECORD)), JSON), JSON)
def test_no_event_whatever_breaks_the_reading(changes: dict[str, object], resources: object) -> None:
    page = answer(summary={"Resources": resources}, **changes)
    try:
        (found,) = read_events(page, ACCOUNT)
    except OddAnswer:
        return
    assert found.actor.arn
    assert found.at.tzinfo is UTC


@given(st.permutations([*range(6), *range(3)]))
def test_events_in_any_order_and_twice_become_one_story(numbers: list[int]) -> None:
    base = event()
    events = [
        TrailEvent(f"e-{n}", base.at + timedelta(minutes=n // 2), base.action, base.actor, (), None, None)
        for n in numbers
    ]
    assert [one.id for one in in_order(events)] == [f"e-{n}" for n in range(6)]


def test_two_events_with_one_id_are_no_story() -> None:
    with pytest.raises(OddAnswer, match="e-1"):
        in_order([event(), event(eventName="CreateRole")])


# --- who we are ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arn", "user_id", "actor"),
    [
        (SESSION, "AROAX:run-7", Actor(SESSION, f"arn:aws:iam::{ACCOUNT}:role/nhi-apply", ACCOUNT, "AROAX")),
        (
            f"arn:aws:iam::{ACCOUNT}:user/ci/a",
            "AIDAX",
            Actor(f"arn:aws:iam::{ACCOUNT}:user/ci/a", None, ACCOUNT, "AIDAX"),
        ),
        (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, Actor(f"arn:aws:iam::{ACCOUNT}:root", None, ACCOUNT, None)),
    ],
)
def test_the_caller_is_who_aws_says(arn: str, user_id: str, actor: Actor) -> None:
    assert read_caller({"Arn": arn, "Account": ACCOUNT, "UserId": user_id}, ACCOUNT) == actor


@pytest.mark.parametrize("key", ["Arn", "Account", "UserId"])
def test_a_caller_who_is_half_told_is_not_known(key: str) -> None:
    told = {"Arn": SESSION, "Account": ACCOUNT, "UserId": "AROAX:run-7"}
    del told[key]
    with pytest.raises(OddAnswer):
        read_caller(told, ACCOUNT)


def test_credentials_that_change_their_account_are_not_believed() -> None:
    with pytest.raises(OddAnswer, match="444455556666"):
        read_caller({"Arn": SESSION, "Account": "444455556666", "UserId": "AROAX:run-7"}, ACCOUNT)
