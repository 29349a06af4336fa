"""Hear a running process out: what it says, until it ends or its time is up, and how it is ended.

A process speaks into pipes, or into a file. What changes the cloud speaks into a file: whoever writes into a pipe that
nobody reads any more is ended by it, and a Terraform whose reader was killed must finish its work all the same.
"""

import contextlib
import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Protocol, TypeAlias

_CHUNK = 64 * 1024
_TICK = 0.5
"""Seconds between looks at a process that prints nothing into its pipes."""
_FILE_TICK = 0.1
"""Seconds between looks at a file that a process may have written to."""

Sink: TypeAlias = Callable[[bytes], None]
"""Takes what a process says; the empty chunk is its end."""


class Voice(Protocol):
    """What one process says."""

    def heard_out(self, process: subprocess.Popen[bytes], seconds: float) -> bool:
        """Hand on what the process says until it has ended. False where the time is up before."""
        ...

    def mute(self) -> None:
        """Hand on nothing from now on."""
        ...

    def close(self) -> None:
        """Let go of what it is heard by."""
        ...


class Pipes:
    """The pipes of a process, by what takes what they give."""

    def __init__(self, pipes: Mapping[int, Sink]) -> None:
        self._pipes = dict(pipes)
        self._open = selectors.DefaultSelector()
        for pipe, sink in pipes.items():
            self._open.register(pipe, selectors.EVENT_READ, sink)

    def heard_out(self, process: subprocess.Popen[bytes], seconds: float) -> bool:
        """Hand on what the process prints until it has ended. False where the time is up before."""
        deadline = monotonic() + seconds
        while self._open.get_map():
            left = deadline - monotonic()
            if left <= 0:
                return False
            ready = self._open.select(min(left, _TICK))
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    self._open.unregister(key.fileobj)
                key.data(chunk)
            if not ready and process.poll() is not None:
                send(process, signal.SIGKILL)  # a child that it left behind holds the pipe
                return True
        try:
            process.wait(max(0, deadline - monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def mute(self) -> None:
        """Hand on nothing from now on."""
        for key in list(self._open.get_map().values()):
            self._open.modify(key.fileobj, key.events, _nobody)

    def close(self) -> None:
        """Stop listening; the pipes are their process's."""
        self._open.close()


class Written:
    """A file that a process writes to, read as it grows."""

    def __init__(self, file: int, sink: Sink) -> None:
        self._file = file
        self._sink = sink
        self._read = 0

    def heard_out(self, process: subprocess.Popen[bytes], seconds: float) -> bool:
        """Hand on what the process writes until it has ended. False where the time is up before."""
        deadline = monotonic() + seconds
        while True:
            ended = process.poll() is not None  # before the look: what it wrote until then is there
            if ended:
                send(process, signal.SIGKILL)  # its children must not outlive it
            said = self._hand_on()
            if ended and not said:
                self._sink(b"")
                return True
            left = deadline - monotonic()
            if left <= 0 and not ended:  # also of one that never stops talking
                return False
            if not said:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(min(left, _FILE_TICK))

    def _hand_on(self) -> bool:
        chunk = os.pread(self._file, _CHUNK, self._read)
        if chunk:
            self._read += len(chunk)
            self._sink(chunk)
        return bool(chunk)

    def mute(self) -> None:
        """Hand on nothing from now on."""
        self._sink = _nobody

    def close(self) -> None:
        """Nothing: the file is its opener's."""


def end(process: subprocess.Popen[bytes], voice: Voice, grace: float) -> bool:
    """Interrupt the process, and kill it where it does not end in time. Whether it ended by itself."""
    deadline = monotonic() + grace
    while True:
        send(process, signal.SIGINT)
        try:
            by_itself = voice.heard_out(process, max(0, deadline - monotonic()))
        except KeyboardInterrupt:
            continue  # the person insists: Terraform ends at once on a second SIGINT
        if not by_itself:
            send(process, signal.SIGKILL)
            process.wait()
        return by_itself


def leave_nothing(process: subprocess.Popen[bytes], voice: Voice, grace: float) -> None:
    """End a process that still runs because whoever listened to it failed, and close its pipes."""
    if process.poll() is None:
        voice.mute()
        end(process, voice, grace)
    voice.close()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


def send(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the whole group of a process."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _nobody(_: object) -> None:
    pass
