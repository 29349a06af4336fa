"""`nhi doctor` along the command line: what it prints, how it ends, what it writes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.command_line import Organisation, Said
from tests.fixtures.forge_settings import APP, REPOSITORY, ToldSettings, good_answers

from nhi.cli import wiring, wiring_forge
from nhi.model.identity import Json
from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell

GITHUB = f"github:\n  repository: {REPOSITORY}\n  app_id: {APP}\n"
BACKENDS = "    backend:\n      s3: {{bucket: acme-state, key: {stack}.tfstate, region: eu-west-1}}\n"
Doctor = Callable[..., Said]


@pytest.fixture
def answers(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """GitHub's answers about an organisation that is set up as it should be."""
    settings = organisation.clone.root / "nhi.yaml"
    text = settings.read_text("utf-8")
    for stack in ("production", "staging"):
        head, _, tail = text.partition(f"  {stack}:\n")
        lines = tail.splitlines(keepends=True)
        text = f"{head}  {stack}:\n{''.join(lines[:2])}{BACKENDS.format(stack=stack)}{''.join(lines[2:])}"
    settings.write_text(text + GITHUB, "utf-8")
    told = good_answers()
    monkeypatch.setattr(wiring_forge, "forge_settings", lambda _settings: ToldSettings(told), raising=False)
    checkov = Path(organisation.clone.environment["HOME"]) / "checkov"
    checkov.write_text("#!/bin/sh\n")
    checkov.chmod(0o755)
    monkeypatch.setenv("NHI_CHECKOV", str(checkov))
    assert organisation("doctor", "--write-ruleset").out == "wrote .github/rulesets/main.json\n"
    return told


@pytest.mark.usefixtures("answers")
def test_what_is_in_order_ends_with_0(organisation: Organisation) -> None:
    said = organisation("doctor")

    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert all(line.startswith("ok       ") for line in lines[:-1])
    number = len(lines) - 1
    assert lines[-1] == f"{number} things looked at: {number} good, 0 wrong, 0 that could not be told"


def test_what_is_wrong_is_said_with_its_reason_and_its_command(
    organisation: Organisation, answers: dict[str, Any]
) -> None:
    answers["workflow_permissions"]["can_approve_pull_request_reviews"] = True
    said = organisation("doctor")

    lines = said.out.splitlines()
    where = lines.index("WRONG    actions-approve: workflows may approve pull requests")
    assert said.code == 1
    assert lines[where + 1] == "           why: whoever can write a workflow on a branch could approve a change with it"
    assert lines[where + 2] == (
        f"           mend: gh api --method PUT repos/{REPOSITORY}/actions/permissions/workflow "
        "-F can_approve_pull_request_reviews=false"
    )


def test_what_could_not_be_told_ends_with_4_also_beside_what_is_wrong(
    organisation: Organisation, answers: dict[str, Any]
) -> None:
    answers["workflow_permissions"]["can_approve_pull_request_reviews"] = True
    del answers["rulesets"]
    said = organisation("doctor", "--format", "json")

    document = json.loads(said.out)
    assert (said.code, document["schema"]) == (4, "nhi/doctor/v1")
    assert {one["subject"]: one["health"] for one in document["found"] if one["health"] != "good"} == {
        "forge": "unknown",
        "bypass": "unknown",
        "actions-approve": "wrong",
    }


def test_hostile_answers_stay_on_their_line(organisation: Organisation, answers: dict[str, Any]) -> None:
    answers["repository_settings"]["default_branch"] = "x\n::error::y\x1b[31m"
    said = organisation("doctor")

    assert said.code == 1
    assert "\x1b" not in said.out
    assert not any(line.startswith("::") for line in said.out.splitlines())


@pytest.mark.usefixtures("answers")
def test_local_asks_nobody(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(wiring_forge, "forge_settings")
    said = organisation("doctor", "--local")

    assert said.code == 0
    assert [line.split()[1] for line in said.out.splitlines()[:-1]] == [
        "tool-git:",
        "tool-terraform:",
        "tool-checkov:",
        "ruleset-file:",
        "state:",
    ]


@pytest.mark.usefixtures("answers")
def test_a_ruleset_is_stale_when_the_settings_move(organisation: Organisation) -> None:
    settings = organisation.clone.root / "nhi.yaml"
    settings.write_text(settings.read_text("utf-8").replace(f"app_id: {APP}", "app_id: 5"), "utf-8")

    assert "WRONG    ruleset-file:" in organisation("doctor", "--local").out
    organisation("doctor", "--write-ruleset")
    assert organisation("doctor", "--local").code == 0


class Silent:
    """An AWS that does not tell, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def trust_policy(self, role: str, stack: Stack) -> "Json | CouldNotTell":
        self.asked.append((role, stack.name))
        return CouldNotTell("AccessDenied")


@pytest.mark.usefixtures("answers")
def test_a_role_is_asked_for_by_its_name_in_the_stacks_that_are_chosen(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = Silent()
    monkeypatch.setattr(wiring, "trusts", lambda: aws)
    role = "apply=arn:aws:iam::444455556666:role/ci/nhi-apply"
    said = organisation("doctor", "--role", role, "--stack", "staging")

    assert (said.code, aws.asked) == (4, [("nhi-apply", "staging")])
    assert "UNKNOWN  trust-apply: nhi-apply in 444455556666: AccessDenied" in said.out


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize(
    "arguments",
    [
        ["--role", "apply"],
        ["--role", "apply="],
        ["--role", "admin=x"],
        ["--local", "--role", "apply=x"],
        ["--stack", "staging"],
    ],
)
def test_a_call_that_cannot_work_is_refused(organisation: Organisation, arguments: list[str]) -> None:
    assert organisation("doctor", *arguments).code == 2


@pytest.mark.usefixtures("answers")
def test_a_stack_that_is_none_is_refused(organisation: Organisation) -> None:
    said = organisation("doctor", "--role", "apply=x", "--stack", "nowhere")

    assert said.code in (2, 3)
    assert "nowhere" in said.err
