"""A stack in parts, with the real Terraform: several states, one plan, one apply, and what goes wrong in one part."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.killing import STACK, Site, kill_with_all, site, wait_until

from nhi.model.parts import part_names, part_of
from nhi.sandbox.aws import LoopbackAws, loopback_aws
from nhi.sandbox.faults import access_denied, slow

PARTS = FIRST, SECOND = part_names(2)
NAMES = [f"writer-{number}" for number in range(1, 5)]
BUCKET = "nhi-state-example"
KEY = "prod/terraform.tfstate"
TAKEN_IN = "stood already, and is taken in"


@pytest.fixture
def aws(terraform_environment: Mapping[str, str]) -> Iterator[LoopbackAws]:
    with loopback_aws(terraform_environment) as running:
        yield running


@pytest.fixture
def one(tmp_path: Path, aws: LoopbackAws, terraform_environment: Mapping[str, str]) -> Site:
    return site(tmp_path, aws, terraform_environment, backend=", parts: 2")


@pytest.fixture
def in_s3(tmp_path: Path, aws: LoopbackAws, terraform_environment: Mapping[str, str]) -> Site:
    """The same with its states in a bucket of the loopback AWS."""
    settings = f'bucket: {BUCKET}, key: {KEY}, region: us-east-1, endpoint: "{aws.endpoint}", use_path_style: true'
    made = site(tmp_path, aws, terraform_environment, backend=f", parts: 2, backend: {{s3: {{{settings}}}}}")
    made.client("s3").create_bucket(Bucket=BUCKET)
    return made


def of(part: str) -> list[str]:
    """The identities that a part knows."""
    found = [name for name in NAMES if part_of(name, 2) == part]
    assert found
    return found


def ends_clean(one: Site) -> str:
    """Plan and apply what is left to do. What the plan said."""
    for step in ("plan", "apply", "verify"):
        said = one.nhi(step)
        assert said.code == 0, said
        if step == "plan":
            planned = said.out
    return planned


def known(one: Site) -> dict[str, set[str]]:
    """State → the modules that it knows something of."""
    states = sorted(one.state.parent.glob(f"{one.state.name}*"))
    found: dict[str, set[str]] = {}
    for state in states:
        if not state.name.endswith(".backup"):
            resources: Any = json.loads(state.read_bytes())["resources"]
            found[state.name] = {str(one["module"]) for one in resources}
    return found


def record(one: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((one.work / "apply.json").read_text())
    return found


def suspend(one: Site, name: str) -> None:
    path = f"identities/{STACK}/{name}.yaml"
    values = json.loads((one.clone.root / path).read_text())
    values["suspended"] = {"since": "2026-11-01T08:00:00Z", "reason": "leak suspected"}
    one.clone.write(path, json.dumps(values))
    one.clone.commit("Suspend")


def denies_all(one: Site, name: str) -> bool:
    policy: Any = one.client("iam").get_role_policy(RoleName=name, PolicyName="nhi")["PolicyDocument"]
    return any(statement["Sid"] == "DenySuspended" for statement in policy["Statement"])


def test_a_stack_lives_in_parts_as_in_one_piece_and_takes_in_what_stands_once_it_is_divided_anew(one: Site) -> None:
    one.declare(NAMES)
    said = ends_clean(one)

    assert all(f"prod/{name}\n" in said for name in NAMES)
    assert known(one) == {f"terraform.tfstate.{part}": {f"module.nhi-{name}" for name in of(part)} for part in PARTS}
    again = one.nhi("plan", "--format", "json")
    assert json.loads(again.out)["stacks"][0]["identities"] == []
    assert one.nhi("scan").code == 0

    one.withdraw(of(SECOND)[:1])
    one.clone.commit("Remove")
    made = one.roles()
    ends_clean(one)
    left = one.roles()
    assert made.keys() - left.keys() == {of(SECOND)[0]}
    assert f"module.nhi-{of(SECOND)[0]}" not in known(one)[f"terraform.tfstate.{SECOND}"]

    settings = (one.clone.root / "nhi.yaml").read_text()
    one.clone.write("nhi.yaml", settings.replace("parts: 2", "parts: 3"))
    one.clone.commit("In three parts")
    said = ends_clean(one)
    assert said.count(TAKEN_IN) == len(left)
    assert one.roles() == left
    assert one.nhi("plan", "--quiet").out.startswith("prod: no changes")


def test_a_suspension_does_not_wait_for_another_parts_mistake(one: Site, aws: LoopbackAws) -> None:
    new = next(name for number in range(99) if part_of(name := f"new-{number}", 2) == FIRST)
    suspended = of(SECOND)[0]
    one.declare(NAMES)
    ends_clean(one)
    one.declare([new])
    suspend(one, suspended)
    assert one.nhi("plan").code == 0
    aws.add_fault(access_denied("iam:CreateRole"))

    failed = one.nhi("apply")

    assert failed.code == 4, failed
    assert "AccessDenied" in failed.err
    assert denies_all(one, suspended)
    fates = {found["address"]: found["fate"] for found in record(one)["resources"]}
    assert fates[f"module.nhi-{new}.aws_iam_role.this"] == "failed"
    assert fates[f"module.nhi-{suspended}.aws_iam_role_policy.this"] == "done"
    aws.clear_faults()
    ends_clean(one)
    assert new in one.roles()


def test_an_apply_that_is_killed_in_its_second_part_is_ended_by_the_next_run(in_s3: Site, aws: LoopbackAws) -> None:
    in_s3.declare(NAMES)
    assert in_s3.nhi("plan").code == 0
    aws.add_fault(slow("iam:GetRole", 5.0))  # the provider reads a new role back before it says that it is made
    process = in_s3.start("apply")
    wait_until("AWS has made all roles", lambda: len(in_s3.roles()) == len(NAMES))
    kill_with_all(process)
    made = in_s3.roles()
    aws.clear_faults()
    s3 = in_s3.client("s3")
    objects = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert sorted(objects) == [f"{KEY}.{FIRST}", f"{KEY}.{SECOND}.tflock"]
    lock = json.loads(s3.get_object(Bucket=BUCKET, Key=objects[-1])["Body"].read())

    unlocked = in_s3.nhi("unlock", "--stack", STACK, lock["ID"])
    assert unlocked.code == 0, unlocked
    said = ends_clean(in_s3)

    settled = json.loads(max(in_s3.work.glob("apply-*.json")).read_text())
    fates = {found["address"]: found["fate"] for found in settled["resources"]}
    assert settled["outcome"] == "failed"
    assert {fates[f"module.nhi-{name}.aws_iam_role.this"] for name in of(FIRST)} == {"done"}
    assert {fates[f"module.nhi-{name}.aws_iam_role.this"] for name in of(SECOND)} == {"unknown"}
    assert said.count(TAKEN_IN) == len(of(SECOND))
    assert in_s3.roles() == made
    assert in_s3.events("CreateRole") == dict.fromkeys(NAMES, 1)
