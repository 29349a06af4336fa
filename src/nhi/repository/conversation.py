"""A git that runs: what it is told and what it answers, without a deadlock and in bounded time."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Generator
from typing import NamedTuple

from nhi.errors import InputError, NhiError, OutsideError
from nhi.repository.paths import printable

_CHUNK = 1 << 18
_QUOTED = 2048
"""How many bytes of git's own words an error quotes."""
_LEAST = 1.0
"""Seconds that git has to exit once it has closed its output."""
_GRACE = 5.0
"""Seconds that git has to remove its lock files after it was told to stop."""


class Failure(NamedTuple):
    """How a git failed."""

    what: str
    """The command, to a person."""
    code: int | None
    """Its exit code, negative for a signal; None where it did not finish in time."""
    words: str
    """What git said, bounded, every line of it fit for a terminal."""
    patience: float


def failure(failed: Failure) -> NhiError:
    """What a failure of git on this machine is to a person."""
    what, code, words, patience = failed
    if code is None:
        return OutsideError(
            f"{what} did not finish within {patience:g} seconds and was ended",
            hint="look for a lock or a slow disk under the repository, then run the command again",
        )
    lowered = words.lower()
    if "not a git repository" in lowered:
        return InputError(
            f"not inside of a Git repository ({what}: {words})",
            hint="run it in a clone, or make one with: git init",
        )
    if "dubious ownership" in lowered:
        return InputError(f"git does not trust this repository: {words}", hint="do as git says, if the owner is right")
    return OutsideError(
        f"{what} {ended(code)}: {words or 'it said nothing'}", hint="git fsck tells whether the clone is whole"
    )


def ended(code: int) -> str:
    """How a program ended, in words."""
    return f"was ended by signal {-code}" if code < 0 else f"failed with exit code {code}"


class Conversation:
    """One running git, started with three unbuffered pipes; `request` goes in while the answer comes out.

    `patience` is how many seconds are spent waiting for git, all in all. The time that the reader takes between two
    chunks is not counted.
    """

    __slots__ = ("_answers", "_errors", "_failed", "_patience", "_process", "_request", "_waited", "_what")

    def __init__(  # noqa: PLR0913  # each by its name
        self,
        process: subprocess.Popen[bytes],
        *,
        what: str,
        request: bytes,
        patience: float,
        answers: Collection[int],
        failed: Callable[[Failure], Exception] = failure,
    ) -> None:
        """Take over a git that `what` names to a person, and whose exit codes `answers` are no failure."""
        self._process = process
        self._what = what
        self._request = request
        self._patience = patience
        self._answers = answers
        self._failed = failed
        self._errors = b""
        self._waited = 0.0

    def chunks(self) -> Generator[bytes]:
        """Git's output, as it comes. Leaving early ends git.

        Raises:
            InputError: there is no repository, or git does not trust whose it is.
            OutsideError: git failed, or did not answer in time.
            Exception: what `failed` makes of a failure, in place of these.
        """
        try:
            yield from self._exchange()
            code = self._exit_code()
            if code not in self._answers:
                raise self._failure(code)
        finally:
            self.stop()

    def output(self) -> bytes:
        """Git's whole output. Raises as `chunks`."""
        return b"".join(self.chunks())

    def answer(self) -> tuple[int, bytes]:
        """Its exit code, which is one of `answers`, and its whole output. Raises as `chunks`."""
        said = self.output()
        return self._process.returncode, said

    def stop(self) -> None:
        """End git if it still runs, and free what it held."""
        process = self._process
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        if process.poll() is None:
            _tell(process, signal.SIGTERM)
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                _tell(process, signal.SIGKILL)
                process.wait()

    def _exchange(self) -> Generator[bytes]:
        told, answered, complained = self._process.stdin, self._process.stdout, self._process.stderr
        if told is None or answered is None or complained is None:
            raise TypeError("git was started without its three pipes")
        unsent = memoryview(self._request)
        os.set_blocking(told.fileno(), False)
        pipes = select.poll()
        pipes.register(told, select.POLLOUT)
        pipes.register(answered, select.POLLIN)
        pipes.register(complained, select.POLLIN)
        readable = {answered.fileno(), complained.fileno()}
        while readable:
            for pipe in self._ready(pipes):
                if pipe not in readable:
                    unsent = send(pipe, unsent)
                    if not unsent:
                        pipes.unregister(told)
                        told.close()
                    continue
                chunk = os.read(pipe, _CHUNK)
                if not chunk:
                    pipes.unregister(pipe)
                    readable.remove(pipe)
                elif pipe == answered.fileno():
                    yield chunk
                else:
                    self._errors = _kept(self._errors + chunk)

    def _ready(self, pipes: select.poll) -> list[int]:
        start = time.monotonic()
        events = pipes.poll(max(0.0, self._patience - self._waited) * 1000)
        self._waited += time.monotonic() - start
        if not events:
            raise self._failure(None)
        return [pipe for pipe, _ in events]

    def _exit_code(self) -> int:
        try:
            return self._process.wait(max(_LEAST, self._patience - self._waited))
        except subprocess.TimeoutExpired as cause:
            raise self._failure(None) from cause

    def _failure(self, code: int | None) -> Exception:
        lines = self._errors.decode(errors="backslashreplace").split("\n")
        words = "\n".join(map(printable, lines)).strip()
        return self._failed(Failure(self._what, code, words, self._patience))


def _kept(said: bytes) -> bytes:
    """The beginning of git's own words, and their end, from a whole line on: what it says last is why it stopped."""
    if len(said) <= _QUOTED:
        return said
    end = said[-_QUOTED // 2 :].partition(b"\n")[2]
    return said[: _QUOTED - 1 - len(end)] + b"\n" + end


def _tell(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal a git that was not waited for yet, and the programs that it started where it leads a group of its own."""
    if os.getpgid(process.pid) == process.pid:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)


def send(pipe: int, unsent: memoryview) -> memoryview:
    """Write what the pipe takes now; what is left. Nothing is left for a reader who has gone."""
    try:
        return unsent[os.write(pipe, unsent[:_CHUNK]) :]
    except BlockingIOError:
        return unsent
    except BrokenPipeError:
        return unsent[:0]  # git has stopped listening; its exit code says why
