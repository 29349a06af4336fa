"""The JSON Schema that editors complete and check manifests with. It asks for more than reading does: for all four."""

from nhi.manifest.kinds import Catalog, manifest_schema, scope_schema
from nhi.manifest.schema import packaged
from nhi.model.identity import Json
from nhi.model.kind import Kind

_ASKED_FOR: list[Json] = ["apiVersion", "kind", "name", "owner", "purpose", "expiry", "scope"]
"""Where one of the last four is missing, the rules say so with more help than a schema can."""


def kind_editor_schema(kind: Kind) -> dict[str, Json]:
    """The schema of manifests of one kind."""
    schema = manifest_schema(packaged("envelope"), kind)
    properties = schema["properties"]
    assert isinstance(properties, dict)  # noqa: S101  # our own file
    named: dict[str, Json] = {"const": kind.name, "description": f"{kind.title}. {kind.description}"}
    return {**schema, "required": _ASKED_FOR, "properties": {**properties, "kind": named}}


def editor_schema(catalog: Catalog) -> dict[str, Json]:
    """One schema for all kinds: the `kind` of a manifest decides what its `scope` may hold."""
    envelope = packaged("envelope")
    properties = envelope["properties"]
    assert isinstance(properties, dict)  # noqa: S101  # our own file
    described: list[Json] = [{"const": kind.name, "description": kind.title} for kind in catalog.kinds.values()]
    scopes: list[Json] = [
        {
            "if": {"required": ["kind"], "properties": {"kind": {"const": kind.name}}},
            "then": {"properties": {"scope": scope_schema(kind)}},
        }
        for kind in catalog.kinds.values()
    ]
    return {
        **envelope,
        "required": _ASKED_FOR,
        "properties": {**properties, "kind": {"oneOf": described}},
        "allOf": scopes,
    }
