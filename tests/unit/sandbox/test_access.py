"""The calls that a role's or user's own policies are about."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nhi.errors import OutsideError
from nhi.sandbox.access import calls
from nhi.sandbox.live import LiveRole, LiveUser

AT = datetime(2026, 12, 21, tzinfo=UTC)
ROLE = "arn:aws:iam::111122223333:role/nhi/kinds/one"
USER = "arn:aws:iam::111122223333:user/nhi/kinds/one"
ALLOW = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::exports/*"]}


def _policy(*statements: dict[str, Any]) -> Any:  # noqa: ANN401  # any JSON value
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _trust(principal: dict[str, Any], **condition: dict[str, Any]) -> Any:  # noqa: ANN401  # any JSON value
    return _policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition})


SERVICE = _trust({"Service": ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]})


def test_each_allowing_statement_is_used_by_an_open_session() -> None:
    found = calls(LiveRole(ROLE, SERVICE, {"nhi": _policy(ALLOW, ALLOW)}), AT)
    assert [(one.principal, one.action, one.resource) for one in found.work] == [
        ("arn:aws:sts::111122223333:assumed-role/one/run-1", "s3:GetObject", "arn:aws:s3:::exports/x")
    ] * 2


def test_each_principal_opens_a_session() -> None:
    found = calls(LiveRole(ROLE, SERVICE, {"nhi": _policy(ALLOW)}), AT)
    assert [one.principal for one in found.entry] == ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]
    assert {one.resource for one in found.entry} == {ROLE}


def test_who_comes_meets_what_the_trust_asks_for_but_for_the_time() -> None:
    trust = _trust(
        {"AWS": "arn:aws:iam::444455556666:role/vendor"},
        StringEquals={"sts:ExternalId": "acme"},
        Bool={"aws:MultiFactorAuthPresent": "true"},
        NumericLessThan={"aws:MultiFactorAuthAge": "900"},
        DateLessThan={"aws:CurrentTime": "2026-12-21T00:00:00Z"},
    )
    (opening,) = calls(LiveRole(ROLE, trust, {"nhi": _policy(ALLOW)}), AT).entry
    assert opening.context == {
        "sts:ExternalId": "acme",
        "aws:MultiFactorAuthPresent": "true",
        "aws:MultiFactorAuthAge": "899",
    }
    assert list(opening.identity_policies) == ["all"]


def test_a_user_works_as_itself_and_by_a_session_token_and_has_no_other_way_in() -> None:
    found = calls(LiveUser(USER, {"nhi": _policy(ALLOW)}), AT)
    assert [(one.principal, "aws:TokenIssueTime" in one.context) for one in found.work] == [(USER, False), (USER, True)]
    assert found.entry == ()


def test_a_request_comes_from_where_it_is_not_denied() -> None:
    deny = {"Effect": "Deny", "Action": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}}
    found = calls(LiveUser(USER, {"nhi": _policy(ALLOW, deny)}), AT)
    assert {one.context["aws:SourceIp"] for one in (*found.work, found.granted)} == {"203.0.113.0"}


def test_what_a_resource_grants_is_no_action_of_its_own_policies() -> None:
    found = calls(LiveUser(USER, {"nhi": _policy(ALLOW)}), AT)
    assert found.granted.action != "s3:GetObject"
    assert found.granted.resource_policy is not None


@pytest.mark.parametrize(
    "one",
    [
        LiveRole(ROLE, SERVICE, {}),
        LiveRole(ROLE, _policy(), {"nhi": _policy(ALLOW)}),
        LiveUser(USER, {"nhi": _policy(ALLOW | {"Condition": {"StringNotLike": {"aws:username": ["x"]}}})}),
    ],
    ids=["it may do nothing", "it trusts nobody", "nobody knows what meets the condition"],
)
def test_where_nothing_can_be_asked_that_is_said(one: LiveRole | LiveUser) -> None:
    with pytest.raises(OutsideError):
        calls(one, AT)


def test_those_come_whom_another_trust_policy_names_to_a_role_that_trusts_nobody() -> None:
    nobody = _policy({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
    role = LiveRole(ROLE, nobody, {"nhi": _policy(ALLOW)})
    found = calls(role, AT, SERVICE).entry
    assert [(one.principal, one.resource_policy) for one in found] == [
        ("ecs-tasks.amazonaws.com", nobody),
        ("lambda.amazonaws.com", nobody),
    ]
