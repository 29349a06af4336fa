"""GitHub's answers, read strictly: what is missing or odd is an error, never a default."""

import copy
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.scripted_http import Scripted, ScriptedHttp, StandingClock

from nhi.errors import OutsideError
from nhi.forge import answers
from nhi.forge.github_forge import GitHubForge
from nhi.forge.viewer import Viewer
from nhi.model.forge import Account, Permission, PullState
from nhi.model.identity import Json

SHA = "0123456789abcdef0123456789abcdef01234567"
USER: dict[str, Json] = {"id": 7, "login": "alice", "type": "User"}
WHEN = "2026-11-20T09:00:00Z"
PULL: dict[str, Any] = {
    "number": 7,
    "node_id": "PR_x",
    "title": "A change",
    "body": None,
    "user": USER,
    "state": "open",
    "draft": False,
    "head": {"sha": SHA, "ref": "change", "repo": {"id": 1}},
    "base": {"ref": "main", "repo": {"id": 1}},
    "labels": [{"name": "nhi/sweep"}],
    "html_url": "https://github.com/acme/iam/pull/7",
    "created_at": WHEN,
    "closed_at": None,
    "merged_at": None,
    "merge_commit_sha": None,
    "auto_merge": None,
}
REVIEW: dict[str, Json] = {"id": 1, "user": USER, "state": "APPROVED", "commit_id": SHA, "submitted_at": WHEN}
COMMIT: dict[str, Json] = {
    "sha": SHA,
    "author": USER,
    "committer": None,
    "commit": {
        "author": {"email": "alice@acme.example"},
        "committer": {"email": "noreply@github.com"},
        "message": "A change",
    },
}
STATUS = {"context": "nhi/gate", "state": "success", "description": None, "target_url": None}
ISSUE = {"number": 7, "title": "Ends", "body": "x", "state": "open", "labels": [], "html_url": "https://x.example"}
COMMENT = {"id": 7, "body": "x", "created_at": WHEN, "html_url": "https://x.example"}
PERMISSION: dict[str, Json] = {"permission": "write", "role_name": "maintain", "user": USER}
ALICE = Account(7, "alice")

READERS: Mapping[str, tuple[Callable[[Any], object], dict[str, Any]]] = {
    "pull request": (answers.pull_request, PULL),
    "review": (answers.review, REVIEW),
    "commit": (answers.commit_makers, COMMIT),
    "status": (answers.commit_status, STATUS),
    "issue": (answers.issue, ISSUE),
    "comment": (answers.comment, COMMENT),
    "permission": (lambda value: answers.permission(value, ALICE), PERMISSION),
}
MAY_BE_MISSING = {"closed_at", "merged_at", "submitted_at", "merge_commit_sha"}
"""GitHub leaves these out where there is nothing to say."""
MUST_BE = [(name, key) for name, (_, example) in READERS.items() for key in example if key not in MAY_BE_MISSING]


@pytest.mark.parametrize(("name", "key"), MUST_BE)
def test_what_is_missing_is_an_error(name: str, key: str) -> None:
    read, example = READERS[name]
    read(example)

    with pytest.raises(OutsideError, match="cannot be read"):
        read({one: value for one, value in example.items() if one != key})


@pytest.mark.parametrize(("name", "key"), MUST_BE)
@pytest.mark.parametrize("odd", [True, -1, 0, 1.5, [], [7], {"a": 1}, ""], ids=repr)
def test_what_is_of_another_kind_is_an_error_or_changes_nothing(name: str, key: str, odd: object) -> None:
    read, example = READERS[name]
    changed = {**example, key: odd}

    try:
        found = read(changed)
    except OutsideError:
        return
    # Only where that is a value of its own: an empty text, no labels, a draft, nobody.
    assert (key, odd) in [
        ("body", ""),
        ("title", ""),
        ("description", ""),
        ("target_url", ""),
        ("labels", []),
        ("draft", True),
        ("role_name", ""),
    ] or (key == "auto_merge" and odd == {"a": 1}), found


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(PULL)), inner),
    )
)
def test_any_json_is_refused(value: Json) -> None:
    for name in READERS.keys() - {"permission"}:  # where nobody answers to the login, the rest does not matter
        read, _ = READERS[name]
        with pytest.raises(OutsideError):
            read(value if isinstance(value, dict) else {"id": value})


@pytest.mark.parametrize("key", ["number", "state", "draft"])
def test_a_pull_request_is_never_guessed(key: str) -> None:
    with pytest.raises(OutsideError, match=key):
        answers.pull_request({**PULL, key: None})


@pytest.mark.parametrize("sha", ["main", SHA[:39], SHA.upper(), SHA + "\n", "-" + SHA[1:]])
def test_a_commit_is_a_full_id(sha: str) -> None:
    with pytest.raises(OutsideError, match="commit id"):
        answers.pull_request({**PULL, "head": {**PULL["head"], "sha": sha}})


def test_a_merge_that_github_only_tried_is_none() -> None:
    tried = answers.pull_request({**PULL, "merge_commit_sha": SHA})
    merged = answers.pull_request(
        {**PULL, "state": "closed", "closed_at": WHEN, "merged_at": WHEN, "merge_commit_sha": SHA}
    )

    assert (tried.state, tried.merge_commit) == (PullState.OPEN, None)
    assert (merged.state, merged.merge_commit) == (PullState.MERGED, SHA)
    assert merged.merged_at == datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_open_and_merged_at_once_is_odd() -> None:
    with pytest.raises(OutsideError, match="open and merged"):
        answers.pull_request({**PULL, "merged_at": WHEN, "merge_commit_sha": SHA})


