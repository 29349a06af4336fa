"""The schemas that come with the package are closed and described, everywhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nhi.manifest.schema import packaged, ready

NAMES = ("envelope", "settings", "owners")
SUBSCHEMAS = ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else", "contains")


def subschemas(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema, and every schema within it, with its place."""
    yield path, schema
    for key in SUBSCHEMAS:
        if isinstance(schema.get(key), dict):
            yield from subschemas(schema[key], f"{path}/{key}")
    for key in ("oneOf", "anyOf", "allOf"):
        for index, one in enumerate(schema.get(key, [])):
            yield from subschemas(one, f"{path}/{key}/{index}")
    for key in ("properties", "patternProperties", "$defs"):
        for name, one in schema.get(key, {}).items():
            yield from subschemas(one, f"{path}/{key}/{name}")


def everything() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of the package."""
    for name in NAMES:
        yield from subschemas(packaged(name), name)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_schema_of_the_draft_it_names(name: str) -> None:
    document = packaged(name)

    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    ready(document)


def test_every_mapping_is_closed() -> None:
    opened = [
        path
        for path, schema in everything()
        if schema.get("type") == "object" or "properties" in schema
        if schema.get("additionalProperties") is not False and not {"propertyNames", "oneOf"} & schema.keys()
    ]

    # The kind's own schema takes the place of `scope`, and nothing is read with the envelope alone but an unknown kind.
    assert opened == ["envelope/properties/scope"]


def test_every_key_is_described() -> None:
    silent = [
        f"{path}/{name}"
        for path, schema in everything()
        for name, one in schema.get("properties", {}).items()
        if not one.get("description") and one.get("type") != "object"
    ]

    assert silent == []


def test_every_name_that_people_choose_is_described() -> None:
    named = [schema["propertyNames"] for _, schema in everything() if "propertyNames" in schema]

    assert named
    assert all(one.get("description") and one.get("pattern") for one in named)


def test_every_text_and_list_of_a_manifest_is_bounded() -> None:
    endless = [
        path
        for path, schema in subschemas(packaged("envelope"), "envelope")
        if (schema.get("type") == "string" and not {"maxLength", "pattern"} & schema.keys())
        or (schema.get("type") == "array" and "maxItems" not in schema)
    ]

    assert endless == []


def test_every_pattern_is_anchored_at_both_ends() -> None:
    loose = [path for path, one in everything() if "pattern" in one and one["pattern"][0] + one["pattern"][-1] != "^$"]

    assert loose == []
