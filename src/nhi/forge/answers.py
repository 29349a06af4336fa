"""Pull requests, reviews, comments and the like, out of the objects that GitHub's API gives.

The shapes: https://docs.github.com/en/rest, version 2022-11-28.
"""

import re

from nhi.forge.reading import (
    Entry,
    choice,
    commit,
    commit_or_none,
    entries,
    entry,
    flag,
    inner,
    inner_or_none,
    instant,
    instant_or_none,
    name,
    number,
    odd,
    text,
    text_or_empty,
)
from nhi.model.forge import (
    Account,
    Comment,
    CommitMakers,
    CommitStatus,
    Issue,
    Permission,
    PullRequest,
    PullState,
    Review,
    ReviewState,
    StatusState,
)
from nhi.model.identity import Json

_CO_AUTHOR = re.compile(
    r"^co-authored-by:[^<>\n]{0,200}<([^<>\n]{1,320})>[ \t]{0,20}\r?$", re.IGNORECASE | re.MULTILINE
)
"""https://docs.github.com/en/pull-requests/committing-changes-to-your-project/creating-and-editing-commits/creating-a-commit-with-multiple-authors"""
_GHOST = 10137
"""Who stands for deleted accounts: https://github.com/ghost."""
_BASE_OF = {Permission.TRIAGE: Permission.READ, Permission.MAINTAIN: Permission.WRITE}
"""The older name that GitHub gives beside these:
https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user"""
_FINER = {one.value: one for one in _BASE_OF}


def account(found: Entry | None) -> Account | None:
    """Somebody; None where there is nobody, or the account is gone."""
    if not found:  # GitHub gives {} for the author of a commit whom it does not know
        return None
    identifier = number(found, "id")
    if identifier == _GHOST:
        return None
    return Account(identifier, name(found, "login"), is_bot=text(found, "type") == "Bot")


def pull_request(value: Json) -> PullRequest:
    """A pull request, from a list or on its own."""
    found = entry(value, "the pull request")
    head, base = inner(found, "head"), inner(found, "base")
    merged = instant_or_none(found, "merged_at")
    source = inner_or_none(head, "repo")
    return PullRequest(
        number=number(found, "number"),
        node_id=name(found, "node_id"),
        title=text(found, "title"),
        body=text_or_empty(found, "body"),
        author=account(inner_or_none(found, "user")),
        state=_state(found),
        is_draft=flag(found, "draft"),
        head=commit(head, "sha"),
        head_branch=name(head, "ref"),
        own_branch=source is not None and number(source, "id") == number(inner(base, "repo"), "id"),
        base_branch=name(base, "ref"),
        labels=labels(found),
        url=name(found, "html_url"),
        created_at=instant(found, "created_at"),
        closed_at=instant_or_none(found, "closed_at"),
        merged_at=merged,
        # Of an open one it is a merge that GitHub tried.
        merge_commit=None if merged is None else commit(found, "merge_commit_sha"),
        auto_merge=inner_or_none(found, "auto_merge") is not None,
    )


def review(found: Entry) -> Review:
    """A review of a pull request."""
    return Review(
        id=number(found, "id"),
        author=account(inner_or_none(found, "user")),
        state=choice(found, "state", ReviewState),
        commit=commit_or_none(found, "commit_id"),
        submitted_at=instant_or_none(found, "submitted_at"),
    )


def commit_makers(found: Entry) -> CommitMakers:
    """Who made a commit."""
    git = inner(found, "commit")
    author, committer = inner_or_none(git, "author"), inner_or_none(git, "committer")
    return CommitMakers(
        commit=commit(found, "sha"),
        author=account(inner_or_none(found, "author")),
        committer=account(inner_or_none(found, "committer")),
        author_email="" if author is None else text(author, "email"),
        committer_email="" if committer is None else text(committer, "email"),
        co_authors=tuple(dict.fromkeys(_CO_AUTHOR.findall(text(git, "message")))),
    )


def permission(value: Json, asked: Account) -> Permission:
    """What an account may do: nothing where the login is another account's by now.

    A role of the organization's own making counts as the role that it is based on.
    """
    found = entry(value, "the permission")
    user = inner_or_none(found, "user")
    if user is None or number(user, "id") != asked.id:
        return Permission.NONE
    based_on = choice(found, "permission", Permission)
    finer = _FINER.get(text(found, "role_name"))
    return finer if finer is not None and _BASE_OF[finer] is based_on else based_on


def commit_status(found: Entry, own: str = "") -> CommitStatus:
    """What is said of a commit. `own` is the login of our App's bot, where we are one."""
    creator = inner_or_none(found, "creator") if own else None
    return CommitStatus(
        context=name(found, "context"),
        state=choice(found, "state", StatusState),
        description=text_or_empty(found, "description"),
        url=text_or_empty(found, "target_url"),
        is_ours=not own or (creator is not None and creator.get("login") == own),
    )


def issue(value: Json) -> Issue:
    """An issue."""
    found = entry(value, "the issue")
    return Issue(
        number=number(found, "number"),
        title=text(found, "title"),
        body=text_or_empty(found, "body"),
        is_open=_is_open(found),
        labels=labels(found),
        url=name(found, "html_url"),
    )


def comment(value: Json) -> Comment:
    """A comment on an issue or a pull request."""
    found = entry(value, "the comment")
    return Comment(
        id=number(found, "id"),
        body=text_or_empty(found, "body"),
        created_at=instant(found, "created_at"),
        url=name(found, "html_url"),
    )


def changed(value: Json, asked: int) -> None:
    """The answer to a change of an issue or a pull request: what was changed.

    Raises:
        OutsideError: it is not; a page of some proxy's does not say that anything was done.
    """
    found = number(entry(value, "what was changed"), "number")
    if found != asked:
        raise odd(f"it speaks of {found}, not of {asked}")


def labels(found: Entry) -> frozenset[str]:
    """The names of its labels."""
    return frozenset(name(one, "name") for one in entries(found.get("labels"), "labels"))


def has_marker(body: str, marker: str) -> bool:
    """Whether the first line of a body carries a marker."""
    return marker in body.partition("\n")[0]


def marker_of(body: str) -> str:
    """The marker that the first line of a body of ours is.

    Raises:
        ValueError: it is none; what is written without would never be found again.
    """
    first = body.partition("\n")[0].strip()
    if not (first.startswith("<!-- ") and first.endswith(" -->")):
        raise ValueError(f"the first line is no marker: {first[:80]!r}")
    return first


def _state(found: Entry) -> PullState:
    is_open, merged = _is_open(found), found.get("merged_at") is not None
    if is_open and merged:
        raise odd("a pull request is open and merged")
    if is_open:
        return PullState.OPEN
    return PullState.MERGED if merged else PullState.CLOSED


def _is_open(found: Entry) -> bool:
    state = text(found, "state")
    if state not in ("open", "closed"):
        raise odd(f"the state is {state[:40]!r}")
    return state == "open"
