"""A new manifest's text: whatever is given stays text, as our own reader proves."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.fixtures.manifests import CATALOG, PAPER_ACCOUNT, places

from nhi.errors import UsageError
from nhi.manifest.draft import draft
from nhi.manifest.yamltext import examine
from nhi.model.identity import Json
from nhi.model.kind import Kind

ROLE = CATALOG.kinds["service-role"]
PAPER = CATALOG.kinds["paper-account"]
GIVEN = {
    "owner": "payments",
    "purpose": "Settlement batch writes cleared transactions to the ledger table.",
    "expiry": "2027-03-31",
}


def values(text: str) -> dict[str, Json]:
    """What our reader makes of a draft, which it must accept."""
    found = examine(text.encode())
    assert found.problems == ()
    assert found.values is not None
    return found.values


def test_a_draft_with_all_that_is_needed_is_in_order() -> None:
    assert places(draft(ROLE, "ledger-writer", GIVEN, None, depth=2)) == []


def test_keys_stand_in_the_order_of_the_documentation() -> None:
    text = draft(ROLE, "ledger-writer", {**GIVEN, "justification": "J", "ticket": "T"}, None, depth=2)

    assert list(values(text)) == [
        "apiVersion", "kind", "name", "owner", "purpose", "expiry", "ticket", "justification", "scope",
    ]  # fmt: skip


def test_what_was_not_given_is_left_for_check_to_ask() -> None:
    assert "owner" not in values(draft(ROLE, "ledger-writer", {}, None, depth=2))


def test_the_first_line_leads_editors_to_the_schema() -> None:
    text = draft(ROLE, "ledger-writer", GIVEN, None, depth=2)

    assert text.splitlines()[0] == "# yaml-language-server: $schema=../../.nhi/schema.json"


def test_the_kinds_example_stands_in_for_a_scope_and_says_so() -> None:
    text = draft(ROLE, "ledger-writer", GIVEN, None, depth=2)

    assert values(text)["scope"] == ROLE.scope_schema["examples"][0]  # type: ignore[index]  # JSON of any shape
    assert "replace it by what your identity needs" in text


def test_a_scope_that_is_given_stands_without_a_note() -> None:
    text = draft(PAPER, "mainframe-reader", GIVEN, {"system": "mainframe"}, depth=2)

    assert values(text)["scope"] == {"system": "mainframe"}
    assert "replace" not in text


def test_a_kind_without_an_example_needs_a_scope() -> None:
    kind = Kind("paper-account", "t", "d", PAPER_ACCOUNT, None)

    with pytest.raises(UsageError, match="no example") as refused:
        draft(kind, "mainframe-reader", GIVEN, None, depth=2)
    assert refused.value.hint == "give the scope with --scope"


@pytest.mark.parametrize("expiry", ["2027-03-31", "2027-03-31T18:00:00Z", "2027-03-31T18:00:00+02:00"])
def test_an_expiry_stands_without_quotes(expiry: str) -> None:
    assert f"\nexpiry: {expiry}\n" in draft(ROLE, "ledger-writer", {"expiry": expiry}, None, depth=2)


TRICKY = ["no", "012", "12", "1e3", "1.5e3", "12:30:45", "2027-03-31", "null", "~", "true", "", "-", "- ", ":", "a: b"]
TRICKY += [
    "a #b",
    "# a",
    "&a",
    "*a",
    "!a",
    "%a",
    "@a",
    "`a",
    "'",
    '"',
    "a\nowner: mallory",
    "|",
    ">",
    "a\n",
    "\n",
    " a ",
]
TRICKY += ["\x1b[31m", "\x00", "\u202e", "\u2028", "\x85", "\ufeff", "\r", "a\rb", "a\tb", "\t", "ü\u200b", "😀\u202e"]
TRICKY += [
    "[a",
    "{a",
    "a]",
    "---",
    "...",
    "--- a",
    "? a",
    "\\",
    "\\n",
    "${a}",
    "x" * 300,
    "a " * 200,
    "\U000e0041",
    "\uffff",
]
CHARACTERS = st.characters(exclude_categories=["Cs"])


@pytest.mark.parametrize("text", TRICKY, ids=ascii)
@pytest.mark.parametrize("key", ["owner", "purpose", "expiry", "ticket", "justification"])
def test_tricky_text_comes_back_as_it_was(key: str, text: str) -> None:
    assert values(draft(PAPER, "mainframe-reader", {key: text}, {"system": "s"}, depth=2))[key] == text


@settings(max_examples=300)
@given(st.text(CHARACTERS, max_size=60), st.sampled_from(["purpose", "expiry"]))
@example("\u2029 a", "purpose")
def test_any_text_comes_back_as_it_was(text: str, key: str) -> None:
    assert values(draft(PAPER, "mainframe-reader", {key: text}, {"system": "s"}, depth=2))[key] == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(CHARACTERS, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(CHARACTERS, max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(CHARACTERS, min_size=1, max_size=5), JSON, max_size=3))
def test_any_scope_comes_back_as_it_was(scope: dict[str, Json]) -> None:
    assert values(draft(PAPER, "mainframe-reader", {}, scope, depth=2))["scope"] == scope
