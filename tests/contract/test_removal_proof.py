"""A removal proven on the real parts: Git, Terraform and its AWS provider, a loopback AWS, and two roles.

Several identities of one stack leave it together, each with another fate, so that two applies tell all stories.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.aws import session_of
from tests.fixtures.git import Clone, clean_environment
from tests.fixtures.life import WITH_ROLES
from tests.fixtures.modules import STACK, Once, new_repository
from types_boto3_iam import IAMClient

from nhi.cloud.aws import Limits
from nhi.cloud.aws_cloud import AwsCloud
from nhi.cloud.aws_reads import AwsReads
from nhi.cloud.pace import Clock
from nhi.errors import ExitCode
from nhi.flows.removals import ProofReport, Witness, prove_removals
from nhi.manifest.yamltext import plain_values
from nhi.model.removal import Doubt, RemovalProof
from nhi.sandbox.aws import LoopbackAws, loopback_aws
from nhi.sandbox.faults import throttled
from nhi.sandbox.history import Habits
from nhi.terraform.process import TerraformBinary

GONE, REMADE, BY_HAND, USED, STANDING = ("gone", "remade", "by-hand", "used", "standing")
_ONCE = Limits(attempts=1, retry_mode="standard")
_SECONDS = 300
_TRUST = '{"Version": "2012-10-17", "Statement": []}'


@dataclass(frozen=True, slots=True)
class Told:
    """What was seen while it happened."""

    ids: dict[str, str]
    """IAM's own, of each role as it was applied."""
    remade: str
    """Of the role that was made again by hand."""
    merge: str
    """The merge that removed the first."""
    proven: tuple[int, str]
    """Exit code and text of the proof of the first alone, by nhi-verify."""
    proofs: tuple[int, dict[str, Any]]
    """Exit code and document of the proof of all."""
    held: ProofReport
    """Of the first, while CloudTrail does not know of it yet."""
    by_the_applier: ProofReport
    throttled: ProofReport


@dataclass(frozen=True, slots=True)
class _World:
    clone: Clone
    aws: LoopbackAws
    environment: Mapping[str, str] = field(repr=False)

    def environment_of(self, role: str) -> dict[str, str]:
        return {**self.environment, **self.aws.credentials_for(STACK.account, role=role)}

    def iam(self, role: str) -> IAMClient:
        return session_of(self.environment_of(role)).client("iam", endpoint_url=self.aws.endpoint)

    def nhi(self, role: str, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "nhi", *arguments],
            cwd=self.clone.root,
            env=self.environment_of(role),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
        assert done.stderr == "" or arguments[0] != "verify", done.stderr
        return done.returncode, done.stdout

    def apply(self) -> None:
        for step in (("plan",), ("apply", "--max-removals", "5")):
            code, out = self.nhi("nhi-apply", *step, "--quiet")
            assert code == 0, out

    def remove(self, *names: str) -> str:
        """Remove manifests as a merged pull request does; the merge."""
        self.clone.git("checkout", "--quiet", "-b", "-".join(names))
        for name in names:
            (self.clone.root / f"identities/{STACK.name}/{name}.yaml").unlink()
        self.clone.commit("Remove")
        self.clone.git("checkout", "--quiet", "main")
        self.clone.git("merge", "--quiet", "--no-ff", "--message", "Merge", "-".join(names))
        return self.clone.git("rev-parse", "HEAD")

    def prove(self, role: str, base: str) -> ProofReport:
        """As the command does, without waiting."""
        head = self.clone.git("rev-parse", "HEAD")
        environment = self.environment_of(role)
        clock = Clock(lambda: datetime.now(UTC), lambda: 0.0, lambda _: None)
        reads = AwsReads(environment, clock, _ONCE)
        witness = Witness(lambda: AwsCloud(environment, _ONCE), reads, reads, clock, 0)
        return prove_removals(witness, self.clone.repository, base, head, lambda _: ())

    def session_of(self, name: str) -> IAMClient:
        """IAM, as whoever has a session of an identity."""
        sts = session_of(self.environment_of("workload")).client("sts", STACK.region, endpoint_url=self.aws.endpoint)
        arn = f"arn:aws:iam::{STACK.account}:role/nhi/{STACK.name}/{name}"
        issued = sts.assume_role(RoleArn=arn, RoleSessionName="batch-7")["Credentials"]
        keys = {
            "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
            "AWS_SESSION_TOKEN": issued["SessionToken"],
            "AWS_REGION": "us-east-1",
        }
        return session_of(keys).client("iam", endpoint_url=self.aws.endpoint)


