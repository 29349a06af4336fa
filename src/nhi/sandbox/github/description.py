"""GitHub's own description of its API: which operation a request is, and whether request and answer fit it.

api.json is written by scripts/github_api.py. Of what it lets pass silently two things are refused here, since GitHub
would ignore them silently too: a query parameter and a property of a body that no operation knows.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, unquote

from nhi.model.identity import Json
from nhi.sandbox.github.deviations import REFUSALS_ANYWHERE, deviations_of
from nhi.sandbox.github.schemas import Schema, Schemas

_REFUSED = 400


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    id: str
    method: str
    path: str
    pattern: re.Pattern[str]
    """Of the path as it is sent, quoted."""
    queries: Mapping[str, Schema]
    body: Schema | None
    """None: takes none."""
    needs_body: bool
    answers: Mapping[int, Schema | None]
    """By status; None: no body."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a request says, and what of it does not fit."""

    query: Mapping[str, str]
    body: Json
    misfits: tuple[str, ...]


class Description:
    """The description, with what was compiled of it."""

    def __init__(self, api: Mapping[str, Any]) -> None:
        """Read the description.

        Args:
            api: the JSON of api.json.
        """
        components = api["components"]
        self._schemas = Schemas(components["schemas"])
        self._error: Schema = {"$ref": "#/components/schemas/basic-error"}
        found = [
            _operation(path, method, each, components)
            for path, methods in api["paths"].items()
            for method, each in methods.items()
        ]
        self.operations: Mapping[str, Operation] = {one.id: one for one in found}
        self._by_precision = sorted(found, key=lambda one: (one.path.count("{"), one.path))

    def route(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a request is, and its parameters, unquoted. None: not one that is described here."""
        for one in self._by_precision:
            found = one.pattern.fullmatch(path) if one.method == method else None
            if found is not None:
                return one, {name: unquote(value) for name, value in found.groupdict().items()}
        return None

    def read(self, operation: Operation, query: str, content: bytes) -> Request:
        """What a request says, and what of it does not fit the description."""
        sent = dict(parse_qsl(query, keep_blank_values=True))
        misfits = list(self._misfits_of_query(operation, sent))
        try:
            body: Json = json.loads(content) if content else None
        except ValueError:
            return Request(sent, None, (*misfits, "the body is not JSON"))
        for deviation in deviations_of(operation.id):
            for name, schema in deviation.bodies.items():
                if body is not None and not self._schemas.misfits(schema, body):
                    body = {name: body}
        misfits += self._misfits_of_body(operation, body)
        return Request(sent, body, tuple(misfits))

    def fill(self, operation: Operation, status: int, body: Json, origin: str) -> Json:
        """An answer with the required fields that it lacks."""
        schema = operation.answers.get(status)
        return body if schema is None else self._schemas.fill(schema, body, origin)

    def misfits(self, operation: Operation, status: int, body: Json) -> tuple[str, ...]:
        """What of an answer does not fit the description."""
        allowances = deviations_of(operation.id)
        allowed = REFUSALS_ANYWHERE.union(*(one.statuses for one in allowances))
        if status not in operation.answers and status not in allowed:
            return (f"the status {status} is not described",)
        schema = operation.answers.get(status, self._error)
        if schema is None and status >= _REFUSED and body is not None:
            schema = self._error
        if schema is None:
            return () if body is None else (f"a body with the status {status}",)
        nulls = {f"{place}: null is not of type" for one in allowances for place in one.nulls}
        misfits = self._schemas.misfits(schema, body)
        return tuple(one for one in misfits if not any(null in one for null in nulls))

    def _misfits_of_query(self, operation: Operation, sent: Mapping[str, str]) -> Iterator[str]:
        ignored = {name for one in deviations_of(operation.id) for name in one.queries}
        for name, text in sent.items():
            if name in operation.queries:
                schema = operation.queries[name]
                for misfit in self._schemas.misfits(schema, _typed(self._schemas.resolved(schema), text)):
                    yield f"query {name}: {misfit}"
            elif name not in ignored:
                yield f"query {name}: no such parameter"

    def _misfits_of_body(self, operation: Operation, body: Json) -> Iterator[str]:
        if operation.body is None:
            if body:
                yield "body: there is to be none"
        elif body is None:
            if operation.needs_body:
                yield "body: there is none"
        else:
            yield from (f"body: {one}" for one in self._schemas.misfits(operation.body, body))
            names = self._schemas.names(operation.body)
            if isinstance(body, dict) and names is not None:
                yield from (f"body: no such property: {name}" for name in sorted(body.keys() - names))


@cache
def description() -> Description:
    """The description that this package carries."""
    return Description(json.loads(files(__package__).joinpath("api.json").read_text("utf-8")))


def _operation(path: str, method: str, described: Mapping[str, Any], components: Mapping[str, Any]) -> Operation:
    parameters = [_found(one, components) for one in described.get("parameters", ())]
    body = _found(described.get("requestBody", {}), components)
    answers = {int(status): _found(one, components) for status, one in described["responses"].items()}
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        path=path,
        pattern=_pattern(path, {one["name"]: one for one in parameters if one["in"] == "path"}),
        queries={one["name"]: one["schema"] for one in parameters if one["in"] == "query"},
        body=_schema(body),
        needs_body=body.get("required", False),
        answers={status: _schema(one) for status, one in answers.items()},
    )


def _pattern(path: str, parameters: Mapping[str, Mapping[str, Any]]) -> re.Pattern[str]:
    def group(found: re.Match[str]) -> str:
        parameter = parameters[found[1]]
        if parameter["schema"].get("type") == "integer":
            return rf"(?P<{found[1]}>\d+)"
        return rf"(?P<{found[1]}>{'.+' if parameter.get('x-multi-segment') else '[^/]+'})"

    return re.compile(re.sub(r"{(\w+)}", group, path))


def _found(one: dict[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    while "$ref" in one:
        _, _, kind, name = one["$ref"].split("/")
        one = components[kind][name]
    return one


def _schema(one: Mapping[str, Any]) -> Schema | None:
    schema: Schema | None = one.get("content", {}).get("application/json", {}).get("schema")
    return schema


def _typed(schema: Schema, text: str) -> Json:
    match schema.get("type"):
        case "integer" if re.fullmatch(r"-?\d+", text):
            return int(text)
        case "boolean" if text in {"true", "false"}:
            return text == "true"
        case _:
            return text
