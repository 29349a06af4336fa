"""Pull requests on GitHub: found, opened, merged, and reviewers asked."""

import re
from collections.abc import Sequence
from itertools import islice

from nhi.errors import InputError, OutsideError
from nhi.forge.answers import changed, pull_request
from nhi.forge.github import GitHub
from nhi.forge.reading import entries, entry, flag, inner, number, odd
from nhi.forge.refusal import Lost, Refused
from nhi.model.forge import MergeAnswer, Merging, PullRequest, PullState

_NOT_FOUND, _NOT_ALLOWED, _CONFLICT, _UNPROCESSABLE = 404, 405, 409, 422
_MERGEABLE_NOW = re.compile(r"\bin (clean|unstable|has[_ ]hooks) status\b", re.IGNORECASE)
"""GitHub merges by itself only what cannot be merged now:
https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/automatically-merging-a-pull-request"""
_MANY = 10
"""From so many on, pages of all closed pull requests cost less than a call for each that is looked for."""
_AUTO_MERGE = """
mutation($pull: ID!, $head: GitObjectID!) {
  enablePullRequestAutoMerge(input: {pullRequestId: $pull, expectedHeadOid: $head, mergeMethod: MERGE}) {
    pullRequest { number }
  }
}
"""


def read_pull(github: GitHub, number: int) -> PullRequest:
    """A pull request as it is now; one call.

    Raises:
        InputError: there is none of this number.
        OutsideError: as `GitHub.ask`.
    """
    try:
        return pull_request(github.ask("GET", f"/pulls/{number}"))
    except Refused as refusal:
        if refusal.status != _NOT_FOUND:
            raise
        hint = "give the number of one; if it is right, the token may not see the repository"
        raise InputError(f"{github.repository} has no pull request {number}", hint=hint) from refusal


def open_pulls(github: GitHub, branch_prefix: str) -> tuple[PullRequest, ...]:
    """Those that are open, sorted by number; one call a hundred. See `Forge.open_pull_requests`."""
    found = {
        pull.number: pull
        for page in github.pages("/pulls", state="open", sort="created", direction="asc")
        for pull in map(pull_request, page)
    }
    return tuple(
        found[one]
        for one in sorted(found)
        if not branch_prefix or (found[one].own_branch and found[one].head_branch.startswith(branch_prefix))
    )


def closed_pulls(github: GitHub, label: str, most: int) -> tuple[PullRequest, ...]:
    """Those that are closed and carry a label, last updated first. No listing of pull requests can be asked for labels.

    One call a hundred with the label, and one each; of many, the newest are taken from the listing of all.
    """
    numbers: list[int] = []
    for page in github.pages("/issues", state="closed", labels=label, sort="updated", direction="desc"):
        pulls = {number(one, "number"): "pull_request" in one for one in entries(page, "issues")}
        numbers += [one for one, is_pull in pulls.items() if is_pull]
        if len(numbers) >= most:
            break
    found = _listed(github, set(numbers[:most]))
    return tuple(found.get(one) or read_pull(github, one) for one in numbers[:most])


def _listed(github: GitHub, wanted: set[int]) -> dict[int, PullRequest]:
    """As many of these as stand on the first pages of all that are closed: a tenth of the calls that one each costs."""
    found: dict[int, PullRequest] = {}
    if len(wanted) < _MANY:
        return found
    pages = github.pages("/pulls", state="closed", sort="updated", direction="desc")
    for page in islice(pages, len(wanted) // _MANY):
        found |= {pull.number: pull for pull in map(pull_request, page) if pull.number in wanted}
        if len(found) == len(wanted):
            break
    return found


def open_pull(github: GitHub, branch: str, base: str, title: str, body: str) -> PullRequest:
    """The open pull request of a branch; one call, two where it is there already. See `Forge.open_pull_request`."""
    try:
        # Made twice, it is refused the second time.
        return pull_request(github.ask("POST", "/pulls", {"head": branch, "base": base, "title": title, "body": body}))
    except Refused as refusal:
        found = _open_of(github, branch, base) if refusal.status == _UNPROCESSABLE else None
        if found is None:
            raise
        return found


def ask_for_reviews(github: GitHub, number: int, logins: Sequence[str]) -> tuple[str, ...]:
    """Those who cannot be asked; one call, and where GitHub refuses somebody, one for each.

    GitHub refuses all where it refuses one, and does not say whom.
    """
    if not logins:
        return ()
    try:
        changed(github.ask("POST", f"/pulls/{number}/requested_reviewers", {"reviewers": list(logins)}), number)
    except Refused as refusal:
        if refusal.status != _UNPROCESSABLE:
            raise
        if len(logins) == 1:
            return tuple(logins)
        return tuple(one for login in logins for one in ask_for_reviews(github, number, (login,)))
    return ()


def merge_when_allowed(github: GitHub, pull: PullRequest) -> MergeAnswer:
    """See `Forge.merge_when_allowed`; one call where the rules are not met yet, two where they are."""
    data, errors = github.query(_AUTO_MERGE, pull=pull.node_id, head=pull.head)
    if not errors:
        changed(dict(inner(inner(data, "enablePullRequestAutoMerge"), "pullRequest")), pull.number)
        return MergeAnswer(Merging.WAITING)
    kind, reason = errors[0]
    if _MERGEABLE_NOW.search(reason):
        return _merged(github, pull)
    if kind in ("FORBIDDEN", "INSUFFICIENT_SCOPES"):
        raise OutsideError(
            f"GitHub does not let us merge pull request {pull.number}: {reason}",
            hint="the token needs the permissions contents: write and pull-requests: write",
        )
    return _as_it_is(github, pull, reason)


def _merged(github: GitHub, pull: PullRequest) -> MergeAnswer:
    wish = {"sha": pull.head, "merge_method": "merge"}
    try:
        answer = github.ask("PUT", f"/pulls/{pull.number}/merge", dict(wish), again=False)
    except Refused as refusal:
        if refusal.status not in (_NOT_ALLOWED, _CONFLICT):
            raise
        return MergeAnswer(Merging.REFUSED, refusal.words or "GitHub does not merge it")
    except Lost:
        now = _as_it_is(github, pull, "")
        if now.outcome is not Merging.MERGED:
            raise
    else:
        if not flag(entry(answer, "the merge"), "merged"):
            raise odd(f"pull request {pull.number} is merged, and is not")
    return MergeAnswer(Merging.MERGED)


def _as_it_is(github: GitHub, pull: PullRequest, reason: str) -> MergeAnswer:
    """A wish is also refused that was granted before: its answer was lost, or another run's was quicker."""
    now = read_pull(github, pull.number)
    if now.head == pull.head and now.state is PullState.MERGED:
        return MergeAnswer(Merging.MERGED)
    if now.head == pull.head and now.state is PullState.OPEN and now.auto_merge:
        return MergeAnswer(Merging.WAITING)
    return MergeAnswer(Merging.REFUSED, reason or "GitHub does not merge it")


def _open_of(github: GitHub, branch: str, base: str) -> PullRequest | None:
    owner = github.repository.partition("/")[0]
    return next(
        (
            pull
            for page in github.pages("/pulls", state="open", head=f"{owner}:{branch}", base=base)
            for pull in map(pull_request, page)
            if pull.own_branch and (pull.head_branch, pull.base_branch) == (branch, base)
        ),
        None,
    )
