"""Find what a killed apply made and no state knows, so that the next plan takes it in instead of making it again.

What is taken in carries the identity's own tag, below the stack's own path, and a role of it may be used by nobody but
whom the manifest names. All else that stands in the way is somebody's: it stops the plan, with words.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nhi.cloud.leftovers import Leftovers, Standing
from nhi.errors import InputError, OutsideError
from nhi.model.identity import Json
from nhi.model.plan import Action, PlanSummary
from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell
from nhi.terraform.creations import ACCESS_KEY, Creation, Import, creations, known_keys, users_in_state

_TRUST = "assume_role_policy"
_HINT = "run `nhi plan` again once the cloud answers; without the answer the same thing could be made twice"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What the next plan takes in."""

    imports: tuple[Import, ...] = ()
    replace: tuple[str, ...] = ()
    """Addresses of what is taken in only to be made anew: access keys, whose secret came to nobody."""


def adoption(leftovers: Leftovers, stack: Stack, plan: Mapping[str, Json]) -> Adoption:
    """What stands in the cloud of all that a plan would create.

    Raises:
        OutsideError: the cloud did not say what stands.
        InputError: something of somebody else's stands in the way.
    """
    wanted = creations(plan, stack.name)
    named = [one for one in wanted if one.type != ACCESS_KEY]
    standing: Mapping[tuple[str, str], Standing] = {}
    if named:
        answer = leftovers.standing(stack, {(one.type, one.name) for one in named})
        if isinstance(answer, CouldNotTell):
            raise OutsideError(answer.reason, hint=_HINT)
        standing = answer
    found = [(one, standing[one.type, one.name]) for one in named if (one.type, one.name) in standing]
    _refuse_foreign(stack, found)
    keys = _stray_keys(leftovers, stack, plan, [one for one in wanted if one.type == ACCESS_KEY], standing)
    imports = [Import(one, there.id) for one, there in found] + keys
    return Adoption(
        tuple(sorted(imports, key=lambda one: one.creation.address)),
        tuple(sorted(one.creation.address for one in keys)),
    )


def refuse_others_use(summary: PlanSummary) -> None:
    """Stop where a role is taken in that somebody else could use until now: an open session gets all that it may do.

    AWS makes a role together with who may use it, so a killed apply of the same manifest leaves no other answer.

    Raises:
        InputError: it names the roles.
    """
    others = [
        f"{one.identity}: {change.address} stands in the cloud already, and others may use it than its manifest says"
        for one in summary.identities
        for change in one.changes
        if change.action is Action.IMPORT and _TRUST in change.attributes
    ]
    if others:
        raise InputError(
            "\n".join(others),
            hint="find out who made it; if it was an apply of ours, and the manifest has changed since, plan and apply"
            " the manifest of then first; if not, delete the role",
        )


def _refuse_foreign(stack: Stack, found: Iterable[tuple[Creation, Standing]]) -> None:
    problems = [words for one, there in found if (words := _foreign(stack, one, there))]
    if problems:
        raise InputError(
            "\n".join(problems), hint="give the identity another name, or find out whose it is and who made it"
        )


def _foreign(stack: Stack, one: Creation, there: Standing) -> str | None:
    """Why what stands there is not the identity's own; None where it is."""
    what = f"{one.identity}: {one.type} {one.name!r} stands in the cloud already"
    if there.identity != one.identity:
        whose = f"it carries the id {there.identity!r}" if there.identity else "it does not carry the identity's tag"
        return f"{what}, and {whose}"
    if there.waits_for_deletion:
        return f"{what}, and waits for its deletion"
    if there.place and (there.place != f"/nhi/{stack.name}/" or there.id != one.name):
        return f"{what} as {there.place}{there.id}, which is not the stack's place"
    return None


def _stray_keys(
    leftovers: Leftovers,
    stack: Stack,
    plan: Mapping[str, Json],
    wanted: Sequence[Creation],
    standing: Mapping[tuple[str, str], Standing],
) -> list[Import]:
    """Access keys that stand and are in no state, each at the place of one that would be made."""
    known = known_keys(plan)
    users = users_in_state(plan) | {name for kind, name in standing if kind == "aws_iam_user"}
    found: list[Import] = []
    for user in sorted({one.name for one in wanted} & users):
        answer = leftovers.keys(stack, user)
        if isinstance(answer, CouldNotTell):
            raise OutsideError(answer.reason, hint=_HINT)
        found += _placed(user, sorted(set(answer) - known), [one for one in wanted if one.name == user])
    return found


def _placed(user: str, strays: Sequence[str], places: Sequence[Creation]) -> Iterator[Import]:
    if len(strays) > len(places):
        raise InputError(
            f"the user {user} has access keys that no state knows: {', '.join(strays)}",
            hint="find out who made them, and delete those that nobody uses",
        )
    return (Import(place, key) for place, key in zip(places, strays, strict=False))
