"""What checkov is given: every resource under a name of its own, nothing secret, no Deny, and what it has to find."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.scan.prepare import PLANTED, POLICIES, REDACTED, Prepared, prepare

SECRET = "p8fzEXAMPLE"  # noqa: S105  # what must not be found again
ALLOW: dict[str, Json] = {
    "Sid": "Allow0",
    "Effect": "Allow",
    "Action": ["s3:GetObject"],
    "Resource": ["arn:aws:s3:::a"],
}
OPEN: dict[str, Json] = {"Sid": "Allow1", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]}
DENY: dict[str, Json] = {"Sid": "DenyAfterExpiry", "Effect": "Deny", "Action": "*", "Resource": "*"}


def policy(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def resource(address: str, values: Mapping[str, Json], **more: Json) -> dict[str, Json]:
    kind, name = address.split(".")[-2:]
    name = name.partition("[")[0]
    return {"address": address, "mode": "managed", "type": kind, "name": name, "values": dict(values), **more}


def plan(modules: Mapping[str, Sequence[Json]], **more: Json) -> dict[str, Json]:
    children: list[Json] = [{"address": address, "resources": list(found)} for address, found in modules.items()]
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"child_modules": children}},
        "configuration": {"root_module": {}},
        **more,
    }


def role_policy(name: str, document: Json, **more: Json) -> dict[str, Json]:
    return resource(f"module.nhi-{name}.aws_iam_role_policy.this", {"policy": document}, **more)


def one(document: Json, **more: Json) -> Prepared:
    """A plan with one policy of one role."""
    return prepare(plan({"module.nhi-a": [role_policy("a", document, **more)]}))


def planned(prepared: Prepared) -> Iterator[dict[str, Any]]:
    def within(module: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  # JSON
        yield from module["resources"]
        for child in module.get("child_modules", ()):
            yield from within(child)

    document: Any = prepared.document
    yield from within(document["planned_values"]["root_module"])


def value(prepared: Prepared, address: str) -> dict[str, Any]:
    (found,) = [each for each in planned(prepared) if each["address"] == address]
    values: dict[str, Any] = found["values"]
    return values


def sids(prepared: Prepared) -> list[str]:
    document = json.loads(value(prepared, "module.nhi-a.aws_iam_role_policy.this")["policy"])
    return [statement["Sid"] for statement in document["Statement"]]


def test_what_has_the_same_name_in_every_module_has_a_name_of_its_own() -> None:
    found = prepare(plan({f"module.nhi-{name}": [role_policy(name, policy(ALLOW))] for name in "abc"}))
    names = [(each["type"], each["name"]) for each in planned(found)]

    assert len(set(names)) == len(names)


def test_instances_of_one_resource_and_of_one_module_have_names_of_their_own() -> None:
    addresses = {
        "module.nhi-a": ['module.nhi-a.aws_iam_user_policy.this["x"]', 'module.nhi-a.aws_iam_user_policy.this["y"]'],
        'module.nhi-b.module.c["x"]': ['module.nhi-b.module.c["x"].aws_iam_user_policy.this'],
        'module.nhi-b.module.c["y"]': ['module.nhi-b.module.c["y"].aws_iam_user_policy.this'],
    }
    found = prepare(plan({module: [resource(at, {}) for at in inside] for module, inside in addresses.items()}))
    names = [each["name"] for each in planned(found) if each["address"] not in PLANTED]

    assert len(set(names)) == len(names) == 4


def test_a_reference_leads_to_the_same_modules_resource() -> None:
    expressions: Json = {"role": {"references": ["aws_iam_role.this.name", "aws_iam_role.this", "var.identity"]}}
    configured: Json = {
        "address": "aws_iam_role_policy.this",
        "mode": "managed",
        "type": "aws_iam_role_policy",
        "name": "this",
        "expressions": expressions,
    }
    calls: Json = {f"nhi-{name}": {"module": {"resources": [configured]}} for name in "ab"}
    found = prepare(
        plan(
            {
                f"module.nhi-{name}": [
                    resource(f"module.nhi-{name}.aws_iam_role.this", {}),
                    role_policy(name, policy(ALLOW)),
                ]
                for name in "ab"
            },
            configuration={"root_module": {"module_calls": calls}},
        )
    )
    document: Any = found.document
    for name in "ab":
        (role,) = [each for each in planned(found) if each["address"] == f"module.nhi-{name}.aws_iam_role.this"]
        (here,) = document["configuration"]["root_module"]["module_calls"][f"nhi-{name}"]["module"]["resources"]

        assert here["expressions"]["role"]["references"] == [
            f"aws_iam_role.{role['name']}.name",
            f"aws_iam_role.{role['name']}",
            "var.identity",
        ]


def test_no_deny_hides_what_is_allowed_and_what_is_not_limited_comes_first() -> None:
    found = one(policy(ALLOW, DENY, OPEN, DENY))

    assert sids(found) == ["Allow1", "Allow0"]
    assert found.statements == {"module.nhi-a.aws_iam_role_policy.this": ("Allow1", "Allow0")}


def test_a_single_statement_and_one_without_a_sid_are_read() -> None:
    document = json.dumps({"Statement": {key: part for key, part in OPEN.items() if key != "Sid"}})

    assert one(document).statements == {"module.nhi-a.aws_iam_role_policy.this": ("",)}


def test_a_policy_that_only_denies_allows_nothing() -> None:
    assert sids(one(policy(DENY))) == []


@pytest.mark.parametrize(
    "document", [None, "", "x", "[]", '{"Statement": 1}', '{"Statement": ["x"]}', 7, {"Statement": []}, "[" * 99_999]
)
def test_a_policy_that_cannot_be_read_is_not_taken_for_an_empty_one(document: Json) -> None:
    assert one(document).unreadable == ("module.nhi-a.aws_iam_role_policy.this",)


def test_a_sensitive_policy_is_not_told_and_not_readable() -> None:
    found = one(policy(OPEN), sensitive_values={"policy": True})

    assert value(found, "module.nhi-a.aws_iam_role_policy.this") == {"policy": REDACTED}
    assert found.unreadable == ("module.nhi-a.aws_iam_role_policy.this",)


def test_of_a_trust_no_deny_is_told_either() -> None:
    trust = resource("module.nhi-a.aws_iam_role.this", {"assume_role_policy": policy(DENY, ALLOW)})
    found = prepare(plan({"module.nhi-a": [trust]}))

    assert json.loads(value(found, "module.nhi-a.aws_iam_role.this")["assume_role_policy"])["Statement"] == [ALLOW]


def test_nothing_that_is_sensitive_or_not_asked_about_is_told() -> None:
    secret = resource(
        "module.nhi-a.aws_secretsmanager_secret_version.this",
        {"secret_string": SECRET, "list": [{"a": SECRET, "b": "told"}, "told"], "name": "told"},
        sensitive_values={"secret_string": True, "list": [{"a": True}]},
    )
    change: Json = {
        "address": secret["address"],
        "change": {"actions": ["update"], "before": {"secret_string": SECRET}, "after": {"secret_string": SECRET}},
    }
    constants: Json = {"secret_string": {"constant_value": SECRET}}
    found = prepare(
        plan(
            {"module.nhi-a": [secret]},
            configuration={
                "provider_config": {"aws": {"expressions": {"secret_key": {"constant_value": SECRET}}}},
                "root_module": {
                    "module_calls": {
                        "nhi-a": {
                            "expressions": constants,
                            "module": {"resources": [{**secret, "expressions": constants}]},
                        }
                    }
                },
            },
            resource_changes=[change],
            resource_drift=[change],
            prior_state={"values": SECRET},
            variables={"x": {"value": SECRET}},
            output_changes={"x": {"after": SECRET}},
        )
    )

    assert SECRET not in json.dumps(found.document)
    assert value(found, "module.nhi-a.aws_secretsmanager_secret_version.this") == {
        "secret_string": REDACTED,
        "list": [{"a": REDACTED, "b": "told"}, "told"],
        "name": "told",
    }


def marked(draw: st.DrawFn, depth: int = 3) -> tuple[Json, Json]:
    """A value and its marks; exactly the marked leaves are secrets."""
    if depth == 0 or draw(st.booleans()):
        return (SECRET, True) if draw(st.booleans()) else (draw(st.sampled_from(["told", 1, None])), draw(st.none()))
    parts = [marked(draw, depth - 1) for _ in range(draw(st.integers(0, 3)))]
    if draw(st.booleans()):
        return [part for part, _ in parts], [mark for _, mark in parts]
    return (
        {str(index): part for index, (part, _) in enumerate(parts)},
        {str(index): mark for index, (_, mark) in enumerate(parts) if mark},
    )


@given(st.composite(marked)())
def test_whatever_is_marked_is_redacted_at_any_depth(pair: tuple[Json, Json]) -> None:
    secret = resource("module.nhi-a.terraform_data.this", {"input": pair[0]}, sensitive_values={"input": pair[1]})
    found = prepare(plan({"module.nhi-a": [secret]}))

    assert SECRET not in json.dumps(found.document)


def test_something_is_planted_for_every_type_of_policy() -> None:
    addresses = {each["address"] for each in planned(one(policy(ALLOW)))}

    assert addresses == {"module.nhi-a.aws_iam_role_policy.this", *PLANTED}
    assert set(PLANTED.values()) == POLICIES.keys()


def test_what_is_planted_is_not_counted_as_the_plans_own() -> None:
    assert one(policy(ALLOW)).resources == {"module.nhi-a.aws_iam_role_policy.this": "aws_iam_role_policy"}


def test_data_is_no_resource() -> None:
    data = {**role_policy("a", policy(ALLOW)), "mode": "data"}

    assert prepare(plan({"module.nhi-a": [data]})).resources == {}


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"planned_values": []},
        {"planned_values": {"root_module": {"resources": {}}}},
        {"planned_values": {"root_module": {"resources": ["x"]}}},
        {"planned_values": {"root_module": {"resources": [{"mode": "managed"}]}}},
        {"planned_values": {"root_module": {"resources": [role_policy("a", ""), role_policy("a", "")]}}},
        {"planned_values": {"root_module": {"resources": [resource(next(iter(PLANTED)), {})]}}},
        {"planned_values": {"root_module": {"resources": [role_policy("a", "", sensitive_values=True)]}}},
        {"planned_values": {"root_module": {}}},
    ],
)
def test_what_is_no_plan_is_refused(broken: dict[str, Json]) -> None:
    with pytest.raises(OutsideError, match="cannot be scanned"):
        prepare(broken)
