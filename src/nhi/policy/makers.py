"""Who made the commits of a pull request: none of them approves it.

An address in a commit is a claim that git does not check: whoever may push can write somebody else's. So this keeps
honest people from approving their own work, and a repository that needs more requires signed commits. But no address
says that nobody made a commit, where somebody may have.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nhi.model.forge import Account, CommitMakers, Makers
from nhi.model.owners import Owners
from nhi.policy.wording import quoted

_OURS = "nhi@localhost.example"
"""The author and committer of what this program commits (repository/commits.py); whoever let it is no maker of it."""
_ACTIONS = 41898282
"""Whoever may push has workflows commit in this name: https://api.github.com/users/github-actions%5Bbot%5D"""
_WEB_FLOW = 19864447
"""GitHub's committer of what is merged or edited on its pages, whose author is the person:
https://api.github.com/users/web-flow"""
_NOREPLY = re.compile(r"(?:(?P<id>[0-9]{1,18})\+)?(?P<login>[^@+]{1,100})@users\.noreply\.github\.com")
"""https://docs.github.com/en/account-and-profile/reference/email-addresses-reference"""
_SHOWN = 5
_SHORT = 12


@dataclass(frozen=True, slots=True)
class KnownMakers:
    """Who made the commits, as far as that is known."""

    accounts: Mapping[int, str]
    """Number of an account → a commit that it made."""
    people: Mapping[str, str]
    """Name in owners.yaml → a commit that the person made."""
    doubts: tuple[str, ...]
    """What is not known, and what to do about it."""


def known_makers(makers: Makers, owners: Owners) -> KnownMakers:
    """The accounts and people who made the commits, and the commits of which nobody can say it.

    A co-author is a maker too; one whom nobody knows is no doubt, since the commit has an author beside.
    """
    ours = all(_OURS == one.author_email == one.committer_email for one in makers.commits)
    accounts: dict[int, str] = {}
    people: dict[str, str] = {}
    doubts: list[str] = []
    for commit in makers.commits:
        for role, account, written in _sides(commit):
            number, names = _owner_of(written, owners)
            if account is not None:
                accounts.setdefault(account.id, commit.commit)
            if number is not None:
                accounts.setdefault(number, commit.commit)
            for name in names:
                people.setdefault(name, commit.commit)
            if role and account is None and not names and not (ours and written == _OURS):
                doubts.append(_doubt(commit.commit, role, written))
    return KnownMakers(accounts, people, (*_incomplete(makers), *_bounded(list(dict.fromkeys(doubts)))))


def _owner_of(written: str, owners: Owners) -> tuple[int | None, list[str]]:
    """The number that an address claims, and the people of owners.yaml whose address it is: a mailbox may be shared."""
    email = written.strip().casefold()
    private = _NOREPLY.fullmatch(email)
    number = int(private["id"]) if private is not None and private["id"] else None
    login = private["login"] if private is not None and number is None else None
    people = owners.people.values()
    return number, [
        one.name
        for one in people
        if one.email.casefold() == email or one.github_id == number or one.github.casefold() == login
    ]


def _sides(commit: CommitMakers) -> Iterator[tuple[str, Account | None, str]]:
    """Author and committer, then co-authors without a role.

    GitHub as the committer is nobody, where it is GitHub's account; as the author it hides one, as a workflow does.
    """
    yield "author", _somebody(commit.author), commit.author_email
    if commit.committer is None or commit.committer.id != _WEB_FLOW:
        yield "committer", _somebody(commit.committer), commit.committer_email
    yield from (("", None, address) for address in commit.co_authors)


def _somebody(account: Account | None) -> Account | None:
    return None if account is None or account.id in (_ACTIONS, _WEB_FLOW) else account


def _doubt(commit: str, role: str, email: str) -> str:
    if email == _OURS:
        why = "is nhi's, and other commits of the pull request are not; make nhi's change in a pull request of its own"
    else:
        why = (
            "belongs to no account of a person and to nobody of identities/owners.yaml; add it to the account on GitHub"
        )
    return (
        f"nobody knows who made commit {commit[:_SHORT]}: the address of its {role}, {quoted(email)}, {why}, "
        "or make the commit again under an address that is known"
    )


def _incomplete(makers: Makers) -> Iterator[str]:
    if not makers.complete:
        yield (
            f"GitHub lists only {len(makers.commits)} of the commits, so that nobody knows who made the others; "
            "squash them into fewer, or split the pull request"
        )


def _bounded(doubts: list[str]) -> list[str]:
    more = len(doubts) - _SHOWN
    return doubts[:_SHOWN] + ([f"nor is it known of {more} more authors and committers"] if more > 0 else [])
