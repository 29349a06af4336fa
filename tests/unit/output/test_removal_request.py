"""The pull request of a removal, as Markdown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.model.identity import Identity
from nhi.model.removal_request import RequestedRemoval, Resource, Written
from nhi.model.usage import LastUse, NoUseSeen, Used
from nhi.model.verification import CouldNotTell
from nhi.output.removal_request import (
    BY_PEOPLE,
    MOST,
    occupied_body,
    request_body,
    request_title,
    withdrawn_body,
)

MARKER = "<!-- nhi:sweep 0123456789abcdef -->"
ENDED = datetime(2027, 3, 31, tzinfo=UTC)
LEDGER = RequestedRemoval(
    Identity("identities/prod/ledger.yaml", "prod", "ledger", "service-role", "payments", "Books.", ENDED, {}),
    Written("0123456789abcdef0123456789abcdef01234567", datetime(2026, 11, 2, 8, tzinfo=UTC)),
    None,
    (Resource("user", "ledger"), Resource("secret", "nhi/prod/ledger")),
)


def row(one: RequestedRemoval) -> str:
    (found,) = [line for line in request_body(MARKER, [one], by_people=False).splitlines() if "`prod/ledger` |" in line]
    return found


def test_a_row_says_all_of_an_identity() -> None:
    assert row(LEDGER) == (
        "| `prod/ledger` | 2027-03-31T00:00:00Z | 0123456789ab, 2026-11-02 | not asked "
        "| user `ledger`, secret `nhi/prod/ledger` |"
    )


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (NoUseSeen(), "| no use seen |"),
        (Used(ENDED, None, None), "| 2027-03-31T00:00:00Z | user"),
        (CouldNotTell("AWS said no"), "| could not tell: AWS said no |"),
    ],
)
def test_the_last_use_is_said(use: LastUse, said: str) -> None:
    assert said in row(replace(LEDGER, last_use=use))


def test_what_is_not_known_is_said_so() -> None:
    found = row(replace(LEDGER, end=None, destroyed=CouldNotTell("it does not render")))
    assert "| not in this clone's history |" in found
    assert "| could not tell: it does not render |" in found
    assert "on a system without an API" in row(replace(LEDGER, destroyed=()))


def test_only_the_body_for_people_carries_their_mark() -> None:
    by_people, alone = (request_body(MARKER, [LEDGER], by_people=which) for which in (True, False))
    assert by_people.splitlines()[:2] == [MARKER, BY_PEOPLE]
    assert alone.splitlines()[0] == MARKER
    assert BY_PEOPLE not in alone


def test_hundreds_of_long_names_fit_and_what_does_not_is_counted() -> None:
    some = [
        replace(LEDGER, identity=replace(LEDGER.identity, name="x" * 56 + f"-{number:06d}")) for number in range(2000)
    ]
    body = request_body(MARKER, some, by_people=True)
    assert len(body.encode()) < MOST
    shown = sum(line.startswith("| `") for line in body.splitlines())
    assert shown > 250
    assert f"and {2000 - shown} more, left out here" in body
    assert "**To undo it" in body


def test_a_title_names_count_stack_and_owner() -> None:
    assert request_title("production", "payments", 2) == "production: remove 2 expired identities of payments"
    assert request_title("production", "payments", 1) == "production: remove 1 expired identity of payments"


HOSTILE = st.one_of(
    st.text(max_size=40), st.sampled_from(["@alice", "fixes #12", "`@alice`|x", "a\n\n# b", "<b>", "-->"])
)


@given(HOSTILE, HOSTILE)
def test_a_title_neither_mentions_nor_closes(stack: str, owner: str) -> None:
    title = request_title(stack, owner, 2)
    assert not set("@#`<>|\n") & set(title)


@given(HOSTILE)
def test_text_stays_in_its_cell(text: str) -> None:
    hostile = replace(
        LEDGER,
        identity=replace(LEDGER.identity, owner=text),
        last_use=Used(ENDED, text, None),
        destroyed=(Resource("role", text),),
    )
    body = request_body(MARKER, [hostile], by_people=False)
    quiet = request_body(MARKER, [LEDGER], by_people=False)
    assert len(body.splitlines()) == len(quiet.splitlines())
    (found,) = [line for line in body.splitlines() if line.startswith("| `prod/ledger`")]
    assert found.count("|") == 6


def test_reasons_are_told_with_the_pull_request_that_follows() -> None:
    said = withdrawn_body("<!-- nhi:withdrawn -->", [("a.yaml", "held by @alice #3", None), ("b.yaml", "edited", 7)])
    assert said.splitlines()[-2:] == ["- `a.yaml`: held by `@alice` `#3`", "- `b.yaml`: edited; #7 removes it"]


def test_thousands_of_reasons_fit() -> None:
    said = withdrawn_body("<!-- nhi:withdrawn -->", [(f"{'x' * 200}{one}.yaml", "edited", 7) for one in range(2000)])
    assert len(said.encode()) < MOST


def test_an_occupied_branch_is_said_to_need_approvals() -> None:
    said = occupied_body("<!-- nhi:occupied -->", "nhi/sweep/prod/a/0123456789abcdef", "changed by @eve")
    assert said.startswith("<!-- nhi:occupied -->\n")
    assert "changed by `@eve`" in said
    assert "needs the approvals of any other change" in said
