"""From a request to its end on GitHub: act runs the workflow files that `nhi init` wrote, on a loopback GitHub and AWS.

One story (`tests/fixtures/github_story.py`), told once; each test is a promise of it.
"""

import pytest
from tests.fixtures.github_story import IDENTITY, MANIFEST, STACK
from tests.fixtures.story_seen import Seen, Story

from nhi.model.forge import APPROVALS, GATE, SWEEP_LABEL
from nhi.model.gate import MARKER
from nhi.sandbox.github.server import Violated

APP_BOT, ACTIONS_BOT = "nhi[bot]", "github-actions[bot]"
CREATE, DELETE = "CreateRole", "DeleteRole"
WITHOUT_OWNER = ("unaided", "asked")


def comment(seen: Seen) -> tuple[str, str]:
    """Who wrote the gate's comment, and what it says: there is one."""
    (only,) = (one for one in seen.comments if one[1].startswith(MARKER))
    return only


@pytest.mark.parametrize("chapter", WITHOUT_OWNER)
def test_a_request_without_an_owner_fails_the_gate(story: Story, chapter: str) -> None:
    seen = story[chapter]

    assert (seen.statuses[GATE].state, seen.statuses[GATE].description) == ("failure", "1 finding")
    assert seen.run("gate").jobs == {"gate": "failure", "approvals": "success"}


def test_the_comment_says_what_is_wrong_and_what_to_write(story: Story) -> None:
    _, text = comment(story["asked"])

    assert "nhi gate blocked: 1 finding" in text
    assert "**missing-owner**" in text
    assert "write: `owner: …`" in text


@pytest.mark.parametrize("chapter", WITHOUT_OWNER)
def test_the_finding_stands_on_its_line(story: Story, chapter: str) -> None:
    name = "ledger-reader" if chapter == "unaided" else IDENTITY
    file = f"identities/{STACK}/{name}.yaml"

    assert story.findings[chapter] == (("NHI001", file, 2),)
    assert f"::error file={file},line=2," in story[chapter].run("gate").output


def test_what_fails_the_gate_is_not_planned(story: Story) -> None:
    assert f"{STACK} is not planned" in story["asked"].run("gate").output
    assert "nhi plan" not in comment(story["asked"])[1]


def test_github_refuses_to_merge_what_failed_the_gate(story: Story) -> None:
    said = story.refusals["asked"]

    assert said.startswith("405 Repository rule violations found")
    assert "required status checks have not succeeded: 1 failing and 1 pending." in said


def test_without_an_app_the_permissions_of_the_workflow_are_enough(story: Story) -> None:
    seen = story["unaided"]

    assert {one.by for one in seen.statuses.values()} == {ACTIONS_BOT}
    assert seen.statuses.keys() == {GATE, APPROVALS}
    assert comment(seen)[0] == ACTIONS_BOT


def test_what_a_workflow_says_of_itself_does_not_count_for_the_rules(story: Story) -> None:
    assert f'Required status check "{GATE}" was not set by the expected GitHub app.' in story.refusals["unaided"]


def test_a_push_that_mends_it_passes_the_gate(story: Story) -> None:
    seen = story["mended"]

    assert seen.run("gate").succeeded
    assert (seen.statuses[GATE].state, seen.statuses[GATE].by) == ("success", APP_BOT)


def test_the_comment_is_one_and_follows_the_push(story: Story) -> None:
    assert [len(story[one].comments) for one in ("asked", "mended", "approved", "merged")] == [1, 1, 1, 1]
    by, text = comment(story["mended"])
    assert by == APP_BOT
    assert "nhi gate passed" in text
    assert "blocked" not in text


def test_the_plan_is_in_the_comment_and_in_the_summary(story: Story) -> None:
    for text in (comment(story["mended"])[1], story["mended"].run("gate").summary):
        assert f"`{STACK}`: 4 to create" in text
        assert f"create `module.nhi-{IDENTITY}.aws_iam_role.this`" in text


def test_a_mended_request_takes_its_finding_back(story: Story) -> None:
    assert story.findings["mended"] == ()


def test_until_somebody_approves_github_refuses_to_merge(story: Story) -> None:
    missing = story["mended"].statuses[APPROVALS]

    assert (missing.state, missing.description) == ("pending", "missing: 1 approval of platform (bob)")
    assert story.refusals["mended"].split("\n\n")[1:] == [f'Required status check "{APPROVALS}" is pending.', ""]


def test_a_review_has_the_approvals_counted_by_the_default_branch(story: Story) -> None:
    assert [(one.workflow, one.event) for one in story["approved"].runs] == [
        ("review", "pull_request_review"),
        ("approvals", "workflow_run"),
    ]
    assert [one.succeeded for one in story["approved"].runs] == [True, True]


def test_the_owners_approval_is_enough(story: Story) -> None:
    held = story["approved"].statuses[APPROVALS]

    assert (held.state, held.by, held.description) == ("success", APP_BOT, "approved by platform: bob")


