"""Whom a trust policy lets in, statement by statement."""

from copy import deepcopy
from typing import Any

import pytest

from nhi.model.diagnosis import Health
from nhi.model.identity import Json
from nhi.policy.role_trust import AUDIENCE, ISSUER, subjects, trust_health

WANTED = subjects("acme-example/identities", "apply", (22, 333))
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"
STATEMENT: dict[str, Any] = {
    "Sid": "Apply",
    "Effect": "Allow",
    "Principal": {"Federated": PROVIDER},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": sorted(WANTED.either)}},
}


def health(*statements: Json) -> Health:
    return trust_health("trust-apply", "nhi-apply", {"Statement": list(statements)}, WANTED).health


def changed(**values: Json) -> dict[str, Any]:
    return {**deepcopy(STATEMENT), **values}


def condition(operator: str, **values: Json) -> dict[str, Any]:
    """The statement with a condition of one operator; `aud` and `sub` are the issuer's."""
    return changed(Condition={operator: {f"{ISSUER}:{key}": value for key, value in values.items()}})


def test_both_forms_of_the_subject_are_trusted() -> None:
    assert WANTED.either == {
        "repo:acme-example/identities:environment:apply",
        "repo:acme-example@22/identities@333:environment:apply",
    }
    assert health(STATEMENT) is Health.GOOD


def test_a_session_may_carry_tags() -> None:
    assert health(changed(Action=["sts:AssumeRoleWithWebIdentity", "sts:TagSession"])) is Health.GOOD


def test_a_further_condition_narrows_and_is_good() -> None:
    narrower = deepcopy(STATEMENT)
    narrower["Condition"]["StringEquals"][f"{ISSUER}:repository_id"] = "333"
    assert health(narrower) is Health.GOOD


def test_a_deny_takes_nothing_away_from_what_is_good() -> None:
    assert health(STATEMENT, {"Effect": "Deny", "Principal": "*", "Action": "*"}) is Health.GOOD


SUBJECT = "repo:acme-example/identities:environment:apply"
FAULTS: dict[str, Json] = {
    "everybody": changed(Principal="*"),
    "an account beside the provider": changed(Principal={"Federated": PROVIDER, "AWS": "arn:aws:iam::1:root"}),
    "an account": changed(Principal={"AWS": "111122223333"}),
    "another provider": changed(Principal={"Federated": "arn:aws:iam::111122223333:oidc-provider/evil.example"}),
    "two providers": changed(Principal={"Federated": [PROVIDER, "cognito-identity.amazonaws.com"]}),
    "all principals but one": {
        **{k: v for k, v in STATEMENT.items() if k != "Principal"},
        "NotPrincipal": {"AWS": "x"},
    },
    "every action": changed(Action="sts:*"),
    "another action": changed(Action=["sts:AssumeRoleWithWebIdentity", "sts:AssumeRole"]),
    "no condition": changed(Condition={}),
    "no audience": condition("StringEquals", sub=SUBJECT),
    "two audiences": condition("StringEquals", aud=[AUDIENCE, "evil"], sub=SUBJECT),
    "no subject": condition("StringEquals", aud=AUDIENCE),
    "a pattern": condition("StringLike", aud=AUDIENCE, sub=SUBJECT),
    "where it is absent too": condition("ForAllValues:StringEquals", aud=AUDIENCE, sub=SUBJECT),
    "if it exists": condition("StringEqualsIfExists", aud=AUDIENCE, sub=SUBJECT),
    "every subject": condition("StringEquals", aud=AUDIENCE, sub="*"),
    "another environment too": condition("StringEquals", aud=AUDIENCE, sub=[SUBJECT, SUBJECT.replace("apply", "nhi")]),
    "another repository": condition("StringEquals", aud=AUDIENCE, sub=SUBJECT.replace("identities", "other")),
}


@pytest.mark.parametrize("statement", FAULTS.values(), ids=FAULTS)
def test_whatever_lets_in_somebody_else_is_wrong(statement: Json) -> None:
    assert health(statement) is Health.WRONG
    assert health(STATEMENT, statement) is Health.WRONG


def test_a_role_that_nobody_may_take_is_wrong() -> None:
    assert health(changed(Effect="Deny")) is Health.WRONG


@pytest.mark.parametrize("policy", [None, [], "text", {}, {"Statement": None}, {"Statement": ["text"]}])
def test_a_policy_that_cannot_be_read_is_unknown(policy: Json) -> None:
    assert trust_health("trust-apply", "nhi-apply", policy, WANTED).health is Health.UNKNOWN


def test_without_the_numbers_only_the_name_is_trusted() -> None:
    assert subjects("acme-example/identities", "apply", None).either == {SUBJECT}
