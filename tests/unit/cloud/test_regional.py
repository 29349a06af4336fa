import pytest

from nhi.cloud.compare import FoundEventRule, FoundSecret
from nhi.cloud.inventory import OddAnswer
from nhi.cloud.regional import found_event_rule, found_secret, secret_holding

RULE = {"Name": "nhi-prod-writer", "State": "ENABLED", "EventPattern": '{"source": ["aws.sts"]}'}
SECRET = {"Name": "nhi/prod/writer", "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:nhi/prod/writer-x"}


def test_an_event_rule_is_read() -> None:
    assert found_event_rule(RULE, [{"Id": "1", "Arn": "arn:topic"}]) == FoundEventRule(
        "nhi-prod-writer", "ENABLED", {"source": ["aws.sts"]}, None, ("arn:topic",)
    )


def test_an_event_rule_that_runs_on_a_schedule_has_no_pattern() -> None:
    scheduled = {"Name": "nhi-prod-writer", "State": "ENABLED", "ScheduleExpression": "rate(1 day)"}
    assert found_event_rule(scheduled, []) == FoundEventRule("nhi-prod-writer", "ENABLED", None, "rate(1 day)", ())


@pytest.mark.parametrize(
    "change",
    [
        {"Name": None},
        {"State": ""},
        {"EventPattern": "{"},
        {"EventPattern": "[" * 100_000},
        {"EventPattern": {"source": ["aws.sts"]}},
        {"ScheduleExpression": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_event_rule_of_another_shape_is_not_read(change: dict[str, object]) -> None:
    with pytest.raises(OddAnswer):
        found_event_rule(RULE | change, [])


def test_a_target_without_an_arn_is_not_read() -> None:
    with pytest.raises(OddAnswer):
        found_event_rule(RULE, [{"Id": "1"}])


def test_a_secret_is_read() -> None:
    tagged = SECRET | {"Tags": [{"Key": "nhi:id", "Value": "prod/writer"}]}
    assert found_secret(tagged) == FoundSecret("nhi/prod/writer", {"nhi:id": "prod/writer"})
    assert found_secret(SECRET | {"DeletedDate": "2027-03-31"}).scheduled_for_deletion


@pytest.mark.parametrize(
    "change", [{"Name": None}, {"ARN": 7}, {"Tags": "none"}], ids=lambda change: next(iter(change))
)
def test_a_secret_of_another_shape_is_not_listed(change: dict[str, object]) -> None:
    with pytest.raises(OddAnswer):
        secret_holding(SECRET | change)
