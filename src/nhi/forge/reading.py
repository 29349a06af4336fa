"""GitHub's answers, read strictly: what is not of the documented shape is an error, never a default."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.model.instant import NotAnInstant, parse_instant

Entry = Mapping[str, Json]
Choice = TypeVar("Choice", bound=StrEnum)

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)


def odd(what: str) -> OutsideError:
    """The error for an answer that cannot be believed."""
    return OutsideError(f"GitHub's answer cannot be read: {what}", hint="run it again; tell us if it stays so")


def entry(value: Json, what: str) -> Entry:
    """An object."""
    if not isinstance(value, dict):
        raise odd(f"{what} is no object")
    return value


def entries(value: Json, what: str) -> list[Entry]:
    """A list of objects."""
    if not isinstance(value, list):
        raise odd(f"{what} is no list")
    return [entry(one, f"an entry of {what}") for one in value]


def nothing(value: Json) -> None:
    """The answer to what GitHub has nothing to say of (204)."""
    if value is not None:
        raise odd("it says something where there is nothing to say")


def inner(found: Entry, key: str) -> Entry:
    """The object under a key."""
    return entry(_there(found, key), key)


def inner_or_none(found: Entry, key: str) -> Entry | None:
    """The object under a key, None where that is null."""
    value = _there(found, key)
    return None if value is None else entry(value, key)


def text(found: Entry, key: str) -> str:
    """The text under a key."""
    value = _there(found, key)
    if not isinstance(value, str):
        raise odd(f"{key} is no text")
    return value


def name(found: Entry, key: str) -> str:
    """The text under a key, which is not empty."""
    value = text(found, key)
    if not value:
        raise odd(f"{key} is empty")
    return value


def text_or_empty(found: Entry, key: str) -> str:
    """The text under a key, "" where that is null."""
    return "" if _there(found, key) is None else text(found, key)


def number(found: Entry, key: str) -> int:
    """The number of something: from 1."""
    value = _there(found, key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise odd(f"{key} is no number")
    return value


def flag(found: Entry, key: str) -> bool:
    """True or false."""
    value = _there(found, key)
    if not isinstance(value, bool):
        raise odd(f"{key} is neither true nor false")
    return value


def choice(found: Entry, key: str, kinds: type[Choice]) -> Choice:
    """One of the values that there are."""
    value = text(found, key)
    try:
        return kinds(value)
    except ValueError as cause:
        raise odd(f"{key} is {value[:40]!r}") from cause


def instant(found: Entry, key: str) -> datetime:
    """A point in time."""
    try:
        return parse_instant(text(found, key))
    except NotAnInstant as cause:
        raise odd(f"{key} is no point in time") from cause


def instant_or_none(found: Entry, key: str) -> datetime | None:
    """A point in time, None where that is null or not there."""
    return None if found.get(key) is None else instant(found, key)


def commit(found: Entry, key: str) -> str:
    """A full commit id."""
    value = text(found, key)
    if not _COMMIT.fullmatch(value):
        raise odd(f"{key} is no commit id")
    return value


def commit_or_none(found: Entry, key: str) -> str | None:
    """A full commit id, None where that is null."""
    return None if _there(found, key) is None else commit(found, key)


def following(link: str) -> str | None:
    """The next page: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api."""
    for one in link.split(","):
        url, _, relation = one.strip().partition(">;")
        if relation.strip() == 'rel="next"':
            return url.removeprefix("<")
    return None


def _there(found: Entry, key: str) -> Json:
    if key not in found:
        raise odd(f"{key} is missing")
    return found[key]
