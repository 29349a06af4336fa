"""What IAM's answers say about one account, as an index. An answer that is not of the documented shape is refused."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from nhi.cloud.compare import Credentials, FoundRole, FoundUser
from nhi.model.identity import Json

ID_TAG = "nhi:id"
"""The tag that every resource of an identity carries; its value is `<stack>/<name>`."""

_NAMES = {
    "role": ("RoleName", "RoleId"),
    "user": ("UserName", "UserId"),
    "policy": ("PolicyName", "PolicyId"),
    "instance profile": ("InstanceProfileName", "InstanceProfileId"),
}
"""What IAM calls the name and the unique id of each kind of holding."""

T = TypeVar("T")


class OddAnswer(ValueError):
    """An answer is not of the shape that AWS documents: nothing can be concluded from it."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Something in the account that can belong to an identity."""

    kind: str
    """For a person, such as `role` or `instance profile`."""
    name: str
    path: str
    """Empty for what is not of IAM."""
    arn: str
    tags: Mapping[str, str]
    unique_id: str | None = None
    """IAM's own id (AROA…, AIDA…): another one for what is made again under the same name. None for what is not of IAM
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids)."""

    @property
    def id(self) -> str | None:
        """The identity whose id it carries."""
        return self.tags.get(ID_TAG)


@dataclass(frozen=True, slots=True)
class Inventory:
    """The roles and users of one account, and the policies and instance profiles below one stack's path."""

    path: str
    """`/nhi/<stack>/`."""
    by_id: Mapping[str, tuple[Holding, ...]]
    by_name: Mapping[str, tuple[Holding, ...]]
    """Lower-case name → holdings: names of IAM are unique ignoring case."""
    roles: Mapping[str, Mapping[str, object]]
    """Lower-case name → the role's entry in GetAccountAuthorizationDetails."""
    users: Mapping[str, Mapping[str, object]]
    """Lower-case name → the user's entry in GetAccountAuthorizationDetails."""
    session_seconds: Mapping[str, int]
    """Name → longest session, of the roles below the stack's path."""

    def of(self, identity: str, name: str) -> tuple[Holding, ...]:
        """What carries an identity's id, and what has its name below the stack's path.

        A user of its name without any id counts wherever it is: unlike a role, a user can be moved, keys and all.
        """
        named = (
            one
            for one in self.by_name.get(name.lower(), ())
            if one.path.startswith(self.path) or (one.kind == "user" and one.id is None)
        )
        return tuple({one.arn: one for one in (*self.by_id.get(identity, ()), *named)}.values())


def build(
    path: str,
    details: Iterable[Mapping[str, object]],
    listed_roles: Iterable[Mapping[str, object]],
    listed_users: Iterable[Mapping[str, object]],
    others: Iterable[Holding],
) -> Inventory:
    """The inventory of one stack.

    Args:
        path: `/nhi/<stack>/`.
        details: the pages of GetAccountAuthorizationDetails, for roles and users.
        listed_roles: the roles of ListRoles below the path.
        listed_users: the users of ListUsers below the path.
        others: policies and instance profiles below the path.

    Raises:
        OddAnswer: an answer is not of the documented shape, or two listings are not of the same roles and users.
    """
    roles: dict[str, Mapping[str, object]] = {}
    users: dict[str, Mapping[str, object]] = {}
    holdings: list[Holding] = list(others)
    for page in details:
        roles |= {text(entry, "RoleName").lower(): entry for entry in entries(page, "RoleDetailList")}
        users |= {text(entry, "UserName").lower(): entry for entry in entries(page, "UserDetailList")}
    holdings += [holding("role", entry) for entry in roles.values()]
    holdings += [holding("user", entry) for entry in users.values()]
    session_seconds = {text(entry, "RoleName"): seconds(entry) for entry in listed_roles}
    below = [one for one in holdings if one.path.startswith(path)]
    _refuse_other_names(f"roles below {path}", (one.name for one in below if one.kind == "role"), session_seconds)
    user_names = (text(entry, "UserName") for entry in listed_users)
    _refuse_other_names(f"users below {path}", (one.name for one in below if one.kind == "user"), user_names)
    by_id, by_name = defaultdict(list), defaultdict(list)
    for one in holdings:
        by_name[one.name.lower()].append(one)
        if one.id is not None:
            by_id[one.id].append(one)
    return Inventory(path, _frozen(by_id), _frozen(by_name), roles, users, session_seconds)