@pytest.mark.parametrize(("repository", "own"), [({"id": 1}, True), ({"id": 2}, False), (None, False)])
def test_a_branch_is_ours_by_the_number_of_its_repository(repository: object, own: bool) -> None:  # noqa: FBT001  # a value of the table
    changed = copy.deepcopy(PULL)
    changed["head"]["repo"] = repository

    assert answers.pull_request(changed).own_branch is own


def test_the_ghost_is_nobody() -> None:
    ghost: dict[str, Json] = {"id": 10137, "login": "ghost", "type": "User"}

    assert answers.pull_request({**PULL, "user": ghost}).author is None
    assert answers.review({**REVIEW, "user": None}).author is None
    assert answers.commit_makers({**COMMIT, "author": {}}).author is None
    # Whoever merely takes the name is somebody.
    assert answers.pull_request({**PULL, "user": {**ghost, "id": 11}}).author == Account(11, "ghost")


@pytest.mark.parametrize(
    ("permission", "role", "found"),
    [
        ("admin", "admin", Permission.ADMIN),
        ("write", "maintain", Permission.MAINTAIN),
        ("write", "write", Permission.WRITE),
        ("read", "triage", Permission.TRIAGE),
        ("read", "read", Permission.READ),
        ("none", "none", Permission.NONE),
        ("read", "maintain", Permission.READ),
        ("read", "admin", Permission.READ),
        ("write", "security-reviewer", Permission.WRITE),
        ("none", "triage", Permission.NONE),
    ],
)
def test_a_role_counts_for_what_it_is_based_upon(permission: str, role: str, found: Permission) -> None:
    assert answers.permission({"permission": permission, "role_name": role, "user": USER}, ALICE) is found


def test_an_unknown_permission_is_an_error() -> None:
    with pytest.raises(OutsideError, match="owner"):
        answers.permission({**PERMISSION, "permission": "owner"}, ALICE)


@pytest.mark.parametrize("user", [None, {**USER, "id": 8}])
def test_somebody_else_of_that_login_has_no_permission_of_ours(user: Json) -> None:
    assert answers.permission({**PERMISSION, "user": user}, ALICE) is Permission.NONE


@pytest.mark.parametrize(
    ("viewer", "entry", "ours"),
    [
        (Viewer("", app_id=5), {"performed_via_github_app": {"id": 5}, "user": USER}, True),
        (Viewer("", app_id=5), {"performed_via_github_app": {"id": 6}, "user": USER}, False),
        (Viewer("", app_id=5), {"performed_via_github_app": None, "user": USER}, False),
        (Viewer("alice", id=7), {"user": {**USER, "login": "alice-x"}}, True),
        (Viewer("alice", id=7), {"user": {**USER, "id": 8}}, False),
        (Viewer("alice", id=7), {"user": None}, False),
        (Viewer("nhi[bot]"), {"user": {**USER, "login": "nhi[bot]"}}, True),
        (Viewer("nhi[bot]"), {"user": USER}, False),
    ],
)
def test_what_is_ours_is_known_by_who_wrote_it(viewer: Viewer, entry: dict[str, Any], ours: bool) -> None:  # noqa: FBT001  # as above
    assert viewer.wrote(entry) is ours


@pytest.fixture
def forge(scripted_http: ScriptedHttp, standing_clock: StandingClock) -> GitHubForge:
    environment = {"GITHUB_API_URL": scripted_http.address, "GITHUB_TOKEN": "ghp_x"}
    return GitHubForge(environment, "acme/iam", standing_clock)


@pytest.mark.parametrize(("commits", "complete"), [(249, True), (250, False)])
def test_more_commits_than_github_lists_are_not_all(
    forge: GitHubForge,
    scripted_http: ScriptedHttp,
    commits: int,
    complete: bool,  # noqa: FBT001  # as above
) -> None:
    scripted_http.say(Scripted(body=[COMMIT] * commits))

    assert forge.makers(7).complete is complete


def test_many_closed_pull_requests_are_taken_from_listings(forge: GitHubForge, scripted_http: ScriptedHttp) -> None:
    numbers = range(1, 13)
    closed = {**PULL, "state": "closed", "closed_at": WHEN}
    scripted_http.say(
        Scripted(body=[{"number": one, "pull_request": {}} for one in numbers] + [{"number": 99}]),
        Scripted(body=[{**closed, "number": one} for one in (*numbers[:-1], 50)]),
        Scripted(body={**closed, "number": 12}),
    )

    assert [one.number for one in forge.closed_pull_requests("nhi/sweep")] == list(numbers)


def test_who_we_are_is_an_error_where_github_does_not_say(forge: GitHubForge, scripted_http: ScriptedHttp) -> None:
    scripted_http.say(
        Scripted(403, {"message": "Resource not accessible by integration"}),
        Scripted(body={"data": None, "errors": [{"type": "FORBIDDEN", "message": "No"}]}),
    )

    with pytest.raises(OutsideError, match="does not say who we are"):
        forge.comments(7, "<!-- nhi:gate -->")


def test_a_merge_that_we_may_not_do_is_an_error_and_no_refusal(forge: GitHubForge, scripted_http: ScriptedHttp) -> None:
    scripted_http.say(
        Scripted(body={"data": None, "errors": [{"type": "FORBIDDEN", "message": "Resource not accessible"}]})
    )

    with pytest.raises(OutsideError, match="Resource not accessible") as caught:
        forge.merge_when_allowed(answers.pull_request(PULL))

    assert "pull-requests: write" in caught.value.hint


def test_findings_that_we_may_not_hand_in_are_an_error(forge: GitHubForge, scripted_http: ScriptedHttp) -> None:
    scripted_http.say(Scripted(403, {"message": "Resource not accessible by integration"}))

    with pytest.raises(OutsideError):
        forge.upload_sarif(SHA, "refs/pull/7/head", "{}")
