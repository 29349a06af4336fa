"""Why values do not fit a schema: one mistake, one mismatch, in words, in the same order on each run."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.soon import soon

from nhi.manifest import problems
from nhi.manifest.mismatches import Mismatch, mismatches
from nhi.manifest.schema import ready
from nhi.model.identity import Json


def of(schema: dict[str, Any], value: Json) -> list[Mismatch]:
    """The mismatches of `{"a": value}`, which must be some exactly where the quick validator says so."""
    whole: dict[str, Json] = {"type": "object", "properties": {"a": schema}}
    assert not ready(whole).fits({"a": value})
    return mismatches(whole, {"a": value})


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"const": "x"}, "y", "a must be 'x', not 'y'"),
        ({"enum": ["x", "y"]}, "z", "a must be one of x, y, not 'z'"),
        ({"minLength": 3}, "x", "a is too short: at least 3"),
        ({"maxLength": 3}, "xxxx", "a is too long: at most 3"),
        ({"minItems": 1}, [], "a is too short: at least 1"),
        ({"maxProperties": 1}, {"x": 1, "y": 2}, "a is too long: at most 1"),
        ({"minimum": 1}, 0, "a is too small: at least 1"),
        ({"maximum": 1}, 2, "a is too large: at most 1"),
        ({"uniqueItems": True}, [1, "x", 1], "a holds the same value twice"),
        ({"uniqueItems": True, "maxItems": 1}, [1, "x"], "a is too long: at most 1"),
        ({"uniqueItems": True, "maxLength": 1}, "xx", "a is too long: at most 1"),
        ({"pattern": "^x$"}, "y", "a is not in the form that is asked for: 'y'"),
        ({"type": "integer"}, "y", "a must be a whole number, not text"),
        ({"type": ["string", "null"]}, [], "a must be text or nothing, not a list"),
        ({"type": "boolean"}, 1, "a must be true or false, not a number"),
        ({"type": "array"}, True, "a must be a list, not true or false"),
        ({"type": "string"}, None, "a has no value; it must be text"),
        ({"items": {"type": "string"}}, [["x"]], "a[0] must be text, not a list"),
        ({"items": {"properties": {"b": {"type": "string"}}}}, [{"b": {}}], "a[0].b must be text, not a mapping"),
        ({"required": ["b"]}, {}, "the key 'b' is missing in a"),
        ({"additionalProperties": False}, {"b": 1}, "unknown key 'b'"),
        ({"propertyNames": {"pattern": "^x$"}}, {"b": 1}, "the key 'b' is not in the form that is asked for"),
        ({"not": {}}, 1, "a is not in the form that is asked for: '1'"),
    ],
)
def test_each_keyword_has_its_words(schema: dict[str, Any], value: Json, message: str) -> None:
    assert [one.message for one in of(schema, value)] == [message]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a+)+$"}, "a" * 27 + "!"),
        ({"patternProperties": {"^(a+)+$": {}}, "maxProperties": 0}, {"a" * 27 + "!": 1}),
        ({"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}, {"a" * 27 + "!": 1}),
    ],
)
def test_no_pattern_of_a_kind_keeps_us_busy(schema: dict[str, Any], value: Json) -> None:
    assert soon(lambda: of(schema, value), 1)


@pytest.mark.parametrize("key", ["x1", 'x"y', "x\n"])
def test_what_stands_at_a_key_of_a_form_is_held_to_its_schema(key: str) -> None:
    [one] = of({"patternProperties": {"^x": {"type": "string"}}}, {key: 1, "y": 1})

    assert (one.kind, one.path) == (problems.WRONG_TYPE, ("a", key))


def test_what_fits_by_our_own_account_stays_refused() -> None:
    assert [one.kind for one in mismatches({"type": "object"}, {})] == [problems.INVALID_VALUE]


def test_what_a_schema_forbids_altogether() -> None:
    assert [one.hint for one in mismatches({"properties": {"a": False}}, {"a": 1})] == [""]


def test_the_schemas_own_words_are_the_hint() -> None:
    [one] = of({"pattern": "^x$", "description": "An x.", "examples": ["x"]}, "y")

    assert one.hint == "An x. For example: x"


def test_an_example_that_is_a_list_is_left_out_of_the_hint() -> None:
    [one] = of({"type": "array", "description": "Some x.", "examples": [["x"]]}, "y")

    assert one.hint == "Some x."


def test_a_value_of_a_wrong_type_has_no_wrong_form_too() -> None:
    assert len(of({"type": "string", "enum": ["x"]}, 5)) == 1


def test_two_mistakes_at_two_places_are_two() -> None:
    assert len(of({"items": {"type": "string"}}, [1, 2])) == 2


def test_a_misspelt_key_is_not_missing_too() -> None:
    schema = {
        "additionalProperties": False,
        "required": ["actions", "other"],
        "properties": {"actions": {}, "other": {}},
    }

    found = of(schema, {"action": 1})

    assert [(one.message, one.meant) for one in found] == [
        ("unknown key 'action'", "actions"),
        ("the key 'other' is missing in a", "other"),
    ]


def test_a_missing_key_elsewhere_is_still_missing() -> None:
    item = {"additionalProperties": False, "required": ["actions"], "properties": {"actions": {}}}

    assert [one.kind.slug for one in of({"items": item}, [{"action": 1}, {}])] == ["unknown-key", "missing-key"]


def test_keys_that_a_pattern_allows_are_not_unknown() -> None:
    schema = {"patternProperties": {"^x-": {}}, "properties": {"b": {}}, "additionalProperties": False}

    assert [one.message for one in of(schema, {"x-1": 1, "b": 1, "c": 1})] == ["unknown key 'c'"]


def test_what_only_the_quick_validator_refuses_is_refused() -> None:
    # ECMA 262's `\\d` is 0 to 9; Python's is every script's digits.
    schema = {"pattern": "^\\d+$"}
    value = "\uff11\uff12"

    found = mismatches({"properties": {"a": {**schema, "maxLength": 9}}}, {"a": value})

    assert [one.kind.slug for one in found] == ["invalid-value"]


def test_of_several_forms_the_closest_is_explained() -> None:
    schema = {
        "oneOf": [
            {"properties": {"x": {"type": "object", "required": ["deep"]}}, "required": ["x"]},
            {"properties": {"y": {}}, "required": ["y"]},
        ]
    }

    assert [one.message for one in of(schema, {"x": {}})] == ["the key 'deep' is missing in a.x"]


def test_of_several_forms_that_all_fit_one_must_be_chosen() -> None:
    assert [one.kind.slug for one in of({"oneOf": [{}, {}]}, 1)] == ["invalid-value"]


def test_hostile_keys_are_shown_bounded_and_on_one_line() -> None:
    [one] = of({"additionalProperties": {"type": "string"}}, {"\x1b[31m\n" * 500: 1})

    assert one.message.isprintable()
    assert len(one.message) < 200


def test_more_than_fifty_help_nobody() -> None:
    assert len(of({"items": {"type": "string"}}, list(range(1000)))) == 50


def test_the_order_is_the_files_and_the_same_on_every_run() -> None:
    program = (
        "from nhi.manifest.mismatches import mismatches\n"
        "schema = {'additionalProperties': {'type': 'string'}}\n"
        "print([one.path[0] for one in mismatches(schema, {key: 1 for key in 'qwertzuiop'})])\n"
    )

    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout.decode()
        for seed in ("1", "2", "3")
    }

    assert outputs == {f"{list('qwertzuiop')}\n"}


values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "x\n", "y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
SCHEMA: dict[str, Json] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["a"],
    "properties": {
        "a": {"type": "string", "pattern": "^x$"},
        "b": {"type": "array", "uniqueItems": True, "minItems": 1, "items": {"type": ["string", "integer"]}},
        "c": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["a"], "additionalProperties": False}]},
    },
}


@given(st.dictionaries(st.sampled_from("abcd"), values, max_size=4))
def test_what_does_not_fit_is_explained_at_places_that_exist(document: dict[str, Json]) -> None:
    if ready(SCHEMA).fits(document):
        return

    for one in mismatches(SCHEMA, document):
        within: Any = document
        for part in one.path:
            within = within[part]
        assert one.message