@pytest.fixture(scope="session")
def told(once: Once, terraform: TerraformBinary) -> Told:
    return once("removal-proof", lambda folder: _tell(folder, terraform.environment))


def _tell(folder: Path, terraform_environment: Mapping[str, str]) -> Told:
    clean = {key: value for key, value in clean_environment(folder).items() if not key.endswith("_DATE")}
    environment = {**terraform_environment, **clean, "PATH": terraform_environment["PATH"]}
    with loopback_aws(environment) as aws:
        world = _World(Clone(folder / "repository", environment), aws, environment)
        base = _declare(world.clone)
        world.apply()
        auditor, mallory = world.iam("auditor"), world.iam("mallory")
        ids = {name: auditor.get_role(RoleName=name)["Role"]["RoleId"] for name in (GONE, REMADE, BY_HAND, USED)}
        ids[STANDING] = auditor.get_role(RoleName=STANDING)["Role"]["RoleId"]
        session = world.session_of(USED)
        first = world.remove(GONE)
        world.remove(REMADE, BY_HAND, USED)
        _delete_by_hand(mallory, BY_HAND)
        session.create_group(GroupName="after-it-was-due")
        aws.set_habits(Habits(held=True))
        world.apply()
        world.clone.git("checkout", "--quiet", "--detach", first)
        held = world.prove("nhi-verify", base)
        aws.clear_faults()
        remade = mallory.create_role(RoleName=REMADE, Path=f"/nhi/{STACK.name}/", AssumeRolePolicyDocument=_TRUST)
        by_the_applier = world.prove("nhi-apply", base)
        aws.add_fault(throttled("cloudtrail:LookupEvents"))
        refused = world.prove("nhi-verify", base)
        aws.clear_faults()
        verify = ("verify", "--base", base, "--proof", "--again-after", "0")
        proven = world.nhi("nhi-verify", *verify)
        world.clone.git("checkout", "--quiet", "main")
        world.remove(STANDING)
        session.create_group(GroupName="after-its-removal")
        code, out = world.nhi("nhi-verify", *verify, "--format", "json")
        return Told(
            ids=ids,
            remade=remade["Role"]["RoleId"],
            merge=first,
            proven=proven,
            proofs=(code, json.loads(out)),
            held=held,
            by_the_applier=by_the_applier,
            throttled=refused,
        )


def _declare(clone: Clone) -> str:
    new_repository(clone)
    for name in (GONE, REMADE, BY_HAND, USED, STANDING):
        values = plain_values(WITH_ROLES[0].read_bytes()) | {"name": name}
        clone.write(f"identities/{STACK.name}/{name}.yaml", json.dumps(values))
    return clone.commit("The declared state")


def _delete_by_hand(iam: IAMClient, name: str) -> None:
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=name)


def _of(told: Told, name: str) -> dict[str, Any]:
    (found,) = [one for one in told.proofs[1]["removals"] if one["identity"] == f"{STACK.name}/{name}"]
    assert isinstance(found, dict)
    return found


def _only(report: ProofReport) -> RemovalProof:
    (found,) = report.proofs
    return found


def _session(role: str) -> str:
    return f"arn:aws:sts::{STACK.account}:assumed-role/{role}/nhi-sandbox"


