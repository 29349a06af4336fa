"""The schemas for editors: valid themselves, right for what is right, and wrong for what misses one of the four."""

from typing import Any

import jsonschema
import pytest
from tests.fixtures.manifests import CATALOG, PAPER, manifest

from nhi.manifest.publish import editor_schema, kind_editor_schema
from nhi.manifest.yamltext import plain_values

ALL = editor_schema(CATALOG)
ROLE = kind_editor_schema(CATALOG.kinds["service-role"])


def fits(schema: dict[str, Any], text: str) -> bool:
    """Whether a manifest fits, as any reader of JSON Schema sees it."""
    return jsonschema.Draft202012Validator(schema).is_valid(plain_values(text.encode()))


@pytest.mark.parametrize("schema", [ALL, ROLE], ids=["all", "one"])
def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_manifest_of_each_kind_fits() -> None:
    assert fits(ALL, manifest())
    assert fits(ALL, PAPER)
    assert fits(ROLE, manifest())


def test_a_manifest_of_another_kind_does_not_fit_the_schema_of_one() -> None:
    assert not fits(ROLE, PAPER)


@pytest.mark.parametrize("key", ["apiVersion", "kind", "name", "owner", "purpose", "expiry", "scope"])
def test_without_one_of_these_it_does_not_fit(key: str) -> None:
    assert not fits(ALL, manifest([key]))
    assert not fits(ROLE, manifest([key]))


def test_the_kind_decides_what_the_scope_may_hold() -> None:
    assert not fits(ALL, manifest(scope="{system: mainframe}"))


def test_an_unknown_kind_does_not_fit() -> None:
    assert not fits(ALL, manifest(kind="unheard-of"))


def test_a_misspelt_key_does_not_fit() -> None:
    assert not fits(ALL, manifest(exipry="2027-03-31"))


def test_editors_can_tell_the_kinds_apart() -> None:
    kinds = ALL["properties"]["kind"]["oneOf"]  # type: ignore[index,call-overload]  # JSON of any shape

    assert kinds == [
        {"const": "paper-account", "description": "An account on paper"},
        {"const": "service-role", "description": "A role"},
    ]
