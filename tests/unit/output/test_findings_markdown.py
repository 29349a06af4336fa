"""Findings as Markdown: what a reviewer reads, and what no manifest can turn it into."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from tests.fixtures.findings import (
    ACCEPTED,
    AS_OF,
    CHECKED,
    GOLDEN,
    HOSTILE,
    OWNERLESS,
    SAMPLE,
    TEXTS,
    UNREADABLE,
    WARNED,
    excepted,
    findings,
    hostile,
)

from nhi.model.finding import Finding
from nhi.output.findings_markdown import COMMENT_CHARACTERS, findings_markdown
from nhi.output.markdown import code, prose
from nhi.output.plain import one_line

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TEXT = {"text", "code_inline"}
OURS = TEXT | {"softbreak", "hardbreak", "strong_open", "strong_close"}
BLOCKS = {"heading_open", "paragraph_open", "bullet_list_open", "list_item_open", "inline", "html_block"}
BLOCKS |= {name.replace("_open", "_close") for name in BLOCKS}
DETAILS = re.compile(r"<details><summary>\d+ under an accepted exception</summary>\n|</details>\n")
HEADING = re.compile(r"nhi check: (blocked|passed)|\d+ (error|warning)s?")
FOUND_BY_GITHUB = re.compile(r"[@#<>&|*_~`\[\]\\$]|://|www\.|\bgh-\d|[0-9a-f]{7}|:[a-z+-][\w+-]*:", re.IGNORECASE)
"""What GitHub makes something of where it stands outside of code: a mention, an issue, a commit, a link, an emoji."""


def shown(*found: Finding, most: int = COMMENT_CHARACTERS) -> str:
    return findings_markdown(AS_OF, CHECKED, found, most)


def inlines(text: str) -> Iterator[Token]:
    return (one for block in PARSER.parse(text) for one in block.children or ())


def words(tokens: Sequence[Token]) -> str:
    """What a person reads, without spaces and backticks, which are there for the parser."""
    return re.sub(r"[\s`]", "", "".join(one.content for one in tokens if one.type in TEXT))


def items(text: str) -> list[Sequence[Token]]:
    """The content of each item of a list."""
    blocks = PARSER.parse(text)
    pairs = zip(blocks, blocks[2:], strict=False)
    return [inline.children or [] for item, inline in pairs if item.type == "list_item_open"]


def test_the_whole_page() -> None:
    assert shown(*SAMPLE) == (GOLDEN / "findings.markdown").read_text("utf-8")


@pytest.mark.parametrize(
    ("found", "verdict"), [((), "passed"), ((WARNED, ACCEPTED), "passed"), ((WARNED, OWNERLESS), "blocked")]
)
def test_the_first_line_is_the_verdict(found: tuple[Finding, ...], verdict: str) -> None:
    assert shown(*found).splitlines()[0] == f"### nhi check: {verdict}"


def test_errors_come_before_warnings_and_accepted_exceptions_last() -> None:
    assert re.findall(r"\*\*([a-z-]+)\*\*|\*\*(not-utf-8)\*\*", shown(ACCEPTED, WARNED, OWNERLESS)) == [
        ("missing-owner", ""),
        ("past-expiry", ""),
        ("wildcard-action", ""),
    ]


def test_the_findings_of_one_identity_stand_under_one_heading() -> None:
    text = shown(OWNERLESS, replace(OWNERLESS, line=9), UNREADABLE)

    assert text.count("**`prod/ledger-writer`**") == 1
    assert text.count("**`identities/prod/größe 100%.yaml`**") == 1


def test_a_finding_has_its_place_rule_code_message_and_hint() -> None:
    (item,) = items(shown(OWNERLESS))

    assert next(one.content for one in item if one.type == "code_inline") == f"{OWNERLESS.path}:2"
    assert words(item) == re.sub(r"[\s`]", "", f"{OWNERLESS.path}:2missing-owner(NHI001):noownerwrite:{OWNERLESS.hint}")
    assert [one.type for one in item].count("hardbreak") == 1


def test_an_accepted_exception_is_folded_and_says_who_until_when_and_why() -> None:
    text = shown(ACCEPTED)

    assert "<details><summary>1 under an accepted exception</summary>\n\n" in text
    assert "accepted by security until `2027-01-31T00:00:00Z`: The vendor cannot federate" in text
    assert text.endswith("\n</details>\n")
    assert ACCEPTED.hint not in text


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("make", [hostile, excepted])
def test_hostile_text_stays_text(text: str, make: Callable[[str], Finding]) -> None:
    assert_inert(shown(make(text)))


@given(st.lists(findings(), max_size=4))
def test_any_text_stays_text(found: list[Finding]) -> None:
    assert_inert(shown(*found))


def assert_inert(text: str) -> None:
    blocks = PARSER.parse(text)
    assert {one.type for one in blocks} <= BLOCKS
    assert all(DETAILS.fullmatch(one.content) for one in blocks if one.type == "html_block")
    headed = [inline.content for one, inline in pairwise(blocks) if one.type == "heading_open"]
    assert all(HEADING.fullmatch(one) for one in headed)
    assert {one.type for one in inlines(text)} <= OURS
    assert not [one.content for one in inlines(text) if one.type == "text" and FOUND_BY_GITHUB.search(one.content)]
    assert text.replace("\n", "").isprintable()


@given(TEXTS)
def test_prose_says_what_the_text_says(text: str) -> None:
    expected = re.sub(r"[\s`]", "", one_line(text))
    assert words(list(inlines(f"x: {prose(text)}"))) == f"x:{expected}"


@given(TEXTS)
@example(" a ")
@example("   ")
@example("`")
def test_code_is_one_span_with_exactly_the_text(text: str) -> None:
    (span,) = inlines(code(text))
    assert (span.type, span.content) == ("code_inline", one_line(text) or " ")


def test_plain_words_are_left_plain() -> None:
    text = "don't allow more than 365 days (the maximum), \"no owner\": 'payments'; really!"
    assert prose(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("write `owner: x`, now", "write `owner: x`, now"),
        ("'dynamodb:*' allows all", "'`dynamodb:*`' allows all"),
        ("ask @alice (or #12)", "ask `@alice` (or `#12`)"),
        ("identities/owners.yaml", "`identities/owners.yaml`"),
        ("see GH-12 or 5f3c9d1", "see `GH-12` or `5f3c9d1`"),
        ("a`b", "``a`b``"),
        ("` `", "`` ` ` ``"),
        ("  a   b  ", "a   b"),
    ],
)
def test_everything_else_is_code(text: str, written: str) -> None:
    assert prose(text) == written


@given(st.lists(findings(), max_size=12), st.integers(1_000, 6_000))
def test_the_page_is_bounded_and_what_is_left_out_is_counted(found: list[Finding], most: int) -> None:
    text = shown(*found, most=most)

    assert len(text) <= most
    left_out = re.search(r"^and (\d+) more, left out here", text, re.MULTILINE)
    assert len(items(text)) + int(left_out[1] if left_out else 0) == len(found)
    assert text.count("<details>") == text.count("</details>") <= 1 or not found


def test_a_cut_leaves_out_accepted_exceptions_and_warnings_first() -> None:
    errors = [replace(OWNERLESS, line=line) for line in range(1, 40)]
    text = shown(*[ACCEPTED] * 20, *[WARNED] * 30, *errors, most=6_000)

    assert text.endswith(
        "\nand 59 more, left out here (9 errors, 30 warnings, 20 under an accepted exception):"
        " `nhi check` lists them all\n"
    )


def test_a_cut_among_the_accepted_exceptions_closes_them() -> None:
    text = shown(*[ACCEPTED] * 30, most=2_000)

    assert re.search(r"\n</details>\n\nand \d+ more, left out here \(0 errors, 0 warnings, \d+ under an ", text)


def test_the_usual_bound_is_what_github_takes_as_a_comment() -> None:
    assert 60_000 < len(shown(*[OWNERLESS] * 1_000)) <= 65_536
