"""How far each stack is: told in lines when it ends, and in rows at any time."""

from pathlib import Path

import pytest

from nhi.cli import progress
from nhi.cli.progress import Progress
from nhi.cli.terminal import live_rows
from nhi.cli.watched import watched
from nhi.errors import OutsideError
from nhi.terraform.process import TerraformBinary


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in seconds, to be set by a test."""
    now = [100.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    return now


def test_a_stack_waits_until_it_is_begun(clock: list[float]) -> None:
    one = Progress(["prod"], print)
    clock[0] += 5

    (row,) = one.rows()
    assert (row.words, row.begun, row.ended, row.seconds) == ("waiting", False, False, 0)


def test_seconds_pass_while_a_stack_is_worked_on_and_no_longer(clock: list[float]) -> None:
    told: list[str] = []
    one = Progress(["prod", "test"], told.append)

    with one.work("prod"):
        one.step("prod", "planning")
        clock[0] += 3
        assert (one.rows()[0].words, one.rows()[0].seconds) == ("planning", 3)
        one.step("prod", "planned, 1 change")
        clock[0] += 5
    clock[0] += 100

    assert told == ["prod: planned, 1 change (8 s)"]
    assert [(row.name, row.ended, row.seconds) for row in one.rows()] == [("prod", True, 8), ("test", False, 0)]


def test_a_stack_that_fails_says_so_and_keeps_its_error(clock: list[float]) -> None:
    told: list[str] = []
    one = Progress(["prod"], told.append)

    def fail() -> None:
        with one.work("prod"):
            clock[0] += 2
            raise OutsideError("no")

    with pytest.raises(OutsideError):
        fail()

    assert told == ["prod: failed (2 s)"]
    assert one.rows()[0].failed


def test_each_long_call_of_terraform_is_a_step_and_every_call_is_counted(tmp_path: Path) -> None:
    program = tmp_path / "terraform"
    program.write_text('#!/bin/sh\necho \'{"terraform_version": "1.11.4"}\'\n')
    program.chmod(0o700)
    told: list[str] = []
    crew = Counting()
    one = watched(TerraformBinary({"PATH": "/usr/bin:/bin"}, str(program)), lambda: crew, told.append)

    assert one.version() == "1.11.4"
    assert (told, crew.entered) == ([], 1)
    one.init(tmp_path, lambda _line: None)
    one.show(tmp_path, tmp_path / "plan")
    assert (told, crew.entered) == (["init", "reading the plan"], 3)


class Counting:
    """A context that counts how often it is entered."""

    entered = 0

    def __enter__(self) -> None:
        self.entered += 1

    def __exit__(self, *_: object) -> None:
        """Nothing."""


def test_nothing_is_drawn_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    one = Progress(["prod"], print)

    with live_rows(one.rows):
        pass

    assert "\x1b" not in capsys.readouterr().err
