"""Which reviews of a pull request count as approvals, why the others do not, and which requirements they meet.

Pure, in three steps, so that the forge and git are asked only about reviews that could count: `sort_out` looks at who
reviewed, `weigh` at what they may do here and what they approved, `assign` at whom that is enough for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from nhi.model.approval import Approval, Held, Requirement, SetAside
from nhi.model.forge import Account, Permission, Review, ReviewState
from nhi.model.moment import Moment
from nhi.model.owners import Owners, Person
from nhi.policy.makers import KnownMakers
from nhi.policy.people import absence, is_there

_DECIDING = frozenset({ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED, ReviewState.DISMISSED})
_SHORT = 12


class Content(Enum):
    """What a review was of, compared with what would be merged now. Each value says what is wrong with it."""

    SAME = ""
    OTHER = "approved another content than the one that would be merged now"
    MOVED_BASE = "approved it before the base branch changed the same files"
    GONE = "approved a commit that is not there any more, so that nobody can say what it held"


@dataclass(frozen=True, slots=True)
class Electorate:
    """Whose approval could count."""

    author: Account | None
    """Whose pull request it is."""
    makers: KnownMakers
    requirements: tuple[Requirement, ...]
    owners: Owners
    """Of the base."""
    now: Moment


@dataclass(frozen=True, slots=True)
class Sorted:
    """The reviews that stand, by what has to be known of them next."""

    entitled: tuple[tuple[Person, Review], ...]
    """Approvals that count where their accounts may write and their content is the one."""
    objecting: tuple[Review, ...]
    """Requests for changes, which block where their accounts may write."""
    set_aside: tuple[SetAside, ...]

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Whose permission must be known, each once, by number."""
        reviews = (*(review for _, review in self.entitled), *self.objecting)
        found = {one.author.id: one.author for one in reviews if one.author is not None}
        return tuple(found[number] for number in sorted(found))


@dataclass(frozen=True, slots=True)
class Weighed:
    """What became of every review that stands."""

    approvals: tuple[Approval, ...]
    """Sorted by person, each once."""
    set_aside: tuple[SetAside, ...]
    objections: tuple[SetAside, ...]


def standing(reviews: Sequence[Review]) -> tuple[Review, ...]:
    """The review of each account that decides: the last that approves, requests changes or was dismissed.

    So an approval that was followed by a request for changes does not come back when that is dismissed. Reviews of
    accounts that are gone are told apart by nothing, so that each stands for itself.
    """
    deciding = [(one.submitted_at, one.id, one) for one in reviews if one.state in _DECIDING and one.submitted_at]
    last: dict[tuple[str, int], Review] = {}
    for _, number, one in sorted(deciding, key=lambda entry: entry[:2]):
        last["review" if one.author is None else "account", number if one.author is None else one.author.id] = one
    return tuple(sorted(last.values(), key=lambda one: one.id))


def sort_out(reviews: Sequence[Review], electorate: Electorate) -> Sorted:
    """Look at who reviewed. Accounts are compared by number: a login may be somebody else's by now."""
    people = {one.github_id: one for one in electorate.owners.people.values()}
    entitled: list[tuple[Person, Review]] = []
    objecting: list[Review] = []
    aside: list[SetAside] = []
    for one in standing(reviews):
        if one.state is ReviewState.DISMISSED:
            aside.append(SetAside(one.author, one.id, "was dismissed"))
        elif one.state is ReviewState.CHANGES_REQUESTED:
            objecting.append(one)
        else:
            person = None if one.author is None else people.get(one.author.id)
            reason = _why_not(one.author, person, electorate)
            if reason or person is None:
                aside.append(SetAside(one.author, one.id, reason))
            else:
                entitled.append((person, one))
    return Sorted(tuple(entitled), tuple(objecting), tuple(aside))


def weigh(found: Sorted, permissions: Mapping[int, Permission], contents: Mapping[str, Content]) -> Weighed:
    """Look at what the accounts may do here now, and at what was approved.

    `permissions` has every account of `found.accounts`; `contents` has the commit of every review of `found.entitled`
    whose account may write. What is missing in one of them counts as nothing that would help.
    """
    approvals: dict[str, Approval] = {}
    aside = list(found.set_aside)
    objections: list[SetAside] = []
    for person, one in found.entitled:
        content = contents.get(one.commit or "", Content.GONE)
        if one.author is None or one.commit is None or one.submitted_at is None:
            aside.append(SetAside(one.author, one.id, Content.GONE.value))
        elif not _may_write(one.author, permissions):
            aside.append(SetAside(one.author, one.id, "may not write to this repository now"))
        elif content is not Content.SAME:
            aside.append(SetAside(one.author, one.id, content.value))
        else:
            approvals[person.name] = Approval(person.name, one.author, one.id, one.commit, one.submitted_at)
    for one in found.objecting:
        if _may_write(one.author, permissions):
            objections.append(SetAside(one.author, one.id, "requests changes"))
        else:
            aside.append(SetAside(one.author, one.id, "requests changes, and may not write to this repository"))
    by_person = tuple(approvals[name] for name in sorted(approvals))
    return Weighed(by_person, tuple(sorted(aside, key=lambda one: one.review)), tuple(objections))


