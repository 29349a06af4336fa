"""`nhi gate` with everything real: Git, Terraform, its AWS provider, checkov; GitHub and AWS are loopback ones."""

from collections.abc import Mapping

import pytest
from tests.fixtures.gate_story import EXCEPTED, NEW, STANDING, Story, live, path_of
from tests.fixtures.modules import STACK, Once


@pytest.fixture(scope="session")
def story(once: Once, terraform_environment: Mapping[str, str]) -> Story:
    return once("gate-story", lambda folder: live(folder, terraform_environment))


def test_a_new_identity_passes_and_its_plan_is_in_the_comment(story: Story) -> None:
    run = story.runs["adds"]

    assert (run.code, run.state) == (0, "success"), run
    (plan,) = run.document["plan"]["stacks"]
    created = {one["identity"] for one in plan["identities"] if one["created"]}
    assert created == {f"{STACK.name}/{STANDING}", f"{STACK.name}/{NEW}"}
    assert f"- `{STACK.name}`: " in run.comment
    assert "### nhi plan: 2 identities change" in run.comment


def test_what_checkov_says_of_the_plan_stands_at_the_line_of_the_manifest(story: Story) -> None:
    run = story.runs["excepts"]

    assert (run.code, run.state) == (1, "failure"), run
    found = [(one["rule"], one["path"]) for one in run.document["check"]["findings"] if one["severity"] == "error"]
    assert ("ckv-aws-355", path_of(EXCEPTED)) in found
    assert "**ckv-aws-355**" in run.comment
    assert [one["outcome"] for one in run.document["plan"]["stacks"]] == ["planned"]


def test_a_module_of_a_pull_request_never_runs_with_the_gates_credentials(story: Story) -> None:
    run = story.runs["hostile"]

    assert run.code == 0, run
    assert run.document["plan"]["stacks"] == []
    assert [one["stack"] for one in run.document["stacks"] if one["left_out"]] == [STACK.name]
    assert "**High risk: the security team must approve it.**" in run.comment
    assert story.ran == ()


def test_aws_refusing_is_an_error_with_its_reason_and_never_no_changes(story: Story) -> None:
    run = story.runs["refused"]

    assert (run.code, run.state) == (4, "error"), run
    assert run.description.startswith(f"the plan of {STACK.name} failed: ")
    assert "#### What failed" in run.comment
    assert "AccessDenied" in run.comment
    assert "no changes" not in run.comment


def test_nothing_of_the_runs_is_left_on_the_machine(story: Story) -> None:
    assert story.left == ()
    assert not story.touched


def test_no_secret_is_said_anywhere(story: Story) -> None:
    assert story.secrets == ()


def test_github_was_talked_to_as_it_describes_itself(story: Story) -> None:
    assert story.violations == ()
    assert story.broken == ""
