"""Where GitHub does what its own description does not say, and who says that it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nhi.sandbox.github.schemas import Schema


@dataclass(frozen=True, slots=True)
class Deviation:
    """One allowance beyond the description. There is a reason for each, and a test that it is still needed."""

    operation: str
    why: str
    """GitHub's or PyGithub's own sentence, and where it stands."""
    bodies: Mapping[str, Schema] = field(default_factory=dict)
    """The property that a body stands for → the schema that such a body fits: a bare array of labels is `labels`."""
    queries: tuple[str, ...] = ()
    """Parameters that are sent, and ignored."""
    statuses: tuple[int, ...] = ()
    """Refusals that are not listed."""
    nulls: tuple[str, ...] = ()
    """Places of an answer that can be null though they are not described so: `head.repo`."""


REFUSALS_ANYWHERE = frozenset({400, 401, 403, 404, 429, 500, 502, 503})
"""https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api: these come of the caller's rights,
the rate limit and GitHub's state, for any operation."""
_DELETED_FORKS = (
    "'If a pull request is created against a fork and the fork deleted, it is possible for `pull-request.head.repo` to"
    " be `null`': https://github.com/github/rest-api-description/issues/161"
)

DEVIATIONS = (
    *(
        Deviation(operation, _DELETED_FORKS, nulls=("head.repo", "head.user"))
        for operation in (
            "pulls/get",
            "pulls/list",
            "pulls/request-reviewers",
            "pulls/update",
            "repos/list-pull-requests-associated-with-commit",
        )
    ),
    Deviation(
        "repos/create-commit-status",
        "its own text: 'Attempts to create more than 1000 statuses will result in a validation error'; of a description"
        " that is too long: https://github.com/zalando/zappr/issues/378",
        statuses=(422,),
    ),
    Deviation(
        "issues/add-labels",
        "PyGithub 2.10 Issue.add_to_labels sends a bare array; the description's text of `labels` says: 'You can also"
        " pass an `array` of labels directly'",
        bodies={"labels": {"type": "array", "items": {"type": "string"}}},
    ),
    Deviation(
        "pulls/list-requested-reviewers",
        "PyGithub 2.10 PullRequest.get_review_requests sends per_page; an unknown parameter is ignored by GitHub",
        queries=("per_page", "page"),
    ),
)


def deviations_of(operation: str) -> tuple[Deviation, ...]:
    """What is allowed for an operation."""
    return tuple(one for one in DEVIATIONS if one.operation == operation)
