"""The policy evaluator: what IAM says one second before the expiry, and at the expiry."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nhi.errors import MissingTool, OutsideError
from nhi.model.identity import Json
from nhi.sandbox.evaluator import Allowed, Denied, Evaluator, Question, find_evaluator

EXPIRY = datetime(2027, 3, 31, tzinfo=UTC)
LAST_SECOND = EXPIRY - timedelta(seconds=1)
UNTIL: Json = {"DateLessThan": {"aws:CurrentTime": "2027-03-31T00:00:00Z"}}
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"
ROLE = "arn:aws:iam::111122223333:role/nhi/prod/ledger-writer"
SESSION = "arn:aws:sts::111122223333:assumed-role/ledger-writer/settlement"
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"
SUBJECT = "repo:acme@1001/ledger@2002:ref:refs/heads/main"


def policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


ALLOW: Json = {"Sid": "Work", "Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": TABLE}
DENY_AFTER_EXPIRY: Json = {
    "Sid": "DenyAfterExpiry",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"DateGreaterThanEquals": {"aws:CurrentTime": "2027-03-31T00:00:00Z"}},
}
PERMISSIONS = {"nhi": policy(ALLOW, DENY_AFTER_EXPIRY)}
OPEN_TABLE = policy(
    {"Sid": "Open", "Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "dynamodb:*", "Resource": TABLE}
)
ECS_TRUST = policy(
    {
        "Sid": "TrustUntilExpiry",
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": UNTIL,
    }
)
GITHUB_TRUST = policy(
    {
        "Sid": "TrustUntilExpiry",
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{GITHUB}:aud": "sts.amazonaws.com",
                f"{GITHUB}:sub": [SUBJECT],
                f"{GITHUB}:repository_id": "2002",
            },
            "DateLessThan": {"aws:CurrentTime": "2027-03-31T00:00:00Z"},
        },
    }
)


def put(at: datetime, policies: Mapping[str, Json], resource_policy: Json = None, **more: Json) -> Question:
    return Question(
        SESSION,
        "dynamodb:PutItem",
        TABLE,
        at,
        identity_policies=policies,
        resource_policy=resource_policy,
        permissions_boundary=more.get("boundary"),
    )


def from_github(at: datetime, subject: str = SUBJECT) -> Question:
    claims = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": subject, f"{GITHUB}:repository_id": "2002"}
    return Question(PROVIDER, "sts:AssumeRoleWithWebIdentity", ROLE, at, resource_policy=GITHUB_TRUST, context=claims)


def test_a_live_session_works_until_the_last_second_and_is_denied_at_the_expiry(evaluator: Evaluator) -> None:
    assert evaluator.evaluate([put(LAST_SECOND, PERMISSIONS), put(EXPIRY, PERMISSIONS)]) == (
        Allowed(),
        Denied(explicit=True, reasons=("identity policy nhi, statement DenyAfterExpiry",)),
    )


def test_an_open_resource_policy_does_not_carry_a_session_past_the_expiry(evaluator: Evaluator) -> None:
    only_deny = {"nhi": policy(DENY_AFTER_EXPIRY)}
    assert evaluator.evaluate([put(LAST_SECOND, only_deny, OPEN_TABLE), put(EXPIRY, only_deny, OPEN_TABLE)]) == (
        Allowed(),
        Denied(explicit=True, reasons=("identity policy nhi, statement DenyAfterExpiry",)),
    )


def test_without_the_deny_a_session_lives_on(evaluator: Evaluator) -> None:
    assert evaluator.evaluate([put(EXPIRY, {"nhi": policy(ALLOW)})]) == (Allowed(),)


def test_a_call_that_nothing_allows_is_denied_implicitly(evaluator: Evaluator) -> None:
    assert evaluator.evaluate([put(LAST_SECOND, {})]) == (
        Denied(explicit=False, reasons=("no identity policy allows it",)),
    )


def test_a_permissions_boundary_limits_what_the_policies_allow(evaluator: Evaluator) -> None:
    boundary = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    (verdict,) = evaluator.evaluate([put(LAST_SECOND, PERMISSIONS, boundary=boundary)])
    assert isinstance(verdict, Denied)
    assert not verdict.explicit


def test_a_service_can_assume_its_role_until_the_last_second(evaluator: Evaluator) -> None:
    def assume(at: datetime) -> Question:
        return Question("ecs-tasks.amazonaws.com", "sts:AssumeRole", ROLE, at, resource_policy=ECS_TRUST)

    before, after = evaluator.evaluate([assume(LAST_SECOND), assume(EXPIRY)])
    assert before == Allowed()
    assert isinstance(after, Denied)
    assert not after.explicit


def test_another_service_cannot_assume_the_role(evaluator: Evaluator) -> None:
    question = Question("lambda.amazonaws.com", "sts:AssumeRole", ROLE, LAST_SECOND, resource_policy=ECS_TRUST)
    assert isinstance(evaluator.evaluate([question])[0], Denied)


def test_a_github_workflow_can_assume_its_role_until_the_last_second(evaluator: Evaluator) -> None:
    assert evaluator.evaluate([from_github(LAST_SECOND), from_github(EXPIRY)]) == (
        Allowed(),
        Denied(explicit=False, reasons=()),
    )


def test_another_repositorys_workflow_cannot_assume_the_role(evaluator: Evaluator) -> None:
    stranger = "repo:mallory@6666/ledger@7777:ref:refs/heads/main"
    assert evaluator.evaluate([from_github(LAST_SECOND, stranger)]) == (Denied(explicit=False, reasons=()),)


def test_no_questions_have_no_answers(evaluator: Evaluator) -> None:
    assert evaluator.evaluate([]) == ()


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (put(EXPIRY, {"nhi": policy({"Effect": "Alow", "Action": "*", "Resource": "*"})}), "Effect must be"),
        (Question(SESSION, "dynamodb:Conjure", TABLE, EXPIRY), "invalid.action"),
        (Question(SESSION, "dynamodb:PutItem", f"{TABLE}*", EXPIRY), "one resource"),
        (Question(SESSION, "dynamodb:PutItem", TABLE, EXPIRY, context={"aws:Weather": "fine"}), "aws:Weather"),
    ],
    ids=["policy", "action", "resource", "context key"],
)
def test_a_question_that_makes_no_sense_gets_no_verdict(evaluator: Evaluator, question: Question, why: str) -> None:
    with pytest.raises(OutsideError, match=why):
        evaluator.evaluate([question])


def test_without_node_it_names_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(MissingTool, match="node") as missing:
        find_evaluator(tmp_path, {"PATH": str(tmp_path)})
    assert missing.value.hint == "scripts/setup"


def test_without_the_package_it_names_what_to_install(tmp_path: Path, evaluator: Evaluator) -> None:
    with pytest.raises(MissingTool, match="iam-simulate") as missing:
        find_evaluator(tmp_path, {"PATH": str(Path(evaluator.node).parent)})
    assert missing.value.hint == "scripts/setup"


def test_a_broken_evaluator_is_an_error_of_the_outside(tmp_path: Path, evaluator: Evaluator) -> None:
    with pytest.raises(OutsideError, match="failed"):
        Evaluator(evaluator.node, tmp_path).evaluate([put(EXPIRY, PERMISSIONS)])
    with pytest.raises(OutsideError, match="gave no answer"):
        Evaluator(str(tmp_path / "node"), tmp_path).evaluate([put(EXPIRY, PERMISSIONS)])
