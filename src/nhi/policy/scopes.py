"""What rules ask of a whole scope: every text in it, whom its `trust` lets in, and what its actions are about.

`trust` says who may use the identity, in whatever shape the kind gives it: keys, lists and texts. What stands under a
key such as `subjects` narrows a token of an identity provider, under `source_…` or `condition…` it narrows a use that
something else lets in; all else names who is let in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from nhi.model.finding import Severity
from nhi.model.identity import Json, Manifest
from nhi.model.settings import Settings
from nhi.policy.iam.escalation import Escalation, PathKind, escalation_paths, known_paths
from nhi.policy.iam.patterns import is_pattern, matches
from nhi.policy.iam.resources import Breadth, may_apply
from nhi.policy.iam.sensitive import Concern, concerning
from nhi.policy.iam.statement import Statement, read
from nhi.policy.rule import KeyPath
from nhi.policy.scope_parts import part
from nhi.policy.statements import statements, texts

_SUBJECT_KEYS = """
branch branches environment environments namespace namespaces organisation organization owner project projects ref refs
repo repos repositories repository serviceaccount serviceaccounts sub subject subjects workflow workflows
"""
SUBJECT_KEYS = frozenset(_SUBJECT_KEYS.split())
"""Keys, folded, of what an identity provider says of who holds its token."""

_ACCOUNT = re.compile(r"\d{12}")
_NARROWS = re.compile(r"source(account|arn|identity|ip|org|vpc)|condition|externalid|audience")
_ARN_ACCOUNT = 4
_ACCOUNT_AND_MORE = 6
_MOST_DIGITS = 10**12


def folded(key: str) -> str:
    """A key without capitals, `_` and `-`: `NotAction`, `not_action` and `not-action` are one."""
    return key.casefold().replace("_", "").replace("-", "")


def leaves(value: Json, at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Every text of a value, and every number as the text that was perhaps meant; each with its place."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*at, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from leaves(one, (*at, index))
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MOST_DIGITS:
        yield at, str(value)


def mappings(value: Json, at: KeyPath) -> Iterator[tuple[KeyPath, Mapping[str, Json]]]:
    """The value and all below it that are mappings, each with its place."""
    if isinstance(value, dict):
        yield at, value
        for key, one in value.items():
            yield from mappings(one, (*at, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from mappings(one, (*at, index))


def trusted(manifest: Manifest) -> Iterator[tuple[KeyPath, str]]:
    """Every text of the scope's `trust`."""
    trust = None if manifest.scope is None else manifest.scope.get("trust")
    return leaves(trust, ("scope", "trust"))


def key_of(place: KeyPath) -> str:
    """The nearest key around a place, folded: `sourcearns` for scope.trust.source_arns[0]."""
    return next((folded(step) for step in reversed(place) if isinstance(step, str)), "")


def is_subject(place: KeyPath) -> bool:
    """Whether the text there is about the holder of an identity provider's token."""
    return key_of(place) in SUBJECT_KEYS


def is_external_id(place: KeyPath) -> bool:
    """Whether the text there is an external id."""
    return key_of(place) in {"externalid", "externalids"}


def narrows(place: KeyPath) -> bool:
    """Whether the text there lets nobody in, and only narrows what something else lets in."""
    return any(_NARROWS.match(folded(step)) for step in place[2:] if isinstance(step, str))


def account_of(place: KeyPath, text: str) -> str | None:
    """The AWS account that a text of a trust names, perhaps as a pattern; None where it names none.

    The number of a repository can have twelve digits too: under a key that ends in `id`, it is no account.
    """
    if text.startswith("arn:"):
        segments = text.split(":", _ACCOUNT_AND_MORE - 1)
        if len(segments) > _ARN_ACCOUNT:
            return segments[_ARN_ACCOUNT] or None
        # The last `*` of a segment reaches past the colons behind it.
        return "*" if text.endswith("*") else None
    if _ACCOUNT.fullmatch(text) is None or is_subject(place):
        return None
    key = key_of(place)
    return None if key.endswith(("id", "ids")) and "account" not in key else text


def is_public(place: KeyPath, text: str) -> bool:
    """Whether a text of a trust stands for everybody, or for any account."""
    account = account_of(place, text)
    return not text.strip("*?:/") or (account is not None and is_pattern(account))


