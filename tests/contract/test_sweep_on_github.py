"""Sweeps on the loopback GitHub: what they cost in requests, killed after any of them, and two at once."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.manifests import FILES
from tests.fixtures.sweeps import LATER, NOW, SOON, declare, two_at_once
from tests.fixtures.swept import Swept, again, copied, seen, swept

from nhi.sandbox.github.frontend import Done
from nhi.sandbox.github.server import LoopbackGitHub

BEFORE = declare("prod/ledger", "prod/refunds") | declare("prod/soon", expiry=SOON)
CHANGED = declare("prod/ledger", expiry=LATER) | declare("prod/audit", owner="security")
SECOND_NIGHT = NOW + timedelta(days=4)
CONSTANT = 8
"""Requests of a run that opens nothing: two listings of pull requests, one of issues, who we are; and the notices'."""


@pytest.fixture
def world(github: LoopbackGitHub, git_repository: Callable[..., Clone], tmp_path: Path) -> Swept:
    """The repository before its first night."""
    return swept(github, git_repository({**FILES, **BEFORE}), tmp_path / "github")


def second_night(world: Swept) -> None:
    """The second has everything to do: open, close, delete, tell, comment."""
    world.sweep()
    world.change(CHANGED)


def test_the_first_night_opens_and_tells_and_the_next_changes_nothing(world: Swept) -> None:
    report = world.sweep()
    assert report.clean
    (pull,) = world.site.repository.pulls.values()
    assert (pull.issue.labels, pull.auto_merge is not None) == (["nhi/sweep"], True)
    before = seen(world)
    world.sweep(NOW + timedelta(days=1))
    assert seen(world) == before


def test_what_passes_the_gate_is_merged_and_gone(world: Swept) -> None:
    world.sweep()
    (pull,) = world.site.repository.pulls.values()
    world.site.say(pull.head, "root", "nhi/gate", "success")
    assert pull.merged_at is not None
    assert world.sweep().clean
    assert world.remote().branches("nhi/") == {}


def test_thirty_pull_requests_cost_three_requests_each_and_a_constant(
    github: LoopbackGitHub, git_repository: Callable[..., Clone], tmp_path: Path
) -> None:
    stacks = [f"stack-{one}" for one in range(10)]
    settings = "".join(f'  {one}: {{account: "111122223333", region: eu-west-1}}\n' for one in stacks)
    files = {**FILES, "nhi.yaml": f"apiVersion: nhi/v1\nstacks:\n{settings}"}
    files |= declare(*(f"{stack}/lives-{number:02d}" for stack in stacks for number in range(27)), expiry=LATER)
    for owner in ("payments", "security", "alice"):
        files |= declare(*(f"{stack}/{owner}-ended" for stack in stacks), owner=owner)
    world = swept(github, git_repository(files), tmp_path / "github")
    world.sweep(max_removals=30)
    assert len(world.site.repository.pulls) == 30
    assert github.count() <= 3 * 30 + CONSTANT


def writes(calls: Sequence[Done]) -> list[int]:
    """Which of the requests that a fault counts (git's questions are none) changed something; from 1."""
    counted = [one for one in calls if ".git/" not in one.path or one.path.endswith("/git-receive-pack")]
    return [place for place, one in enumerate(counted, start=1) if one.method != "GET"]


def test_killed_after_any_request_that_writes_and_run_again_it_ends_as_undisturbed(
    world: Swept, github: LoopbackGitHub, tmp_path: Path
) -> None:
    second_night(world)
    origin, before = world.clone, github.world
    whole = again(github, before, origin, tmp_path / "whole")
    begun = len(github.calls)
    whole.sweep(SECOND_NIGHT)
    points, wanted = writes(github.calls[begun:]), seen(whole)
    violations = list(github.violations)
    assert len(points) > 10
    for most in points:
        dying = again(github, before, origin, tmp_path / f"github-{most}")
        github.faults.refuse_after(most)
        assert dying.sweep(SECOND_NIGHT).failed or most == points[-1]
        github.faults.clear()
        dying.sweep(SECOND_NIGHT)
        assert seen(dying) == wanted, f"killed after request {most} of {points}"
        violations += github.violations
    assert violations == []


@pytest.mark.parametrize("order", ["ab", "aaaaaaab"])
def test_two_sweeps_at_once_make_one_set(world: Swept, github: LoopbackGitHub, tmp_path: Path, order: str) -> None:
    origin = copied(world, tmp_path / "origin")
    second_night(world)
    world.sweep(SECOND_NIGHT)
    wanted = seen(world)
    both = swept(github, origin, tmp_path / "both")
    second_night(both)
    seconds = {"a": timedelta(), "b": timedelta(seconds=7)}
    two_at_once(order, lambda who, around: both.sweep(SECOND_NIGHT + seconds[who], around))
    assert seen(both) == wanted
