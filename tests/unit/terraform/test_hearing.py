"""A process is heard for so long and no longer, whatever it says."""

import os
import subprocess
from collections.abc import Iterator
from tempfile import TemporaryFile

import pytest

from nhi.terraform import hearing
from nhi.terraform.hearing import Written


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing, for longer than any test."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        process.kill()


def test_one_that_never_stops_talking_is_not_heard_for_ever(
    sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = 0
    monkeypatch.setattr(hearing, "monotonic", lambda: float(heard))
    with TemporaryFile() as file:

        def say_more(_chunk: bytes) -> None:
            nonlocal heard
            heard += 1
            assert heard < 100, "its time was up long ago"
            os.write(file.fileno(), b"more\n")

        say_more(b"")

        assert not Written(file.fileno(), say_more).heard_out(sleeper, 10)

    assert heard == 11


def test_what_a_process_said_before_its_end_is_heard_however_late(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[bytes] = []
    times = iter(range(0, 10_000, 1000))
    monkeypatch.setattr(hearing, "monotonic", lambda: float(next(times)))
    with TemporaryFile() as file, subprocess.Popen(["true"], start_new_session=True) as process:
        file.write(b"x" * 200_000)
        file.flush()
        process.wait()

        assert Written(file.fileno(), said.append).heard_out(process, 1)

    assert b"".join(said) == b"x" * 200_000
    assert said[-1] == b""
