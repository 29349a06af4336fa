"""A pull request as it should stand, and the writes that make it so: at most three for one that is new.

Each run writes what is missing, in an order in which the last write marks the whole as done. So a run that is killed
after any of them, or that meets another one at work, ends where an undisturbed one does. The mark is the label, on a
pull request whose body says that people merge it from the beginning; that body, on one that was to merge by itself and
may not; and that it merges by itself, on all others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from nhi.forge.interface import Forge
from nhi.lifecycle.removal_requests import WITHDRAWN
from nhi.model.forge import MergeAnswer, Merging, PullRequest, says
from nhi.repository.interface import Edit, Remote, Removal, Repository

_CERTAIN = 2
"""So many pull requests that may not merge by themselves, and none that may, are the repository's answer for all."""


class Write(StrEnum):
    """What was written, or would be."""

    OPENED = "opened"
    LABELLED = "labelled"
    MERGED = "merged"
    AUTO_MERGE = "set to merge by itself"
    REVIEWERS = "reviewers asked"
    EDITED = "text brought up to date"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pull request as it should stand."""

    branch: str
    commit: str
    """Full id of what stands on the branch. Nothing else is ever merged."""
    title: str
    by_itself: str | None
    """The body where the forge merges it; None where people have to."""
    by_people: str
    """The body where people have to."""
    people_mark: str
    """A line of that body, and of no other."""
    label: str
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """A pull request as it stands now."""

    number: int | None
    """None where it would be opened, in a dry run."""
    url: str
    writes: tuple[Write, ...]
    merging: Merging | None = None
    """None where nothing was asked."""
    refusal: str = ""
    """Why it does not merge by itself, in the forge's words."""
    asked: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    """Whom the forge does not let us ask."""


@dataclass(slots=True)
class Refusals:
    """Whether the repository lets pull requests merge by themselves, as far as a run knows."""

    refused: int = 0
    allowed: int = 0

    @property
    def certain(self) -> bool:
        """Whether asking again is idle."""
        return not self.allowed and self.refused >= _CERTAIN

    def count(self, answer: MergeAnswer) -> None:
        """One more answer."""
        if answer.outcome is Merging.REFUSED:
            self.refused += 1
        else:
            self.allowed += 1


def push_alone(
    repository: Repository, remote: Remote, base: str, proposals: Sequence[Removal | Edit]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Make commits upon `base` and give them their branches on the remote, in one push; none is made in this clone.

    Returns branch → commit id, and those branches that are not as wanted → why: another run may have been there first.
    """
    made = repository.commit_alone(base, proposals)
    return made, remote.push(made) if made else {}


def settle(forge: Forge, base: str, wanted: Wanted, pull: PullRequest | None, refusals: Refusals) -> Settled:
    """Make a pull request into the branch `base` stand as wanted. `pull` is the one that is open, if any.

    Raises:
        OutsideError: the forge failed; done again, this goes on where it stopped.
    """
    writes: list[Write] = []
    if pull is None:
        text = wanted.by_people if wanted.by_itself is None or refusals.certain else wanted.by_itself
        pull = forge.open_pull_request(wanted.branch, base, wanted.title, text)
        writes.append(Write.OPENED)
    was_labelled = wanted.label in pull.labels
    tries = wanted.by_itself is not None and not pull.auto_merge and not refusals.certain
    if tries and not was_labelled:
        forge.label(pull.number, (wanted.label,))
        writes.append(Write.LABELLED)
    answer = _merge(forge, wanted, pull, refusals) if tries else None
    by_people = wanted.by_itself is None or (
        answer.outcome is Merging.REFUSED if answer is not None else not pull.auto_merge
    )
    if answer is not None and answer.outcome is not Merging.REFUSED:
        writes.append(Write.MERGED if answer.outcome is Merging.MERGED else Write.AUTO_MERGE)
    asked: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    if by_people and not (was_labelled and wanted.people_mark in pull.body.splitlines()):
        asked, not_asked = _ask(forge, pull.number, wanted.reviewers)
        writes += [Write.REVIEWERS] if asked else []
    if not tries and not was_labelled:
        forge.label(pull.number, (wanted.label,))
        writes.append(Write.LABELLED)
    text = wanted.by_people if by_people or wanted.by_itself is None else wanted.by_itself
    if Write.MERGED not in writes and not says(pull.body, text):
        forge.edit_pull_request(pull.number, wanted.title, text)
        writes.append(Write.EDITED)
    return Settled(
        number=pull.number,
        url=pull.url,
        writes=tuple(writes),
        merging=None if answer is None else answer.outcome,
        refusal="" if answer is None else answer.reason,
        asked=asked,
        not_asked=not_asked,
    )


def withdraw(forge: Forge, number: int, said: str) -> bool:
    """Close a pull request that became wrong. The comment comes first: without it, a person would have closed it.

    Raises:
        OutsideError: the forge failed; done again, this goes on where it stopped.
    """
    forge.keep_comment(number, WITHDRAWN, said)
    forge.close_pull_request(number)
    return True


def foreseen(wanted: Wanted, pull: PullRequest | None) -> Settled:
    """What `settle` would write, as long as the forge refuses nothing."""
    labelled = pull is not None and wanted.label in pull.labels
    by_people = wanted.by_itself is None
    body = "" if pull is None else pull.body
    marked = wanted.people_mark in body.splitlines()
    writes = [Write.OPENED] if pull is None else []
    writes += [] if labelled else [Write.LABELLED]
    if by_people:
        writes += [] if labelled and marked else [Write.REVIEWERS]
        text = wanted.by_people
    else:
        waits = pull is not None and (pull.auto_merge or (labelled and marked))
        writes += [] if waits else [Write.AUTO_MERGE]
        text = wanted.by_people if marked and labelled else wanted.by_itself or ""
    writes += [Write.EDITED] if pull is not None and not says(body, text) else []
    asked = wanted.reviewers if Write.REVIEWERS in writes else ()
    return Settled(pull.number if pull else None, pull.url if pull else "", tuple(writes), asked=asked)


def _merge(forge: Forge, wanted: Wanted, pull: PullRequest, refusals: Refusals) -> MergeAnswer:
    answer = forge.merge_when_allowed(replace(pull, head=wanted.commit))
    refusals.count(answer)
    return answer


def _ask(forge: Forge, number: int, logins: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom the forge let us ask, and whom not."""
    if not logins:
        return (), ()
    refused = forge.request_reviewers(number, logins)
    return tuple(one for one in logins if one not in refused), refused
