"""Conversations with programs that are not git: what matters is when they read and write."""

import os
import subprocess
import sys

import pytest

from nhi.errors import OutsideError
from nhi.repository.conversation import Conversation, send

LARGE = b"x" * 3_000_000
ECHO = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"
DEAF = "import os, sys; os.close(0); sys.stdout.write('heard nothing'); sys.exit(3)"
SLOW_TO_READ = "import sys; sys.stdout.write('y' * 1_000_000); sys.stdout.flush(); sys.stdout.write(sys.stdin.read())"
COMPLAINING = "import sys; sys.stderr.write('z' * 1_000_000); sys.stdout.write(sys.stdin.read())"


def talk(program: str, request: bytes, *, answers: tuple[int, ...] = (0,)) -> Conversation:
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", program], bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe)
    return Conversation(process, what="the program", request=request, patience=60.0, answers=answers)


@pytest.mark.parametrize("program", [ECHO, SLOW_TO_READ, COMPLAINING])
def test_who_asks_much_and_answers_much_does_not_block(program: str) -> None:
    assert talk(program, LARGE).output().endswith(LARGE)


def test_who_does_not_listen_says_why_by_its_exit_code() -> None:
    with pytest.raises(OutsideError, match="the program failed with exit code 3"):
        talk(DEAF, LARGE).output()
    assert talk(DEAF, LARGE, answers=(3,)).output() == b"heard nothing"


def test_the_output_is_not_complete_before_the_exit_code_is_known() -> None:
    chunks = talk("import sys; sys.stdout.write('half'); sys.exit(1)", b"").chunks()
    assert next(chunks) == b"half"
    with pytest.raises(OutsideError, match="exit code 1"):
        next(chunks)


def test_a_full_pipe_takes_nothing_and_loses_nothing() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    left = memoryview(LARGE)
    while len(left) != len(left := send(writing, left)):
        pass
    assert 0 < len(LARGE) - len(left) <= len(os.read(reading, len(LARGE)))
    os.close(reading)
    os.close(writing)


def test_pipes_are_needed() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    with pytest.raises(TypeError, match="three pipes"):
        Conversation(process, what="x", request=b"", patience=60.0, answers=(0,)).output()
    process.wait()
