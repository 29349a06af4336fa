"""From the inventory of an account to an answer about one identity."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from nhi.cloud.compare import MISSING, NOTHING_MORE, compare_role, short
from nhi.cloud.inventory import Holding, Inventory, OddAnswer, found_role, holding, seconds, text
from nhi.model.verification import Absent, Answer, Difference, ExpectedRole, Present

GetRole: TypeAlias = Callable[[str], Mapping[str, object] | None]
"""IAM's GetRole: the role of a name, or None where IAM answers NoSuchEntity."""


def judge_present(
    inventory: Inventory, get_role: GetRole, identity: str, name: str, wanted: tuple[ExpectedRole, ...]
) -> Answer:
    """Whether the wanted roles stand as they should, and no other role or user carries the identity's id.

    Absent means that none of them exists and nothing else carries the id or, below the stack's path, the name.

    Raises:
        OddAnswer: IAM's answers do not fit together or are not of the documented shape.
        OddPolicy: IAM answered with something that is not a policy document.
    """
    differences: list[Difference] = []
    missing = 0
    for role in wanted:
        entry = inventory.roles.get(role.name.lower())
        if entry is not None:
            longest = inventory.session_seconds.get(text(entry, "RoleName"))
            found = found_role(entry, _session_seconds(get_role, role.name) if longest is None else longest)
            differences += compare_role(role, found)
        elif get_role(role.name) is not None:
            raise _changing(role.name)
        else:
            missing += 1
            differences.append(Difference(short(f"role {role.name}"), "present", MISSING))
    if missing < len(wanted):
        names = {role.name.lower() for role in wanted}
        strays = inventory.by_id.get(identity, ())
        acting = (one for one in strays if one.kind == "user" or (one.kind == "role" and one.name.lower() not in names))
        return Present((*differences, *map(_leftover, acting)))
    leftovers = inventory.of(identity, name)
    return Present((*differences, *map(_leftover, leftovers))) if leftovers else Absent()


def judge_gone(inventory: Inventory, get_role: GetRole, identity: str, name: str) -> Answer:
    """Whether IAM knows no such role, and nothing else carries the id or, below the stack's path, the name.

    Raises:
        OddAnswer: IAM's answers do not fit together or are not of the documented shape.
    """
    leftovers = inventory.of(identity, name)
    role = get_role(name)
    found = None if role is None else holding("role", role)
    ours = found is not None and (found.id == identity or found.path.startswith(inventory.path))
    listed = {one.arn for one in leftovers if one.kind == "role" and one.name == name}
    if listed != ({found.arn} if found is not None and ours else set()):
        raise _changing(name)
    return Present(tuple(map(_leftover, leftovers))) if leftovers else Absent()


def _session_seconds(get_role: GetRole, name: str) -> int:
    role = get_role(name)
    if role is None:
        raise _changing(name)
    return seconds(role)


def _changing(name: str) -> OddAnswer:
    return OddAnswer(f"the role {name} came or went while the account was being read: ask again")


def _leftover(one: Holding) -> Difference:
    mark = "same name" if one.id is None else f"nhi:id {one.id}"
    return Difference(short(f"{one.kind} {one.name}"), NOTHING_MORE, short(f"{one.arn} ({mark})"))