def _refuse_other_names(what: str, detailed: Iterable[str], listed: Iterable[str]) -> None:
    differing = set(detailed) ^ set(listed)
    if differing:
        odd = ", ".join(sorted(differing)[:5])
        raise OddAnswer(f"two listings of the {what} differ ({odd}): the account is changing, ask again")


def found_role(entry: Mapping[str, object], session_seconds: int) -> FoundRole:
    """A role of GetAccountAuthorizationDetails, ready to be compared."""
    return FoundRole(
        name=text(entry, "RoleName"),
        path=text(entry, "Path"),
        trust=_document(entry, "AssumeRolePolicyDocument"),
        inline={text(one, "PolicyName"): _document(one, "PolicyDocument") for one in entries(entry, "RolePolicyList")},
        attached=tuple(text(one, "PolicyArn") for one in entries(entry, "AttachedManagedPolicies")),
        tags=tags(entry),
        max_session_seconds=session_seconds,
        permissions_boundary=_boundary(entry),
    )


def found_user(entry: Mapping[str, object], credentials: Credentials) -> FoundUser:
    """A user of GetAccountAuthorizationDetails, ready to be compared."""
    # IAM leaves the inline policies out where there are none, and gives the other lists empty.
    inline = entries(entry, "UserPolicyList") if entry.get("UserPolicyList") is not None else []
    return FoundUser(
        name=text(entry, "UserName"),
        path=text(entry, "Path"),
        inline={text(one, "PolicyName"): _document(one, "PolicyDocument") for one in inline},
        attached=tuple(text(one, "PolicyArn") for one in entries(entry, "AttachedManagedPolicies")),
        groups=tuple(str(one) for one in _of(entry, "GroupList", list)),
        tags=tags(entry),
        credentials=credentials,
        permissions_boundary=_boundary(entry),
    )


def holding(kind: str, entry: Mapping[str, object]) -> Holding:
    """One role, user, policy or instance profile, from any answer that describes it with its tags."""
    name, unique_id = _NAMES[kind]
    return Holding(
        kind, text(entry, name), text(entry, "Path"), text(entry, "Arn"), tags(entry), text(entry, unique_id)
    )


def seconds(entry: Mapping[str, object]) -> int:
    """The longest session of a role, from ListRoles or GetRole."""
    return _of(entry, "MaxSessionDuration", int)


def inner(answer: Mapping[str, object], key: str) -> Mapping[str, object]:
    """An object that an answer must have."""
    found = answer.get(key)
    if not isinstance(found, Mapping):
        raise OddAnswer(f"{key} is missing")
    return found


def entries(answer: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """A list of objects that an answer must have."""
    found: list[object] = _of(answer, key, list)
    if not all(isinstance(one, Mapping) for one in found):
        raise OddAnswer(f"{key} holds something that is not an object")
    return found  # type: ignore[return-value]  # all of them are, as was just seen


def text(answer: Mapping[str, object], key: str) -> str:
    """A text, not empty, that an answer must have."""
    found = _of(answer, key, str)
    if not found:
        raise OddAnswer(f"{key} is empty")
    return found


def tags(entry: Mapping[str, object]) -> dict[str, str]:
    """The tags of an answer. AWS may leave them out where there are none."""
    if entry.get("Tags") is None:
        return {}
    return {text(tag, "Key"): _of(tag, "Value", str) for tag in entries(entry, "Tags")}


def _of(answer: Mapping[str, object], key: str, wanted: type[T]) -> T:
    found = answer.get(key)
    if not isinstance(found, wanted):
        raise OddAnswer(f"{key} is missing" if found is None else f"{key} is not of the type {wanted.__name__}")
    return found


def _document(answer: Mapping[str, object], key: str) -> Json:
    found = answer.get(key)
    if not isinstance(found, dict | str):
        raise OddAnswer(f"{key} is missing")
    return found


def _boundary(entry: Mapping[str, object]) -> str | None:
    boundary = entry.get("PermissionsBoundary")
    return text(boundary, "PermissionsBoundaryArn") if isinstance(boundary, Mapping) else None


def _frozen(index: Mapping[str, list[Holding]]) -> dict[str, tuple[Holding, ...]]:
    return {key: tuple(holdings) for key, holdings in index.items()}
