"""`nhi verify --base REV --proof`: what it refuses, and a proof from end to end but for Terraform."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.fixtures.aws import session_of
from tests.fixtures.command_line import Organisation

from nhi.sandbox.aws import LoopbackAws
from nhi.sandbox.faults import access_denied

ACCOUNT = "444455556666"
NAME = "ledger-writer-test"
MANIFEST = f"identities/staging/payments/{NAME}.yaml"
TRUST = '{"Version": "2012-10-17", "Statement": []}'
PROOF = ("verify", "--base", "HEAD~1", "--proof", "--again-after", "0")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--proof",), "all removals since --base"),
        (("--proof", "--base", "HEAD", "staging/ledger-writer-test"), "all removals since --base"),
        (("--proof", "--base", "HEAD", "--as-of", "2026-11-20"), "what the cloud says now"),
        (("--again-after", "5"), "a proof's second look"),
        (("--proof", "--base", "HEAD", "--again-after", "-1"), "'--again-after'"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(organisation: Organisation, arguments: tuple[str, ...], said: str) -> None:
    found = organisation("verify", *arguments)

    assert (found.code, found.out) == (2, "")
    assert said in found.err


def test_a_stack_that_never_was_is_named(organisation: Organisation) -> None:
    found = organisation(*PROOF[:2], "HEAD", "--proof", "--stack", "nowhere")

    assert (found.code, found.out) == (3, "")
    assert "'nowhere' is not a stack" in found.err


def test_where_nothing_was_removed_no_cloud_is_needed(organisation: Organisation) -> None:
    found = organisation("verify", "--base", "HEAD", "--proof", "--again-after", "0")

    assert (found.code, found.out) == (0, "0 removed, 0 proven\n")


@pytest.fixture
def act_as(loopback: LoopbackAws, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, str]]:
    """Put on the credentials of a role."""

    def act(role: str) -> dict[str, str]:
        credentials = loopback.credentials_for(ACCOUNT, role=role)
        for name, value in credentials.items():
            monkeypatch.setenv(name, value)
        return credentials

    return act


@pytest.fixture
def removed(organisation: Organisation, loopback: LoopbackAws, act_as: Callable[[str], dict[str, str]]) -> str:
    """Make the role of an identity, remove its manifest and then the role, as nhi-apply; its unique id."""
    iam = session_of(act_as("nhi-apply")).client("iam", endpoint_url=loopback.endpoint)
    made = iam.create_role(RoleName=NAME, Path="/nhi/staging/", AssumeRolePolicyDocument=TRUST)
    clone = organisation.clone
    dated = {name: value for name, value in clone.environment.items() if not name.endswith("_DATE")}
    (clone.root / MANIFEST).unlink()
    replace(clone, environment=dated).commit("Retire it")
    iam.delete_role(RoleName=NAME)
    return made["Role"]["RoleId"]


def test_a_removal_is_proven_to_whoever_did_not_make_it(
    organisation: Organisation, act_as: Callable[[str], dict[str, str]], removed: str
) -> None:
    act_as("nhi-verify")
    found = organisation(*PROOF, "--format", "json")

    document = json.loads(found.out)
    (one,) = document["removals"]
    assert (found.code, document["schema"], one["proven"]) == (0, "nhi/removals/v1", True), one
    assert (one["identity"], one["unique_id"]) == (f"staging/{NAME}", removed)
    assert one["merged"] <= one["removed"]["at"] <= one["looks"][0]["at"] <= one["looks"][1]["at"]

    act_as("nhi-apply")
    found = organisation(*PROOF)
    assert found.code == 1
    assert "same-credential: who looked may be who removed\n" in found.out
    assert found.out.endswith("1 removed, 0 proven\n")


@pytest.mark.usefixtures("removed")
def test_a_cloud_that_refuses_an_answer_is_no_proof(
    organisation: Organisation, act_as: Callable[[str], dict[str, str]], loopback: LoopbackAws
) -> None:
    act_as("nhi-verify")
    loopback.add_fault(access_denied("cloudtrail:LookupEvents"))

    found = organisation(*PROOF, "--stack", "staging")

    assert found.code == 4
    assert "UNKNOWN  staging/ledger-writer-test" in found.out
    assert "AWS answered cloudtrail:LookupEvents with AccessDenied" in found.out
    assert organisation(*PROOF, "--stack", "production").out == "0 removed, 0 proven\n"
