"""The kinds: every folder of modules/ that has a schema.json. The listing is the registry; there is no other list."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nhi.errors import InputError
from nhi.manifest.place import MODULES
from nhi.manifest.schema import Schema, packaged, ready
from nhi.manifest.yamltext import shown
from nhi.model.identity import Json
from nhi.model.kind import Kind
from nhi.model.source import FileType, SourceFile, most_bytes

_SCHEMA = "schema.json"
_EXPECTATION = "expected.json.j2"
_KIND_FILE_DEPTH = 3
_NAME = re.compile(r"[a-z][a-z0-9-]{1,62}")
_NEVER = ("$ref", "$dynamicRef", "unevaluatedItems", "unevaluatedProperties")
"""Keywords of JSON Schema by which a short schema can ask for endless work: who proposes a kind writes it."""
_DEEPEST = 50


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
        InputError: a kind's schema is not a JSON Schema of a mapping, with a title and a description.
    """
    texts = {file.path: _text(file) for file in files if is_kind_file(file.path)}
    kinds = {path.split("/")[1]: _kind(path, texts) for path in sorted(texts) if path.endswith("/" + _SCHEMA)}
    envelope = packaged("envelope")
    return Catalog(
        kinds=kinds,
        schemas={name: _ready(envelope, kind) for name, kind in kinds.items()},
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


def _text(file: SourceFile) -> str:
    if file.type is not FileType.REGULAR or len(file.data) > most_bytes(file.path):
        limit = most_bytes(file.path) // 1024
        raise InputError(f"{file.path} is not a file of at most {limit} KiB", hint="put a file there; no link")
    try:
        return file.data.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise InputError(f"{file.path} is not UTF-8", hint="save it as UTF-8") from cause


def _kind(path: str, texts: Mapping[str, str]) -> Kind:
    _, name, _ = path.split("/")
    if not _NAME.fullmatch(name):
        raise InputError(
            f"modules/{shown(name)} is not a kind's name", hint="a kind's folder is named with a-z, 0-9 and '-'"
        )
    try:
        schema = json.loads(texts[path])
    except (ValueError, RecursionError) as cause:
        raise InputError(
            f"{path} is not JSON: {cause}", hint="a kind's schema.json is a JSON Schema of its scope"
        ) from cause
    title, description = _words(path, schema, "title"), _words(path, schema, "description")
    if schema.get("type") != "object":
        raise InputError(f"{path} is not the schema of a mapping", hint='add "type": "object"')
    return Kind(name, title, description, schema, texts.get(f"{MODULES}/{name}/{_EXPECTATION}"))


def _ready(envelope: Mapping[str, Json], kind: Kind) -> Schema:
    try:
        _refuse_endless(dict(kind.scope_schema))
        return ready(manifest_schema(envelope, kind))
    except ValueError as cause:
        path = f"{MODULES}/{kind.name}/{_SCHEMA}"
        raise InputError(f"{path} is not a JSON Schema: {cause}", hint="see modules/README.md") from cause


def _refuse_endless(schema: Json) -> None:
    """What is left takes time in proportion to the schema and to what it is tried on.

    Raises:
        ValueError: it refers to itself or to something else, or nests too deeply.
    """
    inside = [schema]
    for _ in range(_DEEPEST):
        keyword = next((one for part in inside if isinstance(part, dict) for one in _NEVER if one in part), None)
        if keyword is not None:
            raise ValueError(f"{keyword} is not for kinds")
        inside = [one for part in inside for one in _parts(part)]
    if inside:
        raise ValueError(f"it nests more than {_DEEPEST} deep")


def _parts(value: Json) -> Iterable[Json]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
        case _:
            return ()


def _words(path: str, schema: object, key: str) -> str:
    text = schema.get(key) if isinstance(schema, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{path} has no {key}", hint=f"the {key} is shown by `nhi kinds` and by editors: add it")
    return text
