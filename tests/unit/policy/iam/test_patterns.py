import re
from functools import cache
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nhi.policy.iam.patterns import cover, have_in_common, is_pattern, matches, takes_in

TEXTS = ["".join(one) for length in range(5) for one in product("ab:", repeat=length)]
PATTERNS = st.text(alphabet="ab:*?", max_size=5)
SHORT = ["".join(one) for length in range(5) for one in product("a:*?", repeat=length)]
LONG_TEXTS = ["".join(one) for length in range(8) for one in product("az:", repeat=length)]
"""Long enough to tell any two of the short patterns apart, with a letter that none of them names."""


def reading(pattern: str, *, segments: bool) -> re.Pattern[str]:
    """A pattern by one of the two readings that AWS's words allow, written independently of the code under test."""
    parts = []
    for place, character in enumerate(pattern):
        at_end = pattern[place + 1 : place + 2] in {"", ":", "*"} and not pattern[place + 1 :].lstrip("*")[:1].strip(
            ":"
        )
        if character == "*":
            parts.append("[^:]*" if segments and not at_end else ".*")
        elif character == "?":
            parts.append("[^:]" if segments else ".")
        else:
            parts.append(re.escape(character))
    return re.compile("".join(parts), re.DOTALL)


def language(pattern: str, *, segments: bool) -> set[str]:
    compiled = reading(pattern, segments=segments)
    return {text for text in TEXTS if compiled.fullmatch(text)}


@cache
def all_of(pattern: str) -> frozenset[str]:
    compiled = reading(pattern, segments=False)
    return frozenset(text for text in LONG_TEXTS if compiled.fullmatch(text))


def includes(patterns: list[str], pattern: str, *, arn: bool) -> bool:
    return takes_in(cover(tuple(patterns)), pattern, arn=arn)


@settings(max_examples=600, deadline=None)
@given(st.lists(PATTERNS, min_size=1, max_size=3), PATTERNS)
@example(["*a*?b"], "*?a*b")
@example(["a", "a?*"], "a*")
@example(["a*b"], "a*:b")
def test_what_is_taken_in_matches_nothing_else(patterns: list[str], pattern: str) -> None:
    if includes(patterns, pattern, arn=True):
        for segments in (False, True):
            allowed = set().union(*(language(one, segments=segments) for one in patterns))
            assert language(pattern, segments=segments) <= allowed


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SHORT), st.sampled_from(SHORT))
@example("*?", "?*")
@example("?*a*", "*a*a")
def test_one_pattern_is_always_recognised_in_another(wider: str, pattern: str) -> None:
    assert includes([wider], pattern, arn=False) == (all_of(pattern) <= all_of(wider))


@settings(max_examples=200, deadline=None)
@given(PATTERNS, PATTERNS)
@example("a*b", "b*a")
@example("*a", "a*")
def test_two_patterns_have_in_common_what_both_match(one: str, other: str) -> None:
    # The shortest text that both match is no longer than the two together.
    alphabet = ["".join(each) for length in range(11) for each in product("ab", repeat=length)]
    mine, theirs = reading(one.replace(":", "a"), segments=False), reading(other.replace(":", "a"), segments=False)
    really = any(mine.fullmatch(text) and theirs.fullmatch(text) for text in alphabet)

    assert have_in_common(one.replace(":", "a"), other.replace(":", "a")) == really


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:*?[!]", max_size=5), st.text(alphabet="ab:[]!-", max_size=5))
@example("[a]", "a")
def test_a_pattern_matches_as_it_reads(pattern: str, text: str) -> None:
    assert matches(pattern, text) == bool(reading(pattern, segments=False).fullmatch(text))


@pytest.mark.parametrize(
    ("wider", "pattern"),
    [
        ("*", "arn:aws:s3:::x"),
        ("arn:aws:s3:::x/*", "arn:aws:s3:::x/*"),
        ("arn:aws:s3:::x/*", "arn:aws:s3:::x/a/*"),
        ("arn:aws:s3:::x*", "arn:aws:s3:::x/?"),
        ("arn:aws:dynamodb:*:*:table/ledger", "arn:aws:dynamodb:eu-west-1:*:table/ledger"),
        ("arn:aws:s3:::x/${aws:username}/*", "arn:aws:s3:::x/${aws:username}/*"),
        ("arn:aws:s3:::x/*", "arn:aws:s3:::x/${aws:username}/*"),
        ("arn:aws:s3:::x/**", "arn:aws:s3:::x/*"),
    ],
)
def test_a_wider_arn_takes_in_a_narrower_one(wider: str, pattern: str) -> None:
    assert includes([wider], pattern, arn=True)


@pytest.mark.parametrize(
    ("wider", "pattern"),
    [
        ("arn:aws:s3:::x/*", "arn:aws:s3:::x"),
        ("arn:aws:s3:::x/*", "*"),
        ("arn:aws:s3:::x", "arn:aws:s3:::X"),
        ("arn:aws:s3:::x/a", "arn:aws:s3:::x/?"),
        ("arn:aws:s3:::x/${aws:username}/*", "arn:aws:s3:::x/bob/*"),
        ("arn:aws:s3:::x/a*", "arn:aws:s3:::x/${aws:username}"),
        ("arn:aws:s3:::x/?*", "arn:aws:s3:::x/${aws:username}"),
        ("arn:aws:s3:::x/${*}", "arn:aws:s3:::x/${y}"),
        ("arn:aws:s3:::x/${*", "arn:aws:s3:::x/${y"),
        ("arn:aws:s3:::x/*/y", "arn:aws:s3:::x/${aws:userid}/y"),
        ("arn:aws:sqs:eu-west-1:1:a?b", "arn:aws:sqs:eu-west-1:1:a:b"),
        ("arn:aws:s3:::?\1z", "arn:aws:s3:::xyz"),
        ("arn:aws:lambda:*x:1:function:f", "arn:aws:lambda:a:bx:1:function:f"),
    ],
)
def test_what_may_allow_more_is_not_taken_in(wider: str, pattern: str) -> None:
    assert not includes([wider], pattern, arn=True)


def test_several_patterns_take_in_together_what_none_does_alone() -> None:
    assert includes(["a?*", "a*"], "a*", arn=True)
    assert includes(["?*", "?"], "?*", arn=True)
    assert includes(["*a*", "*b*"], "*a?b*", arn=False)


@pytest.mark.parametrize(
    "pattern", ["*a????????????????????", "*a?" * 40, "*" * 2000, "*".join("abcdefghij" * 20), "?" * 2000]
)
def test_a_pattern_made_to_take_long_gets_an_answer(pattern: str) -> None:
    assert includes([pattern], f"{pattern}x*", arn=True) in {True, False}
    assert have_in_common(pattern, f"{pattern[::-1]}*a*b") in {True, False}


def long_walk(length: int) -> bool:
    wider = ["*" + "?" * length + "a*", "*a" + "?" * length + "*", "*" + "?" * length + "b"]
    return includes(wider, "*a" + "*".join("?" * length) + "a", arn=False)


def test_a_walk_that_is_cut_short_proves_nothing() -> None:
    assert (long_walk(10), long_walk(100)) == (True, False)


@pytest.mark.parametrize(("text", "wild"), [("s3:*", True), ("s3:Get?", True), ("s3:GetObject", False), ("[a]", False)])
def test_only_star_and_question_mark_are_wildcards(text: str, wild: bool) -> None:  # noqa: FBT001 - a table
    assert is_pattern(text) == wild
