"""Schemas of GitHub's description: what does not fit one, and what a value lacks that one asks for.

The description is of OpenAPI 3.0, whose schemas are not quite JSON Schema: `nullable` stands for a type, and beside a
`$ref` nothing counts (https://spec.openapis.org/oas/v3.0.3#schema-object).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from nhi.model.identity import Json

Schema = dict[str, Any]
_PREFIX = "#/components/schemas/"
_EPOCH = "1970-01-01T00:00:00Z"
_SHOWN = 300
_OF_SCHEMAS = {"properties", "patternProperties"}


class Schemas:
    """The named schemas, and what refers to them. What was compiled is kept, by the identity of the schema."""

    def __init__(self, named: Mapping[str, Schema]) -> None:
        self._named = named
        self._converted = {name: _converted(schema) for name, schema in named.items()}
        self._compiled: dict[int, tuple[Schema, jsonschema_rs.Draft202012Validator]] = {}

    def misfits(self, schema: Schema, value: Json) -> tuple[str, ...]:
        """What of a value does not fit, for a person."""
        _, validator = self._compiled.get(id(schema)) or self._compile(schema)
        if validator.is_valid(value):
            return ()
        return tuple(f"{_place(one.instance_path)}: {one.message[:_SHOWN]}" for one in validator.iter_errors(value))

    def resolved(self, schema: Schema) -> Schema:
        """The schema itself, where it is a reference to one."""
        while "$ref" in schema:
            schema = self._named[schema["$ref"].removeprefix(_PREFIX)]
        return schema

    def names(self, schema: Schema) -> set[str] | None:
        """The names that an object of this schema may have; None: any."""
        schema = self.resolved(schema)
        branches = [self.names(one) for key in ("allOf", "anyOf", "oneOf") for one in schema.get(key, ())]
        if schema.get("additionalProperties") or None in branches:
            return None
        if "properties" not in schema and not branches:
            return None if schema.get("type") == "object" else set()
        return set(schema.get("properties", ())).union(*(one for one in branches if one is not None))

    def fill(self, schema: Schema, value: Json, origin: str) -> Json:
        """The value, with what the schema requires and it lacks: null, "", 0, false, [], a URL of this origin.

        Never a guess: where an enumeration is required, nothing is neutral, and what is lacking stays so.
        """
        schema = self.resolved(schema)
        match value:
            case list():
                return [self.fill(schema.get("items", {}), one, origin) for one in value]
            case dict():
                for part in self._parts(schema, value):
                    value = self._filled(part, value, origin)
                return value
            case _:
                return value

    def _filled(self, part: Schema, value: Mapping[str, Json], origin: str) -> dict[str, Json]:
        properties: Mapping[str, Schema] = part.get("properties", {})
        others = part.get("additionalProperties")
        filled = dict(value)
        for name in part.get("required", ()):
            if name not in filled and name in properties and not self._is_open_choice(properties[name]):
                filled[name] = self._neutral(properties[name], origin)
        for name, inner in filled.items():
            if name in properties:
                filled[name] = self.fill(properties[name], inner, origin)
            elif isinstance(others, dict):
                filled[name] = self.fill(others, inner, origin)
        return filled

    def _parts(self, schema: Schema, value: Mapping[str, Json]) -> Iterator[Schema]:
        """The object schemas that a value is to fit, of each choice the one that it looks most like."""
        schema = self.resolved(schema)
        if "properties" in schema or "additionalProperties" in schema:
            yield schema
        for one in schema.get("allOf", ()):
            yield from self._parts(one, value)
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                best = max(schema[key], key=lambda one: self._likeness(one, value))
                yield from self._parts(best, value)

    def _likeness(self, schema: Schema, value: Mapping[str, Json]) -> int:
        alike = 0
        for part in self._parts(schema, value):
            properties: Mapping[str, Schema] = part.get("properties", {})
            for name, inner in value.items():
                allowed = self.resolved(properties[name]).get("enum") if name in properties else None
                wrong = allowed is not None and inner not in allowed
                alike += -1000 if wrong else 1 if name in properties else -1
        return alike

    def _is_open_choice(self, schema: Schema) -> bool:
        schema = self.resolved(schema)
        return len(schema.get("enum", "-")) > 1 and not schema.get("nullable")

    def _neutral(self, schema: Schema, origin: str) -> Json:
        schema = self.resolved(schema)
        choices = next(
            (schema[key] for key in ("allOf", "anyOf", "oneOf") if "type" not in schema and key in schema), None
        )
        if schema.get("nullable"):
            return None
        if choices:
            return self._neutral(choices[0], origin)
        if "enum" in schema:
            only: Json = schema["enum"][0]
            return only
        plain: dict[str, Json] = {"string": "", "boolean": False, "array": [], "integer": 0, "number": 0}
        if schema.get("type") not in plain:
            return self.fill(schema, {}, origin)
        return {"uri": f"{origin}/", "date-time": _EPOCH}.get(schema.get("format", ""), plain[schema["type"]])

    def _compile(self, schema: Schema) -> tuple[Schema, jsonschema_rs.Draft202012Validator]:
        own = _converted(schema)
        needed: dict[str, Json] = {}
        waiting = list(_references(own))
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed[name] = self._converted[name]
                waiting += _references(self._converted[name])
        document = {"allOf": [own], "components": {"schemas": needed}}
        made = schema, jsonschema_rs.Draft202012Validator(document, validate_formats=True)
        self._compiled[id(schema)] = made
        return made


def _converted(schema: Json) -> Json:
    """As JSON Schema 2020-12."""
    if isinstance(schema, list):
        return [_converted(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    made: dict[str, Json] = {
        key: {name: _converted(one) for name, one in inner.items()}
        if key in _OF_SCHEMAS and isinstance(inner, dict)
        else inner
        if key in {"enum", "default", "required", "nullable"}
        else _converted(inner)
        for key, inner in schema.items()
    }
    return {"anyOf": [made, {"type": "null"}]} if made.pop("nullable", False) is True else made


def _references(schema: Json) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _references(one)
    elif isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_PREFIX)
        for one in schema.values():
            yield from _references(one)


def _place(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path)) or "the whole"
