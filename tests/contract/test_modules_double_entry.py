"""Double entry: what Terraform plans from main.tf is what expected.json.j2 says from the manifest, and nothing more.

One plan by the real provider holds every valid example four times: as it stands, with the suspension turned round and
another expiry, with hostile text wherever its schema takes text, and with its schema's defaults written out.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from tests.fixtures.modules import KINDS, MODULES, STACK, VALID, Once, catalog, identity, kind_of, label, suspended

from nhi.cloud.expectation import expectation
from nhi.manifest.schema import ready
from nhi.model.identity import Identity, Json
from nhi.model.instant import format_instant
from nhi.model.verification import Expectation, ExpectedEventRule, ExpectedRole, ExpectedSecret, ExpectedUser
from nhi.sandbox.aws import LoopbackAws
from nhi.terraform.process import TerraformBinary
from nhi.terraform.render import render

_HOSTILE = (
    ' "}] ${upper("x")} %{ if true }y%{ endif } {{ 7*7 }} {% raw %} <&>\' \\ \u2028 \u00fc \n}',
    ' "}] ${upper("x")} %{ if true }y%{ endif } {{ 7*7 }} {% raw %} <&>\' \\ \u00fc }',
    "'\"}] %{ if true }y%{ endif } {{ 7*7 }} {% raw %} <&> \\",
)
"""Tried in turn, since a schema may allow only one line, or only printable ASCII without `$`."""
_FAMILIES = (
    {
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policies_exclusive",
        "aws_iam_role_policy_attachments_exclusive",
    },
    {
        "aws_iam_user",
        "aws_iam_access_key",
        "aws_iam_user_policy",
        "aws_iam_user_policies_exclusive",
        "aws_iam_user_policy_attachments_exclusive",
    },
    {"aws_secretsmanager_secret", "aws_secretsmanager_secret_version"},
    {"aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"},
)
"""What `_planned` understands; a kind that makes more in the cloud must be understood here too."""
_IN_THE_CLOUD = [example for example in VALID if (MODULES / kind_of(example) / "expected.json.j2").is_file()]

_SECRET_TEXTS = ("secret_string", "secret_binary")
"""Attributes of a secret's version that the state would hold as they are."""

Resources: TypeAlias = dict[str, list[dict[str, Any]]]
"""Planned values by resource type."""


def _as_it_stands(one: Identity) -> Identity:
    return one


def _turned_round(one: Identity) -> Identity:
    turned = suspended(one, yes=one.suspended is None)
    return replace(turned, name=f"{one.name}-turned", expiry=one.expiry + timedelta(days=200, hours=16, seconds=1))


def _with_hostile_text(one: Identity) -> Identity:
    schema = ready(catalog().kinds[one.kind].scope_schema)
    scope = dict(one.scope)
    for path in list(_texts(scope)):
        scope = next(filter(schema.fits, (_appended(scope, path, text) for text in _HOSTILE)), scope)
    return replace(one, name=f"{one.name}-hostile", purpose=one.purpose + _HOSTILE[0], scope=scope)


def _with_the_defaults(one: Identity) -> Identity:
    """The schema's defaults are what people read; what is left out must mean the same."""
    scope = _completed(dict(one.scope), catalog().kinds[one.kind].scope_schema)
    return replace(one, name=f"{one.name}-defaults", scope=scope)


_VARIANTS = (_as_it_stands, _turned_round, _with_hostile_text)
_EACH_VARIANT = pytest.mark.parametrize("variant", _VARIANTS, ids=lambda variant: variant.__name__.strip("_"))


@pytest.fixture(scope="session")
def planned(once: Once, terraform: TerraformBinary, aws_server: LoopbackAws) -> dict[str, Resources]:
    """What one plan of everything would make: name of the identity → its resources."""

    identities = [change(identity(example)) for example in VALID for change in (*_VARIANTS, _with_the_defaults)]

    def plan(folder: Path) -> dict[str, Resources]:
        environment = {**terraform.environment, **aws_server.credentials_for(STACK.account)}
        return _plan(folder, replace(terraform, environment=environment), identities)

    return once("double-entry", plan)


