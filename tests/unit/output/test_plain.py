"""A tool's own line never becomes a command to GitHub's runner, whatever the tool was made to print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.output.plain import passed_on


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::add-mask::x", "\\u003a:add-mask::x"),
        ("  ::set-env name=PATH::x", "  \\u003a:set-env name=PATH::x"),
        ("\t::stop-commands::x", " \\u003a:stop-commands::x"),
        ("x ##[command]y", "x ##\\u005bcommand]y"),
        ("a\r::error::b", "a\\u000d::error::b"),
    ],
)
def test_a_command_is_written_out(line: str, shown: str) -> None:
    assert passed_on(line) == shown


@pytest.mark.parametrize("line", ["arn:aws:iam::111122223333:role/x", "  + resource", "", "a ::b"])
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert passed_on(line) == line


@given(st.text())
def test_no_text_begins_a_command(text: str) -> None:
    line = passed_on(text)

    assert not line.lstrip().startswith("::")
    assert "##[" not in line
    assert "\n" not in line


def test_long_lines_of_a_tool_are_kept() -> None:
    assert passed_on("x" * 10_000) == "x" * 10_000
