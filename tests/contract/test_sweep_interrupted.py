"""A sweep that is killed after any call, and two at once: the end state is that of one undisturbed run."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.sweeps import LATER, NOW, SOON, Dead, Stage, declare, mortal, normal_form, stage, two_at_once

BEFORE = declare("prod/ledger", "prod/refunds") | declare("prod/soon", "staging/soon", expiry=SOON)
CHANGED = (
    declare("prod/ledger", expiry=LATER)
    | declare("staging/search")
    | declare("prod/audit", owner="security")
    | declare("prod/late", expiry="2027-04-25")
)
"""One renewed, so that its pull request becomes another; two more due; one more that ends soon."""
SECOND_NIGHT = NOW + timedelta(days=4)


@pytest.fixture
def world(git_repository: Callable[..., Clone]) -> Stage:
    """The first night is over; the second has everything to do: open, close, delete, tell, comment."""
    world = stage(git_repository, BEFORE)
    world.sweep()
    world.change(CHANGED)
    return world


@pytest.mark.parametrize("merging", ["by itself", "by people", "at once"])
def test_killed_after_any_call_and_run_again_it_ends_as_undisturbed(world: Stage, tmp_path: Path, merging: str) -> None:
    world.forge.auto_merge_refusal = "Auto merge is not allowed" if merging == "by people" else ""
    world.forge.rules_are_met = merging == "at once"
    undisturbed = world.copy(tmp_path / "undisturbed")
    calls: list[str] = []
    undisturbed.sweep_with(mortal(10_000, calls), SECOND_NIGHT)
    wanted = normal_form(undisturbed)
    assert {"push", "delete", "open_pull_request", "close_pull_request", "keep_comment", "edit_issue"} <= set(calls)
    for most in range(len(calls)):
        again = world.copy(tmp_path / str(most))
        lived: list[str] = []
        with pytest.raises(Dead):
            again.sweep_with(mortal(most, lived), SECOND_NIGHT)
        again.sweep(SECOND_NIGHT)
        assert normal_form(again) == wanted, f"killed after {most} calls, the last {lived[-1:]}"


@pytest.mark.parametrize("order", ["ab", "aab", "aaaaaab", "aaaaaaaaaaab"])
def test_two_sweeps_at_once_make_one_set(world: Stage, tmp_path: Path, order: str) -> None:
    undisturbed = world.copy(tmp_path / "undisturbed")
    undisturbed.sweep(SECOND_NIGHT)
    seconds = {"a": timedelta(), "b": timedelta(seconds=7)}
    two_at_once(order, lambda who, around: world.sweep_with(around, SECOND_NIGHT + seconds[who]))
    assert names_alone(normal_form(world)) == names_alone(normal_form(undisturbed))


def names_alone(form: dict[str, object]) -> object:
    """The second of the two has another second in its commits."""
    branches = form["branches"]
    assert isinstance(branches, dict)
    return {**form, "branches": sorted(branches)}
