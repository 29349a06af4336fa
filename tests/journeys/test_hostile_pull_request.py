"""Pull requests of an attacker: the gate fails or says so in dead letters, and nothing of theirs runs or is believed.

Everything is real but GitHub and AWS, which are loopback ones. What is tried stands in tests/fixtures: in
hostile_changes.py, hostile_texts.py and hostile_scenes.py.
"""

import json
from collections.abc import Mapping

import pytest
from tests.fixtures.hostile_changes import HOSTILE
from tests.fixtures.hostile_pulls import Story, live
from tests.fixtures.hostile_texts import TEXTS
from tests.fixtures.hostile_world import TOKENS
from tests.fixtures.inert import alive, commands
from tests.fixtures.modules import Once

_STATES = {0: {"success"}, 1: {"failure"}, 3: {"error"}, 4: {"error"}}
_OUR_MARKS = (
    "<!-- nhi:gate -->\n### :white_check_mark: nhi gate passed",
    "<!-- nhi:gate -->\n### :x: nhi gate blocked",
)
_DEAD_ANYWAY = {"annotation", "encoded", "formula", "mask", "option", "output", "path", "stop", "format"}
"""Which mean something to others than GitHub's Markdown."""


@pytest.fixture(scope="session")
def story(once: Once, terraform_environment: Mapping[str, str]) -> Story:
    return once("hostile-pull-requests", lambda folder: live(folder, terraform_environment))


@pytest.mark.parametrize("what", HOSTILE)
def test_the_gate_ends_by_itself_with_an_answer_that_its_status_has_too(story: Story, what: str) -> None:
    run = story.runs[what]

    assert run.code in HOSTILE[what].codes, (run.gate, run.err)
    assert run.gate[0] in _STATES[run.code]


@pytest.mark.parametrize("what", [what for what, hostile in HOSTILE.items() if hostile.says])
def test_the_comment_names_what_is_tried(story: Story, what: str) -> None:
    assert HOSTILE[what].says in story.runs[what].comment.replace("`", "")


@pytest.mark.parametrize("what", HOSTILE)
def test_nothing_of_theirs_is_alive_in_the_comment_and_the_summary(story: Story, what: str) -> None:
    run = story.runs[what]

    assert alive(run.comment, story.page) == []
    assert alive(run.summary, story.page) == []


@pytest.mark.parametrize("what", HOSTILE)
def test_the_runner_is_told_annotations_of_ours_and_no_command_else(story: Story, what: str) -> None:
    run = story.runs[what]

    assert commands(run.out + run.err) == []


@pytest.mark.parametrize("what", HOSTILE)
def test_a_status_is_one_line_that_github_takes(story: Story, what: str) -> None:
    said = [description for _, _, description in story.runs[what].statuses]

    assert said
    assert all(0 < len(one) <= 140 and one.isprintable() for one in said), said


@pytest.mark.parametrize("what", HOSTILE)
def test_the_comment_is_one_of_ours_beside_theirs_which_nobody_touches(story: Story, what: str) -> None:
    comments = story.runs[what].comments

    assert [who for who, _ in comments] == ["eve" if HOSTILE[what].from_a_fork else "mallory", "nhi[bot]"]
    assert comments[0][1].startswith("<!-- nhi:gate -->\n### :white_check_mark:")


@pytest.mark.parametrize("what", HOSTILE)
def test_findings_are_a_document_for_code_scanning_or_there_are_none(story: Story, what: str) -> None:
    document = json.loads(story.runs[what].sarif)

    assert document["version"] == "2.1.0"
    assert len(document["runs"]) == 1


def test_no_secret_of_the_runner_is_said_anywhere(story: Story) -> None:
    said = [
        (what, text)
        for what, run in {**story.runs, **story.more}.items()
        for text in (run.out, run.err, run.comment, run.summary, run.sarif, *(one for _, _, one in run.statuses))
    ]

    assert len(story.secrets) > 20
    assert [what for what, text in said if any(secret in text for secret in story.secrets)] == []
    assert [what for what, text in said if TOKENS.search(text) or "root:x:0:0" in text] == []


def test_nothing_of_theirs_ran(story: Story) -> None:
    assert story.canaries == []
    assert story.armed


def test_nobody_went_to_their_address(story: Story) -> None:
    assert story.met == 0


def test_nothing_of_theirs_is_on_the_machine_afterwards(story: Story) -> None:
    assert story.touched == ()
    assert story.left == ()


def test_the_objects_of_all_repositories_are_whole(story: Story) -> None:
    assert story.broken == ""


def test_github_was_talked_to_as_it_describes_itself(story: Story) -> None:
    assert story.violations == ()


def test_a_merge_commit_hides_nothing(story: Story) -> None:
    adds, takes_back = story.more["a merge that adds"], story.more["a merge that takes back"]

    assert "may now also delete table ledger" in adds.comment
    assert "- `staging/checkout-deploy-staging`, " in takes_back.comment
    assert "0 files change" in story.more["a removal that is taken back"].comment


def test_our_comment_is_ours_again_after_somebody_rewrote_it(story: Story) -> None:
    before, after = story.more["before"], story.more["rewritten"]

    assert after.comments == before.comments
    assert before.comment.startswith(_OUR_MARKS)


def test_a_status_of_somebody_else_merges_nothing(story: Story) -> None:
    refused = story.merging["statuses of others"]

    assert refused.startswith("405 ")
    assert 'check "nhi/gate" was not set by the expected GitHub app' in refused
    assert 'check "nhi/approvals" was not set by the expected GitHub app' in refused


def test_reviews_of_look_alikes_approve_nothing(story: Story) -> None:
    counted = story.more["look-alikes"]

    assert (counted.code, counted.status("nhi/approvals")[0]) == (1, "pending")
    assert story.merging["reviews of look-alikes"].startswith("405 ")
    for account in ("carol-acme", "mallory-2", "dave-acme", "helper[bot]"):
        assert f"- `{account}` " in counted.comment


def test_one_review_of_an_owner_is_what_was_missing(story: Story) -> None:
    counted = story.more["an owner"]

    assert (counted.code, counted.status("nhi/approvals")) == (0, ("success", "approved by payments: alice"))
    assert story.merging["an owner's review"] == ""


@pytest.mark.parametrize("what", sorted(TEXTS.keys() - _DEAD_ANYWAY))
def test_what_is_tried_would_be_alive_if_it_were_said_as_it_is(what: str) -> None:
    ours = "<!-- nhi:gate -->\n### :x: nhi gate blocked\n"

    assert alive(ours, "https://github.example/acme/iam") == []
    assert alive(f"{ours}\nIt says:\n{TEXTS[what]}", "https://github.example/acme/iam") != []


@pytest.mark.parametrize("what", ["annotation", "new line", "stop", "old command", "return", "separators", "terminal"])
def test_what_is_tried_would_be_obeyed_if_it_were_printed_as_it_is(what: str) -> None:
    assert commands(TEXTS[what]) != []
