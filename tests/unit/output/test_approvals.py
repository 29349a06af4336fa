"""Counted approvals in words: within GitHub's bounds, and inert whatever others wrote."""

import json
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from tests.fixtures.policy import AS_OF

from nhi.errors import OutsideError
from nhi.model.approval import Approval, ApprovalsReport, EmergencyLane, Held, Requirement, SetAside
from nhi.model.forge import Account, PullState, StatusState
from nhi.output.approvals import (
    MOST_OF_A_SECTION,
    SECTION,
    SECTION_END,
    approvals_section,
    emergency_comment,
    failed_status,
    of_one_of_several,
    status_of,
    with_section,
)
from nhi.output.approvals_report import Shown, approvals_json, approvals_text

CAROL = Account(1003, "carol-acme")
PAYMENTS = Requirement("payments", 1, ("carol", "dave"), ("prod/ledger-writer is of low risk",))
HELD = Held(PAYMENTS, (Approval("carol", CAROL, 7, "a" * 40, AS_OF),))
MISSING = Held(PAYMENTS, ())
ASIDE = SetAside(CAROL, 3, "approved another content")
REPORT = ApprovalsReport(AS_OF, 7, "a" * 40, "b" * 40, (MISSING,), (ASIDE,), (), (), "", None)
LANE = EmergencyLane("INC-77", (), (MISSING,), AS_OF)
HOSTILE = f"<img src=x> @everyone [a](http://x.example) `b` # c\n{SECTION_END}\n::error::\x1b[31m"


@pytest.mark.parametrize(
    ("report", "state", "words"),
    [
        (REPORT, StatusState.PENDING, "missing: 1 approval of payments (carol, dave)"),
        (replace(REPORT, held=(HELD,)), StatusState.SUCCESS, "approved by payments: carol"),
        (replace(REPORT, held=(HELD,), is_draft=True), StatusState.SUCCESS, "draft; approved by payments: carol"),
        (replace(REPORT, objections=(ASIDE,)), StatusState.FAILURE, "changes are requested by carol-acme"),
        (replace(REPORT, doubts=("who?",)), StatusState.FAILURE, "who?"),
        (
            replace(REPORT, merges=False, conflicts=("a", "b")),
            StatusState.FAILURE,
            "does not merge into its base: a and 1 more",
        ),
        (
            replace(REPORT, held=(), preapproved="it expired"),
            StatusState.SUCCESS,
            "nobody needs to approve: it expired",
        ),
        (
            replace(REPORT, held=(), state=PullState.CLOSED),
            StatusState.PENDING,
            "closed without a merge: nothing is to be approved",
        ),
        (
            replace(REPORT, state=PullState.MERGED),
            StatusState.PENDING,
            "merged: nothing is to be approved any more",
        ),
        (
            replace(REPORT, held=(HELD,), emergency=replace(LANE, problems=("no incident", "x"))),
            StatusState.FAILURE,
            "no emergency change: no incident (and 1 more)",
        ),
        (
            replace(REPORT, held=(Held(replace(PAYMENTS, candidates=()), ()),)),
            StatusState.PENDING,
            "missing: 1 approval of payments, which has too few people",
        ),
    ],
)
def test_the_status_says_where_it_stands(report: ApprovalsReport, state: StatusState, words: str) -> None:
    status = status_of(report)

    assert (status.state, status.description) == (state, words)


def test_no_description_is_longer_than_github_takes() -> None:
    long = status_of(replace(REPORT, doubts=("\x1b" * 1000,)))

    assert len(long.description) == 140
    assert len(of_one_of_several(long, 123_456).description) == 140
    assert len(failed_status(OutsideError("x" * 1000 + "\nsecond")).description) == 140


def test_hostile_text_stays_text() -> None:
    hostile = replace(
        REPORT,
        held=(Held(Requirement(HOSTILE, 2, (HOSTILE,), (HOSTILE,)), HELD.approvals),),
        set_aside=(SetAside(Account(1, HOSTILE), 1, HOSTILE),),
        objections=(SetAside(Account(1, HOSTILE), 2, HOSTILE),),
        doubts=(HOSTILE,),
        conflicts=(HOSTILE,),
        emergency=EmergencyLane(HOSTILE, (HOSTILE,), (MISSING,), None),
    )
    for text in (approvals_section(hostile), emergency_comment(replace(hostile, state=PullState.MERGED))):
        html = MarkdownIt("gfm-like", {"linkify": False}).render(text)
        assert "<img" not in html
        assert "<a " not in html
        assert "<h1>" not in html
        assert "\x1b" not in html
        assert not any(line.startswith("::") for line in text.splitlines())
    assert approvals_section(hostile).split("\n").count(SECTION_END) == 1


def test_a_section_is_bounded() -> None:
    many = replace(REPORT, doubts=tuple("word " * 700 for _ in range(50)))
    section = approvals_section(many)

    assert len(section) <= MOST_OF_A_SECTION
    assert section.endswith(SECTION_END)


def test_a_section_is_exchanged_where_it_stands_as_lines() -> None:
    assert with_section(f"a\r\n{SECTION}\r\nold\r\n{SECTION_END}\r\nb", "new") == "a\r\nnew\nb"
    assert with_section(f"a `{SECTION}` x `{SECTION_END}`", "new") is None
    assert with_section(f"{SECTION_END}\n{SECTION}\n", "new") is None
    assert with_section(f"{'x' * 65_500}\n{SECTION}\n{SECTION_END}", "y" * 100) is None


def test_an_emergency_is_told_with_its_end() -> None:
    merged = replace(REPORT, held=(HELD,), state=PullState.MERGED, emergency=LANE)

    assert "overdue since `2026-11-20T00:00:00Z`" in emergency_comment(merged)
    assert "revert what it did" in emergency_comment(merged)
    ratified = replace(merged, emergency=replace(LANE, retroactive=(HELD,)))
    assert "all that it waived was approved" in emergency_comment(ratified)
    assert "revert" not in emergency_comment(ratified)


def test_an_emergency_is_in_the_json_too() -> None:
    merged = replace(REPORT, held=(HELD,), state=PullState.MERGED, emergency=LANE)
    (found,) = json.loads(approvals_json([Shown(7, "a" * 40, merged, None)], AS_OF))["pull_requests"]

    lane = found["report"]["emergency"]
    assert (lane["incident"], lane["due"], lane["ratified"]) == ("INC-77", "2026-11-20T00:00:00Z", False)
    assert [one["who"] for one in lane["retroactive"]] == ["payments"]


def test_the_text_and_the_json_say_everything() -> None:
    failed = OutsideError("GitHub did not answer\x1b", hint="try again")
    shown = [Shown(7, "a" * 40, REPORT, status_of(REPORT)), Shown(8, "c" * 40, failed, failed_status(failed))]

    assert approvals_text(shown, AS_OF).splitlines() == [
        "#7  missing: 1 approval of payments (carol, dave)",
        "  payments 0 of 1: nobody yet; of carol, dave; prod/ledger-writer is of low risk",
        "  does not count: carol-acme: approved another content",
        "#8  could not be counted: GitHub did not answer\\u001b",
        "     try again",
        "2 pull requests, 0 with all approvals, as of 2026-11-20T00:00:00Z",
    ]
    silent = OutsideError("GitHub did not answer", hint="")
    assert len(approvals_text([Shown(8, "c" * 40, silent, failed_status(silent))], AS_OF).splitlines()) == 2
    first, second = json.loads(approvals_json(shown, AS_OF))["pull_requests"]
    assert (first["status"], first["report"]["satisfied"], second["error"]["hint"]) == ("pending", False, "try again")