def test_a_removal_by_the_pipeline_is_proven_with_its_four_times_by_two_roles(told: Told) -> None:
    one = _of(told, GONE)

    assert (one["proven"], one["doubts"], one["uses"], one["unknown"]) == (True, [], [], [])
    assert one["unique_id"] == told.ids[GONE]
    assert one["merge_commit"] == told.merge
    times = [one["due"], one["merged"], one["removed"]["at"], *(look["at"] for look in one["looks"])]
    assert times == sorted(times)
    assert (one["removed"]["action"], one["removed"]["by"]["arn"]) == ("iam:DeleteRole", _session("nhi-apply"))
    assert [(look["answer"], look["by"]["arn"]) for look in one["looks"]] == [("absent", _session("nhi-verify"))] * 2


def test_where_all_is_proven_the_command_is_clean_and_says_so(told: Told) -> None:
    code, text = told.proven

    assert code == 0, text
    assert text.startswith(f"proven   {STACK.name}/{GONE} ({told.ids[GONE]})\n")
    assert text.endswith("1 removed, 1 proven\n")


def test_one_doubt_is_a_finding(told: Told) -> None:
    code, document = told.proofs

    assert code == ExitCode.FINDINGS
    assert {one["identity"].rpartition("/")[2]: one["proven"] for one in document["removals"]} == {
        BY_HAND: True,
        GONE: True,
        REMADE: False,
        STANDING: False,
        USED: False,
    }


def test_what_was_made_again_by_hand_under_the_same_name_is_another_identity(told: Told) -> None:
    one = _of(told, REMADE)

    assert one["doubts"] == [Doubt.ANOTHER_IDENTITY]
    assert one["unique_id"] == told.ids[REMADE]
    assert [(look["answer"], look["standing"]) for look in one["looks"]] == [("present", [told.remade])] * 2
    assert one["removed"]["by"]["arn"] == _session("nhi-apply")


def test_what_somebody_else_removed_is_removed_and_it_is_shown_by_whom(told: Told) -> None:
    one = _of(told, BY_HAND)

    assert (one["doubts"], one["unique_id"]) == ([], told.ids[BY_HAND])
    assert one["removed"]["by"]["arn"] == _session("mallory")


def test_what_is_merged_and_not_applied_is_still_there(told: Told) -> None:
    one = _of(told, STANDING)

    assert one["doubts"] == sorted([Doubt.LOOKED_ONCE, Doubt.NO_REMOVAL_EVENT, Doubt.STILL_THERE])
    assert one["merged"] is not None
    assert one["removed"] is None
    assert [look["standing"] for look in one["looks"]] == [[told.ids[STANDING]]] * 2


def test_a_session_that_lived_on_is_found_after_it_was_due_and_after_the_removal(told: Told) -> None:
    one = _of(told, USED)

    assert one["doubts"] == sorted([Doubt.USED_AFTER_DUE, Doubt.USED_AFTER_REMOVAL])
    before, after = (use for use in one["uses"] if use["action"] == "iam:CreateGroup")
    assert before["at"] <= one["removed"]["at"] < after["at"]
    assert before["by"]["unique_id"] == after["by"]["unique_id"] == told.ids[USED]
    assert before["by"]["arn"].endswith(f":assumed-role/{USED}/batch-7")


def test_what_cloudtrail_does_not_know_yet_is_not_removed_yet(told: Told) -> None:
    one = _only(told.held)

    assert one.doubts == (Doubt.NO_REMOVAL_EVENT,)
    assert (one.unique_id, one.removed) == (told.ids[GONE], None)


def test_who_removed_does_not_prove_it(told: Told) -> None:
    one = _only(told.by_the_applier)

    assert one.doubts == (Doubt.SAME_CREDENTIAL,)
    assert replace(one, doubts=()).removed is not None


def test_while_cloudtrail_throttles_nobody_can_tell(told: Told) -> None:
    one = _only(told.throttled)

    assert Doubt.COULD_NOT_TELL in one.doubts
    assert told.throttled.exit_code is ExitCode.OUTSIDE
    assert any("ThrottlingException" in reason for reason in one.unknown)
