"""How long GitHub is waited for, and when it is worth asking again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

_SECONDARY_WAIT = 60.0
_RATE_LIMITED = (429, 403)
_PASSING = frozenset({500, 502, 503, 504})
_SAID = ("api rate limit exceeded", "you have exceeded a secondary rate limit")

Headers = Mapping[str, str]
"""Names in lower case."""


class Clock(Protocol):
    """What time it is, and how to let it pass; handed in, so that tests need not wait."""

    @property
    def now(self) -> Callable[[], datetime]:
        """Aware UTC."""
        ...

    @property
    def elapsed(self) -> Callable[[], float]:
        """Seconds that never run backwards."""
        ...

    @property
    def pause(self) -> Callable[[float], None]:
        """Do nothing for so many seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How long we insist before we say that GitHub does not answer."""

    attempts: int = 5
    """Of each call, the first one included."""
    read_seconds: int = 30
    """Without a byte."""
    answer_seconds: float = 120
    """For all of one answer."""
    answer_bytes: int = 32 << 20
    longest_wait: float = 120
    """Between two attempts; where GitHub wants us to wait longer, that is said instead."""
    total_seconds: float = 600
    """After which a call is not made again."""


DEFAULT_LIMITS = Limits()


def rate_limited(status: int, said: str, headers: Headers) -> bool:
    """Whether it is about how much we asked, not about what we may.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    return status in _RATE_LIMITED and (
        status == _RATE_LIMITED[0]
        or "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or said.lower().startswith(_SAID)
    )


def wait_before_next(attempt: int, status: int, said: str, headers: Headers, now: float) -> float | None:
    """Seconds after which it is worth asking again; None: never.

    Args:
        attempt: how often it was asked already, from 1.
        status: of the answer.
        said: its words.
        headers: of the answer.
        now: seconds since 1970.
    """
    if rate_limited(status, said, headers):
        return max(_told(headers, now), backoff(attempt))
    return backoff(attempt) if status in _PASSING else None


def backoff(attempt: int) -> float:
    """Seconds after the so many-th failure: 1, 2, 4, 8."""
    return float(2 ** (attempt - 1))


def _told(headers: Headers, now: float) -> float:
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if after.isascii() and after.isdigit():
        return float(after)
    if headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdigit():
        return float(reset) - now + 1  # it does not say where in that second
    return _SECONDARY_WAIT
