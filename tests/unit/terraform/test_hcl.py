import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.model.identity import Json
from nhi.terraform.hcl import Hcl, NotExpressible, expression

_QUOTED = re.compile(r'"(?:[^"\\$%]|\$\$\{|%%\{|[$%](?!\{)|\\(?:["\\nrt]|u[0-9a-f]{4}|U[0-9a-f]{8}))*"')
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def _read(quoted: str) -> str:
    """What the HCL specification says that a quoted template without a template sequence means."""
    names = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}

    def meant(found: re.Match[str]) -> str:
        doubled, short, long, named = found.groups()
        return "" if doubled else names[named] if named else chr(int(short or long, 16))

    return re.sub(r"([$%])(?=[$%]\{)|\\(?:u(.{4})|U(.{8})|(.))", meant, quoted[1:-1])


@given(_TEXT | st.text(st.sampled_from('${}%"\\\n~#a')))
@settings(deadline=None, max_examples=500)
def test_any_text_is_one_quoted_literal_of_printable_ascii(text: str) -> None:
    written = expression(text)
    assert written.isascii()
    assert written.isprintable()
    assert _QUOTED.fullmatch(written)
    assert _read(written) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("${x}", "$${x}"),
        ("%{x}", "%%{x}"),
        ("$${x}", "$$${x}"),
        ("%%{x}", "%%%{x}"),
        ("%${x}", "%$${x}"),
        ("$%{x}", "$%%{x}"),
        ("${${x}}", "$${$${x}}"),
        ("\\${x}", "\\\\$${x}"),
    ],
)
def test_the_beginning_of_a_template_sequence_is_doubled(text: str, written: str) -> None:
    assert expression(text) == f'"{written}"'


def test_what_is_no_sequence_stays_readable() -> None:
    assert expression("100 % of $5 {a} $") == '"100 % of $5 {a} $"'


def test_short_escapes_are_used_where_the_language_has_them() -> None:
    assert expression('a"b\\c\nd\re\tf\bg') == r'"a\"b\\c\nd\re\tf\u0008g"'


def test_characters_beyond_the_basic_plane_get_the_long_escape() -> None:
    assert expression("\U0001f600\u2028\u202e\ufeff") == r'"\U0001f600\u2028\u202e\ufeff"'


def test_text_is_composed_as_terraform_will_compose_it() -> None:
    assert expression("e\u0301") == r'"\u00e9"'


@pytest.mark.parametrize(("text", "said"), [("a\0b", "NUL character at character 2"), ("\ud83d", "surrogate pair")])
def test_text_that_terraform_cannot_hold_is_refused(text: str, said: str) -> None:
    with pytest.raises(NotExpressible, match=said):
        expression(text)


@pytest.mark.parametrize("text", ["\0", "\udc00"])
def test_a_key_that_terraform_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(NotExpressible):
        expression({text: 1})


def test_two_keys_that_terraform_would_take_for_one_are_refused() -> None:
    with pytest.raises(NotExpressible, match="two keys"):
        expression({"é": 1, "e\u0301": 2})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-17, "-17"),
        (2**512 - 1, str(2**512 - 1)),
        (0.1, "0.1"),
        (1e-07, "1e-07"),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_each_json_value_has_its_expression(value: Json, written: str) -> None:
    assert expression(value) == written


@pytest.mark.parametrize(
    "number", [2**512, -(2**512), pytest.param(10**6000, id="6001 digits"), float("inf"), float("-inf"), float("nan")]
)
def test_a_number_that_terraform_would_change_is_refused(number: float) -> None:
    with pytest.raises(NotExpressible):
        expression(number)


def test_a_value_that_is_not_json_is_refused() -> None:
    with pytest.raises(NotExpressible, match="bytes is not a JSON type"):
        expression(b"x")  # type: ignore[arg-type]  # what no type checker saw


def test_neighbours_on_one_line_are_aligned_and_keys_sorted() -> None:
    value: Json = {"zone": "z", "a": 1, "nested": {"b": True, "longer": None}, "nhi:id": "x", "q": []}
    assert expression(value, depth=1) == (
        "{\n"
        "    a = 1\n"
        "    nested = {\n"
        "      b      = true\n"
        "      longer = null\n"
        "    }\n"
        '    "nhi:id" = "x"\n'
        "    q        = []\n"
        '    zone     = "z"\n'
        "  }"
    )


def test_a_list_stands_on_one_line_until_it_is_too_wide() -> None:
    assert expression(["a", 1, None]) == '["a", 1, null]'
    assert expression(["a" * 60, "b" * 60]) == f'[\n  "{"a" * 60}",\n  "{"b" * 60}",\n]'


def test_a_list_of_objects_has_each_on_its_own_lines() -> None:
    assert expression([{"a": 1}, {}, []]) == "[\n  {\n    a = 1\n  },\n  {},\n  [],\n]"


@pytest.mark.parametrize("key", ["for", "if", "in", "null", "true", "false", "", "1a", "a.b", "a b", "é", "-a", "(a)"])
def test_a_key_that_is_no_plain_name_is_quoted(key: str) -> None:
    assert f"{expression(key)} = 1" in expression({key: 1})


@pytest.mark.parametrize("key", ["a", "_a", "a-b", "forty", "StringEquals"])
def test_a_plain_name_is_not_quoted(key: str) -> None:
    assert f"  {key} = 1" in expression({key: 1})


def test_nesting_deeper_than_any_scope_is_refused() -> None:
    value: Json = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotExpressible, match="100 levels"):
        expression(value)


def test_what_is_written_can_be_told_from_other_text() -> None:
    assert type(expression("x")) is Hcl
