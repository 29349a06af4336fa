"""Findings as workflow commands: one a line, and no text of a manifest can add another."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.manifests import AS_OF

from nhi.model.finding import Finding, GrantedException, Severity
from nhi.output.findings_github import findings_github

FOUND = Finding("missing-owner", "NHI001", Severity.ERROR, "prod/a", "identities/prod/a.yaml", 3, 5, "no owner", "add")
HOSTILE = [
    "a\n::stop-commands::x",
    "a\r::error::x",
    "%0A::error::x",
    "a,line=9",
    "a::b",
    "100%",
    "%25",
    ",::",
    "\u2028::error::",
]


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """Level, properties and data, as the runner reads them (actions/runner, ActionCommand.TryParseV2)."""
    assert line.startswith("::")
    head, data = line[2:].split("::", 1)
    level, _, properties = head.partition(" ")
    pairs = (one.split("=", 1) for one in properties.split(","))
    return level, {key: _unescaped(value) for key, value in pairs}, _unescaped(data)


def _unescaped(text: str) -> str:
    for written, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def test_a_whole_annotation() -> None:
    assert findings_github([FOUND]) == (
        "::error file=identities/prod/a.yaml,line=3,col=5,title=NHI001 missing-owner::no owner%0Aadd"
    )


def test_a_warning() -> None:
    assert findings_github([replace(FOUND, severity=Severity.WARNING)]).startswith("::warning ")


def test_what_an_exception_covers_is_a_notice() -> None:
    assert findings_github([replace(FOUND, exception=GrantedException("security", AS_OF))]).startswith("::notice ")


def test_no_hint_no_second_line() -> None:
    assert findings_github([replace(FOUND, hint="")]).endswith("::no owner")


def test_one_line_each_and_nothing_for_none() -> None:
    assert findings_github([]) == ""
    assert len(findings_github([FOUND, FOUND]).split("\n")) == 2


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["path", "message", "hint"])
def test_hostile_text_makes_no_second_command(field: str, text: str) -> None:
    changed = {"path": replace(FOUND, path=text), "message": replace(FOUND, message=text)}

    written = findings_github([changed.get(field, replace(FOUND, hint=text))])

    assert len(re.split(r"[\r\n]", written)) == 1
    assert parsed(written)[0] == "error"


@pytest.mark.parametrize("name", [text for text in HOSTILE if text.isprintable()])
def test_a_hostile_file_name_comes_back_as_it_was(name: str) -> None:
    _, properties, _ = parsed(findings_github([replace(FOUND, path=f"identities/{name}")]))

    assert properties["line"] == "3"
    if "%" not in name:  # the runner undoes some escapes twice; ours are right by its documentation
        assert properties["file"] == f"identities/{name}"


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_one_command_with_our_properties(path: str, message: str, hint: str) -> None:
    written = findings_github([replace(FOUND, path=path, message=message, hint=hint)])

    level, properties, data = parsed(written)
    assert not {"\r", "\n"} & set(written)
    assert (level, sorted(properties)) == ("error", ["col", "file", "line", "title"])
    assert properties["col"] == "5"
    assert data.replace("\n", "").isprintable()
    assert written.isprintable()
