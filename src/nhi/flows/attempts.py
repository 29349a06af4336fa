"""Parts of a run of which each is tried, whatever became of those before it. What failed is told with its reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from nhi.errors import OutsideError

MAY_PUSH = "do the rules of the repository let us make branches below nhi/?"
"""What to look at where the remote does not take a new branch."""
_Answer = TypeVar("_Answer")
_IN_A_ROW = 3
"""So many failures one after the other are the forge's answer to everything. Who goes on asking one that is told to
wait, may be banned: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api"""
_AGAIN = "run it again: what is done stays done"


@dataclass(frozen=True, slots=True)
class Failed:
    """A part that failed."""

    what: str
    """A branch, or what was to be done."""
    message: str
    hint: str


@dataclass(slots=True)
class Attempts:
    """The parts of one run that were tried."""

    failed: list[Failed] = field(default_factory=list)
    _in_a_row: int = 0

    def attempt(self, what: str, work: Callable[[], _Answer]) -> _Answer | None:
        """The answer of a part; None where it failed, or was not tried since nothing works any more."""
        if self._in_a_row >= _IN_A_ROW:
            self.failed.append(Failed(what, "not tried, since what was before it failed", _AGAIN))
            return None
        try:
            answer = work()
        except OutsideError as error:
            self._in_a_row += 1
            self.failed.append(Failed(what, error.message, error.hint or _AGAIN))
            return None
        self._in_a_row = 0
        return answer