@_EACH_VARIANT
@pytest.mark.parametrize("example", _IN_THE_CLOUD, ids=label)
def test_the_plan_is_what_is_expected(
    example: Path, variant: Callable[[Identity], Identity], planned: dict[str, Resources]
) -> None:
    one = variant(identity(example))
    expected = expectation(one, catalog().kinds[one.kind], STACK)
    assert expected is not None
    assert _planned(planned[one.name]) == expected


@pytest.mark.parametrize("example", VALID, ids=label)
def test_a_default_that_is_written_out_changes_nothing(example: Path, planned: dict[str, Resources]) -> None:
    one = identity(example)
    written_out = json.dumps(planned[_with_the_defaults(one).name])
    assert json.loads(written_out.replace(f"{one.name}-defaults", one.name)) == planned[one.name]


@_EACH_VARIANT
@pytest.mark.parametrize("example", _IN_THE_CLOUD, ids=label)
def test_nothing_beside_the_expected_stays_on_a_planned_principal(
    example: Path, variant: Callable[[Identity], Identity], planned: dict[str, Resources]
) -> None:
    """Policies that are not planned are removed, attached ones and inline ones."""
    resources = planned[variant(identity(example)).name]
    found = _planned(resources)
    for principal, ones in (("role", found.roles), ("user", found.users)):
        name, inline = f"{principal}_name", resources.get(f"aws_iam_{principal}_policies_exclusive", [])
        attached = resources.get(f"aws_iam_{principal}_policy_attachments_exclusive", [])
        assert {one[name]: tuple(one["policy_names"]) for one in inline} == {
            one.name: tuple(one.inline) for one in ones
        }
        assert [one[name] for one in attached] == [one.name for one in ones]


@pytest.mark.parametrize("example", VALID, ids=label)
def test_a_kind_makes_in_the_cloud_only_what_can_be_verified(example: Path, planned: dict[str, Resources]) -> None:
    one = identity(example)
    made = {resource for change in _VARIANTS for resource in planned[change(one).name]} - {"terraform_data"}
    understood = [family for family in _FAMILIES if family & made]
    assert made == set().union(*understood)
    assert bool(made) == (example in _IN_THE_CLOUD)


@_EACH_VARIANT
@pytest.mark.parametrize("example", _IN_THE_CLOUD, ids=label)
def test_no_secret_would_stand_in_the_state(
    example: Path, variant: Callable[[Identity], Identity], planned: dict[str, Resources]
) -> None:
    """A key is encrypted as it is made, and what a secret holds is written and never kept."""
    resources = planned[variant(identity(example)).name]
    assert all(one["pgp_key"] for one in resources.get("aws_iam_access_key", []))
    kept = [one.get(key) for one in resources.get("aws_secretsmanager_secret_version", []) for key in _SECRET_TEXTS]
    assert not any(kept)


@_EACH_VARIANT
@pytest.mark.parametrize("example", [example for example in VALID if example not in _IN_THE_CLOUD], ids=label)
def test_the_record_of_what_has_no_api_says_all_that_is_declared(
    example: Path, variant: Callable[[Identity], Identity], planned: dict[str, Resources]
) -> None:
    one = variant(identity(example))
    (record,) = planned[one.name]["terraform_data"]
    assert set(_leaves(dict(one.scope))) | {one.purpose, format_instant(one.expiry)} <= set(_leaves(record))


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_reaches_every_kind(kind: str) -> None:
    """So that the plan above says something: at least the purpose and one value of the scope carry it."""
    changed = [_with_hostile_text(identity(example)) for example in VALID if kind_of(example) == kind]
    assert all("${upper" in one.purpose for one in changed)
    assert all("{{ 7*7 }}" in json.dumps(one.scope) for one in changed)


# --- the plan --------------------------------------------------------------------------------------------------------


def _plan(folder: Path, terraform: TerraformBinary, identities: Sequence[Identity]) -> dict[str, Resources]:
    shutil.copytree(MODULES, folder / "modules", ignore=shutil.ignore_patterns("tests", ".terraform*"))
    for path, text in render(STACK, identities, state_path="terraform.tfstate").items():
        (folder / path).write_text(text, "utf-8")
    terraform.init(folder, _nobody)
    terraform.plan(folder, folder / "plan", _nobody)
    document: Any = terraform.show(folder, folder / "plan")
    planned: dict[str, Resources] = {}
    for module in document["planned_values"]["root_module"]["child_modules"]:
        resources: Resources = {}
        for one in module["resources"]:
            resources.setdefault(one["type"], []).append(one["values"])
        planned[module["address"].removeprefix("module.nhi-")] = resources
    return planned


