"""A sweep of which a part fails: the rest is done, what failed is said, and the next night makes it good."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.sweeps import ENDED, LATER, SOON, Around, Stage, declare, normal_form, stage

from nhi.cli.request_report import request_json, request_text
from nhi.errors import ExitCode, OutsideError

OTHERS = tuple(f"prod/lives-{number}" for number in range(60))
ENDINGS = {f"prod/{owner}-ended": owner for owner in ("alice", "carol", "payments", "security")}


def ended(names: dict[str, str]) -> dict[str, str]:
    return {path: text for name, owner in names.items() for path, text in declare(name, owner=owner).items()}


@pytest.fixture
def world(git_repository: Callable[..., Clone]) -> Stage:
    """Four pull requests to open, each of another owner, and an owner to tell."""
    found = stage(git_repository, declare(*OTHERS, expiry=LATER) | ended(ENDINGS) | declare("prod/soon", expiry=SOON))
    assert ENDED < SOON
    return found


def failing(call: str, *places: int, said: str = "GitHub answered with 422") -> Around:
    """The calls of one name at these places fail, from 0; with none, all."""
    seen = {"calls": 0}

    @contextmanager
    def around(name: str) -> Iterator[None]:
        if name == call:
            seen["calls"] += 1
            if not places or seen["calls"] - 1 in places:
                raise OutsideError(said, hint="run it again later")
        yield

    return around


def owners(world: Stage) -> list[str]:
    return sorted(pull.title.rpartition(" ")[2] for pull in world.pulls)


def test_one_that_cannot_be_opened_stands_in_the_way_of_no_other_nor_of_the_notices(world: Stage) -> None:
    report = world.sweep_with(failing("open_pull_request", 1))
    assert owners(world) == ["alice", "payments", "security"]
    assert len(world.forge.opened) == 1
    assert (report.exit_code, report.clean, len(report.settled)) == (ExitCode.OUTSIDE, False, 3)
    (failed,) = report.failed
    assert (failed.what.split("/")[3], failed.message) == ("carol", "GitHub answered with 422")
    assert f"FAILED   {failed.what}: GitHub answered with 422\n           run it again later\n" in request_text(report)
    assert f'"what": "{failed.what}"' in request_json(report)


def test_what_failed_is_made_good_the_next_night(world: Stage) -> None:
    undisturbed = world.copy(world.clone.root.parent / "undisturbed")
    undisturbed.sweep()
    world.sweep_with(failing("merge_when_allowed", 0, 3))
    assert world.sweep().exit_code is ExitCode.CLEAN
    assert normal_form(world) == normal_form(undisturbed)


def test_where_nothing_works_nothing_more_is_asked(world: Stage) -> None:
    report = world.sweep_with(failing("open_pull_request", said="You have exceeded a secondary rate limit"))
    assert world.forge.called("open_pull_request", "issues", "open_issue") == 0
    assert [one.message.startswith("You have") for one in report.failed] == [True, True, True, False, False]
    assert report.failed[-1].what == "telling the owners"
    assert report.exit_code is ExitCode.OUTSIDE


def test_what_the_remote_does_not_let_be_pushed_is_said_with_its_reason(world: Stage) -> None:
    hook = world.bare / "hooks" / "update"
    hook.write_text('#!/bin/sh\ncase $1 in */carol/*) echo "not below nhi/" >&2; exit 1 ;; esac\n')
    hook.chmod(0o755)
    report = world.sweep()
    assert owners(world) == ["alice", "payments", "security"]
    (failed,) = report.failed
    assert (failed.what.split("/")[3], "hook declined" in failed.message) == ("carol", True)


def test_a_wrong_one_that_cannot_be_closed_keeps_its_branch_until_it_is(world: Stage) -> None:
    world.sweep()
    renewed = {path: text.replace(ENDED, LATER) for path, text in ended(ENDINGS).items()}
    world.change(renewed)
    report = world.sweep_with(failing("close_pull_request", 0))
    assert (len(report.withdrawn), len(report.failed), len(world.branches())) == (3, 1, 1)
    assert len(world.sweep().withdrawn) == 1
    assert world.branches() == {}


def test_what_is_due_is_not_left_without_a_pull_request_where_its_successor_fails(world: Stage) -> None:
    world.sweep()
    world.change(declare("prod/more-ended", owner="alice"))
    report = world.sweep_with(failing("open_pull_request"))
    (left,) = report.left
    assert (left.branch.split("/")[3], report.withdrawn) == ("alice", ())
    assert left.branch in world.branches()


@pytest.mark.parametrize("call", ["delete", "issues"])
def test_neither_the_branches_nor_the_notices_hide_what_was_opened(world: Stage, call: str) -> None:
    world.forge.rules_are_met = True
    report = world.sweep_with(failing(call))
    assert len(report.settled) == 4
    assert [one.message for one in report.failed] == ["GitHub answered with 422"]
