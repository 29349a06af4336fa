"""The kinds: every folder of modules/ that has a schema.json. The listing is the registry; there is no other list."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nhi.errors import InputError
from nhi.manifest.schema import Schema, packaged, ready
from nhi.model.identity import Json
from nhi.model.kind import Kind
from nhi.model.source import SourceFile

_SCHEMA = "schema.json"
_EXPECTATION = "expected.json.j2"
_KIND_FILE_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Catalog:
    """All kinds, and for each the schema of a whole manifest of it."""

    kinds: Mapping[str, Kind]
    schemas: Mapping[str, Schema]
    envelope: Schema
    """For a manifest whose kind is not known: everything but its scope."""


def is_kind_file(path: str) -> bool:
    """Whether a path under modules/ is one that the catalog reads."""
    parts = path.split("/")
    return len(parts) == _KIND_FILE_DEPTH and parts[2] in (_SCHEMA, _EXPECTATION)


def catalog_of(files: Iterable[SourceFile]) -> Catalog:
    """The kinds that the files under modules/ declare; other files there are passed over.

    Raises:
        InputError: a kind's schema is not a JSON Schema with a title and a description.
    """
    texts = {file.path: file.data for file in files if is_kind_file(file.path)}
    kinds = {path.split("/")[1]: _kind(path, texts) for path in sorted(texts) if path.endswith("/" + _SCHEMA)}
    envelope = packaged("envelope")
    return Catalog(
        kinds=kinds,
        schemas={name: ready(manifest_schema(envelope, kind)) for name, kind in kinds.items()},
        envelope=ready(envelope),
    )


def manifest_schema(envelope: Mapping[str, Json], kind: Kind) -> dict[str, Json]:
    """The schema of a whole manifest of one kind: the envelope, with the kind's own schema as its scope."""
    properties = envelope["properties"]
    assert isinstance(properties, dict)  # noqa: S101  # our own file
    return {**envelope, "properties": {**properties, "scope": scope_schema(kind)}}


def scope_schema(kind: Kind) -> dict[str, Json]:
    """A kind's own schema, fit to stand inside another one."""
    return {key: value for key, value in kind.scope_schema.items() if key not in ("$schema", "$id")}


def _kind(path: str, texts: Mapping[str, bytes]) -> Kind:
    folder = path.rsplit("/", 1)[0]
    name = path.split("/")[1]
    try:
        schema = json.loads(texts[path])
    except ValueError as cause:
        raise InputError(
            f"{path} is not JSON: {cause}", hint="a kind's schema.json is a JSON Schema of its scope"
        ) from cause
    title, description = _words(path, schema, "title"), _words(path, schema, "description")
    try:
        ready(schema)
    except ValueError as cause:
        raise InputError(f"{path} is not a JSON Schema: {cause}", hint="see modules/README.md") from cause
    expectation = texts.get(f"{folder}/{_EXPECTATION}")
    return Kind(name, title, description, schema, None if expectation is None else expectation.decode("utf-8"))


def _words(path: str, schema: object, key: str) -> str:
    text = schema.get(key) if isinstance(schema, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{path} has no {key}", hint=f"the {key} is shown by `nhi kinds` and by editors: add it")
    return text
