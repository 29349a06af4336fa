"""What can go wrong in an apply, one thing at a time, with the real Terraform: locks, faults, signals, leftovers."""

import json
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.fixtures.killing import STACK, Site, kill_alone, kill_with_all, site, wait_until
from tests.fixtures.modules import MODULES

from nhi.cloud.aws_leftovers import AwsLeftovers
from nhi.errors import OutsideError
from nhi.flows.ground import read_ground
from nhi.flows.plan import plan_stack
from nhi.flows.render import render_stack
from nhi.manifest.yamltext import plain_values
from nhi.model.plan import PlanGround
from nhi.repository.worktree import WorkingTree
from nhi.sandbox.aws import LoopbackAws, loopback_aws
from nhi.sandbox.faults import access_denied, half_empty, internal_error, slow
from nhi.terraform.process import TerraformBinary, TimeLimits
from nhi.terraform.workspace import Workspace

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

BUCKET = "nhi-state-example"
KEY_EXAMPLE = MODULES / "aws-access-key" / "tests" / "valid" / "export-fetcher.yaml"
_READS_BACK = slow("iam:GetRole", 5.0)
"""The provider reads a new role back before it says that it is made."""
ROLE = "module.nhi-{}.aws_iam_role.this"


@pytest.fixture
def aws(terraform_environment: Mapping[str, str]) -> Iterator[LoopbackAws]:
    with loopback_aws(terraform_environment) as running:
        yield running


@pytest.fixture
def one(tmp_path: Path, aws: LoopbackAws, terraform_environment: Mapping[str, str]) -> Site:
    return site(tmp_path, aws, terraform_environment)


@pytest.fixture
def in_s3(tmp_path: Path, aws: LoopbackAws, terraform_environment: Mapping[str, str]) -> Site:
    """The same with its state in a bucket of the loopback AWS."""
    settings = f'bucket: {BUCKET}, key: prod/terraform.tfstate, region: us-east-1, endpoint: "{aws.endpoint}"'
    backend = f", backend: {{s3: {{{settings}, use_path_style: true}}}}"
    made = site(tmp_path, aws, terraform_environment, backend=backend)
    made.client("s3").create_bucket(Bucket=BUCKET)
    return made


def ends_clean(one: Site) -> str:
    """Plan and apply what is left to do. What the plan said."""
    planned = one.nhi("plan", "--quiet")
    assert planned.code == 0, planned
    applied = one.nhi("apply")
    assert applied.code == 0, applied
    verified = one.nhi("verify")
    assert verified.code == 0, verified
    return planned.out


