"""Plans of the real Terraform: which stacks are planned, and that the summary says what Terraform means."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.fixtures.aws import session_of
from tests.fixtures.command_line import NHI
from tests.fixtures.git import Clone, clean_environment
from tests.fixtures.manifests import OWNERS_TEXT, PAPER, PAPER_ACCOUNT
from tests.fixtures.modules import STACK, Once

from nhi.model.plan import Action, PlanSummary, Principal, PrincipalType
from nhi.output.plan_headlines import Topic, headlines
from nhi.sandbox.aws import LoopbackAws
from nhi.terraform.plan import summarise
from nhi.terraform.process import TerraformBinary
from nhi.terraform.render import render

_SECRET = "hunter2-and-more"  # noqa: S105 - the example of a secret
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
        ],
    }
)
_POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
_MODULE = f"""
variable "path" {{
  default = "/nhi/prod/"
}}

resource "aws_iam_role" "this" {{
  name               = basename(abspath(path.module))
  path               = var.path
  assume_role_policy = jsonencode({_TRUST})
  tags               = {{ "nhi:owner" = "payments" }}
}}

resource "aws_iam_role_policy" "this" {{
  name   = "allow"
  role   = aws_iam_role.this.name
  policy = jsonencode({_POLICY})
}}

resource "terraform_data" "this" {{
  input = sensitive("{_SECRET}")
}}
"""
_FIRST = ("gone", "kept", "left", "moved", "over", "wiped")
_CREATE_BEFORE_DESTROY = "\n  lifecycle {\n    create_before_destroy = true\n  }\n}"


@dataclass(frozen=True, slots=True)
class Story:
    """What a plan says of a root in which something happened to each identity."""

    after_apply: PlanSummary
    """Planned again, when nothing had happened."""
    summary: PlanSummary
    unique_ids: Mapping[str, str]
    """Of the roles that stood before it, by name."""


def _write(root: Path, names: Mapping[str, str], more: str = "") -> None:
    """A root with a module for each name; a value is what the module has beside its name and source."""
    (root / "main.tf").write_text(render(STACK, [], state_path="state")["main.tf"])
    shutil.rmtree(root / "modules", ignore_errors=True)
    for name in names:
        module = root / "modules" / name
        module.mkdir(parents=True)
        text = _MODULE
        if name == "over":
            text = text.replace('"payments" }\n}', '"payments" }\n' + _CREATE_BEFORE_DESTROY, 1)
        (module / "main.tf").write_text(text)
    blocks = "".join(
        f'module "nhi-{name}" {{\n  source = "./modules/{name}"\n{beside}}}\n' for name, beside in names.items()
    )
    (root / "identities.tf").write_text(blocks + more)


@pytest.fixture(scope="session")
def story(once: Once, terraform: TerraformBinary, aws_server: LoopbackAws) -> Story:
    """One apply, what somebody did by hand, and the plan of another root: told once."""

    def tell(root: Path) -> Story:
        credentials = aws_server.credentials_for("111122229999")
        stack = replace(terraform, environment={**terraform.environment, **credentials})
        iam = session_of(credentials).client("iam", endpoint_url=aws_server.endpoint)

        def plan(names: Mapping[str, str], more: str = "") -> PlanSummary:
            _write(root, names, more)
            (root / "main.tf").write_text((root / "main.tf").read_text().replace(STACK.account, "111122229999"))
            if more or not (root / "plan").exists():
                stack.init(root, _ignore)
            stack.plan(root, root / "plan", _ignore)
            return summarise(stack.show(root, root / "plan"), STACK.name)

        first = dict.fromkeys(_FIRST, "")
        plan(first)
        stack.apply(root, root / "plan", _ignore, transcript=root / "transcript")
        after_apply = plan(first)
        iam.create_role(RoleName="taken", Path="/nhi/prod/", AssumeRolePolicyDocument=_TRUST)
        iam.tag_role(RoleName="kept", Tags=[{"Key": "nhi:owner", "Value": "mallory"}])
        iam.delete_role_policy(RoleName="wiped", PolicyName="allow")
        ids = {role["RoleName"]: role["RoleId"] for role in iam.list_roles(PathPrefix="/nhi/prod/")["Roles"]}
        elsewhere = '  path   = "/nhi/prod/other/"\n'
        second = {"kept": "", "moved": elsewhere, "over": elsewhere, "taken": "", "wiped": ""}
        blocks = (
            'import {\n  to = module.nhi-taken.aws_iam_role.this\n  id = "taken"\n}\n'
            "removed {\n  from = module.nhi-left\n  lifecycle {\n    destroy = false\n  }\n}\n"
        )
        return Story(after_apply, plan(second, blocks), ids)

    return once("plan", tell)


def _ignore(_: str) -> None:
    pass


def _actions(story: Story, identity: str) -> dict[str, Action]:
    """What would happen to the resources of an identity, by type."""
    (one,) = (one for one in story.summary.identities if one.identity == identity)
    return {change.type: change.action for change in one.changes}


def _principal(story: Story, name: str) -> Principal:
    (one,) = (one for one in story.summary.principals if one.name == name)
    return one


def test_after_an_apply_there_is_neither_a_change_nor_drift(story: Story) -> None:
    assert story.after_apply == PlanSummary(STACK.name, ())


def test_an_import_is_taken_for_what_it_is(story: Story) -> None:
    assert _actions(story, "prod/taken") == {
        "aws_iam_role": Action.IMPORT,
        "aws_iam_role_policy": Action.CREATE,
        "terraform_data": Action.CREATE,
    }
    taken = _principal(story, "taken")
    assert (taken.type, taken.action) == (PrincipalType.ROLE, Action.IMPORT)
    assert taken.unique_id == story.unique_ids["taken"]


def test_what_is_let_go_is_no_destruction(story: Story) -> None:
    assert set(_actions(story, "prod/left").values()) == {Action.FORGET}
    assert "prod/left" not in story.summary.destroyed


def test_what_goes_is_destroyed_as_a_whole(story: Story) -> None:
    assert set(_actions(story, "prod/gone").values()) == {Action.DESTROY}
    assert story.summary.destroyed == ("prod/gone",)


@pytest.mark.parametrize("name", ["moved", "over"])
def test_a_role_that_is_replaced_in_either_order_is_known_by_the_id_that_goes(story: Story, name: str) -> None:
    replaced = _principal(story, name)

    assert (replaced.action, replaced.unique_id) == (Action.REPLACE, story.unique_ids[name])


def test_what_was_done_by_hand_is_drift_and_what_mirrors_it_is_not(story: Story) -> None:
    found = {
        one.identity: [(change.type, change.action, change.attributes) for change in one.changes]
        for one in story.summary.drift
    }

    assert found == {
        "prod/kept": [("aws_iam_role", Action.UPDATE, ("tags", "tags_all"))],
        "prod/wiped": [("aws_iam_role_policy", Action.DESTROY, ())],
    }


def test_a_reviewer_is_told_all_of_it_first(story: Story) -> None:
    told = {(one.topic, one.identity) for one in headlines(story.summary)}

    assert told == {
        (Topic.DESTROYED, "prod/gone"),
        (Topic.LET_GO, "prod/left"),
        (Topic.REPLACED, "prod/moved"),
        (Topic.REPLACED, "prod/over"),
        (Topic.IMPORTED, "prod/taken"),
        (Topic.PERMISSIONS, "prod/taken"),
        (Topic.PERMISSIONS, "prod/wiped"),
        (Topic.DRIFT, "prod/kept"),
        (Topic.DRIFT, "prod/wiped"),
    }


def test_no_value_is_in_what_is_told(story: Story) -> None:
    assert _SECRET not in repr(story.summary)
    assert "mallory" not in repr(story.summary)


# --- which stacks ----------------------------------------------------------------------------------------------------

_RECORDING = """#!/bin/sh
test "$1" = version || echo "$1 $PWD" >> "$CALLS"
exec "$REAL" "$@"
"""
_STACKS = [f"stack-{number:02d}" for number in range(50)]
_CHANGED = "stack-37"
_ON_PAPER = """
variable "identity" {
  type = any
}

