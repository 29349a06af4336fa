"""Why values do not fit a schema, in words. Only asked for the few files that do not: jsonschema is slow but exact."""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from nhi.manifest import problems
from nhi.manifest.problems import ProblemKind
from nhi.manifest.yamltext import KeyPath, shown
from nhi.model.identity import Json

_MOST = 50
"""More mismatches of one file than this help nobody."""
_TYPE_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place where values do not fit their schema."""

    kind: ProblemKind
    path: KeyPath
    message: str
    hint: str
    meant: str | None = None
    """For an unknown key: the key that was probably meant. For a missing one: the key."""
    at_key: bool = False
    """Whether the key itself is wrong, and not its value."""


@lru_cache(maxsize=256)
def _expression(pattern: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, offline=True)


def _matches(pattern: str, text: str) -> bool:
    """As jsonschema-rs reads it, in bounded time: Python's `re` can be kept busy for ever by a kind's own pattern."""
    return _expression(pattern).is_valid(text)


def _pattern(_validator: object, pattern: str, instance: object, _schema: object) -> Iterator[ValidationError]:
    """The keyword without Python's `re`."""
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError("the text does not match")


def _pattern_properties(
    validator: Any,  # noqa: ANN401  # jsonschema's form
    wanted: Mapping[str, Any],
    instance: object,
    _schema: object,
) -> Iterator[ValidationError]:
    """The keyword without Python's `re`."""
    keys = instance if isinstance(instance, dict) else {}
    for pattern, schema in wanted.items():
        for key, value in keys.items():
            if _matches(pattern, key):
                yield from validator.descend(value, schema, path=key, schema_path=pattern)


def _unique_items(_validator: object, wanted: object, instance: object, _schema: object) -> Iterator[ValidationError]:
    """The keyword in linear time: jsonschema's own compares each pair where the items are of several types."""
    if wanted and isinstance(instance, list):
        written = {json.dumps(item, sort_keys=True) for item in instance}
        if len(written) < len(instance):
            yield ValidationError("an item stands twice")


def _additional(validator: Any, wanted: Any, instance: object, schema: dict[str, Any]) -> Iterator[ValidationError]:  # noqa: ANN401  # jsonschema's form
    """The keyword in the order of the file: jsonschema's own takes the keys in one that differs from run to run."""
    extras = _extras(instance, schema)
    if isinstance(wanted, dict):
        for key in extras:
            yield from validator.descend(extras[key], wanted, path=key)
    elif wanted is False and extras:
        yield ValidationError("there are unknown keys")


def _extras(instance: object, schema: Mapping[str, Any]) -> dict[str, Json]:
    """The keys, with their values, that the schema does not name."""
    if not isinstance(instance, dict):
        return {}
    patterns = tuple(schema.get("patternProperties", ()))
    named = schema.get("properties", {})
    return {
        key: value
        for key, value in instance.items()
        if key not in named and not any(_matches(pattern, key) for pattern in patterns)
    }


_Validator = extend(  # type: ignore[no-untyped-call]  # jsonschema does not type it
    Draft202012Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "uniqueItems": _unique_items,
        "additionalProperties": _additional,
    },
)


def mismatches(schema: Mapping[str, Json], values: Json) -> list[Mismatch]:
    """Every place where values that do not fit do not fit, each once.

    Never none: who asks knows already that they do not fit.
    """
    explained = chain.from_iterable(map(_explain, _Validator(dict(schema)).iter_errors(values)))
    found = list(islice(explained, _MOST))
    if not found:  # jsonschema-rs refused it, so it stays refused
        found.append(Mismatch(problems.INVALID_VALUE, (), "the file does not fit its schema", "see `nhi schema`"))
    return _without_echoes(found)


def _without_echoes(found: list[Mismatch]) -> list[Mismatch]:
    """One mistake, one mismatch: a misspelt key is not missing too, and a value of a wrong type has no wrong form."""
    misspelt = {(*one.path[:-1], one.meant) for one in found if one.kind is problems.UNKNOWN_KEY}
    kept: dict[tuple[object, ...], Mismatch] = {}
    for one in sorted(found, key=lambda one: one.kind is not problems.WRONG_TYPE):
        match one.kind:
            case problems.MISSING_KEY if (*one.path, one.meant) in misspelt:
                continue
            case problems.MISSING_KEY:
                kept.setdefault((*one.path, one.meant, "missing"), one)
            case _:
                kept.setdefault(one.path, one)
    return list(kept.values())


