"""Several things at once: all are done, errors stay where they belong, and an interrupt ends everything."""

import signal
from collections.abc import Callable
from threading import Barrier, Event, Lock

import pytest

from nhi.cli.crew import Crew
from nhi.errors import InputError, NhiError, OutsideError

_PATIENCE = 30.0


def test_answers_come_in_the_order_of_the_jobs_whatever_ends_first() -> None:
    second_done = Event()

    def first() -> str:
        assert second_done.wait(_PATIENCE)
        return "first"

    def second() -> str:
        second_done.set()
        return "second"

    assert Crew[str]().run([first, second], 2) == ["first", "second"]


def test_as_many_work_at_once_as_are_asked_for() -> None:
    together = Barrier(3)

    assert len(Crew[int]().run([lambda: together.wait(_PATIENCE)] * 6, 3)) == 6


@pytest.mark.parametrize("at_once", [1, 2])
def test_no_more_work_at_once_than_are_asked_for(at_once: int) -> None:
    lock, now, most = Lock(), [0], [0]

    def job() -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        with lock:
            now[0] -= 1

    Crew[None]().run([job] * 20, at_once)
    assert most[0] <= at_once


def test_nothing_to_do_is_done() -> None:
    assert Crew[int]().run([], 4) == []


def test_an_error_is_the_answer_of_its_own_job_and_stops_no_other() -> None:
    error = InputError("no")

    def fail() -> str:
        raise error

    assert Crew[str]().run([fail, lambda: "done"], 1) == [error, "done"]


def test_a_file_that_cannot_be_read_is_an_error_in_words() -> None:
    def fail() -> str:
        raise PermissionError(13, "Permission denied", "plan.json")

    (answer,) = Crew[str]().run([fail], 1)
    assert isinstance(answer, OutsideError)
    assert answer.message == "plan.json: Permission denied"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_ours_is_no_answer_and_no_waiting_for_ever() -> None:
    def mistaken() -> int:
        return 1 // 0

    with pytest.raises(RuntimeError, match="a thread broke off"):
        Crew[int]().run([mistaken], 1)


class Programs:
    """Programs that run until they are interrupted; the person interrupts as soon as all have begun."""

    def __init__(self, number: int, interrupts: int = 1) -> None:
        self.crew = Crew[str]()
        self.begun: list[int] = []
        self.ended: list[int] = []
        self._number, self._interrupts = number, interrupts
        self._lock, self._all = Lock(), Barrier(number)

    def job(self, name: int) -> Callable[[], str]:
        """Work with one of the programs."""

        def work() -> str:
            with self.crew.outside():
                with self._lock:
                    self.begun.append(name)
                if self._all.wait(_PATIENCE) == 0:
                    signal.raise_signal(signal.SIGINT)
                pause = Event()
                while self.crew.interrupts() < 1:
                    pause.wait(0.01)
                self.ended.append(name)
                raise KeyboardInterrupt

        return work


def test_an_interrupt_ends_every_program_and_begins_none() -> None:
    programs = Programs(2)

    with pytest.raises(KeyboardInterrupt):
        programs.crew.run([programs.job(n) for n in range(5)], 2)

    assert sorted(programs.ended) == sorted(programs.begun)
    assert len(programs.begun) == 2


def test_after_an_interrupt_no_program_is_begun() -> None:
    programs = Programs(1)
    with pytest.raises(KeyboardInterrupt):
        programs.crew.run([programs.job(0)], 1)

    with pytest.raises(KeyboardInterrupt), programs.crew.outside():
        pytest.fail("it was begun")


def test_what_waits_for_no_program_is_not_waited_for() -> None:
    crew, begun, never = Crew[None](), Event(), Event()

    def wait_for_a_lock() -> None:
        begun.set()
        never.wait(_PATIENCE)

    def interrupt() -> None:
        assert begun.wait(_PATIENCE)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        crew.run([wait_for_a_lock, interrupt], 2)
    never.set()


def test_an_answer_or_an_error_is_all_that_comes_out() -> None:
    answers: list[str | NhiError] = Crew[str]().run([lambda: "a"], 9)

    assert answers == ["a"]
