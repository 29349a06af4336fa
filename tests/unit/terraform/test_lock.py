"""A folder is worked in by one run at a time, and a child that holds the lock keeps it."""

import subprocess
from pathlib import Path

import pytest

from nhi.errors import OutsideError
from nhi.terraform.lock import held


def quiet(_: str) -> None:
    pass


def test_a_folder_that_another_run_holds_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a" / "lock"
    with held(file, 0, quiet), pytest.raises(OutsideError, match="another run works in"), held(file, 0, quiet):
        pytest.fail("two at once")


def test_a_folder_is_free_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), held(tmp_path / "lock", 0, quiet):
        raise ZeroDivisionError

    with held(tmp_path / "lock", 0, quiet) as descriptor:
        assert descriptor > 2


def test_a_run_waits_for_the_other_and_says_so_once(tmp_path: Path) -> None:
    said: list[str] = []
    with _child_holding(tmp_path / "lock") as other:

        def free(line: str) -> None:
            said.append(line)
            other.kill()

        with held(tmp_path / "lock", 60, free):
            assert said == [f"waiting for another run in {tmp_path}"]


def test_a_child_keeps_the_lock_when_its_parent_is_gone(tmp_path: Path) -> None:
    with _child_holding(tmp_path / "lock") as other:
        with pytest.raises(OutsideError), held(tmp_path / "lock", 0, quiet):
            pytest.fail("the child holds it")
        other.kill()
        other.wait()

        with held(tmp_path / "lock", 0, quiet):
            pass


def _child_holding(file: Path) -> "subprocess.Popen[bytes]":
    """A program that was given the lock, whose giver has let go of it."""
    with held(file, 0, quiet) as descriptor:
        return subprocess.Popen(["sleep", "600"], pass_fds=[descriptor])
