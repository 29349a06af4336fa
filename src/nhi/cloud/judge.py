"""From an account, listed and asked, to an answer about one identity."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from nhi.cloud.compare import (
    MISSING,
    NOTHING_MORE,
    Credentials,
    FoundEventRule,
    FoundSecret,
    compare_event_rule,
    compare_role,
    compare_secret,
    compare_user,
    short,
)
from nhi.cloud.inventory import Holding, Inventory, OddAnswer, found_role, found_user, holding, seconds, text
from nhi.cloud.regional import Regional
from nhi.model.verification import (
    Absent,
    Answer,
    Difference,
    Expectation,
    ExpectedEventRule,
    ExpectedRole,
    ExpectedSecret,
    ExpectedUser,
    Present,
)

_Entry: TypeAlias = Mapping[str, object]


class Account(Protocol):
    """What is asked of an account: None is always the cloud's own word that there is none."""

    @property
    def inventory(self) -> Inventory:
        """IAM, listed."""
        ...

    def regional(self) -> Regional:
        """Secrets and event rules of the stack's region, listed."""
        ...

    def get_role(self, name: str) -> _Entry | None:
        """IAM's GetRole."""
        ...

    def get_user(self, name: str) -> _Entry | None:
        """IAM's GetUser."""
        ...

    def credentials(self, user: str) -> Credentials:
        """What can prove to be a user that exists."""
        ...

    def secret(self, name: str) -> FoundSecret | None:
        """Secrets Manager's DescribeSecret, by name or ARN."""
        ...

    def event_rule(self, name: str) -> FoundEventRule | None:
        """EventBridge's DescribeRule, with the targets."""
        ...


@dataclass(frozen=True, slots=True)
class _Judged:
    """One wanted thing, after it was looked at."""

    stands: bool
    differences: tuple[Difference, ...]


def judge_present(account: Account, identity: str, name: str, wanted: Expectation) -> Answer:
    """Whether all that is wanted stands as it should, and no other role or user carries the identity's id.

    Absent means that nothing of it stands and nothing else carries the id or has the identity's name. A secret that is
    scheduled for deletion does not stand: its value cannot be read.

    Raises:
        OddAnswer: the answers do not fit together or are not of the documented shape.
        OddPolicy: IAM answered with something that is not a policy document.
    """
    judged = [
        *(_role(account, one) for one in wanted.roles),
        *(_user(account, one) for one in wanted.users),
        *(_secret(account, one) for one in wanted.secrets),
        *(_event_rule(account, one) for one in wanted.event_rules),
    ]
    differences = tuple(difference for one in judged for difference in one.differences)
    if any(one.stands for one in judged):
        return Present((*differences, *map(_leftover, _others(account.inventory, identity, wanted))))
    leftovers = (*account.inventory.of(identity, name), *_regional(account, identity))
    return Present((*differences, *map(_leftover, leftovers))) if leftovers else Absent()


def judge_gone(account: Account, identity: str, name: str) -> Answer:
    """Whether IAM knows no such role and no such user, and nothing else carries the id or has the identity's name.

    A secret that is scheduled for deletion is gone.

    Raises:
        OddAnswer: the answers do not fit together or are not of the documented shape.
    """
    leftovers = account.inventory.of(identity, name)
    for kind, entry in (("role", account.get_role(name)), ("user", account.get_user(name))):
        # AWS does not say whether a name is asked for ignoring case, as it is unique ignoring case.
        alike = [one for one in account.inventory.by_name.get(name.lower(), ()) if one.kind == kind]
        listed = alike if entry is not None else [one for one in alike if one.name == name]
        if listed != ([] if entry is None else [holding(kind, entry)]):
            raise _changing(f"{kind} {name}")
    leftovers = (*leftovers, *_regional(account, identity))
    return Present(tuple(map(_leftover, leftovers))) if leftovers else Absent()


def _role(account: Account, role: ExpectedRole) -> _Judged:
    entry = account.inventory.roles.get(role.name.lower())
    if entry is None:
        if account.get_role(role.name) is not None:
            raise _changing(f"role {role.name}")
        return _missing(f"role {role.name}")
    longest = account.inventory.session_seconds.get(text(entry, "RoleName"))
    found = found_role(entry, _session_seconds(account, role.name) if longest is None else longest)
    return _Judged(stands=True, differences=compare_role(role, found))


def _session_seconds(account: Account, name: str) -> int:
    role = account.get_role(name)
    if role is None:
        raise _changing(f"role {name}")
    return seconds(role)


def _user(account: Account, user: ExpectedUser) -> _Judged:
    entry = account.inventory.users.get(user.name.lower())
    if entry is None:
        if account.get_user(user.name) is not None:
            raise _changing(f"user {user.name}")
        return _missing(f"user {user.name}")
    found = found_user(entry, account.credentials(text(entry, "UserName")))
    return _Judged(stands=True, differences=compare_user(user, found))


def _secret(account: Account, secret: ExpectedSecret) -> _Judged:
    found = account.secret(secret.name)
    if found is None:
        return _missing(f"secret {secret.name}")
    return _Judged(stands=not found.scheduled_for_deletion, differences=compare_secret(secret, found))


def _event_rule(account: Account, rule: ExpectedEventRule) -> _Judged:
    found = account.event_rule(rule.name)
    if found is None:
        return _missing(f"event rule {rule.name}")
    return _Judged(stands=True, differences=compare_event_rule(rule, found))


def _missing(what: str) -> _Judged:
    return _Judged(stands=False, differences=(Difference(short(what), "present", MISSING),))


def _others(inventory: Inventory, identity: str, wanted: Expectation) -> Iterator[Holding]:
    """The roles and users that carry the id, and are not wanted: they can act, which policies by themselves cannot."""
    names = {("role", one.name.lower()) for one in wanted.roles} | {("user", one.name.lower()) for one in wanted.users}
    for one in inventory.by_id.get(identity, ()):
        if one.kind in {"role", "user"} and (one.kind, one.name.lower()) not in names:
            yield one


def _regional(account: Account, identity: str) -> Iterator[Holding]:
    for one in account.regional().of(identity):
        if one.kind == "secret":  # the listing of secrets can be behind
            found = account.secret(one.arn)
            if found is None or found.scheduled_for_deletion:
                continue
        yield one


def _changing(what: str) -> OddAnswer:
    return OddAnswer(f"the {what} came or went while the account was being read: ask again")


def _leftover(one: Holding) -> Difference:
    mark = "same name" if one.id is None else f"nhi:id {one.id}"
    return Difference(short(f"{one.kind} {one.name}"), NOTHING_MORE, short(f"{one.arn} ({mark})"))