def _explain(error: ValidationError) -> Iterator[Mismatch]:
    path: KeyPath = tuple(error.absolute_path)
    if "propertyNames" in list(error.relative_schema_path)[:-1]:
        yield _misnamed_key(error, path)
        return
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(error, path)
        case "required":
            yield from _missing_keys(error, path)
        case "type":
            yield _wrong_type(error, path)
        case "oneOf" | "anyOf" if error.context:
            yield from _closest_branch(error)
        case _:
            yield Mismatch(problems.INVALID_VALUE, path, _value_message(error, path), _form(error.schema))


def _unknown_keys(error: ValidationError, path: KeyPath) -> Iterator[Mismatch]:
    allowed = [str(key) for key in _schema(error).get("properties", {})]
    for key in _extras(error.instance, _schema(error)):
        close = difflib.get_close_matches(key[:64], allowed, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]!r}?" if close else "keys here: " + ", ".join(allowed)
        meant = close[0] if close else None
        yield Mismatch(problems.UNKNOWN_KEY, (*path, key), f"unknown key {shown(key)}", hint, meant, at_key=True)


def _misnamed_key(error: ValidationError, path: KeyPath) -> Mismatch:
    message = f"the key {shown(error.instance)} is not in the form that is asked for"
    return Mismatch(problems.INVALID_VALUE, (*path, str(error.instance)), message, _form(error.schema), at_key=True)


def _missing_keys(error: ValidationError, path: KeyPath) -> Iterator[Mismatch]:
    """Each missing key is an error of its own, which names the key only in its message."""
    wanted: Any = error.validator_value
    for key in wanted:
        if key not in _instance(error) and f"'{key}'" in error.message:
            described = _schema(error).get("properties", {}).get(key, {}).get("description", "")
            yield Mismatch(problems.MISSING_KEY, path, f"the key {key!r} is missing{_inside(path)}", described, key)


def _wrong_type(error: ValidationError, path: KeyPath) -> Mismatch:
    wanted: Any = error.validator_value
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    words = " or ".join(_TYPE_WORDS.get(name, name) for name in names)
    hint = _form(error.schema)
    if "string" in names and isinstance(error.instance, bool | int | float):
        hint = f'put it in quotes: "{json.dumps(error.instance)}"'
    if error.instance is None:
        return Mismatch(problems.WRONG_TYPE, path, f"{_named(path)} has no value; it must be {words}", hint)
    return Mismatch(problems.WRONG_TYPE, path, f"{_named(path)} must be {words}, not {_type_of(error.instance)}", hint)


def _closest_branch(error: ValidationError) -> Iterator[Mismatch]:
    """Of several allowed forms, explain the one that the values came closest to."""
    branches: dict[object, list[ValidationError]] = {}
    for sub in error.context or ():
        branches.setdefault(sub.schema_path[0], []).append(sub)
    best = min(branches.values(), key=lambda subs: (-max(len(sub.absolute_path) for sub in subs), len(subs)))
    for sub in best:
        yield from _explain(sub)


def _value_message(error: ValidationError, path: KeyPath) -> str:
    limit: Any = error.validator_value
    instance = shown(error.instance)
    match error.validator:
        case "const":
            said = f"must be {shown(limit)}, not {instance}"
        case "enum":
            said = f"must be one of {', '.join(str(one) for one in limit[:12])}, not {instance}"
        case "minLength" | "minItems" | "minProperties":
            said = f"is too short: at least {limit}"
        case "maxLength" | "maxItems" | "maxProperties":
            said = f"is too long: at most {limit}"
        case "minimum":
            said = f"is too small: at least {limit}"
        case "maximum":
            said = f"is too large: at most {limit}"
        case "uniqueItems":
            said = "holds the same value twice"
        case _:
            said = f"is not in the form that is asked for: {instance}"
    return f"{_named(path)} {said}"


def _schema(error: ValidationError) -> dict[str, Any]:
    """The schema that the error comes from; the keywords that we explain stand only in mappings."""
    return error.schema if isinstance(error.schema, dict) else {}


def _instance(error: ValidationError) -> Any:  # noqa: ANN401  # any JSON value
    return error.instance


def _form(schema: object) -> str:
    """What to write instead: the schema's own words and its first example."""
    if not isinstance(schema, dict):
        return ""
    described = str(schema.get("description", ""))
    examples = schema.get("examples")
    if isinstance(examples, list) and examples and isinstance(examples[0], str | int):
        described = f"{described} For example: {examples[0]}".strip()
    return described


def _named(path: KeyPath) -> str:
    """`scope.allow[0].actions`, bounded: keys can be a hostile text too."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return shown(text)[1:-1] if text else "the file"


def _inside(path: KeyPath) -> str:
    return f" in {_named(path)}" if path else ""


def _type_of(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"
