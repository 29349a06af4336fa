"""Interrupts reach whoever waits for a process in another thread, as often as the person insists."""

import subprocess
import sys
from collections.abc import Iterator
from threading import Thread

import pytest

from nhi.terraform.hearing import Pipes, end, leave_nothing
from nhi.terraform.interrupts import Interruptible, never

_PLENTY = 60.0
_STUBBORN = """
import signal, sys, time
count = 0
def count_it(*_):
    global count
    count += 1
    print(f"interrupt {count}", flush=True)
    if count == 2:
        sys.exit(7)
signal.signal(signal.SIGINT, count_it)
print("ready", flush=True)
while True:
    signal.pause()
"""


@pytest.fixture
def stubborn() -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends on its second interrupt alone."""
    with subprocess.Popen([sys.executable, "-c", _STUBBORN], stdout=subprocess.PIPE, start_new_session=True) as process:
        yield process
        process.kill()


def test_without_interrupts_a_process_is_heard_to_its_end() -> None:
    heard: list[bytes] = []
    with subprocess.Popen(["/bin/echo", "done"], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        voice = Interruptible(Pipes({process.stdout.fileno(): heard.append}), never)
        assert voice.heard_out(process, _PLENTY)
        leave_nothing(process, voice, _PLENTY)
    assert b"".join(heard) == b"done\n"


def test_where_the_time_is_up_it_says_so(stubborn: subprocess.Popen[bytes]) -> None:
    assert stubborn.stdout
    voice = Interruptible(Pipes({stubborn.stdout.fileno(): lambda _chunk: None}), never)

    assert not voice.heard_out(stubborn, 0.01)


def test_each_interrupt_is_passed_on_once_until_the_process_ends(stubborn: subprocess.Popen[bytes]) -> None:
    interrupts, heard = [0], bytearray()

    def hear(chunk: bytes) -> None:
        heard.extend(chunk)
        if chunk.strip():  # "ready", then "interrupt 1": each time the person interrupts once more
            interrupts[0] += 1

    assert stubborn.stdout
    voice = Interruptible(Pipes({stubborn.stdout.fileno(): hear}), lambda: interrupts[0])
    ended: list[bool] = []

    def work() -> None:
        with pytest.raises(KeyboardInterrupt):
            voice.heard_out(stubborn, _PLENTY)
        ended.append(end(stubborn, voice, _PLENTY))

    thread = Thread(target=work)
    thread.start()
    thread.join(_PLENTY)
    assert ended == [True]
    assert heard.decode().split("\n")[:3] == ["ready", "interrupt 1", "interrupt 2"]
    assert stubborn.returncode == 7
