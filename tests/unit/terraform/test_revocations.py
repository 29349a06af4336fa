"""Which plans would give back the access that was ended at once."""

import json
from typing import Any

import pytest

from nhi.model.revocation import PolicyPlace
from nhi.terraform.plan import summarise
from nhi.terraform.revocations import lifted_revocations, revoked_now, written_policies

DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}
REVOKED = json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "DenyRevokedNow", **DENY}]})
SUSPENDED = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Sid": "X", **DENY}]})
ALLOWING = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": ["*"]},
            {**DENY, "Condition": {"DateGreaterThanEquals": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}},
        ]
    }
)


ONE = {"role": "one", "user": "one"}


def change(*actions: str, before: str | None = REVOKED, after: str | None = ALLOWING, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    return {
        "address": "module.nhi-one.aws_iam_role_policy.this",
        "module_address": "module.nhi-one",
        "mode": "managed",
        "type": "aws_iam_role_policy",
        "change": {
            "actions": list(actions),
            "before": None if before is None else {"name": "nhi", "policy": before, **ONE},
            "after": None if after is None else {"name": "nhi", "policy": after, **ONE},
            "after_unknown": {},
        },
        **more,
    }


def lifted(*changes: dict[str, Any]) -> tuple[str, ...]:
    return lifted_revocations({"resource_changes": list(changes)}, "prod")


@pytest.mark.parametrize(
    "given",
    [
        change("update"),
        change("delete", "create"),
        change("create", "delete"),
        change("delete", after=None),
        change("update", type="aws_iam_user_policy"),
        {**change("update"), "change": {**change("update")["change"], "after": {"name": "nhi"}}},
        change("update", after="no JSON"),
        change("update", after=json.dumps({"Statement": {**DENY, "Resource": "arn:aws:s3:::one/*"}})),
        change("update", after=json.dumps({"Statement": {**DENY, "Effect": "Allow"}})),
        change("update", after=json.dumps({"Statement": {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}})),
    ],
)
def test_what_does_not_deny_everything_any_more_is_lifted(given: dict[str, Any]) -> None:
    assert lifted(given) == ("prod/one",)


@pytest.mark.parametrize(
    "given",
    [
        change("update", after=SUSPENDED),
        change("update", after=REVOKED),
        change("update", after=json.dumps({"Statement": {**DENY, "Action": ["*"], "Resource": ["*"]}})),
        change("forget", after=None),
        change("update", before=ALLOWING),
        change("update", before=SUSPENDED),
        change("create", before=None),
    ],
)
def test_what_denies_everything_still_or_never_did_is_not(given: dict[str, Any]) -> None:
    assert lifted(given) == ()


def principal(kind: str, *actions: str, name: str = "one", address: str = "module.nhi-one") -> dict[str, Any]:
    values = {"name": name}
    of = {
        "actions": list(actions),
        "before": None if actions == ("create",) else values,
        "after": None if actions == ("delete",) else values,
    }
    return {"type": f"aws_iam_{kind}", "module_address": address, "mode": "managed", "change": of}


@pytest.mark.parametrize("kind", ["role", "user"])
def test_what_goes_with_its_role_or_user_lets_nobody_in(kind: str) -> None:
    policy = change("delete", after=None, type=f"aws_iam_{kind}_policy")
    assert lifted(policy, principal(kind, "delete")) == ()
    assert lifted(policy, principal(kind, "delete", name="two")) == ("prod/one",)
    assert lifted(policy, principal({"role": "user", "user": "role"}[kind], "delete")) == ("prod/one",)
    assert lifted(change("update", type=policy["type"]), principal(kind, "delete")) == ("prod/one",)


@pytest.mark.parametrize("again", [("delete", "create"), ("create", "delete"), ("update",)])
def test_a_role_that_stays_or_is_made_anew_does_not_take_the_denial_with_it(again: tuple[str, ...]) -> None:
    assert lifted(change("delete", after=None), principal("role", *again)) == ("prod/one",)


def test_a_role_that_is_made_again_elsewhere_does_not_take_the_denial_with_it() -> None:
    elsewhere = principal("role", "create", address="module.nhi-other")
    assert lifted(change("delete", after=None), principal("role", "delete"), elsewhere) == ("prod/one",)


def written(*changes: dict[str, Any]) -> dict[PolicyPlace, str]:
    return written_policies({"resource_changes": list(changes)}, "prod")


@pytest.mark.parametrize(
    "given",
    [
        change("update", before=ALLOWING),
        change("delete", "create", before=ALLOWING),
        change("delete", before=ALLOWING, after=None),
        change("create", before=None),
        change("update", before=SUSPENDED),
    ],
)
def test_what_a_plan_would_write_over_is_known_by_its_place(given: dict[str, Any]) -> None:
    assert written(given) == {PolicyPlace("role", "one", "nhi"): "prod/one"}


@pytest.mark.parametrize(
    "changes",
    [
        [change("update", before=ALLOWING, after=SUSPENDED)],
        [change("no-op", before=ALLOWING)],
        [change("forget", before=ALLOWING, after=None)],
        [change("update")],
        [change("create", before=None), principal("role", "create")],
        [change("delete", before=ALLOWING, after=None), principal("role", "delete")],
        [principal("role", "update")],
    ],
)
def test_what_gives_nothing_back_is_not_asked_for(changes: list[dict[str, Any]]) -> None:
    assert written(*changes) == {}


def test_each_identity_is_named_once_and_sorted_and_what_is_nobodys_too() -> None:
    other = change("update", module_address="module.nhi-a")
    assert lifted(change("update"), change("update"), other, change("update", module_address="module.stray")) == (
        "prod/a",
        "prod/module.stray",
        "prod/one",
    )


def test_who_is_denied_now_is_known_whatever_becomes_of_it() -> None:
    plan: dict[str, Any] = {
        "resource_changes": [
            change("delete", after=None),
            change("update", before=ALLOWING, module_address="module.nhi-a"),
        ]
    }
    assert revoked_now(plan, "prod") == {"prod/one"}


def test_the_summary_of_a_plan_has_it() -> None:
    plan: dict[str, Any] = {"format_version": "1.2", "planned_values": {}, "resource_changes": [change("update")]}
    assert summarise(plan, "prod").lifted == ("prod/one",)