def assign(requirements: Sequence[Requirement], approvals: Sequence[Approval], security_team: str) -> tuple[Held, ...]:
    """Which approvals meet which requirements, in the requirements' order.

    Who answers for several owners meets all of their requirements with one review: it is the same judgement, that the
    access is needed. Security judges something else, whether it is safe, and must not be talked into the need. So no
    one approval is counted for both an owner and the security team, whatever the risk: where both are asked, two
    people approve. Of those who could do either, the security team gets those whom the owners can spare; where there
    are not enough for both, the owners keep theirs.
    """
    by_owner = [one for one in requirements if one.who != security_team]
    by_security = next((one for one in requirements if one.who == security_team), None)
    people = {one.person for one in approvals}
    theirs: frozenset[str] = frozenset()
    if by_security is not None:
        own = {name for one in by_owner for name in one.candidates}
        alone = frozenset(people.intersection(by_security.candidates) - own)
        torn = sorted(people.intersection(by_security.candidates) & own)
        theirs = alone | _spared(torn, by_security.count - len(alone), by_owner, people)
    return tuple(
        Held(
            one,
            tuple(
                approval
                for approval in sorted(approvals, key=lambda approval: approval.person)
                if approval.person in one.candidates and (approval.person in theirs) is (one is by_security)
            ),
        )
        for one in requirements
    )


def _spared(torn: Sequence[str], most: int, by_owner: Sequence[Requirement], people: set[str]) -> frozenset[str]:
    """As many of `torn` as can be, `most` at most, without whom the owners' requirements are met as with them."""
    spare = {
        index: left
        for index, one in enumerate(by_owner)
        if (left := len(people.intersection(one.candidates)) - one.count) >= 0  # else it is not met anyway
    }
    asked = {name: frozenset(index for index in spare if name in by_owner[index].candidates) for name in torn}
    for number in range(min(most, len(torn)), 0, -1):
        chosen = _choose(tuple(torn), number, asked, spare)
        if chosen is not None:
            return frozenset(chosen)
    return frozenset()


def _choose(
    names: tuple[str, ...], number: int, asked: Mapping[str, frozenset[int]], spare: Mapping[int, int]
) -> tuple[str, ...] | None:
    """So many of the names that no requirement misses more than it can spare. Who is asked for the same is the same."""
    if number == 0:
        return ()
    tried: set[frozenset[int]] = set()
    for position, name in enumerate(names[: len(names) - number + 1]):
        if asked[name] in tried or any(spare[index] < 1 for index in asked[name]):
            continue
        tried.add(asked[name])
        left = {index: room - (index in asked[name]) for index, room in spare.items()}
        rest = _choose(names[position + 1 :], number - 1, asked, left)
        if rest is not None:
            return (name, *rest)
    return None


def _why_not(account: Account | None, person: Person | None, electorate: Electorate) -> str:
    """Why an approval does not count; "" where it does."""
    if account is None:
        return "the account is gone"
    return _of_the_account(account, person, electorate) or _of_the_person(person, electorate)


def _of_the_account(account: Account, person: Person | None, electorate: Electorate) -> str:
    makers = electorate.makers
    if account.is_bot:
        return "is a program"
    if electorate.author is not None and account.id == electorate.author.id:
        return "asks for the change"
    made = makers.accounts.get(account.id) or (makers.people.get(person.name) if person is not None else None)
    return "" if made is None else f"made a commit of it ({made[:_SHORT]})"


def _of_the_person(person: Person | None, electorate: Electorate) -> str:
    if person is None:
        return "is nobody of identities/owners.yaml"
    if not is_there(person.name, electorate.owners, electorate.now):
        return absence(person.name, electorate.owners)
    asked = any(person.name in one.candidates for one in electorate.requirements)
    return "" if asked else "is not one of those who are asked"


def _may_write(account: Account | None, permissions: Mapping[int, Permission]) -> bool:
    return account is not None and permissions.get(account.id, Permission.NONE).may_write
