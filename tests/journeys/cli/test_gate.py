"""`nhi gate` as a workflow calls it, on the loopback GitHub: what it prints, writes and ends with.

Plans and scans of the real programs are in tests/contract/test_gate_story.py.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.fixtures.command_line import AS_OF, Organisation, Said
from tests.fixtures.github import REPOSITORY

from nhi.model.forge import GATE
from nhi.model.gate import MARKER
from nhi.sandbox.github.faults import lost_answer, server_error
from nhi.sandbox.github.people import Site
from nhi.sandbox.github.server import LoopbackGitHub

LEDGER = "identities/staging/payments/ledger-writer-test.yaml"
MORE = "identities/staging/payments/ledger-reader-test.yaml"
OURS = re.compile(r"^::(error|warning|notice) file=.*$", re.MULTILINE)
COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)
"""The runner looks for the second only in lines that are none of the first."""
_LATER = ("--as-of", "2027-12-31", "--dry-run")


@dataclass(frozen=True, slots=True)
class Hub:
    """The example organisation on GitHub, and the clone in which the workflow runs."""

    organisation: Organisation
    github: LoopbackGitHub
    site: Site
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, number: int, *arguments: str) -> Said:
        """`nhi gate` of a pull request, without plans."""
        return self.organisation("gate", "--pr", str(number), "--no-plan", *AS_OF, *arguments)

    @property
    def text(self) -> str:
        """A manifest that stands there."""
        return (self.organisation.clone.root / LEDGER).read_text("utf-8")

    def propose(self, files: Mapping[str, str | None], title: str = "A change") -> int:
        """alice's pull request."""
        self.site.push("alice", "change", files)
        return self.site.open_pull("alice", "change", title)

    def in_order(self) -> int:
        """A pull request that nothing is wrong with."""
        return self.propose({LEDGER: self.text.replace("ticket: PAY-1235", "ticket: PAY-2000")})

    def ownerless(self) -> int:
        """A pull request of an identity without an owner."""
        return self.propose({LEDGER: self.text.replace("owner: payments\n", "")})

    def statuses(self, number: int) -> list[tuple[str, str]]:
        """State and description of all that the gate said of the head, oldest first."""
        head = self.site.pull(number, "root")["head"]["sha"]
        found = self.site.repository.statuses.get(head, [])
        return [(str(one.state), one.description or "") for one in found if one.context == GATE]

    def comments(self, number: int) -> list[str]:
        """What stands below the pull request."""
        return [one.body for one in self.site.repository.comments.values() if one.issue == number]


