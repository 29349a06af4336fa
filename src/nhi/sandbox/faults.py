"""Faults on demand: what the loopback AWS does wrong, for the calls that a test or a demo names."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from threading import Lock
from xml.etree import ElementTree as ET

from nhi.model.identity import Json


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail. Without `code`, `body` and `without` the real answer is given, after the delay."""

    action: str = "*"
    """A pattern over `service:Action` that ignores case, such as `iam:GetRole` or `iam:List*`."""
    account: str | None = None
    """Only calls of this account; None is every account."""
    status: int = 400
    code: str | None = None
    """AWS's error code."""
    message: str = ""
    body: str | None = None
    """The whole answer as it goes over the wire, in place of an error."""
    without: str | None = None
    """The real answer, but for every element of this name."""
    delay_seconds: float = 0.0
    times: int | None = None
    """How many calls fail before the fault is spent; None is until it is cleared."""


def throttled(action: str = "*", *, account: str | None = None, times: int | None = None) -> Fault:
    """AWS asks the caller to slow down, in IAM's words or in those of the services that speak JSON."""
    code = "Throttling" if action.partition(":")[0] in {"*", "iam", "sts"} else "ThrottlingException"
    return Fault(action, account, 400, code, "Rate exceeded", times=times)


def internal_error(action: str = "*", *, account: str | None = None, times: int | None = None) -> Fault:
    """AWS fails on its own side."""
    return Fault(action, account, 500, "ServiceFailure", "The service failed.", times=times)


def access_denied(action: str, *, account: str | None = None, times: int | None = None) -> Fault:
    """The caller may not make this one call."""
    return Fault(action, account, 403, "AccessDenied", f"User is not authorized to perform: {action}", times=times)


def slow(action: str, seconds: float, *, account: str | None = None, times: int | None = None) -> Fault:
    """The right answer, late."""
    return Fault(action, account, delay_seconds=seconds, times=times)


def odd_answer(action: str, body: str, *, account: str | None = None, times: int | None = None) -> Fault:
    """A success whose content is not what AWS documents."""
    return Fault(action, account, 200, body=body, times=times)


def half_empty(action: str, element: str, *, account: str | None = None, times: int | None = None) -> Fault:
    """The right answer, but for a part of it, such as a list or the marker of the next page."""
    return Fault(action, account, without=element, times=times)


def to_wire(fault: Fault) -> dict[str, Json]:
    """The fault as the control endpoint takes it."""
    return asdict(fault)


def from_wire(value: Mapping[str, Json]) -> Fault:
    """The fault that the control endpoint was given.

    Raises:
        TypeError: a key is not a fault's.
    """
    return Fault(**value)  # type: ignore[arg-type]  # what does not fit is raised


def cut_out(body: bytes, element: str) -> bytes:
    """An answer without each element of that name, in XML or JSON."""
    if body.lstrip().startswith(b"{"):
        return json.dumps(_without(json.loads(body), element)).encode()
    tree = ET.fromstring(body)  # noqa: S314  # our own server wrote it
    for parent in list(tree.iter()):
        for child in [child for child in parent if child.tag.rpartition("}")[2] == element]:
            parent.remove(child)
    return ET.tostring(tree)


class FaultList:
    """The faults that wait for their calls. Calls arrive on many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """The next matching call meets it, after the faults that were added before."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self._waiting.clear()

    def take(self, action: str, account: str | None) -> Fault | None:
        """The fault that this call meets, or None. A fault that has a count has one less after it."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.account not in {None, account} or not fnmatchcase(action.lower(), fault.action.lower()):
                    continue
                if fault.times is not None:
                    self._waiting[place : place + 1] = [replace(fault, times=fault.times - 1)] * (fault.times > 1)
                return fault
        return None


def _without(value: Json, key: str) -> Json:
    if isinstance(value, list):
        return [_without(one, key) for one in value]
    if isinstance(value, dict):
        return {name: _without(inner, key) for name, inner in value.items() if name != key}
    return value