def test_the_comment_tells_who_approved(story: Story) -> None:
    _, text = comment(story["approved"])

    assert "**approved by platform: bob**" in text
    assert "nhi gate passed" in text


@pytest.mark.parametrize("chapter", ["unaided", "asked", "mended", "approved"])
def test_nothing_is_applied_before_the_merge(story: Story, chapter: str) -> None:
    assert story[chapter].roles == ()


def test_a_person_merges_a_request(story: Story) -> None:
    assert [story[one].merged_by for one in ("approved", "merged")] == ["", "alice"]


def test_what_is_merged_is_planned_scanned_applied_and_verified(story: Story) -> None:
    run = story["merged"].run("apply")

    assert run.jobs == {"stacks": "success", "apply": "success", "verify": "success"}
    assert f"applied: {STACK}: 4 to create" in run.output
    assert "1 identity looked at, 1 as declared" in run.output
    assert story["merged"].roles == (IDENTITY,)


@pytest.mark.parametrize("call", [CREATE, DELETE])
def test_the_apply_role_alone_changes_iam(story: Story, call: str) -> None:
    assert {one.partition("/")[0] for one in story.writers[call]} == {"nhi-apply"}
    assert {one.partition("/")[0] for sessions in story.writers.values() for one in sessions} == {"nhi-apply"}


@pytest.mark.parametrize("chapter", ["asked", "mended", "removal"])
def test_the_gate_takes_the_role_that_plans_and_no_other(story: Story, chapter: str) -> None:
    taken = [line for line in story[chapter].run("gate").output.splitlines() if line.startswith("aws-role: ")]

    assert [one.rpartition("/")[2] for one in taken] == ["nhi-plan"]


@pytest.mark.parametrize("chapter", ["merged", "gone"])
def test_who_verifies_is_not_who_applied(story: Story, chapter: str) -> None:
    taken = [line for line in story[chapter].run("apply").output.splitlines() if line.startswith("aws-role: ")]

    assert [one.rpartition("/")[2] for one in taken] == ["nhi-apply", "nhi-verify"]


def test_the_night_after_its_end_all_is_looked_at(story: Story) -> None:
    jobs = dict.fromkeys(("sweep", "approvals", "stacks", "rotate", "look"), "success")

    assert story["night"].run("nightly").jobs == jobs
    assert [one.workflow for one in story["night"].runs] == ["nightly"]


def test_the_sweep_asks_for_the_removal_and_for_nothing_else(story: Story) -> None:
    request = story.removal

    assert (request.author, request.labels) == (APP_BOT, (SWEEP_LABEL,))
    assert request.title == f"{STACK}: remove 1 expired identity of platform"
    assert request.removed == (MANIFEST,)


def test_the_removal_waits_for_the_rules_and_not_for_a_person(story: Story) -> None:
    assert story.removal.merges_for == APP_BOT
    assert (story["night"].merged_by, story["night"].roles) == ("", (IDENTITY,))


def test_a_removal_at_its_end_needs_nobody(story: Story) -> None:
    told = story["removal"].statuses[APPROVALS]

    assert told.state == "success"
    assert told.description.startswith(f"nobody needs to approve: all it does is to remove {STACK}/{IDENTITY}")


def test_the_gate_says_what_a_removal_destroys(story: Story) -> None:
    seen = story["removal"]

    assert seen.statuses[GATE].state == "success"
    assert f"`{STACK}/{IDENTITY}`: is destroyed, with all that belongs to it (4 resources)" in comment(seen)[1]


def test_github_merges_the_removal_and_no_person(story: Story) -> None:
    assert story["removal"].merged_by == APP_BOT
    assert story["removal"].roles == (IDENTITY,)


def test_in_the_end_it_is_gone_and_verified_to_be(story: Story) -> None:
    run = story["gone"].run("apply")

    assert run.jobs == {"stacks": "success", "apply": "success", "verify": "success"}
    assert f"applied: {STACK}: 4 to destroy" in run.output
    assert "1 identity looked at, 1 as declared" in run.output
    assert story["gone"].roles == ()


@pytest.mark.parametrize(("chapter", "approved"), [("merged", True), ("gone", False)])
def test_a_closed_request_is_recorded_with_who_approved_it(story: Story, chapter: str, *, approved: bool) -> None:
    run = story[chapter].run("record")

    assert run.succeeded
    assert '"state": "merged"' in run.summary
    assert ('"person"' in run.summary) is approved


def test_github_heard_and_said_nothing_that_its_description_lacks(story: Story) -> None:
    if story.violations:
        raise Violated(story.violations)


def test_the_repository_is_sound(story: Story) -> None:
    assert story.broken == ""


def test_no_secret_stands_in_the_open(story: Story) -> None:
    assert story.leaks == ()