@pytest.fixture
def hub(organisation: Organisation, github: LoopbackGitHub, acme: Site, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The organisation on GitHub, seen by a workflow's token."""
    root = organisation.clone.root
    tracked = organisation.clone.git("ls-files").splitlines()
    acme.push("root", "main", {path: (root / path).read_bytes() for path in tracked})
    for name in [name for name in os.environ if name.startswith(("GITHUB_", "GH_", "NHI_"))]:
        monkeypatch.delenv(name)
    token = github.world.tokens.of_workflow(
        {
            "contents": "read",
            "pull_requests": "write",
            "statuses": "write",
            "security_events": "write",
            "issues": "write",
        }
    )
    for name, value in {
        "GITHUB_API_URL": github.origin,
        "GITHUB_SERVER_URL": github.origin,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_TOKEN": token,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("nhi.cli.wiring.sleep", lambda _seconds: None)  # between two tries of a call
    return Hub(organisation, github, acme, monkeypatch)


def test_a_change_in_order_ends_with_0_and_a_green_status(hub: Hub) -> None:
    number = hub.in_order()

    said = hub(number)

    assert (said.code, said.err) == (0, ""), said
    assert hub.statuses(number)[-1][0] == "success"
    (comment,) = hub.comments(number)
    assert comment.startswith(f"{MARKER}\n### :white_check_mark: nhi gate passed")
    assert said.out.splitlines()[-1].startswith(f"pull request {number} passed: no findings; 1 identity changes")


def test_a_finding_ends_with_1_and_is_shown_with_its_line(hub: Hub) -> None:
    number = hub.ownerless()

    said = hub(number)

    assert said.code == 1, said
    assert [state for state, _ in hub.statuses(number)] == ["pending", "failure"]
    assert f"{LEDGER}:1" in said.out or f"{LEDGER}:2" in said.out
    assert "missing-owner" in said.out


def test_in_a_workflow_findings_are_annotations_and_the_summary_has_it_all(hub: Hub, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("Before.\n")
    hub.monkeypatch.setenv("GITHUB_ACTIONS", "true")
    hub.monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    hub.monkeypatch.setenv("GITHUB_RUN_ID", "77")
    number = hub.ownerless()

    said = hub(number)

    assert re.search(
        rf"^::error file={re.escape(LEDGER)},line=\d+,col=1,title=NHI001 missing-owner::", said.out, re.MULTILINE
    )
    assert summary.read_text().startswith(f"Before.\n{MARKER}\n### :x: nhi gate blocked: 1 finding")
    assert f"{hub.github.origin}/{REPOSITORY}/actions/runs/77" in hub.comments(number)[0]


def test_findings_go_to_code_scanning_and_into_the_file(hub: Hub, tmp_path: Path) -> None:
    number = hub.ownerless()

    hub(number, "--sarif", str(tmp_path / "out" / "gate.sarif"))

    (run,) = json.loads((tmp_path / "out" / "gate.sarif").read_text())["runs"]
    assert [one["ruleId"] for one in run["results"]] == ["NHI001"]
    assert run["automationDetails"] == {"id": "nhi-gate/"}
    (sent,) = hub.site.repository.sarif
    assert sent["ref"] == f"refs/pull/{number}/head"


def test_a_repository_without_code_scanning_is_told_and_nothing_fails(hub: Hub) -> None:
    hub.site.repository.settings.code_scanning = False
    number = hub.in_order()

    said = hub(number)

    assert (said.code, hub.statuses(number)[-1][0]) == (0, "success")
    assert "GitHub does not take the findings" in said.err


def test_json_is_one_document(hub: Hub) -> None:
    document = json.loads(hub(hub.ownerless(), "--format", "json").out)

    assert (document["schema"], document["state"], document["reason"]) == ("nhi/gate/v1", "failure", "1 finding")
    assert [one["rule"] for one in document["check"]["findings"]] == ["missing-owner"]
    assert (document["check"]["schema"], document["change"]["schema"]) == ("nhi/findings/v1", "nhi/diff/v1")
    assert (document["plan"]["stacks"], document["planned"], document["approvals_held"]) == ([], False, False)


def test_markdown_is_the_comment(hub: Hub) -> None:
    number = hub.ownerless()

    assert hub(number, "--format", "markdown").out == hub.comments(number)[0]


def test_a_dry_run_judges_and_writes_nothing(hub: Hub) -> None:
    number = hub.ownerless()
    before = len(hub.github.calls)

    said = hub(number, "--dry-run")

    assert said.code == 1
    assert "blocked: 1 finding" in said.out
    assert (hub.statuses(number), hub.comments(number), list(hub.site.repository.sarif)) == ([], [], [])
    assert len(hub.github.calls) > before


def test_a_pull_request_that_is_closed_ends_with_0_and_gets_no_word(hub: Hub) -> None:
    number = hub.ownerless()
    hub.site.close(number, "alice")

    said = hub(number)

    assert (said.code, said.out) == (0, f"pull request {number} is closed: there is nothing to judge\n")
    assert (hub.statuses(number), hub.comments(number)) == ([], [])


def test_one_that_is_not_there_ends_with_3(hub: Hub) -> None:
    assert hub(99).code == 3


def test_a_fork_is_judged_as_data_and_where_it_is_gone_as_well(hub: Hub) -> None:
    hub.github.world.fork(REPOSITORY, "rita")
    fork = hub.github.site("rita/iam")
    fork.push("rita", "change", {LEDGER: hub.text.replace("owner: payments\n", "")})
    number = hub.site.open_pull("rita", "rita:change", "From outside")
    hub.github.world.delete_repository("rita/iam")

    said = hub(number)

    assert said.code == 1, said
    assert "It comes from a fork" in hub.comments(number)[0]


def test_a_second_run_after_lost_answers_leaves_one_comment(hub: Hub) -> None:
    number = hub.in_order()
    hub.github.faults.add(lost_answer("POST", f".*/issues/{number}/comments"))

    first, second = hub(number), hub(number)

    assert second.code == 0, (first, second)
    assert len(hub.comments(number)) == 1
    assert hub.statuses(number)[-1][0] == "success"


@pytest.mark.parametrize("path", [".*/comments", ".*/sarifs"])
def test_github_failing_is_an_error_that_says_so(hub: Hub, path: str) -> None:
    number = hub.in_order()
    hub.github.faults.add(server_error("POST", path, times=None))

    said = hub(number)
    hub.github.faults.clear()

    assert said.code == 4, said
    state, description = hub.statuses(number)[-1]
    assert (state, description.startswith("failed: ")) == ("error", True)
    assert hub.comments(number) == []


def test_settings_here_that_are_broken_end_with_3_and_are_said_on_the_head(hub: Hub) -> None:
    number = hub.in_order()
    hub.organisation.clone.write("nhi.yaml", "apiVersion: nhi/v1\nstacks: 3\n")

    said = hub(number)

    assert said.code == 3, said
    assert hub.statuses(number)[-1] == ("error", hub.statuses(number)[-1][1])
    assert hub.statuses(number)[-1][1].startswith("failed: nhi.yaml:2:")


def test_no_terraform_is_an_error_and_everything_else_is_told(hub: Hub, tmp_path: Path) -> None:
    git = shutil.which("git")
    assert git
    (tmp_path / "only-git").mkdir()
    (tmp_path / "only-git" / "git").symlink_to(git)
    hub.monkeypatch.setenv("PATH", str(tmp_path / "only-git"))
    number = hub.in_order()

    said = hub.organisation("gate", "--pr", str(number), *AS_OF)

    assert said.code == 4, said
    assert hub.statuses(number)[-1] == ("error", "planning failed: terraform is not installed")
    assert "#### What changes: 1 identity changes" in hub.comments(number)[0]


def test_a_folder_for_terraform_that_git_writes_is_refused_and_that_is_ours(hub: Hub) -> None:
    hub.organisation.clone.write("plans/staging/evil.tf", "")
    hub.organisation.clone.commit("More than a manifest")
    number = hub.in_order()

    said = hub.organisation("gate", "--pr", str(number), "--work", "plans", *AS_OF)

    assert said.code == 3, said
    state, description = hub.statuses(number)[-1]
    assert (state, description.partition(", and ")[0]) == (
        "error",
        "planning failed: plans/staging/evil.tf is committed",
    )


def test_a_day_to_come_is_looked_at_and_never_written(hub: Hub) -> None:
    said = hub.organisation("gate", "--pr", str(hub.in_order()), "--no-plan", "--as-of", "2999-01-01")

    assert (said.code, "still to come" in said.err) == (2, True)


def test_a_calendar_day_is_the_one_that_is_given(hub: Hub) -> None:
    number = hub.in_order()

    said = hub.organisation("gate", "--pr", str(number), "--no-plan", *_LATER)

    assert said.code == 1
    assert "past-expiry" in said.out


_TITLE = "$(touch PWNED) ${{ github.token }} ::set-output name=x::y"
_HOSTILE = {
    ".github/workflows/gate.yml": "on: push\njobs: {x: {runs-on: x, steps: [{run: touch PWNED}]}}\n",
    "modules/aws-service-role/main.tf": 'data "external" "x" { program = ["touch", "PWNED"] }\n',
    "src/nhi/policy/rules/missing_owner.py": "import os\nos.system('touch PWNED')\n",
    "identities/::set-output name=x::y/a.yaml": "kind: x\n",
    "identities/staging/##[error]a.yaml": "::error::b\n",
    "identities/staging/payments/$(touch PWNED).yaml": "name: '${{ github.token }}'\n",
}


def test_a_hostile_change_is_blocked_and_runs_nothing_of_its_own(hub: Hub, tmp_path: Path) -> None:
    hub.monkeypatch.setenv("GITHUB_ACTIONS", "true")
    number = hub.propose({**_HOSTILE, MORE: hub.text}, _TITLE)

    said = hub(number)

    assert said.code == 1, said
    assert hub.statuses(number)[-1][0] == "failure"
    assert not COMMAND.search(OURS.sub("", said.out + said.err))
    assert "::error file=" in said.out
    assert "**High risk: the security team must approve it.**" in hub.comments(number)[0]
    assert _TITLE not in hub.comments(number)[0]
    assert not list(tmp_path.rglob("PWNED"))


def test_it_needs_a_pull_request_and_credentials(hub: Hub) -> None:
    assert hub.organisation("gate").code == 2
    hub.monkeypatch.delenv("GITHUB_TOKEN")
    assert hub(1).code == 2
