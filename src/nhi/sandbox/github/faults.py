"""Faults on demand: what the loopback GitHub does wrong, for the calls that a test names."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from threading import Lock


class Cut(StrEnum):
    """When the connection ends without an answer."""

    NEVER = "never"
    BEFORE = "before"
    """Nothing was done."""
    AFTER = "after"
    """It was done, and nobody is told."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail, for the calls it matches."""

    method: str
    """`*` is any."""
    path: str
    """A regular expression that the whole path has to match, such as `.*/pulls`."""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = "{}"
    cut: Cut = Cut.NEVER
    """Else in place of status, headers and body."""
    times: int | None = 1
    """How many calls fail before the fault is spent; None is until it is cleared."""


def server_error(method: str, path: str, status: int = 502, *, times: int | None = 1) -> Fault:
    """GitHub fails on its own side."""
    return Fault(method, path, status, body=json.dumps({"message": "Server Error"}), times=times)


def too_many(method: str, path: str, *, retry_after: int = 1, times: int | None = 1) -> Fault:
    """A secondary rate limit, of GitHub's own words.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    page = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
    body = json.dumps({"message": words, "documentation_url": page})
    return Fault(method, path, 429, {"Retry-After": str(retry_after)}, body, times=times)


def limit_used_up(method: str, path: str, *, reset: int, times: int | None = 1) -> Fault:
    """The primary rate limit, until a moment (seconds since 1970)."""
    headers = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    page = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"
    body = json.dumps({"message": "API rate limit exceeded for user ID 1.", "documentation_url": page})
    return Fault(method, path, 403, headers, body, times=times)


def lost_answer(method: str, path: str, *, times: int | None = 1) -> Fault:
    """What was asked for is done, and the connection ends without a word."""
    return Fault(method, path, cut=Cut.AFTER, times=times)


def lost_request(method: str, path: str, *, times: int | None = 1) -> Fault:
    """The connection ends, and nothing was done."""
    return Fault(method, path, cut=Cut.BEFORE, times=times)


class FaultList:
    """The faults that wait for their calls, and the call after which nobody is answered any more."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[Fault] = []
        self._left_until_silence: int | None = None

    def add(self, fault: Fault) -> None:
        """The next matching call meets it, after the faults that were added before."""
        with self._lock:
            self._waiting.append(fault)

    def refuse_after(self, calls: int) -> None:
        """That many calls from now are carried out; the last of them, and every later one, is not answered.

        So it looks to a program that is killed right after its last call, however often it tries again.
        """
        with self._lock:
            self._left_until_silence = calls

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self._waiting.clear()
            self._left_until_silence = None

    @property
    def waiting(self) -> tuple[Fault, ...]:
        """Faults with a count that no call has met so often yet."""
        with self._lock:
            return tuple(one for one in self._waiting if one.times is not None)

    @property
    def is_silent(self) -> bool:
        """Whether nobody is answered, and nothing carried out, any more."""
        with self._lock:
            return self._left_until_silence == 0

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this call meets, or None. A fault that has a count has one less after it."""
        with self._lock:
            if self._left_until_silence is not None:
                self._left_until_silence = max(0, self._left_until_silence - 1)
                if self._left_until_silence == 0:
                    return Fault(method, path, cut=Cut.AFTER)
            for place, fault in enumerate(self._waiting):
                if fault.method not in {"*", method} or not re.fullmatch(fault.path, path):
                    continue
                if fault.times is not None:
                    self._waiting[place : place + 1] = [replace(fault, times=fault.times - 1)] * (fault.times > 1)
                return fault
        return None
