import json
from datetime import UTC, datetime

import pytest

from nhi.cloud.expectation import expectation
from nhi.errors import InputError
from nhi.model.identity import Identity, Json
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Expectation, ExpectedEventRule, ExpectedRole, ExpectedSecret, ExpectedUser

STACK = Stack("prod", "111122223333", "eu-west-1")
TRUST: Json = {"Version": "2012-10-17", "Statement": []}
ROLE: dict[str, Json] = {
    "name": "ledger-writer",
    "path": "/nhi/prod/",
    "trust": TRUST,
    "inline": {"nhi": TRUST},
    "attached": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    "tags": {"nhi:id": "prod/ledger-writer"},
    "max_session_seconds": 3600,
}
USER: dict[str, Json] = {
    "name": "ledger-writer",
    "path": "/nhi/prod/",
    "inline": {"nhi": TRUST},
    "attached": [],
    "tags": {"nhi:id": "prod/ledger-writer"},
    "access_keys": ["Inactive", "Active"],
}
SECRET: dict[str, Json] = {"name": "nhi/prod/ledger-writer", "tags": {"nhi:id": "prod/ledger-writer"}}
EVENT_RULE: dict[str, Json] = {
    "name": "nhi-prod-ledger-writer",
    "pattern": {"source": ["aws.sts"]},
    "targets": ["arn:aws:sns:eu-west-1:111122223333:security"],
}


def identity(purpose: str = "Settlement.") -> Identity:
    return Identity(
        path="identities/prod/ledger-writer.yaml",
        stack="prod",
        name="ledger-writer",
        kind="example",
        owner="payments",
        purpose=purpose,
        expiry=datetime(2027, 3, 31, tzinfo=UTC),
        scope={"services": ["ecs-tasks.amazonaws.com"]},
    )


def rendered(template: str | None, purpose: str = "Settlement.") -> Expectation | None:
    return expectation(identity(purpose), Kind("example", "", "", {}, template), STACK)


def refused(template: str) -> str:
    with pytest.raises(InputError) as wrong:
        rendered(template)
    assert wrong.value.message.startswith("modules/example/expected.json.j2, rendered for prod/ledger-writer: ")
    assert wrong.value.hint
    return wrong.value.message


def test_a_kind_without_a_template_expects_nothing() -> None:
    assert rendered(None) is None


def test_a_template_becomes_roles() -> None:
    assert rendered(json.dumps({"roles": [ROLE]})) == Expectation(
        (
            ExpectedRole(
                name="ledger-writer",
                path="/nhi/prod/",
                trust=TRUST,
                inline={"nhi": TRUST},
                attached=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
                tags={"nhi:id": "prod/ledger-writer"},
                max_session_seconds=3600,
            ),
        )
    )


def test_a_template_becomes_users_with_their_secrets_and_event_rules() -> None:
    assert rendered(json.dumps({"users": [USER], "secrets": [SECRET], "event_rules": [EVENT_RULE]})) == Expectation(
        users=(
            ExpectedUser(
                name="ledger-writer",
                path="/nhi/prod/",
                inline={"nhi": TRUST},
                attached=(),
                tags={"nhi:id": "prod/ledger-writer"},
                access_keys=("Inactive", "Active"),
            ),
        ),
        secrets=(ExpectedSecret("nhi/prod/ledger-writer", {"nhi:id": "prod/ledger-writer"}),),
        event_rules=(
            ExpectedEventRule(
                "nhi-prod-ledger-writer",
                {"source": ["aws.sts"]},
                ("arn:aws:sns:eu-west-1:111122223333:security",),
            ),
        ),
    )


def test_a_role_and_a_user_may_have_the_same_name() -> None:
    found = rendered(json.dumps({"roles": [ROLE], "users": [USER], "secrets": [], "event_rules": []}))
    assert found is not None
    assert (found.roles[0].name, found.users[0].name) == ("ledger-writer", "ledger-writer")


