import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.policy.wording import QUOTED_LENGTH, closest, listed, others, quoted, quoted_name

LONGEST = QUOTED_LENGTH + len("''…")


def test_plain_text_is_shown_in_quotes() -> None:
    assert quoted("Überweisung an Dritte") == "'Überweisung an Dritte'"


@pytest.mark.parametrize("hidden", ["\n", "\r", "\x1b[31m", "\x00", "\u202e", "\u200b", "\ud800", "\u2028"])
def test_what_cannot_be_seen_is_shown_as_an_escape(hidden: str) -> None:
    for shown in (quoted(f"pay{hidden}ments"), quoted_name(f"pay{hidden}ments")):
        assert shown.isprintable()
        assert "\\" in shown


def test_a_look_alike_letter_of_a_name_is_seen() -> None:
    assert quoted_name("p\u0430yments") == "'p\\u0430yments'"


@settings(deadline=None)
@given(st.text())
def test_quoted_text_is_one_bounded_printable_line(text: str) -> None:
    for shown in (quoted(text), quoted_name(text)):
        assert shown.isprintable()
        assert len(shown) <= LONGEST
        assert shown[0] in "'\""
        assert shown[-1] == shown[0]


def test_long_text_is_cut_and_says_so() -> None:
    assert quoted("x" * 100_000) == "'" + "x" * QUOTED_LENGTH + "…'"


def test_text_of_the_greatest_length_is_whole() -> None:
    assert quoted("x" * QUOTED_LENGTH) == "'" + "x" * QUOTED_LENGTH + "'"


def test_only_the_first_names_are_listed() -> None:
    assert listed(["a", "b", "c", "d"]) == "'a', 'b', 'c'"
    assert listed([]) == ""


def test_one_name_stands_for_many() -> None:
    assert others(["s3:GetObject"]) == "'s3:GetObject'"
    assert others(["s3:GetObject", "s3:PutObject", "s3:ListBucket"]) == "'s3:GetObject' and 2 more"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("paymnets", "payments"), ("payment", "payments"), ("Payments", "payments"), ("secrity", "security")],
)
def test_a_slip_finds_what_was_meant(written: str, meant: str) -> None:
    assert closest(written, ["reporting", "payments", "security"]) == meant


@pytest.mark.parametrize("written", ["quantum-lab", "x", "", "p" * 1000])
def test_nothing_near_is_none(written: str) -> None:
    assert closest(written, ["reporting", "payments", "security"]) is None


def test_the_known_spelling_is_given_back() -> None:
    assert closest("payments-eu", ["Payments-EU"]) == "Payments-EU"


@settings(deadline=None)
@given(st.text(alphabet=string.ascii_lowercase, max_size=80), st.lists(st.text(max_size=80), max_size=30))
def test_what_is_found_is_one_of_the_known(written: str, known: list[str]) -> None:
    found = closest(written, known)

    assert found is None or found in known
