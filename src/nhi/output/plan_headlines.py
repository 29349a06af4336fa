"""What a reviewer of a plan must know first, in this order, in every format. Names only: a value may be a secret.

What it means for a role or user to be replaced: IAM gives the new one another unique id, and a policy that names the
old one as its principal holds that id (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nhi.model.plan import Action, IdentityChange, PlanSummary, Principal, ResourceChange
from nhi.output.plain import counted

_OWN_MODULE = re.compile(r"module\.nhi-[a-z0-9-]+\.")
_PERMISSION_TYPE = re.compile(r"aws_iam_(\w+_)?polic(y|ies)(_\w+)?")
"""What AWS's provider calls policies and their attachments, one by one or all of a role's."""
_PERMISSION_ATTRIBUTES = frozenset(
    {
        "inline_policy",
        "managed_policy_arns",
        "permissions_boundary",
        "policy",
        "policy_arn",
        "policy_arns",
        "policy_names",
    }
)
_CREDENTIAL_TYPE = re.compile(
    r"aws_iam_(access_key|service_specific_credential|signing_certificate|user_login_profile|user_ssh_key)"
)
"""What AWS's provider calls what a user proves itself with: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html"""
_WORKS = "status"
_TRUST = "assume_role_policy"
_LIFTED = "its access was ended at once, and comes back: an apply refuses that unless it is told to"
_SHOWN = 8
"""Resources that one headline names; the others are counted."""
_PAST: Mapping[Action, str] = {
    Action.CREATE: "created",
    Action.UPDATE: "changed",
    Action.REPLACE: "replaced",
    Action.DESTROY: "destroyed",
    Action.READ: "read",
    Action.IMPORT: "taken in",
    Action.FORGET: "let go",
}


class Topic(StrEnum):
    """What a headline is about; in the order in which they are told."""

    REVOCATION = "revocation-lifted"
    DESTROYED = "identity-destroyed"
    PRINCIPAL_DESTROYED = "principal-destroyed"
    LET_GO = "let-go"
    REPLACED = "principal-replaced"
    CREDENTIAL = "credential-changed"
    IMPORTED = "imported"
    TRUST = "trust-changed"
    PERMISSIONS = "permissions-changed"
    DRIFT = "changed-by-hand"
    OUTSIDE = "of-no-identity"


@dataclass(frozen=True, slots=True)
class Headline:
    """One thing to know, of one identity."""

    topic: Topic
    identity: str | None
    """None for what belongs to no identity."""
    words: str


def headlines(summary: PlanSummary) -> tuple[Headline, ...]:
    """Everything to know first, by topic and then by identity."""
    known = {principal.address: principal for principal in summary.principals}
    created, destroyed = frozenset(summary.created), frozenset(summary.destroyed)
    found = [
        *(Headline(Topic.REVOCATION, one, _LIFTED) for one in summary.lifted),
        *_of_each(summary.identities, Topic.DESTROYED, lambda one: _destroyed(one, destroyed)),
        *_of_each(
            summary.identities, Topic.PRINCIPAL_DESTROYED, lambda one: _principal_destroyed(one, destroyed, known)
        ),
        *_of_each(summary.identities, Topic.LET_GO, _let_go),
        *_of_each(summary.identities, Topic.REPLACED, lambda one: _replaced(one, known)),
        *_of_each(summary.identities, Topic.CREDENTIAL, lambda one: _credentials(one, created | destroyed)),
        *_of_each(summary.identities, Topic.IMPORTED, _imported),
        *_of_each(summary.identities, Topic.TRUST, _trust),
        *_of_each(summary.identities, Topic.PERMISSIONS, lambda one: _permissions(one, created | destroyed)),
        *_of_each(summary.drift, Topic.DRIFT, _drift),
        *_of_each(summary.identities, Topic.OUTSIDE, _outside),
    ]
    return tuple(found)


def _of_each(
    identities: Iterable[IdentityChange], topic: Topic, words: Callable[[IdentityChange], str]
) -> Iterator[Headline]:
    for one in identities:
        said = words(one)
        if said:
            yield Headline(topic, one.identity, said)


def _destroyed(one: IdentityChange, destroyed: Container[str | None]) -> str:
    if one.identity not in destroyed:
        return ""
    number = sum(change.action is Action.DESTROY for change in one.changes)
    return f"is destroyed, with all that belongs to it ({counted(number, 'resource')})"


