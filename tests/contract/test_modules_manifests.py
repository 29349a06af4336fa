"""What every kind promises to the people who write manifests: its schema, and its examples through the real reader."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.modules import (
    INVALID,
    KINDS,
    MODULES,
    STACK,
    VALID,
    catalog,
    expected_in,
    found_in,
    identity,
    kind_of,
    label,
)

from nhi.manifest.draft import draft
from nhi.manifest.read import read
from nhi.manifest.schema import ready
from nhi.model.source import FileType, SourceFile

_EACH_KIND = pytest.mark.parametrize("kind", KINDS)


def _schema(kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((MODULES / kind / "schema.json").read_bytes())
    return schema


def _parts(schema: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:  # noqa: ANN401  # any JSON value
    """A schema and every schema inside it, by where it stands."""
    yield where, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _parts(inner, f"{where}.{name}")
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(keyword), dict):
            yield from _parts(schema[keyword], f"{where}.{keyword}")


def _used(schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:  # noqa: ANN401  # any JSON value
    """Where in the schema the parts of a value are described."""
    yield where
    match value:
        case dict():
            for key, inner in value.items():
                named = schema.get("properties", {}).get(key)
                place = f"{where}.{key}" if named else f"{where}.additionalProperties"
                yield from _used(named or schema["additionalProperties"], inner, place)
        case list():
            for inner in value:
                yield from _used(schema["items"], inner, f"{where}.items")
        case _:
            pass


def test_every_folder_of_modules_is_a_kind() -> None:
    assert list(catalog().kinds) == KINDS


@_EACH_KIND
def test_a_kind_has_examples_of_both_sorts(kind: str) -> None:
    assert kind in {kind_of(example) for example in VALID}
    assert kind in {kind_of(example) for example in INVALID}


@pytest.mark.parametrize("example", VALID, ids=label)
def test_nothing_is_found_in_a_valid_example(example: Path) -> None:
    assert (found_in(example), expected_in(example)) == ([], [])


@pytest.mark.parametrize("example", VALID, ids=label)
def test_a_valid_example_declares_a_whole_identity_of_its_kind(example: Path) -> None:
    declared = identity(example)
    assert (declared.kind, declared.name) == (kind_of(example), example.stem)


@pytest.mark.parametrize("example", INVALID, ids=label)
def test_an_invalid_example_has_the_one_finding_that_its_line_says(example: Path) -> None:
    (expected,) = expected_in(example)
    assert found_in(example) == [expected]


@_EACH_KIND
def test_the_valid_examples_use_every_key_of_the_scope(kind: str) -> None:
    schema = _schema(kind)
    scopes = [identity(example).scope for example in VALID if kind_of(example) == kind]
    used = {place for scope in scopes for place in _used(schema, scope, "scope")}
    assert used == {where for where, _ in _parts(schema, "scope") if "propertyNames" not in where}


@_EACH_KIND
def test_a_schema_and_every_key_in_it_explain_themselves(kind: str) -> None:
    schema = _schema(kind)
    silent = [where for where, part in _parts(schema, "scope") if not str(part.get("description", "")).strip()]
    assert (silent, bool(schema["title"].strip())) == ([], True)


@_EACH_KIND
def test_the_schema_of_a_kind_is_closed(kind: str) -> None:
    """Every mapping names its keys, or says what they must look like."""
    mappings = {where: part for where, part in _parts(_schema(kind), "scope") if part.get("type") == "object"}
    closed = {w for w, part in mappings.items() if part.get("additionalProperties") is False or "propertyNames" in part}
    assert closed == set(mappings)


@_EACH_KIND
def test_every_example_in_a_schema_is_accepted_by_the_part_that_it_stands_in(kind: str) -> None:
    examples = [
        (where, part, one) for where, part in _parts(_schema(kind), "scope") for one in part.get("examples", ())
    ]
    assert [(where, one) for where, part, one in examples if not ready(part).fits(one)] == []
    assert "scope" in {where for where, _, _ in examples}


@_EACH_KIND
def test_what_nhi_new_writes_is_accepted(kind: str) -> None:
    given = {"owner": "payments", "purpose": "Settlement batch writes transactions.", "expiry": "2027-03-31"}
    text = draft(catalog().kinds[kind], "some-name", given, None, depth=2)
    written = SourceFile(f"identities/{STACK.name}/some-name.yaml", FileType.REGULAR, text.encode())
    assert read(written, catalog(), {STACK.name}).problems == ()