def foreign_accounts(manifest: Manifest, settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    """Each AWS account that the trust names and that is not the organisation's, at each of its places."""
    for place, text in trusted(manifest):
        account = account_of(place, text)
        if account is not None and _ACCOUNT.fullmatch(account) and not _is_own(account, manifest.stack, settings):
            yield place, account


def _is_own(account: str, stack: str, settings: Settings) -> bool:
    here = settings.stacks.get(stack)
    return (
        (here is not None and here.account == account)
        or account in settings.accounts
        or any(one.account == account for one in settings.stacks.values())
    )


def vendor_of(manifest: Manifest) -> str | None:
    """The name of the third party that uses the identity, where the scope says one."""
    vendor = part(manifest, "vendor")
    name = None if vendor is None else vendor.get("name")
    return name if isinstance(name, str) and name.strip() else None


def is_everything(action: str) -> bool:
    """Whether it is every action of every service. `wildcard-action` says so, and no other rule has to."""
    return not action.strip("*?:")


@dataclass(frozen=True, slots=True)
class Use:
    """An action of a statement, or a pattern, that is about a concern."""

    place: KeyPath
    """Of the statement."""
    index: int
    """Among its actions."""
    action: str
    names: tuple[str, ...]
    """What it allows of the concern's actions, as AWS spells them."""
    resources: list[tuple[int, str]]
    """The statement's resources, and the index of each."""

    @property
    def at(self) -> KeyPath:
        """Where the action stands."""
        return (*self.place, "actions", self.index)


def concerned(manifest: Manifest, concern: Concern) -> Iterator[Use]:
    """Each action that is about a concern, unless AWS could match none of the statement's resources for it."""
    for place, statement in statements(manifest):
        for index, action in texts(statement, "actions"):
            names = () if is_everything(action) else concerning(action, concern)
            if names:
                resources = texts(statement, "resources") or [(0, "*")]
                usable = tuple(name for name in names if any(may_apply(name, one) for _, one in resources))
                if usable:
                    yield Use(place, index, action, usable, resources)


@dataclass(frozen=True, slots=True)
class OpenPath:
    """A known path to more permissions that the scope opens, and that is worth a finding."""

    place: KeyPath
    """Of the statement that decides: the one that allows to pass the role, or the path's first action."""
    escalation: Escalation
    severity: Severity


def open_paths(manifest: Manifest) -> list[OpenPath]:
    """The paths that lead further than the scope says, widest first. Statements of `*` alone open none here."""
    given = statements(manifest)
    if not any(_may_open(action) for _, one in given for _, action in texts(one, "actions")):
        return []
    read_ones = [(place, one) for place, statement in given if (one := _without_everything(statement)) is not None]
    found = []
    for escalation in escalation_paths([one for _, one in read_ones]):
        severity = _severity(escalation)
        if severity is not None:
            first = escalation.path.actions[0]
            place = next(place for place, one in read_ones if _allows(one, first))
            found.append(OpenPath(place, escalation, severity))
    return found


def _severity(escalation: Escalation) -> Severity | None:
    """How grave: to pass, become or take over one named thing is no more than that thing, and ordinary."""
    match escalation.path.kind, escalation.reach:
        case (PathKind.PERMISSIONS, _) | (_, Breadth.EVERY):
            return Severity.ERROR
        case (PathKind.PASS_ROLE | PathKind.ASSUME_ROLE, Breadth.SOME):
            return Severity.WARNING
        case _:
            return None


def _allows(statement: Statement, step: str) -> bool:
    return any(matches(action.lower(), step.lower()) for action in statement.actions) and any(
        may_apply(step.lower(), one) for one in statement.resources
    )


def _without_everything(statement: Mapping[str, Json]) -> Statement | None:
    actions = tuple(action for _, action in texts(statement, "actions") if not is_everything(action))
    resources = tuple(one for _, one in texts(statement, "resources")) or ("*",)
    (whole,) = read([dict(statement)])
    return Statement(actions, resources, whole.conditions) if actions else None


@cache
def _first_steps() -> frozenset[str]:
    return frozenset(path.actions[0].lower() for path in known_paths())


def _may_open(action: str) -> bool:
    """Whether a path may begin with the action. Of later steps some are in most scopes (`dynamodb:PutItem`)."""
    return action.lower() in _first_steps() or is_pattern(action)
