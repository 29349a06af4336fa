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
from nhi.model.verification import ExpectedRole
from nhi.sandbox.aws import LoopbackAws
from nhi.terraform.process import TerraformBinary
from nhi.terraform.render import render

_HOSTILE = (
    ' "}] ${upper("x")} %{ if true }y%{ endif } {{ 7*7 }} {% raw %} <&>\' \\ \u2028 \u00fc \n}',
    ' "}] ${upper("x")} %{ if true }y%{ endif } {{ 7*7 }} {% raw %} <&>\' \\ \u00fc }',
    "'\"}] %{ if true }y%{ endif } {{ 7*7 }} {% raw %} <&> \\",
)
"""Tried in turn, since a schema may allow only one line, or only printable ASCII without `$`."""
_PLANNED = {
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policies_exclusive",
    "aws_iam_role_policy_attachments_exclusive",
}
"""What `_planned_roles` understands; a kind that makes more in the cloud must be understood here too."""
_IN_THE_CLOUD = [example for example in VALID if (MODULES / kind_of(example) / "expected.json.j2").is_file()]

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
    assert tuple(_planned_roles(planned[one.name])) == expected.roles


@pytest.mark.parametrize("example", VALID, ids=label)
def test_a_default_that_is_written_out_changes_nothing(example: Path, planned: dict[str, Resources]) -> None:
    one = identity(example)
    written_out = json.dumps(planned[_with_the_defaults(one).name])
    assert json.loads(written_out.replace(f"{one.name}-defaults", one.name)) == planned[one.name]


@_EACH_VARIANT
@pytest.mark.parametrize("example", _IN_THE_CLOUD, ids=label)
def test_nothing_beside_the_expected_stays_on_a_planned_role(
    example: Path, variant: Callable[[Identity], Identity], planned: dict[str, Resources]
) -> None:
    """Policies that are not planned are removed, attached ones and inline ones."""
    resources = planned[variant(identity(example)).name]
    roles = list(_planned_roles(resources))
    inline = {one["role_name"]: tuple(one["policy_names"]) for one in resources["aws_iam_role_policies_exclusive"]}
    attached = [one["role_name"] for one in resources["aws_iam_role_policy_attachments_exclusive"]]
    assert inline == {role.name: tuple(role.inline) for role in roles}
    assert attached == [role.name for role in roles]


@pytest.mark.parametrize("example", VALID, ids=label)
def test_a_kind_makes_in_the_cloud_only_what_can_be_verified(example: Path, planned: dict[str, Resources]) -> None:
    one = identity(example)
    made = {resource for change in _VARIANTS for resource in planned[change(one).name]}
    assert made - {"terraform_data"} == (_PLANNED if example in _IN_THE_CLOUD else set())


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


def _planned_roles(resources: Resources) -> Iterator[ExpectedRole]:
    assert set(resources) <= _PLANNED
    for role in resources["aws_iam_role"]:
        policies = [one for one in resources["aws_iam_role_policy"] if one["role"] == role["name"]]
        attached = [
            one["policy_arns"]
            for one in resources["aws_iam_role_policy_attachments_exclusive"]
            if one["role_name"] == role["name"]
        ]
        assert role["permissions_boundary"] is None
        yield ExpectedRole(
            name=role["name"],
            path=role["path"],
            trust=json.loads(role["assume_role_policy"]),
            inline={one["name"]: json.loads(one["policy"]) for one in policies},
            attached=tuple(arn for arns in attached for arn in arns),
            tags=role["tags"],
            max_session_seconds=role["max_session_duration"],
        )


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
