"""What the flows need of a forge.

Every write is idempotent: done again, after a lost answer or by a second run at the same time, the end state is the
same. What is looked for as ours (a comment, an issue) was written by this very account; a marker in somebody else's
text is text. A marker is an HTML comment that stands on the first line of the body: `<!-- nhi:gate -->`.

Every method raises OutsideError when the forge failed, did not answer in time, refused the credentials, or answered
what cannot be read; never an empty answer instead. Lists are complete or an error.
"""

from collections.abc import Sequence
from typing import Protocol

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


class Forge(Protocol):
    """One repository on a forge."""

    @property
    def repository(self) -> str:
        """`owner/name`."""
        ...

    def pull_request(self, number: int) -> PullRequest:
        """A pull request as it is now.

        Raises:
            InputError: there is none of this number.
        """
        ...

    def open_pull_requests(self, branch_prefix: str = "") -> tuple[PullRequest, ...]:
        """Those that are open and whose head is a branch of this repository whose name starts so, sorted by number.

        With "" also those of forks.
        """
        ...

    def closed_pull_requests(self, label: str, most: int = 100) -> tuple[PullRequest, ...]:
        """Those that are closed or merged and carry a label, last updated first."""
        ...

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Every review of a pull request, oldest first."""
        ...

    def makers(self, number: int) -> Makers:
        """Who made the commits of a pull request."""
        ...

    def permission(self, account: Account) -> Permission:
        """What an account may do here now. An account that is gone, or has another number by now, may do nothing."""
        ...

    def statuses(self, commit: str) -> dict[str, CommitStatus]:
        """The newest status of each context of a commit."""
        ...

    def set_status(self, commit: str, status: CommitStatus) -> None:
        """Say something of a commit."""
        ...

    def comments(self, number: int, marker: str) -> tuple[Comment, ...]:
        """Our own comments on an issue or a pull request that carry the marker, oldest first."""
        ...

    def keep_comment(self, number: int, marker: str, body: str) -> Comment:
        """Our one comment with this marker says this: made, rewritten or left as it is; further ones are deleted."""
        ...

    def open_pull_request(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """The open pull request of a branch of this repository into `base`; one that is there is taken as it is."""
        ...

    def edit_pull_request(self, number: int, title: str, body: str) -> None:
        """Give a pull request another title and body."""
        ...

    def close_pull_request(self, number: int) -> None:
        """Close a pull request without merging it; one that is closed stays so."""
        ...

    def label(self, number: int, labels: Sequence[str]) -> None:
        """Add labels to an issue or a pull request, making those that the repository lacks."""
        ...

    def request_reviewers(self, number: int, logins: Sequence[str]) -> tuple[str, ...]:
        """Ask people for a review. Returns those that the forge refused: no collaborators, or the author."""
        ...

    def merge_when_allowed(self, pull: PullRequest) -> MergeAnswer:
        """Have exactly this head merged: now where nothing is missing, else as soon as the rules allow it.

        At most two calls. A head that moved meanwhile is refused.
        """
        ...

    def issues(self, label: str) -> tuple[Issue, ...]:
        """Our own open issues with this label, sorted by number; pull requests are none."""
        ...

    def closed_issues(self, label: str, most: int = 100) -> tuple[Issue, ...]:
        """Our own closed issues with this label, last updated first; of many, the first `most`."""
        ...

    def open_issue(self, title: str, body: str, labels: Sequence[str], assignees: Sequence[str]) -> Issue:
        """Open an issue whose body's first line is a marker, unless one of ours with that marker is open.

        Assignees whom the forge does not take are left out.
        """
        ...

    def edit_issue(self, number: int, title: str, body: str) -> None:
        """Give an issue of ours another title and body."""
        ...

    def close_issue(self, number: int) -> None:
        """Close an issue as done."""
        ...

    def upload_sarif(self, commit: str, reference: str, sarif: str) -> str:
        """Hand findings to the forge's code scanning, for a commit and its reference (`refs/pull/7/head`).

        Returns why the repository does not take them, or "" where it did.
        """
        ...


class ForgeSettings(Protocol):
    """How one repository is set up on a forge, for `nhi doctor`: the forge's own answers, read and never written.

    None is the forge's own word (404) that there is none. What the credentials may not see is left out of an answer by
    GitHub, and a whole answer that they may not have is an OutsideError; neither is ever a None.
    """

    @property
    def repository(self) -> str:
        """`owner/name`."""
        ...

    def repository_settings(self) -> Json:
        """`GET /repos/{owner}/{repo}`."""
        ...

    def rules(self, branch: str) -> Json:
        """`GET …/rules/branches/{branch}`, all pages: a list of the rules in force."""
        ...

    def rulesets(self) -> Json:
        """`GET …/rulesets` with those of the organisation, and of each `GET …/rulesets/{id}`: a list of the latter."""
        ...

    def actions_permissions(self) -> Json:
        """`GET …/actions/permissions`."""
        ...

    def workflow_permissions(self) -> Json:
        """`GET …/actions/permissions/workflow`."""
        ...

    def environment(self, name: str) -> Json:
        """`GET …/environments/{name}`, and as its `branch_policies` the list of `…/deployment-branch-policies`."""
        ...

    def oidc_subject(self) -> Json:
        """`GET …/actions/oidc/customization/sub`."""
        ...

    def codeowners_errors(self) -> Json:
        """`GET …/codeowners/errors`."""
        ...