def _nobody(_: str) -> None:
    pass


def _planned(resources: Resources) -> Expectation:
    assert set(resources) <= set().union(*_FAMILIES)
    return Expectation(
        roles=tuple(_role(one, resources) for one in resources.get("aws_iam_role", [])),
        users=tuple(_user(one, resources) for one in resources.get("aws_iam_user", [])),
        secrets=tuple(
            ExpectedSecret(one["name"], one["tags"]) for one in resources.get("aws_secretsmanager_secret", [])
        ),
        event_rules=tuple(_event_rule(one, resources) for one in resources.get("aws_cloudwatch_event_rule", [])),
    )


def _role(role: dict[str, Any], resources: Resources) -> ExpectedRole:
    assert role["permissions_boundary"] is None
    return ExpectedRole(
        name=role["name"],
        path=role["path"],
        trust=json.loads(role["assume_role_policy"]),
        inline=_inline("role", role["name"], resources),
        attached=_attached("role", role["name"], resources),
        tags=role["tags"],
        max_session_seconds=role["max_session_duration"],
    )


def _user(user: dict[str, Any], resources: Resources) -> ExpectedUser:
    assert user["permissions_boundary"] is None
    keys = [one["status"] for one in resources.get("aws_iam_access_key", []) if one["user"] == user["name"]]
    return ExpectedUser(
        name=user["name"],
        path=user["path"],
        inline=_inline("user", user["name"], resources),
        attached=_attached("user", user["name"], resources),
        tags=user["tags"],
        access_keys=tuple(sorted(keys)),
    )


def _inline(principal: str, name: str, resources: Resources) -> dict[str, Json]:
    policies = [one for one in resources[f"aws_iam_{principal}_policy"] if one[principal] == name]
    return {one["name"]: json.loads(one["policy"]) for one in policies}


def _attached(principal: str, name: str, resources: Resources) -> tuple[str, ...]:
    listed = resources[f"aws_iam_{principal}_policy_attachments_exclusive"]
    return tuple(arn for one in listed if one[f"{principal}_name"] == name for arn in one["policy_arns"])


def _event_rule(rule: dict[str, Any], resources: Resources) -> ExpectedEventRule:
    assert rule["schedule_expression"] is None
    targets = [one["arn"] for one in resources["aws_cloudwatch_event_target"] if one["rule"] == rule["name"]]
    return ExpectedEventRule(rule["name"], json.loads(rule["event_pattern"]), tuple(targets), rule["state"])


def _leaves(value: Json) -> Iterator[Json]:
    match value:
        case dict() | list():
            for inner in value.values() if isinstance(value, dict) else value:
                yield from _leaves(inner)
        case _:
            yield value


# --- other scopes ---------------------------------------------------------------------------------------------------


def _texts(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where in a value the texts stand."""
    match value:
        case str():
            yield path
        case dict():
            for key, inner in value.items():
                yield from _texts(inner, (*path, key))
        case list():
            for index, inner in enumerate(value):
                yield from _texts(inner, (*path, index))
        case _:
            pass


def _appended(scope: dict[str, Json], path: tuple[str | int, ...], text: str) -> dict[str, Json]:
    """The scope with more text at the end of the one at a path."""
    copy: Any = json.loads(json.dumps(scope))
    *above, last = path
    inner = copy
    for key in above:
        inner = inner[key]
    inner[last] += text
    return dict(copy)


def _completed(value: Json, schema: Any) -> Any:  # noqa: ANN401  # any JSON value
    """A value with every default of its schema."""
    match value:
        case dict():
            properties = schema.get("properties", {})
            defaults = {key: inner["default"] for key, inner in properties.items() if "default" in inner}
            given = {key: _completed(inner, properties.get(key, {})) for key, inner in value.items()}
            return {**defaults, **given}
        case list():
            return [_completed(inner, schema.get("items", {})) for inner in value]
        case _:
            return value
