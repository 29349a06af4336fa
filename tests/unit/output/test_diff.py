"""A change, explained, in its three formats."""

import json

from markdown_it import MarkdownIt
from tests.fixtures.policy import AS_OF

from nhi.model.approval import Requirement
from nhi.model.difference import Effect, Meaning
from nhi.model.risk import Assessment, Risk
from nhi.output.diff import Explained, diff_json, diff_markdown, diff_text

HIGH = Assessment(Risk.HIGH, ("may change identities ('iam:PutRolePolicy')",))
MEANING = Meaning("prod/ledger-writer", ((Effect.SCOPE_UP, "may now also delete items in table ledger"),), HIGH)
SECURITY = Requirement("security", 1, ("erin", "frank"), ("prod/ledger-writer is of high risk",))
SHORT = Requirement("payments", 2, ("carol",), ("prod/ledger-writer is of high risk",))
CHANGE = Explained(AS_OF, "a" * 40, (MEANING,), ("identities/prod/odd.yaml",), HIGH, (SHORT, SECURITY))
NOTHING = Explained(AS_OF, "a" * 40, (), (), None, ())
HOSTILE = "<img src=x> @everyone [a](http://x.example) `b` # c\n::error::\x1b[31m"


def test_the_text_says_what_how_risky_and_who_must_approve() -> None:
    lines = diff_text(CHANGE).splitlines()

    assert lines[0] == "prod/ledger-writer"
    assert lines[1].split(maxsplit=2) == ["scope", "up", "may now also delete items in table ledger"]
    assert "high: may change identities" in lines[2]
    assert lines[3].startswith("UNREADABLE identities/prod/odd.yaml")
    assert "2 approvals of payments: carol (too few people)" in lines[4]
    assert "1 approval of security: erin, frank" in lines[5]
    assert lines[6] == "1 identity changes, high risk"


def test_no_change_is_said_too() -> None:
    assert diff_text(NOTHING) == "0 identities change\n"
    assert diff_markdown(NOTHING) == "**0 identities change**\n\n"
    assert json.loads(diff_json(NOTHING))["risk"] is None


def test_the_json_holds_everything() -> None:
    document = json.loads(diff_json(CHANGE))

    assert document["schema"] == "nhi/diff/v1"
    assert document["identities"][0]["effects"] == [
        {"effect": "scope up", "words": "may now also delete items in table ledger"}
    ]
    assert document["unreadable"] == ["identities/prod/odd.yaml"]
    assert [one["can_be_met"] for one in document["approvals"]] == [False, True]


def test_hostile_text_stays_text_in_markdown() -> None:
    meaning = Meaning(HOSTILE, ((Effect.CREATED, HOSTILE),), Assessment(Risk.LOW, (HOSTILE,)))
    requirement = Requirement(HOSTILE, 1, (HOSTILE,), (HOSTILE,))
    html = MarkdownIt("gfm-like", {"linkify": False}).render(
        diff_markdown(Explained(AS_OF, "a" * 40, (meaning,), (HOSTILE,), HIGH, (requirement,)))
    )

    assert "<img" not in html
    assert "<a " not in html
    assert "<h1>" not in html
    assert "\x1b" not in html


def test_hostile_text_stays_on_its_line_in_text() -> None:
    meaning = Meaning(HOSTILE, ((Effect.CREATED, HOSTILE),), Assessment(Risk.LOW, (HOSTILE,)))
    text = diff_text(Explained(AS_OF, "a" * 40, (meaning,), (), HIGH, ()))

    assert len(text.splitlines()) == 4
    assert not any(line.startswith("::") for line in text.splitlines())
    assert "\x1b" not in text
