"""GitHub's adapter where GitHub fails: nothing is done twice, nothing is taken for done, nothing is taken for empty."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product

import pytest
from tests.fixtures.forges import LoopbackScene

from nhi.errors import NhiError, OutsideError
from nhi.model.forge import GATE, Account, CommitStatus, PullRequest, PullState, ReviewState, StatusState
from nhi.sandbox.github.faults import Fault, lost_answer, server_error, too_many

MARKER = "<!-- nhi:gate -->"
REPO = "/repos/acme/iam"
SWEEP = 2
"""The number of the pull request that the scene's sweep opened; 1 is alice's, 3 is our issue."""
ISSUE = 3
OPENED = 4
"""The number that the first thing opened in a test gets."""

Loopback = Callable[[str], LoopbackScene]


@dataclass(frozen=True)
class Write:
    """A write, the request that does it, and what is there afterwards, however often it was tried."""

    request: tuple[str, str]
    act: Callable[[LoopbackScene], object]
    there: Callable[[LoopbackScene], object]
    expected: object


WRITES: Mapping[str, Write] = {
    "a status": Write(
        ("POST", f"{REPO}/statuses/.*"),
        lambda on: on.forge.set_status(head(on), CommitStatus(GATE, StatusState.PENDING, "looking")),
        lambda on: on.forge.statuses(head(on)),
        {GATE: CommitStatus(GATE, StatusState.PENDING, "looking")},
    ),
    "a first comment": Write(
        ("POST", f"{REPO}/issues/1/comments"),
        lambda on: on.forge.keep_comment(1, MARKER, MARKER),
        lambda on: on.said(1),
        [MARKER],
    ),
    "a deleted comment": Write(
        ("DELETE", f"{REPO}/issues/comments/.*"),
        lambda on: on.forge.keep_comment(SWEEP, MARKER, f"{MARKER}\nold"),
        lambda on: on.said(SWEEP),
        [f"{MARKER}\nold"],
    ),
    "a rewritten comment": Write(
        ("PATCH", f"{REPO}/issues/comments/.*"),
        lambda on: on.forge.keep_comment(SWEEP, MARKER, f"{MARKER}\nnew"),
        lambda on: on.said(SWEEP),
        [f"{MARKER}\nnew"],
    ),
    "a pull request": Write(
        ("POST", f"{REPO}/pulls"),
        lambda on: on.forge.open_pull_request("nhi/sweep/b", "main", "Remove", "Because."),
        lambda on: [one.issue.title for one in on.site.repository.pulls.values()],
        ["A change", "Sweep", "Remove"],
    ),
    "an edited pull request": Write(
        ("PATCH", f"{REPO}/pulls/2"),
        lambda on: on.forge.edit_pull_request(SWEEP, "New", "Text"),
        lambda on: (on.site.repository.issues[SWEEP].title, on.site.repository.issues[SWEEP].body),
        ("New", "Text"),
    ),
    "a closed pull request": Write(
        ("PATCH", f"{REPO}/pulls/1"),
        lambda on: on.forge.close_pull_request(1),
        lambda on: on.site.repository.issues[1].state,
        "closed",
    ),
    "labels": Write(
        ("POST", f"{REPO}/issues/2/labels"),
        lambda on: on.forge.label(SWEEP, ["nhi/sweep", "new"]),
        lambda on: on.site.repository.issues[SWEEP].labels,
        ["nhi/sweep", "new"],
    ),
    "reviewers": Write(
        ("POST", f"{REPO}/pulls/2/requested_reviewers"),
        lambda on: on.forge.request_reviewers(SWEEP, ["alice", "bob"]),
        lambda on: on.asked(SWEEP),
        {"alice", "bob"},
    ),
    "a wish to merge": Write(
        ("POST", "/graphql"),
        lambda on: on.forge.merge_when_allowed(on.forge.pull_request(SWEEP)),
        lambda on: on.forge.pull_request(SWEEP).auto_merge,
        expected=True,
    ),
    "a merge": Write(
        ("PUT", f"{REPO}/pulls/4/merge"),
        lambda on: on.forge.merge_when_allowed(passed(on, OPENED)),
        lambda on: on.forge.pull_request(OPENED).state,
        PullState.MERGED,
    ),
    "an issue": Write(
        ("POST", f"{REPO}/issues"),
        lambda on: on.forge.open_issue("New", "<!-- nhi:new -->", ["nhi/notice"], ["alice"]),
        lambda on: [one.title for one in on.forge.issues("nhi/notice")],
        ["Ends", "New"],
    ),
    "an edited issue": Write(
        ("PATCH", f"{REPO}/issues/3"),
        lambda on: on.forge.edit_issue(ISSUE, "New", MARKER),
        lambda on: on.site.repository.issues[ISSUE].title,
        "New",
    ),
    "a closed issue": Write(
        ("PATCH", f"{REPO}/issues/3"),
        lambda on: on.forge.close_issue(ISSUE),
        lambda on: on.site.repository.issues[ISSUE].state,
        "closed",
    ),
}
NOT_REPEATED = ("a first comment", "a merge", "an issue")
READS: Mapping[str, Callable[[LoopbackScene], object]] = {
    "a pull request": lambda on: on.forge.pull_request(1),
    "open pull requests": lambda on: on.forge.open_pull_requests(),
    "closed pull requests": lambda on: on.forge.closed_pull_requests("nhi/sweep"),
    "reviews": lambda on: on.forge.reviews(1),
    "makers": lambda on: on.forge.makers(1),
    "a permission": lambda on: on.forge.permission(on.account("alice")),
    "statuses": lambda on: on.forge.statuses("1" * 40),
    "comments": lambda on: on.forge.comments(1, MARKER),
    "issues": lambda on: on.forge.issues("nhi/notice"),
    "closed issues": lambda on: on.forge.closed_issues("nhi/notice"),
}
ODD = {
    "refused credentials": Fault("*", ".*", 401, body='{"message": "Bad credentials"}', times=None),
    "a missing right": Fault("*", ".*", 403, body='{"message": "Resource not accessible"}', times=None),
    "trouble that does not end": server_error("*", ".*", 503, times=None),
    "a limit that does not end": too_many("*", ".*", retry_after=3600, times=None),
    "garbage": Fault("*", ".*", 200, body="{oops", times=None),
    "a page of HTML": Fault("*", ".*", 200, body="<html>", times=None),
    "entries of nothing": Fault("*", ".*", 200, body="[{}]", times=None),
    "an entry of nothing": Fault("*", ".*", 200, body="{}", times=None),
    "null": Fault("*", ".*", 200, body="null", times=None),
    "not there yet": Fault("*", ".*", 202, body="[]", times=None),
}


def head(on: LoopbackScene) -> str:
    return on.site.repository.pulls[1].head


def passed(on: LoopbackScene, number: int) -> PullRequest:
    pull = on.forge.pull_request(number)
    if pull.state is PullState.OPEN:
        on.pass_gate(pull.head)
    return pull


def furnished(scene: LoopbackScene) -> LoopbackScene:
    scene.pull("alice", "change")
    scene.push("alice", "nhi/sweep/a")
    scene.push("alice", "nhi/sweep/b")
    scene.forge.open_pull_request("nhi/sweep/a", "main", "Sweep", "")
    scene.forge.open_issue("Ends", MARKER, ["nhi/notice"], [])
    scene.twin(SWEEP, f"{MARKER}\nold")
    scene.twin(SWEEP, f"{MARKER}\nolder")
    return scene


@pytest.fixture
def scene(loopback_as: Loopback) -> LoopbackScene:
    return furnished(loopback_as("app"))


def test_a_write_whose_answer_is_lost_is_done_once(scene: LoopbackScene, subtests: pytest.Subtests) -> None:
    for name, write in WRITES.items():
        with subtests.test(write=name):
            scene.faults.add(lost_answer(*write.request))
            write.act(scene)
            assert scene.faults.waiting == ()
            assert write.there(scene) == write.expected


def test_a_write_that_github_fails_to_do_is_repeated(scene: LoopbackScene, subtests: pytest.Subtests) -> None:
    for name, write in WRITES.items():
        with subtests.test(write=name):
            scene.faults.add(server_error(*write.request))
            try:
                write.act(scene)
            except OutsideError:
                assert name in NOT_REPEATED
                write.act(scene)
            assert scene.faults.waiting == ()
            assert write.there(scene) == write.expected


def test_what_cannot_be_known_is_never_an_empty_answer(scene: LoopbackScene, subtests: pytest.Subtests) -> None:
    for (odd, fault), (name, read) in product(ODD.items(), READS.items()):
        scene.faults.clear()
        scene.faults.add(fault)
        with subtests.test(odd=odd, read=name), pytest.raises(OutsideError) as caught:
            read(scene)
        assert caught.value.message.isprintable()


def test_a_write_that_fails_for_good_is_an_error(scene: LoopbackScene, subtests: pytest.Subtests) -> None:
    for (odd, fault), (name, write) in product(ODD.items(), WRITES.items()):
        if (odd, name) == ("null", "a deleted comment"):
            continue  # cannot be told from no answer, which is what GitHub gives
        scene.faults.clear()
        if name == "a merge":
            continue  # nothing was opened that could be: see below
        scene.twin(SWEEP, f"{MARKER}\nolder")
        scene.faults.add(replace(fault, method=write.request[0], path=write.request[1]))
        with subtests.test(odd=odd, write=name), pytest.raises(OutsideError):
            write.act(scene)
        assert write.there(scene) != write.expected or name == "a deleted comment"


def test_a_merge_that_fails_for_good_is_an_error(scene: LoopbackScene, subtests: pytest.Subtests) -> None:
    pull = passed(scene, SWEEP)
    for odd, fault in ODD.items():
        scene.faults.clear()
        scene.faults.add(replace(fault, method="PUT", path=".*/merge"))
        with subtests.test(odd=odd), pytest.raises(OutsideError):
            scene.forge.merge_when_allowed(pull)
    assert scene.forge.pull_request(SWEEP).state is PullState.OPEN


def test_a_repository_that_is_not_there_is_an_error(scene: LoopbackScene) -> None:
    scene.faults.add(Fault("*", ".*", 404, body='{"message": "Not Found"}', times=None))

    # Of a permission, 404 says that the account is nobody here.
    for read in READS.keys() - {"a permission"}:
        with pytest.raises(NhiError):
            READS[read](scene)


def test_the_second_page_is_waited_for(scene: LoopbackScene) -> None:
    for _ in range(101):
        scene.review(1, "bob", ReviewState.COMMENTED)
    scene.faults.add(server_error("GET", f"{REPO}/pulls/1/reviews"))

    assert len(scene.forge.reviews(1)) == 101


def test_two_runs_that_open_one_issue_leave_the_first(scene: LoopbackScene) -> None:
    scene.forge.issues("nhi/notice")
    first = scene.twin_issue("Ends", "<!-- nhi:b -->", "nhi/notice")

    kept = scene.forge.open_issue("Ends", "<!-- nhi:b -->", ["nhi/notice"], [])

    assert kept.number == first
    assert [one.number for one in scene.forge.issues("nhi/notice")] == [ISSUE, first]


def test_a_deleted_account_made_nothing(scene: LoopbackScene) -> None:
    scene.review(1, "bob", ReviewState.APPROVED)
    for login in ("alice", "bob"):
        scene.remove(login)

    assert scene.forge.pull_request(1).author is None
    assert [one.author for one in scene.forge.reviews(1)] == [None]
    (maker,) = scene.forge.makers(1).commits
    assert (maker.author, maker.author_email) == (None, "alice@acme.example")


def test_a_renamed_account_is_the_same(scene: LoopbackScene) -> None:
    before = scene.account("alice")
    scene.rename("alice", "alicia")

    assert scene.forge.pull_request(1).author == Account(before.id, "alicia")


def test_a_fork_is_not_ours_and_stays_readable_when_it_is_gone(scene: LoopbackScene) -> None:
    world, site = scene.site.world, scene.site
    world.collaborator("acme/iam", "eve", "read")
    fork = world.fork("acme/iam", "eve")
    type(site)(world, fork.full_name, site.origin).push("eve", "nhi/sweep/evil", {"a.txt": "a\n"})
    number = site.open_pull("eve", "eve:nhi/sweep/evil", "Mine")

    assert not scene.forge.pull_request(number).own_branch
    assert number not in {one.number for one in scene.forge.open_pull_requests("nhi/sweep/")}
    assert number in {one.number for one in scene.forge.open_pull_requests()}
    world.delete_repository(fork.full_name)
    gone = scene.forge.pull_request(number)
    assert (gone.own_branch, gone.state) == (False, PullState.OPEN)
