"""Which git there is, as it says itself."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.fixtures.git import clean_environment

from nhi.errors import MissingTool, OutsideError
from nhi.repository.git_version import git_version


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    return clean_environment(tmp_path)


def test_this_git_says_its_version_and_is_new_enough(environment: Mapping[str, str]) -> None:
    name, _, version = git_version(environment).partition(" ")

    assert name == "git"
    assert tuple(map(int, version.split(".")[:2])) >= (2, 38)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("git version 2.38.0", "git 2.38.0"),
        ("git version 2.50.1 (Apple Git-155)", "git 2.50.1"),
        ("git version 3.0", "git 3.0"),
    ],
)
def test_a_git_that_is_new_enough_is_taken(
    git_that: Callable[[str, str], str], environment: Mapping[str, str], said: str, version: str
) -> None:
    path = git_that("version", f'echo "{said}"; exit 0')

    assert git_version({**environment, "PATH": path}) == version


@pytest.mark.parametrize("said", ["git version 2.37.9", "git version 1.99"])
def test_a_git_that_is_too_old_is_as_good_as_none(
    git_that: Callable[[str, str], str], environment: Mapping[str, str], said: str
) -> None:
    path = git_that("version", f'echo "{said}"; exit 0')

    with pytest.raises(MissingTool):
        git_version({**environment, "PATH": path})


def test_a_git_that_does_not_say_is_a_failure(
    git_that: Callable[[str, str], str], environment: Mapping[str, str]
) -> None:
    path = git_that("version", "echo hello; exit 0")

    with pytest.raises(OutsideError):
        git_version({**environment, "PATH": path})


def test_no_git_is_said(environment: Mapping[str, str], tmp_path: Path) -> None:
    with pytest.raises(MissingTool):
        git_version({**environment, "PATH": str(tmp_path)})
