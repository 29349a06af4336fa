"""One line, nothing invisible, bounded; and the closing lines."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.manifests import AS_OF

from nhi.model.finding import Finding, GrantedException, Severity
from nhi.model.verification import Absent, CouldNotTell, Difference, Present, Verified, Wanted
from nhi.output.plain import counted, json_text, one_line
from nhi.output.summary import summary
from nhi.output.verification import verification_json, verification_text

FOUND = Finding("missing-owner", "NHI001", Severity.ERROR, "prod/a", "identities/prod/a.yaml", 3, 1, "no owner", "add")


def test_plain_text_stays_as_it_is() -> None:
    assert one_line("Settlement für alle 決済") == "Settlement für alle 決済"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc", "a b c"),
        ("\x1b[31m", "\\u001b[31m"),
        ("\u202e", "\\u202e"),
        ("\udcff", "\\udcff"),
        ("a\u00a0b", "a\\u00a0b"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_long_text_is_cut() -> None:
    assert one_line("x" * 600) == "x" * 499 + "…"
    assert one_line("abcdef", 4) == "abc…"


def test_githubs_command_is_broken_up() -> None:
    assert one_line("##[error]a") == "##\\u005berror]a"


@given(st.text(max_size=600))
def test_any_text_is_one_printable_line(text: str) -> None:
    assert one_line(text).isprintable()
    assert "##[" not in one_line(text)


@given(st.recursive(st.text("#[]a\n", max_size=8), lambda inner: st.lists(inner, max_size=3), max_leaves=8))
def test_json_reads_as_what_was_written_and_has_no_command(document: object) -> None:
    assert json.loads(json_text(document)) == document
    assert "##[" not in json_text(document)


@pytest.mark.parametrize(("number", "words"), [(0, "0 errors"), (1, "1 error"), (2, "2 errors")])
def test_counts_are_written_as_people_do(number: int, words: str) -> None:
    assert counted(number, "error") == words


def test_the_closing_line_of_a_check() -> None:
    warning = replace(FOUND, severity=Severity.WARNING)

    assert summary(AS_OF, 12, [FOUND, FOUND, warning]) == (
        "12 manifests checked as of 2026-11-20T00:00:00Z: 2 errors, 1 warning"
    )


def test_the_closing_line_counts_what_exceptions_cover_apart() -> None:
    covered = replace(FOUND, exception=GrantedException("security", AS_OF))

    assert summary(AS_OF, 1, [FOUND, covered, replace(covered, severity=Severity.WARNING)]) == (
        "1 manifest checked as of 2026-11-20T00:00:00Z: 1 error, 0 warnings, 2 under an accepted exception"
    )


VERIFIED = [
    Verified("prod/a", Wanted.PRESENT, Present()),
    Verified("prod/b", Wanted.PRESENT, Present((Difference("role b, tags", "x", "y"),))),
    Verified("prod/c", Wanted.PRESENT, Absent()),
    Verified("prod/d", Wanted.ABSENT, Absent()),
    Verified("prod/e", Wanted.ABSENT, Present()),
    Verified("prod/f", Wanted.ABSENT, CouldNotTell("timeout")),
]


def test_a_verification_line_by_line() -> None:
    assert verification_text(VERIFIED, ["prod/g"]) == (
        "ok       prod/a: present as declared\n"
        "WRONG    prod/b: present, but not as declared\n"
        "           role b, tags: expected x, found y\n"
        "WRONG    prod/c: absent, but declared\n"
        "ok       prod/d: absent, and not declared\n"
        "WRONG    prod/e: present, but should be gone\n"
        "UNKNOWN  prod/f: could not tell: timeout\n"
        "attest   prod/g: no API can be asked; only people can tell\n"
        "6 identities looked at, 2 as declared\n"
    )


def test_of_what_should_be_gone_it_is_said_what_is_left() -> None:
    left = (Difference("role a", "nothing more", "arn:a (nhi:id prod/a)"), Difference("secret b", "", "arn:b\x1b[31m"))

    assert verification_text([Verified("prod/a", Wanted.ABSENT, Present(left))], []) == (
        "WRONG    prod/a: present, but should be gone\n"
        "           role a is left: arn:a (nhi:id prod/a)\n"
        "           secret b is left: arn:b\\u001b[31m\n"
        "1 identity looked at, 0 as declared\n"
    )


def test_one_identity_is_no_identities() -> None:
    assert verification_text(VERIFIED[:1], []).endswith("1 identity looked at, 1 as declared\n")


def test_a_verification_as_json() -> None:
    document = json.loads(verification_json(AS_OF, [VERIFIED[1], VERIFIED[2], VERIFIED[5]], ["prod/g"]))

    assert document == {
        "schema": "nhi/verification/v1",
        "as_of": "2026-11-20T00:00:00Z",
        "verified": [
            {
                "identity": "prod/b",
                "wanted": "present",
                "holds": False,
                "answer": "present",
                "differences": [{"where": "role b, tags", "expected": "x", "found": "y"}],
            },
            {"identity": "prod/c", "wanted": "present", "holds": False, "answer": "absent"},
            {
                "identity": "prod/f",
                "wanted": "absent",
                "holds": False,
                "answer": "could-not-tell",
                "reason": "timeout",
            },
        ],
        "needs_attestation": ["prod/g"],
    }


def test_what_stands_in_a_cloud_is_hostile_too() -> None:
    text = verification_text(
        [Verified("prod/a", Wanted.PRESENT, Present((Difference("a", "b", "\x1b\n::error::"),)))], []
    )

    assert all(line.isprintable() for line in text.split("\n"))
    assert text.count("\n") == 3


def test_an_identity_is_not_named_twice_where_the_reason_names_it() -> None:
    text = verification_text([Verified("prod/a", Wanted.PRESENT, CouldNotTell("prod/a: timeout"))], [])

    assert text.startswith("UNKNOWN  prod/a: could not tell: timeout\n")
