"""Interrupts for whoever waits for a process in another thread than the main one, which alone gets Python's own."""

import subprocess
from collections.abc import Callable
from time import monotonic

from nhi.terraform.hearing import Voice

_SPAN = 0.5
"""Seconds between looks at whether somebody has interrupted."""


def never() -> int:
    """No interrupt ever."""
    return 0


class Interruptible:
    """A voice that is heard in short spans. Between them, each interrupt is noticed once, as a KeyboardInterrupt.

    `interrupts` says how many there have been since the program began.
    """

    def __init__(self, voice: Voice, interrupts: Callable[[], int]) -> None:
        self._voice = voice
        self._interrupts = interrupts
        self._noticed = 0

    def heard_out(self, process: subprocess.Popen[bytes], seconds: float) -> bool:
        """Hand on what the process says until it has ended. False where the time is up before."""
        deadline = monotonic() + seconds
        while True:
            if self._interrupts() > self._noticed:
                self._noticed += 1
                raise KeyboardInterrupt
            left = deadline - monotonic()
            if self._voice.heard_out(process, max(0, min(left, _SPAN))):
                return True
            if left <= _SPAN:
                return False

    def mute(self) -> None:
        """Hand on nothing from now on."""
        self._voice.mute()

    def close(self) -> None:
        """Let go of what it is heard by."""
        self._voice.close()
