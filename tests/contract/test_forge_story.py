"""The scenario of the live suite (tests/live), on the loopback GitHub."""

from collections.abc import Callable

import pytest
from tests.fixtures.forge_story import STORIES, Stage
from tests.fixtures.forges import LoopbackScene

from nhi.forge.github_forge import GitHubForge


@pytest.fixture
def stage(loopback_as: Callable[[str], LoopbackScene]) -> Stage:
    scene = loopback_as("person")
    return Stage(
        run="run",
        forge=scene.forge,
        again=scene.another,
        push=lambda branch: scene.push("alice", branch),
        move=lambda branch: scene.push("alice", branch),
        twin=scene.twin,
        wait=lambda: pytest.fail("the loopback GitHub does everything at once"),
        wait_until_mergeable=lambda _: None,
    )


@pytest.mark.parametrize("part", STORIES)
def test_the_loopback_github_is_as_github(part: str, stage: Stage) -> None:
    assert isinstance(stage.forge, GitHubForge)

    STORIES[part](stage)
