"""What `terraform apply -json` says while it works: in words for people, and what became of each resource.

The format is https://developer.hashicorp.com/terraform/internals/machine-readable-ui. Of a diagnostic only the summary,
the detail and the place are taken: its snippet shows values of the configuration.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from nhi.model.application import Fate, ResourceFate
from nhi.model.identity import Json
from nhi.model.instant import NotAnInstant, parse_instant
from nhi.model.parts import part_of, parts_with
from nhi.model.plan import Action, PlanSummary
from nhi.terraform.address import identity_in

_KEPT_TO_ITSELF = frozenset({"outputs", "planned_change", "resource_drift", "version"})
"""Kinds of messages that tell a person nothing new: the plan was shown before."""

_NO_STEP = frozenset({Action.IMPORT, Action.FORGET, Action.READ})
"""What Terraform does without a message of its own."""

_DEPOSED = re.compile(r" \(deposed object \w+\)$")
_CTY = re.compile(r"cty\.(?:String|Number)Val\((?:\"(?:[^\"\\]|\\.)*\"|[^()]*)\)")
"""How a provider's bug report shows an attribute's value."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an apply ends, by what Terraform said."""

    complete: bool
    """Whether Terraform said that all was applied."""
    at: datetime | None
    """When it last said something."""


def ending(transcripts: Mapping[str, Iterable[str]]) -> Ending:
    """How an apply ends, by its parts' transcripts, be they cut off or not: it is complete where each of them is."""
    endings = [_ending(one) for one in transcripts.values()]
    times = [one.at for one in endings if one.at is not None]
    return Ending(bool(endings) and all(one.complete for one in endings), max(times, default=None))


def _ending(transcript: Iterable[str]) -> Ending:
    complete, at = False, None
    for event in filter(None, map(_event, transcript)):
        at = _moment(event.get("@timestamp")) or at
        match event:
            case {"type": "change_summary", "changes": {"operation": "apply"}}:
                complete = True
            case {"@level": "error"}:
                complete = False
            case _:
                continue
    return Ending(complete, at)


def in_words(line: str) -> tuple[str, ...]:
    """The lines for a person that one line of Terraform's JSON means; a line that is no JSON is its own words."""
    event = _event(line)
    if event is None:
        return (line,)
    diagnostic = event.get("diagnostic")
    if isinstance(diagnostic, dict):
        return tuple(_diagnostic(diagnostic))
    if event.get("type") in _KEPT_TO_ITSELF:
        return ()
    return tuple(str(event.get("@message", "")).splitlines())


def fates(
    transcripts: Mapping[str, Iterable[str]], intended: PlanSummary, *, succeeded: bool
) -> tuple[ResourceFate, ...]:
    """What became of every resource that was to change, sorted by address.

    Args:
        transcripts: part → the lines that Terraform wrote there; the last may be cut off.
        intended: what the applied plan would do.
        succeeded: whether Terraform ended, and said that all was done.
    """
    begun: Counter[str] = Counter()
    done: Counter[str] = Counter()
    failed: set[str] = set()
    whole = {part for part, lines in transcripts.items() if _ending(lines).complete}
    parts = parts_with(next(iter(transcripts), ""))
    for kind, address in _steps(chain.from_iterable(transcripts.values())):
        match kind:
            case "apply_start":
                begun[address] += 1
            case "apply_complete":
                done[address] += 1
            case "apply_errored":
                failed.add(address)
            case _:
                continue
    changes = [change for one in intended.identities for change in one.changes]
    found = {}
    for change in changes:
        address = _DEPOSED.sub("", change.address)
        steps = 2 if change.action is Action.REPLACE else 1
        identity = identity_in(address)
        if succeeded or done[address] >= steps or (identity and part_of(identity, parts) in whole):
            fate = Fate.DONE
        elif address in failed:
            fate = Fate.FAILED
        else:
            fate = Fate.UNKNOWN if begun[address] or change.action in _NO_STEP else Fate.NOT_BEGUN
        found[change.address] = ResourceFate(change.address, fate)
    return tuple(found[address] for address in sorted(found))


def _steps(transcript: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in transcript:
        event = _event(line)
        match event:
            case {"type": str(kind), "hook": {"resource": {"addr": str(address)}}}:
                yield kind, address
            case _:
                continue


def _moment(text: Json) -> datetime | None:
    try:
        return parse_instant(text) if isinstance(text, str) else None
    except NotAnInstant:
        return None


def _event(line: str) -> dict[str, Json] | None:
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "@message" in event else None


def _diagnostic(diagnostic: dict[str, Json]) -> Iterator[str]:
    kind = "Warning" if diagnostic.get("severity") == "warning" else "Error"
    yield f"{kind}: {_without_values(diagnostic.get('summary'))}"
    yield ""
    places = []
    if isinstance(address := diagnostic.get("address"), str):
        places.append(f"with {address}")
    match diagnostic.get("range"):
        case {"filename": str(file), "start": {"line": int(number)}}:
            places.append(f"on {file} line {number}")
        case _:
            pass
    if places:
        yield f"  {', '.join(places)}"
        yield ""
    yield from _without_values(diagnostic.get("detail")).splitlines()
    yield ""


def _without_values(text: Json) -> str:
    return _CTY.sub("(a value)", text) if isinstance(text, str) else ""
