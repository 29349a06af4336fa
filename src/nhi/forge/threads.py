"""Our comments and our issues on GitHub: found by their markers, kept single."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from nhi.forge.answers import changed, comment, has_marker, issue, marker_of
from nhi.forge.github import GitHub, part
from nhi.forge.reading import Entry, entries, entry, instant, nothing, odd
from nhi.forge.refusal import Lost, Refused
from nhi.forge.viewer import Viewer
from nhi.model.forge import Comment, Issue
from nhi.model.identity import Json
from nhi.model.instant import format_instant

CLOSED: Mapping[str, Json] = {"state": "closed", "state_reason": "completed"}
_GONE = (404, 410)
_UNPROCESSABLE = 422
_MOST_ASSIGNEES = 10
"""https://docs.github.com/en/rest/issues/issues#create-an-issue"""
_BEHIND = timedelta(minutes=10)
"""So far back another run's issue is looked for that came at the same time as ours."""


def read_comments(github: GitHub, viewer: Viewer, number: int, marker: str) -> tuple[Comment, ...]:
    """Our comments with the marker, oldest first; one call a hundred comments of anybody's."""
    found = [
        comment(dict(one))
        for page in github.pages(f"/issues/{number}/comments")
        for one in entries(page, "comments")
        if viewer.wrote(one)
    ]
    return tuple(sorted((one for one in found if has_marker(one.body, marker)), key=lambda one: one.id))


def keep_comment(github: GitHub, viewer: Viewer, number: int, marker: str, body: str) -> Comment:
    """See `Forge.keep_comment`; one call where it says this already, two to rewrite it, three to make it."""
    if not has_marker(body, marker):
        raise ValueError(f"the body does not begin with the marker {marker}")
    found = read_comments(github, viewer, number, marker)
    if not found:
        made = _made(github, number, body)
        # Another run may have made one meanwhile, and after a lost answer this finds ours.
        found = read_comments(github, viewer, number, marker) or (() if made is None else (made,))
    if not found:
        made = _made(github, number, body)
        if made is None:
            raise Lost(f"whether the comment on {number} was made is not known", hint="run it again")
        found = (made,)
    for extra in found[1:]:
        _delete(github, extra)
    if found[0].body == body:
        return found[0]
    rewritten = comment(github.ask("PATCH", f"/issues/comments/{found[0].id}", {"body": body}))
    if rewritten.id != found[0].id:
        raise odd(f"it speaks of the comment {rewritten.id}, not of {found[0].id}")
    return rewritten


def read_issues(github: GitHub, viewer: Viewer, label: str, since: datetime | None = None) -> tuple[Issue, ...]:
    """Our open issues with a label, sorted by number; one call a hundred issues of anybody's."""
    query = {} if since is None else {"since": format_instant(since)}
    pages = github.pages("/issues", state="open", labels=label, sort="created", direction="asc", **query)
    found = {one.number: one for one in _ours(pages, viewer)}
    return tuple(found[number] for number in sorted(found))


def read_closed_issues(github: GitHub, viewer: Viewer, label: str, most: int) -> tuple[Issue, ...]:
    """See `Forge.closed_issues`; one call a hundred closed issues of anybody's."""
    pages = github.pages("/issues", state="closed", labels=label, sort="updated", direction="desc")
    return tuple({one.number: one for one in islice(_ours(pages, viewer), most)}.values())


@dataclass(frozen=True, slots=True)
class NewIssue:
    """An issue that should be there; the first line of its body is a marker."""

    title: str
    body: str
    labels: Sequence[str]
    assignees: Sequence[str]


def make_issue(github: GitHub, viewer: Viewer, wish: NewIssue) -> Issue:
    """Open an issue, and close it again where another run had opened one with this marker; two calls.

    Where GitHub refuses the assignees, one more for each, and for the second attempt.
    """
    since: datetime | None = None
    try:
        made = _posted(github, wish)
        since = instant(made, "created_at") - _BEHIND
    except Lost:
        made = None
    # The first stays, for every run that sees more than one.
    found = _with_marker(github, viewer, wish, since)
    for extra in found[1:]:
        changed(github.ask("PATCH", f"/issues/{extra.number}", dict(CLOSED)), extra.number)
    if found:
        return found[0]
    return issue(dict(made or _posted(github, wish)))


def _ours(pages: Iterable[Json], viewer: Viewer) -> Iterator[Issue]:
    for page in pages:
        for raw in entries(page, "issues"):
            if "pull_request" not in raw and viewer.wrote(raw):
                yield issue(dict(raw))


def _made(github: GitHub, number: int, body: str) -> Comment | None:
    try:
        return comment(github.ask("POST", f"/issues/{number}/comments", {"body": body}, again=False))
    except Lost:
        return None


def _delete(github: GitHub, extra: Comment) -> None:
    try:
        answer = github.ask("DELETE", f"/issues/comments/{extra.id}")
    except Refused as refusal:
        if refusal.status not in _GONE:
            raise
    else:
        nothing(answer)


def _with_marker(github: GitHub, viewer: Viewer, wish: NewIssue, since: datetime | None) -> tuple[Issue, ...]:
    marker = marker_of(wish.body)
    return tuple(one for one in read_issues(github, viewer, wish.labels[0], since) if has_marker(one.body, marker))


def _posted(github: GitHub, wish: NewIssue) -> Entry:
    people = wish.assignees[:_MOST_ASSIGNEES]
    try:
        return _post(github, wish, people)
    except Refused as refusal:
        if refusal.status != _UNPROCESSABLE or not people:
            raise
    return _post(github, wish, [one for one in people if _can_be_assigned(github, one)])


def _post(github: GitHub, wish: NewIssue, people: Sequence[str]) -> Entry:
    body: dict[str, Json] = {"title": wish.title, "body": wish.body}
    body |= {"labels": list(wish.labels), "assignees": list(people)}
    return entry(github.ask("POST", "/issues", body, again=False), "the issue")


def _can_be_assigned(github: GitHub, login: str) -> bool:
    try:
        nothing(github.ask("GET", f"/assignees/{part(login)}"))
    except Refused as refusal:
        if refusal.status not in _GONE:
            raise
        return False
    return True
