"""A lock on the folder in which Terraform works on a stack: one run at a time, and not before the last one's end.

The lock belongs to an open file, not to a process (flock(2)): a Terraform that was given the file holds it too, so that
the lock lasts where `nhi` is killed and Terraform works on. It ends with the last of them, however they end.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic

from nhi.errors import OutsideError

_PRIVATE = 0o600
_TICK = 0.2
"""Seconds between two tries."""


@contextmanager
def held(file: Path, patience: float, on_line: Callable[[str], None]) -> Iterator[int]:
    """Hold the lock for as long as the block lasts. Gives the file descriptor that holds it.

    `patience` is how many seconds to wait for another run.

    Raises:
        OutsideError: another run holds it for longer.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
    try:
        _wait(descriptor, file, patience, on_line)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait(descriptor: int, file: Path, patience: float, on_line: Callable[[str], None]) -> None:
    deadline = monotonic() + patience
    told = False
    while not _taken(descriptor):
        if monotonic() >= deadline:
            raise OutsideError(
                f"another run works in {file.parent}, perhaps the Terraform of an `nhi` that was killed",
                hint="wait for its end, then run `nhi plan` again; --work names another folder",
            )
        if not told:
            on_line(f"waiting for another run in {file.parent}")
            told = True
        Event().wait(_TICK)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
