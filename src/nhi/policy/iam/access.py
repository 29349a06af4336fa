"""Whether one list of statements allows more than another: decided on what they allow, not on how they are written.

A request is an action on a resource under circumstances. `compare` says `NARROWED` or `SAME` only where every request
that is allowed after was allowed before, whatever AWS adds later; where that is not proven, it says `BROADENED` or
`BOTH`. Actions are compared without capitals, resources with them, conditions as `nhi.policy.iam.statement` says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from nhi.model.identity import Json
from nhi.policy.iam.patterns import cover, folded, is_pattern, takes_in
from nhi.policy.iam.resources import may_apply
from nhi.policy.iam.statement import Condition, Statement, implies, read

_MOST_COUNTED = 1_000


class Change(StrEnum):
    """What a change does to what is allowed."""

    SAME = "same"
    NARROWED = "narrowed"
    """Allows less, or the same."""
    BROADENED = "broadened"
    """Allows more, or it is not certain that it does not."""
    BOTH = "both"
    """Allows more in one place and less in another, or cannot be compared."""

    @property
    def is_up(self) -> bool:
        """Whether somebody has to approve more access."""
        return self in {Change.BROADENED, Change.BOTH}


@dataclass(frozen=True, slots=True)
class Grant:
    """One action, or pattern of actions, on one resource, or pattern of resources."""

    action: str
    resource: str
    conditions: frozenset[Condition]
    allowed_before: bool
    """Whether it was allowed before under other conditions: only those have changed."""


@dataclass(frozen=True, slots=True)
class Grants:
    """What one list allows and another does not."""

    first: tuple[Grant, ...]
    """As many as were asked for. What no request can be (an action of one service on another's ARN) is left out, as
    long as there is anything else."""
    count: int
    """How many there are; counted to 1,000."""


def compare(before: Json, after: Json) -> Change:
    """What the change from one list `allow` to another does."""
    old, new = read(before), read(after)
    return change(more=any(True for _ in _uncovered(old, new)), less=any(True for _ in _uncovered(new, old)))


def gained(before: Json, after: Json, most: int = 20) -> Grants:
    """What `after` allows and `before` does not (as far as is proven), statement by statement."""
    old = read(before)
    unconditional = tuple(replace(one, conditions=frozenset()) for one in old)
    found = list(islice(_uncovered(old, read(after)), _MOST_COUNTED))
    possible = [pair for pair in found if may_apply(*pair[:2])] or found
    first = tuple(
        Grant(action, resource, holds.conditions, not holds.unread and _covers(unconditional, action, resource))
        for action, resource, holds in possible[:most]
    )
    return Grants(first, len(possible))


def lost(before: Json, after: Json, most: int = 20) -> Grants:
    """What `before` allows and `after` does not."""
    return gained(after, before, most)


def change(*, more: bool, less: bool) -> Change:
    """The word for it."""
    if more:
        return Change.BOTH if less else Change.BROADENED
    return Change.NARROWED if less else Change.SAME


def together(*changes: Change) -> Change:
    """What several changes at once do."""
    return change(
        more=any(one.is_up for one in changes),
        less=any(one in {Change.NARROWED, Change.BOTH} for one in changes),
    )


def _uncovered(old: Sequence[Statement], new: Sequence[Statement]) -> Iterator[tuple[str, str, Statement]]:
    """Each action and resource of the new statements that the old ones are not proven to allow."""
    known = set(old)
    for statement in new:
        if statement in known:
            continue
        if statement.unread:
            yield from ((action, one, statement) for action in statement.actions for one in statement.resources)
            continue
        usable = [one for one in old if not one.unread and implies(statement.conditions, one.conditions)]
        for actions, allowing in _by_what_allows_them(statement.actions, usable):
            on = cover(tuple(dict.fromkeys(resource for one in allowing for resource in one.resources)))
            for resource in statement.resources:
                if not takes_in(on, resource, arn=True):
                    yield from ((action, resource, statement) for action in _beyond(actions, resource, usable))


def _by_what_allows_them(
    actions: Sequence[str], usable: Sequence[Statement]
) -> Iterator[tuple[list[str], list[Statement]]]:
    """The actions, together where the same statements allow them."""
    covers = [(cover(tuple(map(folded, one.actions))), one) for one in usable]
    groups: dict[tuple[int, ...], list[str]] = {}
    for action in actions:
        name = folded(action)
        allowing = tuple(place for place, (covering, _) in enumerate(covers) if takes_in(covering, name, arn=False))
        groups.setdefault(allowing, []).append(action)
    for allowing, alike in groups.items():
        yield alike, [covers[place][1] for place in allowing]


def _beyond(actions: Sequence[str], resource: str, usable: Sequence[Statement]) -> Iterator[str]:
    """The actions, without the patterns of which several statements allow a part each on the resource."""
    if not any(map(is_pattern, actions)):
        yield from actions
        return
    fitting = (one for one in usable if takes_in(cover(one.resources), resource, arn=True))
    parts = cover(tuple(dict.fromkeys(folded(name) for one in fitting for name in one.actions)))
    yield from (one for one in actions if not is_pattern(one) or not takes_in(parts, folded(one), arn=False))


def _covers(statements: Sequence[Statement], action: str, resource: str) -> bool:
    wanted = Statement((action,), (resource,))
    return not any(True for _ in _uncovered(statements, (wanted,)))