@pytest.mark.parametrize("hostile", ['"', "\\", "</script>", "{{ 7 * 7 }}", "\u2028", "é", "%{ if true }"])
def test_the_text_of_a_manifest_stays_text(hostile: str) -> None:
    template = json.dumps({"roles": [{**ROLE, "tags": "TAGS"}]}).replace(
        '"TAGS"', '{"p": {{ identity.purpose | tojson }}}'
    )
    found = rendered(template, hostile)
    assert found is not None
    assert found.roles[0].tags == {"p": hostile}


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{% if %}", "Expected an expression"),
        ("{{ identity.nmae }}", "nmae"),
        ("{{ scope.services.missing }}", "missing"),
        ("{{ identity.name + 1 }}", "concatenate"),
        ("{{ 1 / 0 }}", "zero"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{% set _ = scope.services.append('x') %}", "unsafe"),
        ("{{ range(1000000) | list }}", "Range too big"),
        ("", "not JSON"),
        ('{"roles": [], "roles": []}', "stands twice"),
        ("{{ 'x' * 300000 }}", "longer than"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_template_that_does_not_render_to_json_is_refused(template: str, why: str) -> None:
    assert why in refused(template)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([], "it is not of the type dict"),
        ({}, "it declares no role and no user"),
        ({"roles": [ROLE], "groups": []}, "it does not know groups"),
        ({"roles": {}}, "roles is not of the type list"),
        ({"roles": [], "users": [], "secrets": [SECRET], "event_rules": [EVENT_RULE]}, "it declares no role"),
        ({"roles": [ROLE, {**ROLE, "name": "Ledger-Writer"}]}, "two roles have the same name"),
        ({"roles": [{**ROLE, "boundary": "x"}]}, "roles[0] lacks or does not know boundary"),
        ({"roles": [{key: ROLE[key] for key in ROLE if key != "trust"}]}, "roles[0] lacks or does not know trust"),
        ({"roles": [{**ROLE, "name": 7}]}, "roles[0].name is not of the type str"),
        ({"roles": [{**ROLE, "trust": "{}"}]}, "roles[0].trust is not of the type dict"),
        ({"roles": [{**ROLE, "trust": {}}]}, "roles[0].trust is not a policy"),
        ({"roles": [{**ROLE, "inline": {"a": {"Statement": 1}}}]}, "roles[0].inline.a is not a policy"),
        ({"roles": [{**ROLE, "attached": [1]}]}, "roles[0].attached is not of the type str"),
        ({"roles": [{**ROLE, "tags": {"a": None}}]}, "roles[0].tags.a is not of the type str"),
        ({"roles": [{**ROLE, "max_session_seconds": True}]}, "roles[0].max_session_seconds is not a number"),
        ({"roles": [{**ROLE, "max_session_seconds": "3600"}]}, "roles[0].max_session_seconds is not of the type int"),
        ({"users": [USER, {**USER, "name": "Ledger-Writer"}]}, "two users have the same name"),
        ({"users": [{**USER, "trust": TRUST}]}, "users[0] lacks or does not know trust"),
        ({"users": [{key: USER[key] for key in USER if key != "access_keys"}]}, "does not know access_keys"),
        ({"users": [{**USER, "inline": {"a": {"Statement": 1}}}]}, "users[0].inline.a is not a policy"),
        ({"users": [{**USER, "access_keys": 1}]}, "users[0].access_keys is not of the type list"),
        ({"users": [{**USER, "access_keys": ["active"]}]}, "users[0].access_keys knows only Active and Inactive"),
        ({"roles": [ROLE], "secrets": [SECRET, SECRET]}, "two secrets have the same name"),
        ({"roles": [ROLE], "secrets": [{**SECRET, "value": "x"}]}, "secrets[0] lacks or does not know value"),
        ({"roles": [ROLE], "secrets": [{**SECRET, "tags": []}]}, "secrets[0].tags is not of the type dict"),
        ({"roles": [ROLE], "event_rules": [EVENT_RULE, EVENT_RULE]}, "two event rules have the same name"),
        ({"roles": [ROLE], "event_rules": [{**EVENT_RULE, "bus": "x"}]}, "event_rules[0] lacks or does not know bus"),
        ({"roles": [ROLE], "event_rules": [{**EVENT_RULE, "state": "DISABLED"}]}, "event_rules[0].state knows only"),
        ({"roles": [ROLE], "event_rules": [{**EVENT_RULE, "state": 1}]}, "event_rules[0].state is not of the type"),
        ({"roles": [ROLE], "event_rules": ["x"]}, "event_rules[0] is not of the type"),
        ({"roles": [ROLE], "event_rules": [{**EVENT_RULE, "pattern": "{}"}]}, "event_rules[0].pattern is not of"),
        ({"roles": [ROLE], "event_rules": [{**EVENT_RULE, "targets": [1]}]}, "event_rules[0].targets is not of"),
    ],
)
def test_another_shape_is_refused_with_its_place(value: Json, why: str) -> None:
    assert why in refused("{{ '' }}" + json.dumps(value))
