"""What the loopback CloudTrail keeps and how often it answers, by the cloud's own clock."""

from datetime import UTC, datetime, timedelta

import pytest

from nhi.sandbox.cloudtrail import RefusedLookup
from nhi.sandbox.history import Habits, History, habits_from_wire, habits_to_wire
from nhi.sandbox.recording import Call, Caller, form_parameters, json_parameters, response_elements

START = datetime(2026, 11, 20, tzinfo=UTC)
ACCOUNT, OTHER = "111122223333", "444455556666"


def call(name: str) -> Call:
    caller = Caller(ACCOUNT, {"type": "IAMUser", "accessKeyId": "AKIAEXAMPLE"}, "somebody")
    return Call(START, "iam", "CreateRole", "eu-west-1", caller, {"roleName": name}, "", "r-1", "127.0.0.1", "test")


def found(history: History, *, seconds: float = 0, account: str = ACCOUNT, region: str = "us-east-1") -> int:
    """How many events a lookup finds."""
    events = history.lookup({}, account, region, START + timedelta(seconds=seconds))["Events"]
    assert isinstance(events, list)
    return len(events)


def test_two_lookups_in_a_second_are_answered_and_the_third_is_not() -> None:
    history = History()
    history.behave(Habits(per_second=2))
    assert [found(history, seconds=at) for at in (0, 0.9)] == [0, 0]
    with pytest.raises(RefusedLookup, match="Rate exceeded") as refused:
        found(history, seconds=0.95)
    assert refused.value.code == "ThrottlingException"
    assert found(history, seconds=1) == 0
    with pytest.raises(RefusedLookup):
        found(history, seconds=1.1)


def test_each_account_and_region_has_a_rate_of_its_own() -> None:
    history = History()
    history.behave(Habits(per_second=1))
    for place in ((ACCOUNT, "us-east-1"), (ACCOUNT, "eu-west-1"), (OTHER, "us-east-1")):
        assert found(history, account=place[0], region=place[1]) == 0
    with pytest.raises(RefusedLookup):
        found(history)


def test_held_events_keep_their_place() -> None:
    history = History()
    history.keep(call("first"))
    history.behave(Habits(held=True))
    history.keep(call("second"))
    history.behave(Habits(held=True, per_second=9))
    history.keep(call("third"))
    assert found(history) == 1
    history.behave(Habits())
    assert found(history) == 3


def test_habits_survive_the_wire() -> None:
    habits = Habits(held=True, doubled=True, per_second=2)
    assert habits_from_wire(habits_to_wire(habits)) == habits
    with pytest.raises(TypeError):
        habits_from_wire({"lazy": True})


def test_secrets_are_hidden_however_deep_and_in_whatever_form() -> None:
    hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert json_parameters(b'{"SecretId": "a", "Rotation": [{"SecretString": "s3cr3t"}]}') == {
        "secretId": "a",
        "rotation": [{"secretString": hidden}],
    }
    assert form_parameters({"Action": "x", "User.Password": "s3cr3t"}) == {"user": {"password": hidden}}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_a_body_without_parameters_has_none(body: bytes) -> None:
    assert json_parameters(body) == {}


def test_of_an_answer_only_what_is_listed_is_recorded() -> None:
    answer = "<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>s3cr3t</SecretAccessKey>"
    assert response_elements("GetSessionToken", answer) == {"credentials": {"accessKeyId": "ASIAEXAMPLE"}}
    assert response_elements("UpdateRole", "<RoleId>AROAEXAMPLE</RoleId>") is None
