"""An owner's issue, as Markdown."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from nhi.lifecycle.notices import told_line
from nhi.model.declared import UnreadableFile
from nhi.model.identity import Hold, Identity, Suspension
from nhi.model.notice import Ending, Notice
from nhi.output.notice import done_body, notice_body, notice_title, steps_body

MARKER, TOLD = "<!-- nhi:notice owner=payments -->", "<!-- nhi:told -->"
END = datetime(2027, 4, 11, tzinfo=UTC)


def ending(name: str = "ledger", owner: str = "payments", authority: str | None = None) -> Ending:
    hold = None if authority is None else Hold(authority, "matter 2026-14", END)
    identity = Identity(f"identities/prod/{name}.yaml", "prod", name, "manual", owner, "Books.", END, {}, hold=hold)
    return Ending(identity, 14)


def test_an_issue_begins_with_its_two_marks() -> None:
    body = notice_body(MARKER, TOLD, Notice("payments", (ending(),), ()))
    assert body.splitlines()[:2] == [MARKER, TOLD]
    assert "| `prod/ledger` | 2027-04-11T00:00:00Z |  |" in body.splitlines()


def test_thousands_of_ends_fit_with_their_marks() -> None:
    notice = Notice("payments", tuple(ending(f"worker-{number:06d}") for number in range(6000)), ())
    body = notice_body(MARKER, told_line(notice), notice)
    assert len(body.encode()) < 65_536
    assert "more, left out here" in body
    assert "This issue is kept up to date" in body


def test_files_that_cannot_be_read_come_first_and_alone_where_nothing_ends() -> None:
    files = tuple(UnreadableFile(f"identities/prod/{number}.yaml", "prod", "line 1: @all") for number in range(3000))
    body = notice_body(MARKER, TOLD, Notice("payments", (), files))
    assert "- `identities/prod/0.yaml`: line 1: `@all`" in body
    assert "nhi renew" not in body
    assert len(body.encode()) < 65_536


@given(st.text(max_size=40))
def test_text_stays_in_its_cell(text: str) -> None:
    body = notice_body(MARKER, TOLD, Notice("payments", (ending(owner=text, authority=text),), ()))
    (found,) = [line for line in body.splitlines() if line.startswith("| `prod/ledger`")]
    assert found.count("|") == 4


def test_a_row_says_what_else_its_reader_must_know() -> None:
    held = ending(authority="legal")
    theirs = ending("reader", owner="retired")
    gone = replace(theirs, identity=replace(theirs.identity, suspended=Suspension(END, "leaked")))
    body = notice_body(MARKER, TOLD, Notice("payments", (held, gone), ()))

    assert "held by legal: its access ends, nothing is removed" in body
    assert "of `retired`, where nobody is left to answer for it; suspended: it has no access now" in body


def test_a_title_is_one_line() -> None:
    assert notice_title("pay\nments") == "Identities of pay ments that end soon"


def test_a_comment_names_what_came_closer() -> None:
    said = steps_body("<!-- nhi:notice-steps 0123456789abcdef -->", "payments", [ending()])
    assert said.startswith("<!-- nhi:notice-steps 0123456789abcdef -->\n")
    assert "`prod/ledger`" in said


def test_a_closed_issue_says_why() -> None:
    assert "#3 says the same" in done_body("<!-- nhi:notice-done -->", 3)
    assert "Nothing of this owner ends soon" in done_body("<!-- nhi:notice-done -->", None)
