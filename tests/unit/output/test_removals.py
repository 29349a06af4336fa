"""A proof as text and JSON: the four times and who saw them, every doubt with its reason, and no name that acts."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.fixtures.source import ROOT

from nhi.model.removal import Doubt, Look, RemovalProof, Removed
from nhi.model.trail import Actor, TrailEvent
from nhi.model.verification import Absent, CouldNotTell, Difference, Present
from nhi.output.removals import removals_json, removals_text

GOLDEN = ROOT / "tests/golden/removals"
DUE = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def actor(role: str, session: str = "run-7") -> Actor:
    arn = f"arn:aws:sts::111122223333:assumed-role/{role}/{session}"
    return Actor(arn, f"arn:aws:iam::111122223333:role/{role}", "111122223333", "AROAEXAMPLE0000000001")


LOOK = Look(DUE + 3 * HOUR, actor("nhi-verify"), Absent())
PROVEN = RemovalProof(
    identity="prod/ledger-writer",
    unique_id="AROAEXAMPLE0000000009",
    due=DUE,
    deadline=DUE + 48 * HOUR,
    merged=DUE + HOUR,
    merge_commit="c0ffee" * 6 + "c0ff",
    removed=Removed(DUE + 2 * HOUR, actor("nhi-apply"), "iam:DeleteRole", "6c1d7b1e-0001"),
    record=(DUE - timedelta(days=90), DUE + 4 * HOUR),
    open_until=None,
    looks=(LOOK, replace(LOOK, at=DUE + 4 * HOUR)),
    uses=(),
    unknown=(),
    doubts=(),
)
USE = TrailEvent("6c1d7b1e-0002", DUE + 3 * HOUR, "s3:CreateBucket", actor("ledger-writer"), (), None, None)
LEFT = Difference(
    "role ledger-reader", "nothing more", "arn:aws:iam::111122223333:role/nhi/prod/ledger-reader (same name)"
)
USED = replace(
    PROVEN,
    identity="prod/ledger-reader",
    open_until=DUE + 5 * HOUR,
    looks=(LOOK, replace(LOOK, answer=Present((LEFT,)), standing=("AROAEXAMPLE0000000010",))),
    uses=(USE, *[replace(USE, id=f"6c1d7b1e-000{number}", error="AccessDenied") for number in range(3, 9)]),
    doubts=(Doubt.ANOTHER_IDENTITY, Doubt.USED_AFTER_REMOVAL),
)
UNKNOWN = RemovalProof(
    identity="prod/report-writer",
    unique_id=None,
    due=None,
    deadline=None,
    merged=None,
    merge_commit=None,
    removed=None,
    record=None,
    open_until=None,
    looks=(Look(DUE, CouldNotTell("sts is throttled"), CouldNotTell("iam is throttled")),),
    uses=(),
    unknown=("sts is throttled", "iam is throttled"),
    doubts=(Doubt.COULD_NOT_TELL, Doubt.EXPIRY_UNKNOWN, Doubt.LOOKED_ONCE, Doubt.NOT_MERGED, Doubt.UNIQUE_ID_UNKNOWN),
)
EVERYTHING = (PROVEN, USED, UNKNOWN)
ON_PAPER = ("prod/mainframe-reader",)


def golden(request: pytest.FixtureRequest, name: str, made: str) -> None:
    """Compare with the golden file; `--accept` rewrites it."""
    if request.config.getoption("--accept"):
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_text(made, "utf-8")
    assert made == (GOLDEN / name).read_text("utf-8")


def document(*proofs: RemovalProof) -> Any:  # noqa: ANN401  # any JSON value
    return json.loads(removals_json(DUE, proofs, ()))


def test_the_whole_text(request: pytest.FixtureRequest) -> None:
    golden(request, "removals.text", removals_text(EVERYTHING, ON_PAPER))


def test_the_whole_document(request: pytest.FixtureRequest) -> None:
    golden(request, "removals.json", removals_json(DUE + 4 * HOUR, EVERYTHING, ON_PAPER) + "\n")


def test_nothing_removed_is_said() -> None:
    assert removals_text((), ()) == "0 removed, 0 proven\n"
    assert document() == {
        "schema": "nhi/removals/v1",
        "as_of": "2026-11-20T00:00:00Z",
        "removals": [],
        "needs_attestation": [],
    }


def test_the_four_times_stand_apart_with_who_made_them() -> None:
    (one,) = document(PROVEN)["removals"]

    assert (one["due"], one["merged"]) == ("2026-11-20T00:00:00Z", "2026-11-20T01:00:00Z")
    assert (one["removed"]["at"], one["removed"]["by"]["principal"]) == (
        "2026-11-20T02:00:00Z",
        "arn:aws:iam::111122223333:role/nhi-apply",
    )
    assert [(look["at"], look["by"]["principal"].rpartition("/")[2]) for look in one["looks"]] == [
        ("2026-11-20T03:00:00Z", "nhi-verify"),
        ("2026-11-20T04:00:00Z", "nhi-verify"),
    ]


@pytest.mark.parametrize("doubt", Doubt)
def test_every_doubt_is_said_in_words_and_leaves_the_removal_unproven(doubt: Doubt) -> None:
    doubted = replace(PROVEN, doubts=(doubt,))

    assert re.search(rf"^ +{doubt.value}: \w.{{10,}}$", removals_text([doubted], ()), re.MULTILINE)
    assert removals_text([doubted], ()).endswith("1 removed, 0 proven\n")
    assert document(doubted)["removals"][0]["doubts"] == [doubt.value]
    assert document(doubted)["removals"][0]["proven"] is False


def test_every_use_is_in_the_document_and_the_first_in_the_text() -> None:
    assert [one["event"] for one in document(USED)["removals"][0]["uses"]] == [one.id for one in USED.uses]
    text = removals_text([USED], ())
    assert [one.id for one in USED.uses if one.id in text] == [one.id for one in USED.uses[:5]]
    assert "and 2 times more" in text


HOSTILE = "a\n##[error]x\x1b[31m\u202e"


def test_no_name_or_word_of_somebody_else_acts_on_a_terminal_or_a_runner() -> None:
    somebody = actor("x", HOSTILE)
    hostile = replace(
        PROVEN,
        identity=f"prod/{HOSTILE}",
        unique_id=HOSTILE,
        removed=Removed(DUE, somebody, f"iam:{HOSTILE}", HOSTILE),
        looks=(Look(DUE, somebody, Present((Difference(HOSTILE, HOSTILE, HOSTILE),)), (HOSTILE,)),),
        uses=(TrailEvent(HOSTILE, DUE, HOSTILE, somebody, (), None, HOSTILE),),
        unknown=(HOSTILE,),
    )
    look = replace(LOOK, answer=Present((LEFT,)))
    plain = replace(hostile, identity="prod/a", unique_id="a", removed=PROVEN.removed, looks=(look,), uses=(USE,))
    plain = replace(plain, unknown=("a",))

    text = removals_text([hostile], [HOSTILE])

    assert len(text.splitlines()) == len(removals_text([plain], ["a"]).splitlines())
    for made in (text, removals_json(DUE, [hostile], [HOSTILE])):
        assert not {"\x1b", "\u202e"} & set(made)
        assert "##[" not in made
