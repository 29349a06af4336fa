"""Every kind's first valid example, made into a manifest of a stack that has one identity of each kind.

The folders of modules/ are the list of kinds, as they are for nhi itself: a new kind is in by itself.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nhi.errors import InputError
from nhi.model.instant import NotAnInstant, format_instant, parse_instant
from nhi.model.settings import Stack

STACK = Stack("kinds", "111122223333", "eu-west-1")
"""The examples' ARNs name this account and this region."""
_EXAMPLES_DAY = datetime(2026, 11, 20, tzinfo=UTC)
"""A day on which every valid example is in order: a test of each example says so."""
_INSTANT = re.compile(
    r"(?<![\w.:/+-])\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2}))?(?![\w.:/+-])", re.ASCII
)
_NAME = re.compile(r"^name:.*$", re.MULTILINE)
_EXPIRY = re.compile(r"^expiry:[ ]*(\S+)[ ]*$", re.MULTILINE)
_OVERRULED = re.compile(r"^(?:suspended|certified):.*\n(?:[ ].*\n)*", re.MULTILINE)
_TEAM = re.compile(r"^(?:owner|[ ]+approver):[ ]*(\S+)[ ]*$", re.MULTILINE)
_DEPUTY = "deputy"


@dataclass(frozen=True, slots=True)
class Example:
    """A kind, with the manifest that the cycle declares for it."""

    kind: str
    text: str
    """The first file of its tests/valid, as it stands; empty where it has none."""

    @property
    def name(self) -> str:
        """The identity's name."""
        return f"one-{self.kind}"

    @property
    def identity(self) -> str:
        """The identity's id."""
        return f"{STACK.name}/{self.name}"

    @property
    def path(self) -> str:
        """Where its manifest stands."""
        return f"identities/{STACK.name}/{self.name}.yaml"

    @property
    def module(self) -> str:
        """The address of its module in the stack's root."""
        return f"module.nhi-{self.name}"


@dataclass(frozen=True, slots=True)
class Told:
    """What a manifest says of time at one moment of the cycle."""

    start: datetime
    """When the cycle starts; to where the example is moved."""
    end: datetime
    """When the identity is to expire at first."""
    expiry: datetime
    suspended: datetime | None = None
    """Since when it is suspended."""
    certified: datetime | None = None
    """When its owner confirmed it."""


def examples(modules: Path) -> tuple[Example, ...]:
    """The kinds of a folder of modules, sorted.

    Raises:
        InputError: there is none.
    """
    kinds = sorted(path.parent for path in modules.glob("*/schema.json"))
    if not kinds:
        raise InputError(f"{modules} has no kind", hint="a kind is a folder with a schema.json")
    return tuple(Example(folder.name, _first(folder / "tests" / "valid")) for folder in kinds)


def manifest(example: Example, told: Told) -> str:
    """The example, as it is at one moment of the cycle.

    Every date moves by as much as the start is away from the examples' own day, so that what was rotated or agreed
    lately still is. What ends with the identity in the example (an exception) ends with its first life: nobody pushes
    an exception out for the reason that it had before. A suspended example is resumed, since it is the cycle's to say
    what is suspended; and to resume takes a new confirmation of the owner's.
    """
    text = _OVERRULED.sub("", example.text)
    found = _EXPIRY.search(text)
    end = found[1] if found else ""
    days = timedelta(days=(told.start - _EXAMPLES_DAY).days)
    text = _INSTANT.sub(lambda one: format_instant(told.end) if one[0] == end else _moved(one[0], days), text)
    text = _EXPIRY.sub(f"expiry: {format_instant(told.expiry)}", text, count=1)
    text = _NAME.sub(f"name: {example.name}", text, count=1).rstrip("\n") + "\n"
    if told.suspended is not None:
        text += (
            f'suspended: {{since: {format_instant(told.suspended)}, reason: "suspended by the cycle of its kind"}}\n'
        )
    if told.certified is not None:
        text += f"certified: {format_instant(told.certified)[:10]}\n"
    return text


def settings() -> str:
    """The nhi.yaml of the stack: every bound is nhi's own default."""
    return f'apiVersion: nhi/v1\nstacks: {{{STACK.name}: {{account: "{STACK.account}", region: {STACK.region}}}}}\n'


def owners(found: Iterable[Example]) -> str:
    """An owners.yaml in which every owner and every approver of the examples is a team of its own."""
    teams = sorted({team for one in found for team in _TEAM.findall(one.text)})
    people = [f"{team}-{place}" for team in teams for place in ("lead", _DEPUTY)]
    lines = ["people:"]
    lines += [
        f"  {one}: {{github: {one}, github_id: {number}, email: {one}@acme.example}}"
        for number, one in enumerate(people, start=1001)
    ]
    lines.append("teams:")
    lines += [
        f"  {one}: {{accountable: {one}-lead, deputy: {one}-{_DEPUTY}, members: [{one}-lead, {one}-{_DEPUTY}]}}"
        for one in teams
    ]
    return "\n".join(lines) + "\n"


def _first(folder: Path) -> str:
    found = sorted(folder.glob("*.yaml"))
    return found[0].read_text("utf-8") if found else ""


def _moved(text: str, days: timedelta) -> str:
    """A day stays a day, a second a second. What only looks like a date stays as it is."""
    try:
        moved = format_instant(parse_instant(text) + days)
    except (NotAnInstant, OverflowError):
        return text
    return moved if "T" in text else moved[:10]
