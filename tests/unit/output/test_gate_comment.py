"""The gate's comment and summary: what a reviewer reads, within what GitHub takes, and what no change makes of it."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token
from tests.fixtures.findings import HOSTILE, OWNERLESS, TEXTS
from tests.fixtures.gate_reports import (
    BLOCKED,
    CLEAN,
    CONFLICTING,
    FAILED,
    GOLDEN,
    PULL,
    RUN,
    SAMPLES,
    enormous,
    of_text,
)

from nhi.model.gate import MARKER, GateReport
from nhi.output.approvals import SECTION, SECTION_END
from nhi.output.gate_comment import COMMENT_CHARACTERS, SUMMARY_BYTES, gate_comment, gate_summary
from nhi.output.gate_findings import link_to

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OUR_HTML = re.compile(
    rf"{MARKER}|{SECTION}|{SECTION_END}|<details><summary>[a-z0-9]+: [a-z0-9 ,]+</summary>|</details>|<br>"
)
READ_BY_GITHUB = re.compile(r"[@#<>&|*_~`\[\]\\$]|://|www\.|\bgh-\d|[0-9a-f]{7}", re.IGNORECASE)
"""What GitHub makes something of where it stands outside of code."""
OUR_EMOJI = re.compile(r":(white_check_mark|x|warning|hourglass):")


def tokens(text: str) -> Iterator[Token]:
    for block in PARSER.parse(text):
        yield block
        yield from block.children or ()


def assert_inert(report: GateReport) -> None:
    """No text of others is more than text: no link, picture, mention, heading, HTML or end of anything of ours."""
    text = gate_comment(report, RUN)
    for one in tokens(text):
        assert one.type != "image"
        if one.type in ("html_block", "html_inline"):
            assert OUR_HTML.sub("", one.content).strip() == "", one.content
        if one.type == "link_open":
            target = str(one.attrs["href"])
            assert target == RUN or target.startswith("https://github.com/acme-example/identities/blob/"), target
        if one.type == "text":
            assert not READ_BY_GITHUB.search(OUR_EMOJI.sub("", one.content)), one.content
    assert [line for line in text.splitlines() if line.startswith("<!--")] == [MARKER, SECTION, SECTION_END]
    assert text.isascii() or all(one.isprintable() or one == "\n" for one in text)
    assert len(text) <= COMMENT_CHARACTERS


@pytest.mark.parametrize("name", SAMPLES)
def test_the_whole_comment(name: str, request: pytest.FixtureRequest) -> None:
    file = GOLDEN / f"{name}.markdown"
    text = gate_comment(SAMPLES[name], RUN)
    if request.config.getoption("--accept"):
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (CLEAN, ":white_check_mark: nhi gate passed: no findings; 1 identity changes, high risk"),
        (BLOCKED, ":x: nhi gate blocked: 2 findings; the stack 'old' is gone"),
        (FAILED, ":warning: nhi gate could not judge: the plan of dev failed: terraform init failed:"),
        (CONFLICTING, ":x: nhi gate blocked: conflicts with main in 2 files: update the branch"),
    ],
)
def test_the_first_line_after_the_marker_is_the_verdict(report: GateReport, verdict: str) -> None:
    assert gate_comment(report).splitlines()[:2] == [MARKER, f"### {verdict}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert(text: str) -> None:
    assert_inert(of_text(text))


@given(TEXTS)
def test_any_text_is_inert(text: str) -> None:
    assert_inert(of_text(text))


def test_a_table_has_a_row_for_each_finding_whatever_it_says() -> None:
    bars = "a | b \\| c `|` \\\\| d"
    report = replace(CLEAN, findings=(replace(OWNERLESS, message=bars, hint=bars, path=f"identities/{bars}.yaml"),))

    rows = [one for one in PARSER.parse(gate_comment(report)) if one.type == "td_open"]

    assert len(rows) == 3


@pytest.mark.parametrize("text", ["x" * 300, "`" * 300, "\x1b" * 300, "@a " * 100, "é\U0001f600" * 150])
def test_what_does_not_fit_is_counted_and_everything_has_some_room(text: str) -> None:
    comment = gate_comment(enormous(text), RUN)

    assert len(comment) <= COMMENT_CHARACTERS
    for heading in ("#### What failed", "#### It does not merge", "#### It changes what governs", "### Approvals"):
        assert heading in comment
    assert "left out here" in comment
    assert f"{SECTION_END}\n" in comment


def test_thousands_of_findings_leave_room_for_what_changes_and_for_the_plan() -> None:
    many = tuple(replace(OWNERLESS, line=number) for number in range(1, 5_000))
    comment = gate_comment(replace(CLEAN, findings=many), RUN)

    assert len(comment) <= COMMENT_CHARACTERS
    shown = comment.count("missing-owner")
    assert shown > 20
    assert f"and {len(many) - shown} more, left out here ({len(many) - shown} errors)" in comment
    assert "#### What changes: 1 identity changes, high risk" in comment
    assert "### nhi plan: " in comment
    assert f"[This run]({RUN}) has the whole report" in comment


def test_the_summary_holds_more_and_stays_below_githubs_bytes() -> None:
    report = enormous("\U0001f600" * 300, 1_000)
    summary = gate_summary(report)

    assert len(gate_comment(report)) * 2 < len(summary.encode()) <= SUMMARY_BYTES


def test_errors_come_first_and_what_is_accepted_last() -> None:
    comment = gate_comment(BLOCKED)

    assert re.findall(r"\| (error|warning|accepted): ", comment) == ["error", "error", "warning", "accepted"]


def test_a_line_is_linked_at_the_head_and_what_is_removed_at_the_base() -> None:
    comment = gate_comment(BLOCKED)

    assert f"/blob/{PULL.head}/identities/prod/payments/ledger-writer.yaml#L2)" in comment
    assert f"/blob/{BLOCKED.base}/identities/prod/data/survey-tool.yaml#L11)" in comment


@pytest.mark.parametrize(
    "path", ["a) b", "a](x", 'a" onclick="x', "a?b#c", "a%2e", "../../../evil", "\udcff", "a\nb", "<b>", "ä"]
)
def test_a_link_is_an_address_whatever_the_files_name(path: str) -> None:
    assert re.fullmatch(
        r"https://github\.com/acme-example/identities/blob/[0-9a-f]{40}/[A-Za-z0-9_.~%/-]*#L1", link_to(CLEAN, path, 1)
    )


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "https://evil.example/x)/y/z/pull/7", "https://a/b/c/pull/7/x"]
)
def test_an_odd_address_of_the_pull_request_makes_no_link(url: str) -> None:
    assert link_to(replace(CLEAN, pull=replace(PULL, url=url)), "a", 1) == ""


def test_values_of_a_plan_are_not_in_it() -> None:
    assert "AROARENEWED" not in gate_comment(CLEAN)


def test_without_a_run_there_is_no_link_to_one() -> None:
    assert "This run" not in gate_comment(CLEAN)
