"""An apply that is killed, whenever and however: nothing is lost, nothing is made twice, the next run ends it."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from tests.fixtures.killing import STACK, Site, kill_alone, kill_with_all, site, wait_until

from nhi.sandbox.aws import LoopbackAws, loopback_aws
from nhi.sandbox.faults import slow

SEED = 20261120
ROUNDS = 10
"""In each of two accounts."""
EACH = 3
"""So many identities come, and so many go, in every round."""
STEPS = EACH * 4 * 2 * 2
"""Beginnings and ends of the changes of one round: a role and three of its parts, made and removed."""


@pytest.fixture(scope="module")
def slow_aws(terraform_environment: Mapping[str, str]) -> Iterator[LoopbackAws]:
    """A loopback AWS that takes its time, so that a kill often meets a call that is under way."""
    with loopback_aws(terraform_environment) as aws:
        for action in ("iam:CreateRole", "iam:DeleteRole", "iam:PutRolePolicy"):
            aws.add_fault(slow(action, 0.3))
        yield aws


def _round(one: Site, number: int, *, alone: bool, random: Random) -> str:
    """Change the declared state, kill its apply, and let the next run end it. What was done, for the test's output."""
    coming = [f"role-{number}-{index}" for index in range(EACH)]
    going = [f"role-{number - 1}-{index}" for index in range(EACH)] if number else []
    one.withdraw(going)
    one.declare(coming)
    planned = one.nhi("plan", "--format", "json")
    assert planned.code == 0, planned
    # What the last round left needed no change: this plan is about this round's identities alone.
    touched = {found["identity"] for found in json.loads(planned.out)["stacks"][0]["identities"]}
    assert touched == {f"{STACK}/{name}" for name in (*coming, *going)}

    steps = random.randrange(-1, STEPS if number else STEPS // 2)
    (one.work / "apply.jsonl").unlink(missing_ok=True)  # of the last apply: it would tell its steps
    process = one.start("apply", "--max-removals", str(EACH))
    wait_until("the moment has come", lambda: one.steps() >= steps or process.poll() is not None)
    ended_before = process.poll() is not None
    assert process.returncode in (None, 0), process.communicate()
    (kill_alone if alone else kill_with_all)(process)
    before = one.roles()

    replanned = one.nhi("plan")
    assert replanned.code == 0, replanned
    applied = one.nhi("apply", "--max-removals", str(EACH))
    assert applied.code == 0, applied
    verified = one.nhi("verify")
    assert verified.code == 0, verified

    after = one.roles()
    assert after.keys() == set(coming)
    assert {name: before[name] for name in before.keys() & after.keys()} == {
        name: after[name] for name in before.keys() & after.keys()
    }
    words = "nhi alone" if alone else "all of it"
    return f"round {number}: {words} at step {steps}{' (it had ended)' if ended_before else ''}, {len(before)} roles"


def _rounds(one: Site, seed: int) -> list[str]:
    random = Random(seed)  # noqa: S311  # a test that can be repeated
    ways = [True, False] * (ROUNDS // 2)
    random.shuffle(ways)
    said = [_round(one, number, alone=alone, random=random) for number, alone in enumerate(ways)]
    again = one.nhi("plan", "--format", "json")
    assert again.code == 0, again
    assert json.loads(again.out)["stacks"][0]["identities"] == []
    return said


def _cut_off(one: Site) -> list[str]:
    """The records of applies that ended half-done."""
    found = []
    for file in sorted(one.work.glob("apply-*.json")):
        fates = {resource["fate"] for resource in json.loads(file.read_text())["resources"]}
        if fates & {"not-begun", "unknown"} and fates != {"not-begun"}:
            found.append(file.name)
    return found


def test_an_apply_killed_at_random_moments_loses_nothing_and_makes_nothing_twice(
    tmp_path: Path, slow_aws: LoopbackAws, terraform_environment: Mapping[str, str]
) -> None:
    accounts = ("111122223333", "444455556666")
    sites = [site(tmp_path / account, slow_aws, terraform_environment, account=account) for account in accounts]
    with ThreadPoolExecutor(len(sites)) as pool:
        runs = [pool.submit(_rounds, one, SEED + number) for number, one in enumerate(sites)]
        for account, run in zip(accounts, runs, strict=True):
            print(f"seed {SEED}, account {account}:", *run.result(), sep="\n  ")  # noqa: T201  # shown on failure

    for one in sites:
        assert len(_cut_off(one)) >= ROUNDS // 4, "hardly a kill met an apply in its middle"
        all_names = {f"role-{number}-{index}" for number in range(ROUNDS) for index in range(EACH)}
        made, removed = one.events("CreateRole"), one.events("DeleteRole")
        assert made == dict.fromkeys(all_names, 1)
        assert removed == dict.fromkeys(all_names - one.roles().keys(), 1)
