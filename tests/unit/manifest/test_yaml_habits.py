"""YAML as 1.2 has it: what looks like text is text, and what is typed is typed as in JSON."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nhi.manifest import yamltext
from nhi.manifest.scalars import plain_scalar
from nhi.manifest.yamltext import Irregular, examine, plain_values


def value(text: str) -> object:
    """What `a: <text>` holds."""
    return plain_values(f"a: {text}\n".encode())["a"]


@pytest.mark.parametrize("text", ["no", "No", "off", "on", "On", "yes", "y", "n"])
def test_words_that_yaml_1_1_takes_for_truth_are_text(text: str) -> None:
    assert value(text) == text


def test_an_account_id_keeps_its_leading_zero() -> None:
    assert value("012345678901") == "012345678901"


@pytest.mark.parametrize("text", ["12:30:45", "190:20:30", "1:2"])
def test_colons_make_no_numbers_to_base_60(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize("text", ["1e3", "1E3", "0x1F", "0o17", "017", "1_000", "0b11", "+1", "-0", "1.", ".5", "1.10"])
def test_a_number_that_its_text_would_not_give_back_is_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize("text", [".inf", "-.inf", ".nan", "1.0e999", "Infinity", "NaN"])
def test_what_json_cannot_hold_is_text(text: str) -> None:
    assert value(text) == text


def test_a_number_beyond_64_bits_is_text() -> None:
    assert value("1" * 19) == "1" * 19


@pytest.mark.parametrize("text", ["2027-03-31", "2027-03-31T18:00:00Z", "2027-03-31 18:00:00", "20270331T180000Z"])
def test_dates_and_times_are_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize(
    ("text", "typed"),
    [("true", True), ("True", True), ("false", False), ("null", None), ("~", None), ("", None), ("0", 0), ("-12", -12)],
)
def test_what_json_has_too_is_typed(text: str, typed: object) -> None:
    assert value(text) == typed
    assert type(value(text)) is type(typed)


@pytest.mark.parametrize("text", ["1.5", "-0.25", "100.0"])
def test_fractions_are_numbers(text: str) -> None:
    assert value(text) == float(text)


@pytest.mark.parametrize("text", ["'true'", '"12"', "'~'", "'1.5'"])
def test_what_is_in_quotes_is_text(text: str) -> None:
    assert value(text) == text[1:-1]


def test_keys_are_text_whatever_they_look_like() -> None:
    assert plain_values(b"1: a\ntrue: b\n~: c\n2027-03-31: d\n") == {"1": "a", "true": "b", "~": "c", "2027-03-31": "d"}


def test_folded_text_is_one_line_and_kept_text_is_not() -> None:
    assert plain_values(b"a: >-\n  one\n  two\nb: |\n  one\n  two\n") == {"a": "one two", "b": "one\ntwo\n"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text("abc äß01-_.:/ ", max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdef", min_size=1), inner, max_size=4),
    max_leaves=20,
)
documents = st.dictionaries(st.text("abcdefgh-_", min_size=1, max_size=10), json_values, max_size=6)


@given(documents)
def test_a_json_document_is_read_as_json_reads_it(document: dict[str, Any]) -> None:
    data = json.dumps(document, ensure_ascii=False).encode()

    assert plain_values(data) == document


texts = st.recursive(
    st.text("abc äß01-_.:/#'\"\n\t~", max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abcdefgh-_", min_size=1, max_size=10), texts, max_size=6))
def test_a_document_in_block_style_is_read_as_other_readers_do(document: dict[str, Any]) -> None:
    data = yaml.safe_dump(document, allow_unicode=True, default_flow_style=False).encode()

    assert examine(data).values == yaml.load(data, yaml.BaseLoader)  # noqa: S506  # it makes text only


@given(st.text("0123456789+-.eE_xobn~ultrafsY", max_size=19))
def test_a_scalar_is_text_or_is_written_as_it_was(text: str) -> None:
    typed = plain_scalar(text)

    match typed:
        case str():
            assert typed == text
        case bool() | None:
            assert text.lower() in ("true", "false", "null", "~", "")
        case _:
            assert json.dumps(typed) == text


@pytest.mark.parametrize("text", ["a: !x b", "a: !x [b]", "a: !x {b: c}", "!x a: b", "!x {a: b}"])
def test_a_tag_is_irregular_even_where_the_first_look_misses_it(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(yamltext, "_may_be_marked", lambda _data: False)

    with pytest.raises(Irregular):
        plain_values(text.encode())