variable "scope" {
  type = any
}

resource "terraform_data" "this" {
  input = { identity = var.identity, scope = var.scope }
}
"""


def test_a_change_in_one_of_fifty_stacks_plans_one(
    git_repository: Callable[..., Clone], tmp_path: Path, terraform_environment: Mapping[str, str]
) -> None:
    stacks = "".join(f'  {name}: {{account: "111122223333", region: eu-west-1}}\n' for name in _STACKS)
    clone = git_repository(
        {
            "nhi.yaml": f"apiVersion: nhi/v1\nstacks:\n{stacks}",
            ".gitignore": "/.nhi/\n",
            "identities/owners.yaml": OWNERS_TEXT,
            "modules/paper-account/schema.json": json.dumps(PAPER_ACCOUNT),
            "modules/paper-account/main.tf": _ON_PAPER,
            **{f"identities/{name}/mainframe-reader.yaml": PAPER for name in _STACKS},
        }
    )
    clone.git("switch", "--quiet", "--create", "change")
    clone.write(f"identities/{_CHANGED}/mainframe-reader.yaml", PAPER.replace("2027-03-31", "2027-06-30"))
    clone.commit("Renew one")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "terraform").write_text(_RECORDING)
    (tools / "terraform").chmod(0o700)
    real = shutil.which("terraform", path=terraform_environment["PATH"])
    environment = {
        **terraform_environment,
        **clean_environment(tmp_path),
        "PATH": f"{tools}:{terraform_environment['PATH']}",
        "REAL": str(real),
        "CALLS": str(tmp_path / "calls"),
    }
    done = subprocess.run(
        [NHI, "plan", "--base", "main", "--format", "json", "--quiet"],
        cwd=clone.root,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [(one["stack"], one["counts"]["create"]) for one in document["stacks"]] == [(_CHANGED, 1)]
    assert (document["commit"], document["base"]) == (clone.git("rev-parse", "HEAD"), clone.git("rev-parse", "main"))
    root = clone.root / ".nhi" / "terraform" / _CHANGED / "root"
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls == [f"{step} {root}" for step in ("init", "plan", "show")]
