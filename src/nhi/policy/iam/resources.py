"""What a resource of a statement is to an action: one thing, some, or every one; and whether AWS could ever match it.

Source: the ARN formats of the AWS Service Authorization Reference, as `nhi.policy.iam.actions` carries them.
"""

from enum import IntEnum
from functools import lru_cache

from nhi.policy.iam.actions import lookup, service
from nhi.policy.iam.patterns import cover, have_in_common, is_pattern, matches, takes_in

_SEGMENTS = 6
_WITH_SERVICE = 4


class Breadth(IntEnum):
    """How much a resource of a statement takes in; more is wider."""

    ONE = 1
    """Named in full: `role/deploy`."""
    SOME = 2
    """A part of a name, or all below one: `role/app-*`, `arn:aws:s3:::ledger/*`."""
    EVERY = 3
    """Every one of a kind in an account, or more: `role/*`, `*`."""


@lru_cache(maxsize=8192)
def breadth(action: str, resource: str) -> Breadth:
    """How much the resource takes in for the action (a name or a pattern)."""
    if not is_pattern(resource):
        return Breadth.ONE
    segments = resource.split(":", _SEGMENTS - 1)
    if len(segments) < _SEGMENTS:
        # The last `*` of a segment reaches past the colons behind it: `arn:aws:s3*` is all of S3.
        return Breadth.EVERY if resource.endswith("*") else Breadth.SOME
    rest = segments[-1]
    is_every = not rest.strip("*?:/") or _takes_in_any(rest, _forms(action, bool(segments[3]), bool(segments[4])))
    return Breadth.EVERY if is_every else Breadth.SOME


@lru_cache(maxsize=8192)
def may_apply(action: str, resource: str) -> bool:
    """Whether AWS could match the resource for the action, by the service that its ARN names.

    False for `iam:PassRole` on a table. True for what is not known.
    """
    segments = resource.split(":", 3)
    if len(segments) < _WITH_SERVICE or is_pattern(segments[2]):
        return True
    services = {kind.split(":", 3)[2] for kind in kinds(action)}
    return not services or segments[2] in services or any(map(is_pattern, services))


@lru_cache(maxsize=8192)
def fits(action: str, resource: str) -> bool:
    """Whether the resource can be of a kind that the action is used on. False: the statement allows nothing there.

    `s3:GetObject` on `arn:aws:s3:::ledger` names a bucket where an object is asked for. True for what is not known.
    """
    known = kinds(action)
    compare = have_in_common if is_pattern(resource) else matches
    return not known or any(compare(kind, resource) for kind in known)


@lru_cache(maxsize=8192)
def kinds(action: str) -> tuple[str, ...]:
    """The ARN patterns of what an action, or a pattern of one service's actions, is used on; none where unknown."""
    found = lookup(action)
    owner = service(action.partition(":")[0].lower())
    if owner is None:
        return ()
    names = owner.resources.keys() if found is None else found.resources
    return tuple(owner.resources[name] for name in names if name in owner.resources)


@lru_cache(maxsize=4096)
def _forms(action: str, region: bool, account: bool) -> tuple[str, ...]:  # noqa: FBT001 - cached, so by position
    """How the last part of an ARN looks, `table/*`, for those kinds whose ARNs do or do not name region and account."""
    parts = (kind.split(":", _SEGMENTS - 1) for kind in kinds(action))
    return tuple({one[-1] for one in parts if (bool(one[3]), bool(one[4])) == (region, account)})


@lru_cache(maxsize=8192)
def _takes_in_any(rest: str, forms: tuple[str, ...]) -> bool:
    ours = cover((rest,))
    return any(takes_in(ours, form, arn=False) for form in forms)
