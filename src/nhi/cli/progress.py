"""How far each stack is, while several are worked on at once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from time import monotonic

_WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Row:
    """One stack, as it is now."""

    name: str
    words: str
    begun: bool
    ended: bool
    failed: bool
    seconds: float
    """Since it was begun, until it ended."""


@dataclass(slots=True)
class _State:
    words: str = _WAITING
    begun: float | None = None
    ended: float | None = None
    failed: bool = False


class Progress:
    """Where every stack stands. It may be told and asked from any thread.

    `told` is called with a line for each stack that has ended.
    """

    def __init__(self, names: Sequence[str], told: Callable[[str], None]) -> None:
        self._states = {name: _State() for name in names}
        self._told = told
        self._lock = Lock()

    def rows(self) -> list[Row]:
        """Every stack, in the order given."""
        with self._lock:
            return [_row(name, state, monotonic()) for name, state in self._states.items()]

    def step(self, name: str, words: str) -> None:
        """A stack has come so far."""
        with self._lock:
            self._states[name].words = words

    @contextmanager
    def work(self, name: str) -> Iterator[None]:
        """For as long as a stack is worked on. What it came to last is how it ended, where it did not fail."""
        state = self._states[name]
        with self._lock:
            state.begun, state.words = monotonic(), "begun"
        failed = True
        try:
            yield
            failed = False
        finally:
            with self._lock:
                state.ended, state.failed = monotonic(), failed
                state.words = "failed" if failed else state.words
                row = _row(name, state, state.ended)
            self._told(f"{row.name}: {row.words} ({row.seconds:.0f} s)")


def _row(name: str, state: _State, now: float) -> Row:
    until = now if state.ended is None else state.ended
    seconds = 0.0 if state.begun is None else until - state.begun
    return Row(name, state.words, state.begun is not None, state.ended is not None, state.failed, seconds)