def record(one: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((one.work / "apply.json").read_text())
    return found


def under_way(one: Site, event: str) -> bool:
    """Whether the running apply has told this of something."""
    try:
        return f'"type":"{event}"' in (one.work / "apply.jsonl").read_text()
    except FileNotFoundError:
        return False


def objects(one: Site) -> list[str]:
    return [found["Key"] for found in one.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_what_aws_made_and_nobody_heard_of_is_taken_in(one: Site, aws: LoopbackAws) -> None:
    one.declare(["ledger-reader", "ledger-writer"])
    assert one.nhi("plan").code == 0
    aws.add_fault(_READS_BACK)
    process = one.start("apply")
    wait_until("AWS has made the roles", lambda: len(one.roles()) == 2)
    kill_with_all(process)
    assert record(one)["outcome"] == "started"
    made = one.roles()
    aws.clear_faults()

    stale = one.nhi("apply")
    assert (stale.code, "run `nhi plan`" in stale.err) == (3, True), stale
    said = ends_clean(one)

    assert "import" in said
    assert one.roles() == made
    assert one.events("CreateRole") == {"ledger-reader": 1, "ledger-writer": 1}


def test_what_stands_there_of_somebody_else_is_not_taken_in(one: Site) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    one.client("iam").create_role(RoleName="ledger-writer", AssumeRolePolicyDocument=trust, Path=f"/nhi/{STACK}/")
    one.declare(["ledger-writer"])

    planned = one.nhi("plan")

    assert planned.code == 3, planned
    assert "does not carry the identity's tag" in planned.err
    assert one.nhi("apply").code == 3


def test_a_key_whose_secret_nobody_has_is_made_anew(one: Site, aws: LoopbackAws) -> None:
    one.declare(["export-fetcher"], plain_values(KEY_EXAMPLE.read_bytes()))
    assert one.nhi("plan").code == 0
    aws.add_fault(half_empty("iam:CreateAccessKey", "AccessKey", times=1))
    assert one.nhi("apply").code == 4
    iam = one.client("iam")
    stray = _keys(iam)
    assert len(stray) == 1

    said = ends_clean(one)

    assert "aws_iam_access_key" in said
    assert len(_keys(iam)) == 1
    assert _keys(iam) != stray


def _keys(iam: "IAMClient") -> list[str]:
    found = iam.list_access_keys(UserName="export-fetcher")["AccessKeyMetadata"]
    return [one["AccessKeyId"] for one in found]


def test_a_terraform_whose_nhi_was_killed_ends_its_work_and_is_waited_for(one: Site, aws: LoopbackAws) -> None:
    one.declare(["ledger-reader", "ledger-writer"])
    assert one.nhi("plan").code == 0
    aws.add_fault(slow("iam:CreateRole", 1.0))
    process = one.start("apply")
    wait_until("the calls are under way", lambda: under_way(one, "apply_start"))
    kill_alone(process)

    again = one.nhi("plan", "--format", "json")

    assert again.code == 0, again
    assert "waiting for another run" in again.err
    assert json.loads(again.out)["stacks"][0]["identities"] == []
    settled = record(one)
    assert (settled["outcome"], settled["failure"]) == ("applied", None)
    assert settled["ended"] is not None


def test_a_partial_failure_is_recorded_and_the_next_run_ends_it(one: Site, aws: LoopbackAws) -> None:
    one.declare(["ledger-reader", "ledger-writer"])
    assert one.nhi("plan").code == 0
    aws.add_fault(access_denied("iam:PutRolePolicy", times=1))

    failed = one.nhi("apply")

    assert failed.code == 4, failed
    assert "FAILED:  prod:" in failed.out
    assert "AccessDenied" in failed.err
    fates = {found["address"]: found["fate"] for found in record(one)["resources"]}
    assert sorted(fates.values()).count("failed") == 1
    assert {fates[ROLE.format(name)] for name in ("ledger-reader", "ledger-writer")} == {"done"}
    assert "not-begun" in fates.values()
    ends_clean(one)


@pytest.mark.parametrize(
    "signals", [(signal.SIGTERM,), (signal.SIGINT, signal.SIGTERM)], ids=["once", "twice, as GitHub's runner does"]
)
def test_an_interrupted_apply_is_ended_by_the_next_run(
    one: Site, aws: LoopbackAws, signals: Sequence[signal.Signals]
) -> None:
    one.declare(["ledger-reader", "ledger-writer"])
    assert one.nhi("plan").code == 0
    aws.add_fault(_READS_BACK)
    process = one.start("apply")
    wait_until("AWS has made the roles", lambda: len(one.roles()) == 2)
    transcript = one.work / "apply.jsonl"
    for number in signals:
        process.send_signal(number)
        wait_until("Terraform has heard of it", lambda: b"nterrupt received" in transcript.read_bytes())
    _out, err = process.communicate(timeout=60)
    aws.clear_faults()

    assert process.returncode == 130, err
    assert b"wo interrupts received" not in transcript.read_bytes()
    assert "nhi: interrupted" in err
    assert record(one)["outcome"] == "failed"
    assert "interrupted" in str(record(one)["failure"])
    ends_clean(one)
    assert len(one.roles()) == 2


def test_a_state_that_was_cut_off_is_mended_and_the_rest_found(one: Site) -> None:
    one.declare(["ledger-reader"])
    ends_clean(one)
    one.declare(["ledger-writer"])
    assert one.nhi("plan").code == 0
    before = one.state.read_bytes()
    assert one.nhi("apply").code == 0
    made = one.roles()
    killed = record(one) | {"outcome": "started", "ended": None}
    (one.work / "apply.json").write_text(json.dumps(killed))
    (one.work / "apply.jsonl").write_text("")
    backup = json.loads(one.state.with_name("terraform.tfstate.backup").read_bytes())
    assert backup["resources"] == json.loads(before)["resources"]  # the results of checks are in no order
    one.state.write_bytes(before[: len(before) // 2])

    said = ends_clean(one)

    assert "import" in said
    assert one.roles() == made


def test_a_state_in_s3_is_locked_for_one_apply_at_a_time(in_s3: Site, aws: LoopbackAws) -> None:
    in_s3.declare(["ledger-reader"])
    assert in_s3.nhi("plan").code == 0
    elsewhere = ("--work", str(in_s3.clone.root / ".nhi" / "elsewhere"))
    assert in_s3.nhi("plan", *elsewhere).code == 0
    aws.add_fault(slow("iam:CreateRole", 2.0))
    first = in_s3.start("apply")
    wait_until("the first holds the lock", lambda: "prod/terraform.tfstate.tflock" in objects(in_s3))

    second = in_s3.nhi("apply", *elsewhere)

    assert first.wait(60) == 0
    first.communicate()
    assert second.code == 4, second
    assert "Saved plan is stale" in second.err  # it has waited for the lock
    assert "nhi plan" in second.err
    assert objects(in_s3) == ["prod/terraform.tfstate"]
    assert in_s3.events("CreateRole") == {"ledger-reader": 1}


def test_a_lock_that_a_killed_run_left_in_s3_is_named_and_taken_away(in_s3: Site, aws: LoopbackAws) -> None:
    in_s3.declare(["ledger-reader"])
    assert in_s3.nhi("plan").code == 0
    aws.add_fault(_READS_BACK)
    process = in_s3.start("apply")
    wait_until("AWS has made the role", in_s3.roles)
    kill_with_all(process)
    made = in_s3.roles()
    aws.clear_faults()
    lock = json.loads(in_s3.client("s3").get_object(Bucket=BUCKET, Key=objects(in_s3)[-1])["Body"].read())

    with pytest.raises(OutsideError, match="Error acquiring the state lock") as refused:
        _plan_without_waiting(in_s3)
    assert f"{lock['Who']} holds the lock since {lock['Created'][:10]}" in refused.value.hint
    assert f"nhi unlock --stack STACK {lock['ID']}" in refused.value.hint

    unlocked = in_s3.nhi("unlock", "--stack", STACK, lock["ID"])
    assert unlocked.code == 0, unlocked
    ends_clean(in_s3)
    assert in_s3.roles() == made
    head = in_s3.client("s3").head_object(Bucket=BUCKET, Key="prod/terraform.tfstate")
    assert head["ServerSideEncryption"] == "AES256"


def _plan_without_waiting(one: Site) -> None:
    files, place = WorkingTree(one.clone.root), Workspace(one.work)
    ground, _ = read_ground(files)
    rendered = render_stack(files, ground, ground.settings.stacks[STACK], "")
    upon = PlanGround(commit=None, base=None, policy="")
    terraform = TerraformBinary(one.environment, limits=TimeLimits(lock=0))
    plan_stack(terraform, rendered, place, upon, lambda _line: None, leftovers=AwsLeftovers(one.environment))


def test_a_state_that_could_not_be_saved_is_given_back(in_s3: Site, aws: LoopbackAws) -> None:
    in_s3.declare(["ledger-reader"])
    assert in_s3.nhi("plan").code == 0
    aws.add_fault(slow("iam:CreateRole", 1.0))
    process = in_s3.start("apply")
    wait_until("the call is under way", lambda: under_way(in_s3, "apply_start"))
    aws.add_fault(internal_error("s3:*"))
    _out, err = process.communicate(timeout=120)
    assert process.returncode == 4, err
    made = in_s3.roles()
    assert (in_s3.work / "root" / "errored.tfstate").exists()
    aws.clear_faults()
    in_s3.client("s3").delete_object(Bucket=BUCKET, Key="prod/terraform.tfstate.tflock")

    ends_clean(in_s3)

    assert in_s3.roles() == made
