"""Do several things at once, each in a thread of its own, since each waits for other programs; and end them together.

Python interrupts the main thread alone. So a crew counts the interrupts: whoever of it waits for a program asks for the
count, and ends that program as if it had been interrupted itself.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition, Thread
from typing import Generic, TypeVar

from nhi.errors import NhiError, OutsideError

_Answer = TypeVar("_Answer")
_LOOK = 0.5
"""Seconds after which a waiting main thread looks whether it was interrupted, should another thread have the signal."""
_LAST_WORDS = 2.0
"""Seconds for what stops by itself once its program has ended."""


class Crew(Generic[_Answer]):
    """Threads for one run."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._interrupts = 0
        self._outside = 0
        self._at_work = 0

    def interrupts(self) -> int:
        """How often the person has interrupted."""
        return self._interrupts

    @contextmanager
    def outside(self) -> Iterator[None]:
        """For as long as another program works for a member: none is left behind, and after an interrupt none begun."""
        with self._changed:
            if self._interrupts:
                raise KeyboardInterrupt
            self._outside += 1
        try:
            yield
        finally:
            with self._changed:
                self._outside -= 1
                self._changed.notify_all()

    def run(self, jobs: Sequence[Callable[[], _Answer]], at_once: int) -> list[_Answer | NhiError]:
        """The answer of each job, or the error that stopped it; one's error stops no other.

        Raises:
            KeyboardInterrupt: the person interrupted; every program that was started has ended.
        """
        answers: dict[int, _Answer | NhiError] = {}
        waiting = iter(enumerate(jobs))
        self._at_work = min(at_once, len(jobs))
        threads = [
            Thread(target=self._work, args=(waiting, answers), daemon=True) for _ in range(self._at_work)
        ]  # not waited for at the end of the program: one may wait for another run's lock
        try:
            for thread in threads:
                thread.start()
            self._wait(lambda: self._at_work == 0)
            for thread in threads:
                thread.join()
        except KeyboardInterrupt:
            self._end(threads)
            raise
        if len(answers) < len(jobs):
            raise RuntimeError("a thread broke off; its traceback says why")
        return [answers[number] for number in range(len(jobs))]

    def _work(
        self, waiting: Iterator[tuple[int, Callable[[], _Answer]]], answers: dict[int, _Answer | NhiError]
    ) -> None:
        try:
            while True:
                with self._changed:
                    number, job = next(waiting, (None, None))
                if number is None or job is None or self._interrupts:
                    return
                answers[number] = _answer(job)
        except KeyboardInterrupt:
            return  # the main thread has it too
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def _end(self, threads: Sequence[Thread]) -> None:
        self._interrupts += 1
        while True:
            try:
                self._wait(lambda: self._outside == 0)
            except KeyboardInterrupt:
                self._interrupts += 1  # the person insists, and so does every member
            else:
                break
        for thread in threads:
            thread.join(_LAST_WORDS / len(threads))

    def _wait(self, until: Callable[[], bool]) -> None:
        ended = False
        while not ended:
            with self._changed:
                ended = self._changed.wait_for(until, _LOOK)


def _answer(job: Callable[[], _Answer]) -> _Answer | NhiError:
    try:
        return job()
    except NhiError as error:
        return error
    except OSError as error:
        what = error.strerror or str(error)
        return OutsideError(what if error.filename is None else f"{error.filename}: {what}")
