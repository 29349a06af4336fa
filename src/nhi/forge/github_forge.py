"""One repository on GitHub, as the flows need it. What each method costs in calls is stated and tested."""

import base64
import gzip
import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from nhi.forge import pulls, threads
from nhi.forge.answers import changed, commit_makers, commit_status, has_marker, marker_of, permission, review
from nhi.forge.github import GitHub, part
from nhi.forge.reading import entries, entry, name, odd
from nhi.forge.refusal import Refused
from nhi.forge.viewer import Viewer, read_viewer
from nhi.forge.waiting import DEFAULT_LIMITS, Clock, Limits
from nhi.model.forge import (
    Account,
    Comment,
    CommitStatus,
    Issue,
    Makers,
    MergeAnswer,
    Permission,
    PullRequest,
    Review,
)
from nhi.model.identity import Json

PERMISSIONS = {
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "security_events": "write",
    "statuses": "write",
}
"""What the token of an App gets, of what its installation has: to merge is to write contents.

https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""
_MOST_COMMITS = 250
"""https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request"""
_STATUS_LENGTH = 140
"""https://docs.github.com/en/graphql/reference/objects#statuscontext; longer ones are refused."""
_WIDE = re.compile(r"[^\0-\uffff]")
"""What takes four bytes, such as most pictures: "description doesn't accept 4-byte Unicode", GitHub answers (422).

https://github.com/ouzi-dev/commit-status-updater/issues/526
"""
_NOT_FOUND = 404
_NOT_TAKEN = (403, 404, 413)
_MISSING_PERMISSION = "resource not accessible"


