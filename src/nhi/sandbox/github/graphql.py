"""GitHub's GraphQL API: documents are held to GitHub's own schema, and executed by graphql-core.

schema.graphql is written by scripts/github_api.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    get_named_type,
    parse,
    validate,
)

from nhi.model.identity import Json
from nhi.sandbox.github.call import Caller, Refusal

Resolver = Callable[..., object]
"""`(caller, input)` of a mutation; of a query, its arguments in their order in place of the input."""
_NEUTRAL: Mapping[str, Json] = {"Boolean": False, "Int": 0, "DateTime": "1970-01-01T00:00:00Z"}
_TYPES = {403: "FORBIDDEN", 404: "NOT_FOUND", 422: "UNPROCESSABLE"}
"""The `type` of an error, by the status that REST would give it."""


class NotDescribed(Exception):
    """A document does not fit the schema, or an answer does not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, where, and who knows the answer."""

    caller: Caller
    origin: str
    resolvers: Mapping[str, Resolver]


@cache
def schema() -> GraphQLSchema:
    """The schema that this package carries."""
    return build_schema(files(__package__).joinpath("schema.graphql").read_text("utf-8"))


def answer(asked: Asked, body: Json) -> dict[str, Json]:
    """What GitHub says to a document. What it refuses stands under `errors`; the status is 200 all the same.

    Raises:
        NotDescribed: the document does not fit the schema, nobody resolves a field that it asks for, or a resolver
            gave something that does not fit.
    """
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise NotDescribed("no query")
    variables = body.get("variables") or {}
    try:
        document = parse(str(body["query"]))
    except GraphQLError as cause:
        raise NotDescribed(cause.message) from cause
    wrong = validate(schema(), document)
    if wrong:
        raise NotDescribed("; ".join(one.message for one in wrong))
    result = execute_sync(
        schema(),
        document,
        context_value=asked,
        variable_values=dict(variables) if isinstance(variables, dict) else {},
        field_resolver=_field,
        type_resolver=_type,
    )
    told: dict[str, Json] = {"data": result.data}
    if result.errors:
        told["errors"] = [_refusal(one) for one in result.errors]
    return told


def _field(source: Any, info: GraphQLResolveInfo[Any], **arguments: object) -> object:  # noqa: ANN401  # the library's
    asked: Asked = info.context
    if info.parent_type in {info.schema.query_type, info.schema.mutation_type}:
        name = f"{info.parent_type.name}.{info.field_name}"
        if name not in asked.resolvers:
            raise NotDescribed(f"{name} is not built")
        return asked.resolvers[name](asked.caller, *arguments.values())
    if info.field_name in source:
        return source[info.field_name]
    return _neutral(source, info, asked.origin)


def _neutral(source: Mapping[str, object], info: GraphQLResolveInfo[Any], origin: str) -> object:
    kind = get_named_type(info.return_type)
    if not isinstance(info.return_type, GraphQLNonNull):
        return None
    if isinstance(kind, GraphQLEnumType | GraphQLObjectType) or not isinstance(kind, GraphQLScalarType):
        raise NotDescribed(f"{info.parent_type.name}.{info.field_name} is not set")
    if kind.name == "URI":
        return f"/{source.get('login', '')}" if info.field_name == "resourcePath" else f"{origin}/"
    return _NEUTRAL.get(kind.name, "")


def _type(value: Any, _info: GraphQLResolveInfo[Any], _type: object) -> str:  # noqa: ANN401  # the library's
    if "__typename" in value:
        return str(value["__typename"])
    return "Bot" if str(value.get("login", "")).endswith("[bot]") else "User"


def _refusal(error: GraphQLError) -> dict[str, Json]:
    cause = error.original_error
    if not isinstance(cause, Refusal):
        raise NotDescribed(error.message) from error
    places: list[Json] = [{"line": one.line, "column": one.column} for one in error.locations or ()]
    path: list[Json] = list(error.path or ())
    kind = _TYPES.get(cause.status, "UNPROCESSABLE")
    return {"type": kind, "path": path, "locations": places, "message": cause.message}