def _principal_destroyed(one: IdentityChange, destroyed: Container[str | None], known: Mapping[str, Principal]) -> str:
    if one.identity in destroyed:
        return ""
    gone = [_named(known[change.address]) for change in _with(one, Action.DESTROY) if change.address in known]
    return f"{_listed(gone)}: destroyed, though the identity stays" if gone else ""


def _let_go(one: IdentityChange) -> str:
    places = [_place(change) for change in _with(one, Action.FORGET)]
    return f"stays in the cloud, and nothing manages it any more: {_listed(places)}" if places else ""


def _replaced(one: IdentityChange, known: Mapping[str, Principal]) -> str:
    new = [_named(known[change.address]) for change in _with(one, Action.REPLACE) if change.address in known]
    return f"{_listed(new)}: replaced by another with a new unique id, so what trusts the old one breaks" if new else ""


def _credentials(one: IdentityChange, told: Container[str | None]) -> str:
    if one.identity in told:
        return ""
    places = [said for change in one.changes if (said := _credential(change))]
    return f"its credentials change, so whoever uses an old one may lose access: {_listed(places)}" if places else ""


def _credential(change: ResourceChange) -> str:
    """What happens to what a user proves itself with; empty where nothing does."""
    if _CREDENTIAL_TYPE.fullmatch(change.type) is None or change.action in (Action.READ, Action.FORGET):
        return ""
    if _stays(change):
        return f"{_WORKS} of {_place(change)}" if _WORKS in change.attributes else ""
    return f"{_place(change)} is {_PAST[change.action]}"


def _imported(one: IdentityChange) -> str:
    places = [_place(change) + _changing(change) for change in _with(one, Action.IMPORT)]
    return f"stood already, and is taken in: {_listed(places)}" if places else ""


def _trust(one: IdentityChange) -> str:
    places = [_place(change) for change in one.changes if _TRUST in change.attributes and _stays(change)]
    return f"who may use it changes, or until when: {_TRUST} of {_listed(places)}" if places else ""


def _permissions(one: IdentityChange, told: Container[str | None]) -> str:
    if one.identity in told:
        return ""
    places = [said for change in one.changes if (said := _permission(change))]
    return f"what it may do changes, or until when: {_listed(places)}" if places else ""


def _permission(change: ResourceChange) -> str:
    """What happens to permissions by this change; empty where nothing does."""
    attributes = sorted(_PERMISSION_ATTRIBUTES.intersection(change.attributes))
    if _stays(change):
        return f"{', '.join(attributes)} of {_place(change)}" if attributes else ""
    if _PERMISSION_TYPE.fullmatch(change.type) is None or change.action in (Action.READ, Action.FORGET):
        return ""
    return f"{_place(change)} is {_PAST[change.action]}"


def _drift(one: IdentityChange) -> str:
    said = [
        f"{', '.join(change.attributes)} of {_place(change)}"
        if change.action is Action.UPDATE
        else f"{_place(change)} is {'gone' if change.action is Action.DESTROY else _PAST[change.action]}"
        for change in one.changes
    ]
    return f"was changed by hand, or by another program, since the last apply: {_listed(said)}"


def _outside(one: IdentityChange) -> str:
    if one.identity is not None:
        return ""
    said = [f"{change.address} is {_PAST[change.action]}" for change in one.changes]
    return f"belongs to no identity of the stack: {_listed(said)}"


def _with(one: IdentityChange, action: Action) -> list[ResourceChange]:
    return [change for change in one.changes if change.action is action]


def _stays(change: ResourceChange) -> bool:
    """Whether it stands before and after."""
    return change.action in (Action.UPDATE, Action.IMPORT)


def _changing(change: ResourceChange) -> str:
    return f" (changing {', '.join(change.attributes)})" if change.attributes else ""


def _place(change: ResourceChange) -> str:
    """The address within the identity's own module."""
    return _OWN_MODULE.sub("", change.address, count=1) if change.address.startswith("module.nhi-") else change.address


def _named(principal: Principal) -> str:
    unique_id = f" ({principal.unique_id})" if principal.unique_id else ""
    return f"the {principal.type.value} {principal.name}{unique_id}"


def _listed(texts: Sequence[str]) -> str:
    left_out = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {left_out} more" if left_out > 0 else "")