class GitHubForge:
    """A repository on GitHub."""

    def __init__(
        self, environment: Mapping[str, str], repository: str, clock: Clock, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        """Nothing is asked yet; see `nhi.forge.github.GitHub`."""
        self._github = GitHub(environment, repository, PERMISSIONS, clock, limits)
        self._issues: dict[str, dict[int, Issue]] = {}

    @property
    def repository(self) -> str:
        """`owner/name`."""
        return self._github.repository

    @property
    def requests(self) -> int:
        """How many requests were sent so far, repeated ones included."""
        return self._github.calls

    def pull_request(self, number: int) -> PullRequest:
        """One call."""
        return pulls.read_pull(self._github, number)

    def open_pull_requests(self, branch_prefix: str = "") -> tuple[PullRequest, ...]:
        """One call a hundred open pull requests."""
        return pulls.open_pulls(self._github, branch_prefix)

    def closed_pull_requests(self, label: str, most: int = 100) -> tuple[PullRequest, ...]:
        """One call a hundred issues with the label, and one for each pull request."""
        return pulls.closed_pulls(self._github, label, most)

    def reviews(self, number: int) -> tuple[Review, ...]:
        """One call a hundred."""
        return tuple(map(review, self._listed(f"/pulls/{number}/reviews")))

    def makers(self, number: int) -> Makers:
        """One call a hundred commits."""
        commits = tuple(map(commit_makers, self._listed(f"/pulls/{number}/commits")))
        return Makers(commits, complete=len(commits) < _MOST_COMMITS)

    def permission(self, account: Account) -> Permission:
        """One call."""
        try:
            answer = self._github.ask("GET", f"/collaborators/{part(account.login)}/permission")
        except Refused as refusal:
            if refusal.status != _NOT_FOUND:
                raise
            return Permission.NONE
        return permission(answer, account)

    def statuses(self, commit: str) -> dict[str, CommitStatus]:
        """One call a hundred statuses ever set."""
        found: dict[str, CommitStatus] = {}
        for one in self._listed(f"/commits/{part(commit)}/statuses"):  # the newest comes first
            status = commit_status(one, self._github.bot)
            found.setdefault(status.context, status)
        return found

    def set_status(self, commit: str, status: CommitStatus) -> None:
        """One call. Set twice, it is the same."""
        wish: dict[str, Json] = {"context": status.context, "state": status.state.value}
        wish["description"] = _WIDE.sub(_written_out, status.description)[:_STATUS_LENGTH]
        if status.url:
            wish["target_url"] = status.url
        said = commit_status(entry(self._github.ask("POST", f"/statuses/{part(commit)}", wish), "the status"))
        if (said.context, said.state) != (status.context, status.state):
            raise odd(f"it says {said.state} of {said.context}")

    def comments(self, number: int, marker: str) -> tuple[Comment, ...]:
        """One call a hundred comments of anybody's."""
        return threads.read_comments(self._github, self._viewer, number, marker)

    def keep_comment(self, number: int, marker: str, body: str) -> Comment:
        """One call where it stands already, two to rewrite it, three to make it, and one for each to delete."""
        return threads.keep_comment(self._github, self._viewer, number, marker, body)

    def open_pull_request(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """One call; two where there is one already."""
        return pulls.open_pull(self._github, branch, base, title, body)

    def edit_pull_request(self, number: int, title: str, body: str) -> None:
        """One call."""
        self._change(f"/pulls/{number}", number, {"title": title, "body": body})

    def close_pull_request(self, number: int) -> None:
        """One call."""
        self._change(f"/pulls/{number}", number, {"state": "closed"})

    def label(self, number: int, labels: Sequence[str]) -> None:
        """One call: GitHub makes the labels that it lacks."""
        if labels:
            answer = self._github.ask("POST", f"/issues/{number}/labels", {"labels": list(labels)})
            found = {name(one, "name").lower() for one in entries(answer, "labels")}
            if not found.issuperset(map(str.lower, labels)):
                raise odd(f"of the labels of {number} some are missing")

    def request_reviewers(self, number: int, logins: Sequence[str]) -> tuple[str, ...]:
        """One call; where GitHub refuses somebody, one more for each."""
        return pulls.ask_for_reviews(self._github, number, logins)

    def merge_when_allowed(self, pull: PullRequest) -> MergeAnswer:
        """One call where the rules are not met yet, two otherwise."""
        return pulls.merge_when_allowed(self._github, pull)

    def issues(self, label: str) -> tuple[Issue, ...]:
        """One call a hundred open issues with the label."""
        found = threads.read_issues(self._github, self._viewer, label)
        self._issues[label] = {one.number: one for one in found}
        return found

    def closed_issues(self, label: str, most: int = 100) -> tuple[Issue, ...]:
        """One call a hundred closed issues with the label, of anybody's, until there are enough of ours."""
        return threads.read_closed_issues(self._github, self._viewer, label, most)

    def open_issue(self, title: str, body: str, labels: Sequence[str], assignees: Sequence[str]) -> Issue:
        """Two calls, and those of `issues` for a label that it was not asked for yet."""
        marker, label = marker_of(body), labels[0]
        if label not in self._issues:
            self.issues(label)
        known = self._issues[label]
        for one in known.values():
            if has_marker(one.body, marker):
                return one
        made = threads.make_issue(self._github, self._viewer, threads.NewIssue(title, body, labels, assignees))
        known[made.number] = made
        return made

    def edit_issue(self, number: int, title: str, body: str) -> None:
        """One call."""
        self._change(f"/issues/{number}", number, {"title": title, "body": body})

    def close_issue(self, number: int) -> None:
        """One call."""
        self._change(f"/issues/{number}", number, threads.CLOSED)
        for known in self._issues.values():
            known.pop(number, None)

    def upload_sarif(self, commit: str, reference: str, sarif: str) -> str:
        """One call. Handed in twice, it is the same."""
        packed = base64.b64encode(gzip.compress(sarif.encode(), mtime=0)).decode()
        wish: dict[str, Json] = {"commit_sha": commit, "ref": reference, "sarif": packed}
        try:
            name(entry(self._github.ask("POST", "/code-scanning/sarifs", wish), "the analysis"), "id")
        except Refused as refusal:
            if refusal.status not in _NOT_TAKEN or refusal.words.lower().startswith(_MISSING_PERMISSION):
                raise
            return refusal.words or f"GitHub answered {refusal.status}"
        return ""

    @cached_property
    def _viewer(self) -> Viewer:
        return read_viewer(self._github)

    def _change(self, path: str, number: int, wish: Mapping[str, Json]) -> None:
        changed(self._github.ask("PATCH", path, dict(wish)), number)

    def _listed(self, path: str) -> list[Mapping[str, Json]]:
        return [one for page in self._github.pages(path) for one in entries(page, path)]


def _written_out(wide: re.Match[str]) -> str:
    return f"\\U{ord(wide[0]):08x}"
