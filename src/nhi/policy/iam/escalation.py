"""Known ways from the permissions of an identity to more permissions: which of them a list of statements opens.

The paths are data (`escalation.json`): those of cloudsplaining, prowler and pathfinding.cloud, each with who knows it.
A path is open where each of its actions is allowed on some resource. How far it leads is another question: passing one
named role is no more than that role, passing every role is everything. What other policies deny, which roles exist and
whom they trust is not known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from nhi.policy.iam.actions import AccessLevel, access_level
from nhi.policy.iam.data import document
from nhi.policy.iam.patterns import compiled
from nhi.policy.iam.resources import Breadth, breadth, may_apply
from nhi.policy.iam.statement import Statement

_PASSING = "iam:passrole"
_ACTING = {AccessLevel.WRITE, AccessLevel.PERMISSIONS, AccessLevel.TAGGING, None}
_MOST_RESOURCES = 3


class PathKind(StrEnum):
    """What a path makes use of."""

    PERMISSIONS = "permissions"
    """Changes what it, or an identity that it can become, may do: `iam:PutRolePolicy`."""
    PASS_ROLE = "pass-role"  # noqa: S105 - the name of an IAM action
    """Starts something new that works with a role which it passes on: `iam:PassRole` with `lambda:CreateFunction`."""
    ASSUME_ROLE = "assume-role"
    """Becomes another role. Open in many ordinary policies; wide only where the role is not named."""
    TAKEOVER = "takeover"
    """Makes something that already works with a role do its own work: `lambda:UpdateFunctionCode`. What a deployment
    does too, so it is wide only where the thing is not named."""


_ORDER = tuple(PathKind)


@dataclass(frozen=True, slots=True)
class Path:
    """One known path."""

    actions: tuple[str, ...]
    """All of them are needed. As AWS spells them, `iam:PassRole` first."""
    kind: PathKind
    sources: tuple[str, ...]
    """Who knows it, and under which name: `prowler SSMSendCommand`."""
    page: str | None
    """Where it is described."""
    steps: frozenset[str]
    """The actions in lower case."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """A path that is open."""

    path: Path
    reach: Breadth
    """How much that which decides can be used on: `iam:PassRole` where the path has it, else the widest of the actions
    that change something."""
    resources: tuple[str, ...]
    """The first of those resources."""
    conditional: bool
    """Whether one of the actions is allowed under conditions only. They may close the path, or not."""


def escalation_paths(statements: Sequence[Statement]) -> tuple[Escalation, ...]:
    """The open paths, widest first; of paths that need the same and more, the shorter one alone."""
    held: dict[str, list[Statement]] = {}
    for statement in statements:
        for action in statement.actions:
            for step in _steps(action):
                held.setdefault(step, []).append(statement)
    if not held:
        return ()
    named = (_escalation(path, held) for path in known_paths() if path.steps <= held.keys())
    found = [one for one in named if one is not None]
    return tuple(
        sorted(
            (one for one in found if not any(_makes_needless(other, one) for other in found)),
            key=lambda one: (-one.reach, one.conditional, _ORDER.index(one.path.kind), one.path.actions),
        )
    )


@cache
def known_paths() -> tuple[Path, ...]:
    """Every path that is known, sorted by its actions."""
    return tuple(
        Path(
            actions=tuple(one["actions"]),
            kind=PathKind(one["kind"]),
            sources=tuple(one["sources"]),
            page=one.get("page"),
            steps=frozenset(map(str.lower, one["actions"])),
        )
        for one in document("escalation")["paths"]
    )


@cache
def _all_steps() -> tuple[str, ...]:
    return tuple(sorted({step for path in known_paths() for step in path.steps}))


@lru_cache(maxsize=4096)
def _steps(pattern: str) -> tuple[str, ...]:
    """The actions of known paths that an action or a pattern allows."""
    matcher = compiled(pattern.lower())
    return tuple(step for step in _all_steps() if matcher.match(step))


def _escalation(path: Path, held: dict[str, list[Statement]]) -> Escalation | None:
    """The path, as far as it leads; None where an action is allowed on nothing that it could be used on."""
    usable = {step: list(dict.fromkeys(one for one in held[step] if _reached(step, one))) for step in path.steps}
    if not all(usable.values()):
        return None
    deciding = {_PASSING} if _PASSING in path.steps else {one for one in path.steps if access_level(one) in _ACTING}
    reached = [
        (breadth(step, resource), resource)
        for step in sorted(deciding or path.steps)
        for one in usable[step]
        for resource in _reached(step, one)
    ]
    reach = max(width for width, _ in reached)
    widest = dict.fromkeys(resource for width, resource in reached if width == reach)
    conditional = any(all(one.conditions for one in each) for each in usable.values())
    return Escalation(path, reach, tuple(widest)[:_MOST_RESOURCES], conditional)


def _reached(step: str, statement: Statement) -> list[str]:
    return [one for one in statement.resources if may_apply(step, one)]


def _makes_needless(shorter: Escalation, one: Escalation) -> bool:
    return shorter.path.steps < one.path.steps and shorter.reach >= one.reach
