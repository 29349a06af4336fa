"""Where in a manifest stands what decided in a plan: from a resource's attribute to a key path."""

import re
from typing import TypeAlias

from nhi.scan.interface import NotPassed
from nhi.scan.prepare import POLICIES

KeyPath: TypeAlias = tuple[str | int, ...]

_ALLOW = re.compile(r"Allow(\d{1,4})")
"""The Sid that every kind's module gives to the statement of that number in `scope.allow`."""
_PARTS = {"Action": "actions", "Resource": "resources", "Condition": "conditions"}


def place_of(found: NotPassed) -> KeyPath:
    """The key path of what is to be changed: as near as the scanner tells, and `scope` where it does not.

    The manifest need not have it: the nearest thing around it is meant then.
    """
    if found.type not in POLICIES:
        return ("scope",)
    match found.attribute:
        case ("assume_role_policy", *_):
            return ("scope", "trust")
        case ("policy", *rest):
            return ("scope", "allow", *_within(rest))
        case _:
            return ("scope",)


def _within(rest: list[str]) -> KeyPath:
    match rest:
        case [sid, *part] if told := _ALLOW.fullmatch(sid):
            return (int(told[1]), *(_PARTS[one] for one in part if one in _PARTS))
        case _:
            return ()
