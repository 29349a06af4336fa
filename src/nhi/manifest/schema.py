"""Closed JSON Schemas (draft 2020-12), compiled by jsonschema-rs, which answers "it fits" in microseconds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import jsonschema_rs

from nhi.model.identity import Json


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema, ready to be asked."""

    document: Mapping[str, Json]
    quick: jsonschema_rs.Draft202012Validator

    def fits(self, values: Json) -> bool:
        """Whether the values fit. `mismatches` says why not."""
        return self.quick.is_valid(values)


def packaged(name: str) -> dict[str, Json]:
    """One of the schemas that come with this package: envelope, settings or owners."""
    text = resources.files("nhi.manifest").joinpath("schemas", f"{name}.json").read_text("utf-8")
    loaded: dict[str, Json] = json.loads(text)
    return loaded


def name_schema() -> dict[str, Json]:
    """What an identity's name must be."""
    properties = packaged("envelope")["properties"]
    assert isinstance(properties, dict)  # noqa: S101  # our own file
    form = properties["name"]
    assert isinstance(form, dict)  # noqa: S101  # as above
    return form


def ready(document: Mapping[str, Json]) -> Schema:
    """Compile a schema. One that refers to another file or address is refused: nothing is fetched.

    Raises:
        ValueError: the document is not a schema.
    """
    return Schema(document, jsonschema_rs.Draft202012Validator(dict(document), offline=True))
