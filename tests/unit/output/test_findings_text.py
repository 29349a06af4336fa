"""Findings at a terminal: where, what, the line with a caret below the right letter, and what to write instead."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from tests.fixtures.manifests import AS_OF

from nhi.model.finding import Finding, GrantedException, Severity
from nhi.output.findings_text import findings_text

FOUND = Finding(
    "missing-owner", "NHI001", Severity.ERROR, "prod/a", "identities/prod/a.yaml", 3, 1, "no owner", "`owner: …`"
)


def shown(line: str | None, found: Finding = FOUND) -> list[str]:
    """The lines of one finding on a line of a file."""
    return findings_text([found], lambda _path, _line: line).plain.split("\n")


def caret(line: str, column: int) -> tuple[str, int]:
    """The source line as it is shown, and the cell that the caret points to."""
    _, source, below, *_ = shown(line, replace(FOUND, column=column))
    gutter = len("     3 | ")
    assert source.startswith("     3 | ")
    assert below.startswith("       | ")
    assert below.endswith("^")
    return source[gutter:], len(below) - 1 - gutter


def test_a_whole_finding() -> None:
    assert shown("name: a") == [
        "identities/prod/a.yaml:3:1: error NHI001 missing-owner: no owner",
        "     3 | name: a",
        "       | ^",
        "  write: `owner: …`",
        "",
        "",
    ]


def test_a_hint_that_is_no_text_to_write_is_help() -> None:
    assert "  help: add one" in shown("x", replace(FOUND, hint="add one"))


def test_no_hint_no_line() -> None:
    assert shown("x", replace(FOUND, hint=""))[3] == ""


def test_a_line_that_is_not_there_is_left_out() -> None:
    assert shown(None)[1] == "  write: `owner: …`"


def test_a_warning_says_so() -> None:
    assert ": warning NHI001" in shown("x", replace(FOUND, severity=Severity.WARNING))[0]


def test_an_accepted_exception_stands_instead_of_the_hint() -> None:
    lines = shown("x", replace(FOUND, exception=GrantedException("security", AS_OF)))

    assert "  accepted by security until 2026-11-20T00:00:00Z" in lines
    assert not any("write:" in line for line in lines)


def test_the_caret_stands_below_the_column() -> None:
    assert caret("owner: payments", 8) == ("owner: payments", 7)


def test_after_a_tab_it_still_does() -> None:
    line, cell = caret("owner:\tpayments", 8)

    assert line[cell] == "p"


def test_after_letters_of_two_cells_it_still_does() -> None:
    line, cell = caret("purpose: 決済バッチ x", 16)

    assert line[15] == "x"
    assert cell == cell_len(line[:15]) == 20


def test_after_letters_of_no_cell_it_still_does() -> None:
    _, cell = caret("purpose: e\u0301 x", 13)

    assert cell == cell_len("purpose: e\u0301 ") == 11


def test_after_a_control_character_that_is_written_out_it_still_does() -> None:
    line, cell = caret("a\x1b[31m: x", 9)

    assert line == "a\\u001b[31m: x"
    assert line[cell] == "x"


def test_a_line_end_of_windows_is_not_shown() -> None:
    assert caret("owner: payments\r", 8)[0] == "owner: payments"


def test_a_long_line_is_cut_around_the_column() -> None:
    line, cell = caret("a" * 5000 + "X" + "b" * 5000, 5001)

    assert len(line) == 110
    assert line[cell] == "X"


def test_a_long_line_is_shown_from_its_beginning_where_the_column_is_near() -> None:
    line, cell = caret("X" + "b" * 5000, 1)

    assert (line[0], cell) == ("X", 0)


@pytest.mark.parametrize("column", [1, 8, 100])
def test_a_column_beyond_the_line_points_behind_it(column: int) -> None:
    line, cell = caret("owner:", column)

    assert line == "owner:"
    assert cell == min(column - 1, 6)


@given(st.text(max_size=300).map(lambda text: text.replace("\n", "")), st.integers(1, 300))
def test_whatever_the_line_nothing_escapes_and_the_caret_is_within(line: str, column: int) -> None:
    text, cell = caret(line, column)

    assert text.isprintable()
    assert 0 <= cell <= cell_len(text)


def test_hostile_text_cannot_steer_a_terminal() -> None:
    hostile = "a\x1b]0;owned\x07\n::error::x\r\u202e"
    lines = shown(hostile, replace(FOUND, path=hostile, message=hostile, hint=hostile))

    assert all(line.isprintable() for line in lines)
    assert not any(line.startswith("::") for line in lines)


def test_an_approver_cannot_either() -> None:
    lines = shown("x", replace(FOUND, exception=GrantedException("a\n::error::x", AS_OF)))

    assert not any(line.startswith("::") for line in lines)


def test_what_githubs_runner_obeys_anywhere_in_a_line_is_broken_up() -> None:
    lines = shown("a: ##[stop-commands]x", replace(FOUND, column=6, message="##[add-mask]e"))

    assert not any("##[" in line for line in lines)


def test_no_line_of_a_file_with_a_secret_is_shown_not_even_by_another_finding() -> None:
    secret = replace(FOUND, rule="secret")
    other = replace(FOUND, rule="unknown-stack")

    text = findings_text([other, secret], lambda _path, _line: "hunter2").plain

    assert "hunter2" not in text


def test_another_files_lines_still_are() -> None:
    secret = replace(FOUND, rule="secret")
    other = replace(FOUND, path="identities/prod/b.yaml")

    text = findings_text([secret, other], lambda path, _line: path).plain

    assert "| identities/prod/b.yaml" in text
    assert "| identities/prod/a.yaml" not in text


def test_no_findings_no_text() -> None:
    assert findings_text([], lambda _path, _line: None).plain == ""
