import json
from datetime import UTC, datetime

import pytest

from nhi.cloud.expectation import expectation
from nhi.errors import InputError
from nhi.model.identity import Identity, Json
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Expectation, ExpectedRole

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
        ({}, "it lacks or does not know roles"),
        ({"roles": [ROLE], "users": []}, "it lacks or does not know users"),
        ({"roles": []}, "it declares no role"),
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
    ],
)
def test_another_shape_is_refused_with_its_place(value: Json, why: str) -> None:
    assert why in refused("{{ '' }}" + json.dumps(value))
