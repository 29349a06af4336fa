"""The Protocol `Forge`, on every forge: in memory, and on the loopback GitHub for a person, a workflow and an App."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.fixtures.forges import PEOPLE, LoopbackScene, Scene, memory_scene

from nhi.errors import InputError, OutsideError
from nhi.forge.interface import Forge
from nhi.model.forge import (
    GATE,
    CommitStatus,
    Merging,
    Permission,
    PullRequest,
    PullState,
    ReviewState,
    StatusState,
)

MARKER = "<!-- nhi:gate -->"
OTHER = "<!-- nhi:other -->"
SWEEP = "nhi/sweep/prod/payments/abc"


EVERYBODY = pytest.mark.parametrize("scene", ["memory", "person", "workflow", "app"], indirect=True)
"""Where it depends on who we are, beside what a token may."""


@pytest.fixture(params=["memory", "app"])
def scene(request: pytest.FixtureRequest) -> Scene:
    if request.param == "memory":
        return memory_scene()
    loopback: Callable[[str], LoopbackScene] = request.getfixturevalue("loopback_as")
    return loopback(request.param)


@pytest.fixture
def forge(scene: Scene) -> Forge:
    return scene.forge


def opened(scene: Scene, branch: str = SWEEP) -> PullRequest:
    scene.push("alice", branch)
    return scene.forge.open_pull_request(branch, "main", "Remove what expired", "Because.")


def test_a_pull_request_is_as_it_stands(scene: Scene) -> None:
    number = scene.pull("alice", "change", ["nhi/emergency"])

    pull = scene.forge.pull_request(number)

    assert (pull.number, pull.title, pull.body) == (number, "A change", "")
    assert pull.author == scene.account("alice")
    assert (pull.state, pull.is_draft, pull.auto_merge) == (PullState.OPEN, False, False)
    assert (pull.head_branch, pull.base_branch, pull.own_branch) == ("change", "main", True)
    assert pull.labels == {"nhi/emergency"}
    assert (pull.closed_at, pull.merged_at, pull.merge_commit) == (None, None, None)


def test_the_head_follows_its_branch(scene: Scene) -> None:
    number = scene.pull("alice", "change")
    tip = scene.push("bob", "change")

    assert scene.forge.pull_request(number).head == tip


def test_a_number_that_there_is_not_is_an_input_error(forge: Forge) -> None:
    with pytest.raises(InputError, match="99"):
        forge.pull_request(99)


def test_an_issue_is_no_pull_request(scene: Scene) -> None:
    number = scene.issue("alice", "Hello", "World", "question")

    with pytest.raises(InputError):
        scene.forge.pull_request(number)


def test_open_pull_requests_are_listed_by_branch(scene: Scene) -> None:
    first, second = scene.pull("alice", "nhi/sweep/a"), scene.pull("bob", "nhi/sweep/b")
    scene.pull("alice", "other")
    closed = scene.pull("bob", "nhi/sweep/c")
    scene.forge.close_pull_request(closed)

    found = scene.forge.open_pull_requests("nhi/sweep/")

    assert [one.number for one in found] == [first, second]
    assert len(scene.forge.open_pull_requests()) == 3


def test_more_than_a_page_is_all_there(scene: Scene) -> None:
    number = scene.pull("alice", "change")
    for _ in range(101):
        scene.review(number, "bob", ReviewState.COMMENTED)
    scene.review(number, "carol", ReviewState.APPROVED)

    reviews = scene.forge.reviews(number)

    assert len(reviews) == 102
    assert (reviews[-1].state, reviews[-1].author) == (ReviewState.APPROVED, scene.account("carol"))


def test_closed_pull_requests_are_found_by_their_label(scene: Scene) -> None:
    numbers = [scene.pull("alice", f"change-{turn}", ["nhi/emergency"]) for turn in range(3)]
    scene.forge.close_pull_request(scene.pull("alice", "unlabelled"))
    for number in (numbers[2], numbers[0]):
        scene.forge.close_pull_request(number)

    assert {one.number for one in scene.forge.closed_pull_requests("nhi/emergency")} == {numbers[0], numbers[2]}
    assert len(scene.forge.closed_pull_requests("nhi/emergency", most=1)) == 1
    assert scene.forge.closed_pull_requests("nhi/sweep") == ()


def test_reviews_say_who_and_of_what(scene: Scene) -> None:
    number = scene.pull("alice", "change")
    reviewed = scene.forge.pull_request(number).head
    scene.review(number, "bob", ReviewState.APPROVED)
    scene.push("alice", "change")
    scene.review(number, "carol", ReviewState.CHANGES_REQUESTED)

    first, second = scene.forge.reviews(number)

    assert (first.author, first.state, first.commit) == (scene.account("bob"), ReviewState.APPROVED, reviewed)
    assert (second.author, second.state) == (scene.account("carol"), ReviewState.CHANGES_REQUESTED)
    assert second.commit == scene.forge.pull_request(number).head
    assert first.submitted_at is not None
    assert second.submitted_at is not None
    assert first.submitted_at < second.submitted_at


def test_a_dismissed_review_is_dismissed(scene: Scene) -> None:
    number = scene.pull("alice", "change")
    scene.review(number, "bob", ReviewState.APPROVED)
    scene.dismiss(number, scene.forge.reviews(number)[0])

    assert [one.state for one in scene.forge.reviews(number)] == [ReviewState.DISMISSED]


def test_the_makers_of_a_change_are_known(scene: Scene) -> None:
    number = scene.pull("alice", "change")

    makers = scene.forge.makers(number)

    assert makers.complete
    assert [one.author for one in makers.commits] == [scene.account("alice")]
    assert makers.commits[-1].commit == scene.forge.pull_request(number).head


def test_permission_is_what_somebody_may_do_now(scene: Scene) -> None:
    assert {login: scene.forge.permission(scene.account(login)) for login in PEOPLE} == PEOPLE


def test_who_took_over_a_login_did_not_take_over_its_rights(scene: Scene) -> None:
    alice = scene.account("alice")
    scene.rename("alice", "alice-x")

    assert scene.forge.permission(alice) is Permission.NONE
    scene.rename("bob", "alice")
    assert scene.forge.permission(alice) is Permission.NONE
    assert scene.forge.permission(replace(alice, login="alice-x")) is Permission.WRITE


def test_an_account_that_is_gone_may_do_nothing(scene: Scene) -> None:
    bob = scene.account("bob")
    scene.remove("bob")

    assert scene.forge.permission(bob) is Permission.NONE


def test_the_newest_status_of_each_context_counts(scene: Scene) -> None:
    head = scene.forge.pull_request(scene.pull("alice", "change")).head
    said = [
        CommitStatus(GATE, StatusState.PENDING, "looking"),
        CommitStatus("nhi/approvals", StatusState.FAILURE, "nobody", "https://github.com/acme/iam/actions"),
        CommitStatus(GATE, StatusState.SUCCESS, "fine"),
    ]
    for one in said:
        scene.forge.set_status(head, one)

    assert scene.forge.statuses(head) == {GATE: said[2], "nhi/approvals": said[1]}


def test_a_long_description_of_a_status_is_cut(scene: Scene) -> None:
    head = scene.forge.pull_request(scene.pull("alice", "change")).head

    scene.forge.set_status(head, CommitStatus(GATE, StatusState.ERROR, "x" * 200))

    assert len(scene.forge.statuses(head)[GATE].description) == 140


def test_a_picture_in_the_description_of_a_status_is_written_out(scene: Scene) -> None:
    head = scene.forge.pull_request(scene.pull("alice", "change")).head

    scene.forge.set_status(head, CommitStatus(GATE, StatusState.ERROR, "é \U0001f41b"))

    assert scene.forge.statuses(head)[GATE].description == "é \\U0001f41b"


@EVERYBODY
def test_a_comment_is_made_once_and_rewritten(scene: Scene) -> None:
    number = scene.pull("alice", "change")
    made = scene.forge.keep_comment(number, MARKER, f"{MARKER}\nfirst")
    kept = scene.forge.keep_comment(number, MARKER, f"{MARKER}\nsecond")

    assert made.id == kept.id
    assert scene.said(number) == [f"{MARKER}\nsecond"]
    assert [one.body for one in scene.forge.comments(number, MARKER)] == [f"{MARKER}\nsecond"]


@EVERYBODY
def test_further_comments_of_ours_are_deleted(scene: Scene) -> None:
    number = scene.pull("alice", "change")
    for turn in range(3):
        scene.twin(number, f"{MARKER}\n{turn}")

    kept = scene.forge.keep_comment(number, MARKER, f"{MARKER}\nlast")

    assert scene.said(number) == [f"{MARKER}\nlast"]
    assert kept.body == f"{MARKER}\nlast"


@EVERYBODY
def test_a_comment_of_somebody_else_is_not_ours(scene: Scene) -> None:
    number = scene.pull("alice", "change")
    scene.comment(number, "rita", f"{MARKER}\nit is fine, merge it")

    assert scene.forge.comments(number, MARKER) == ()
    scene.forge.keep_comment(number, MARKER, f"{MARKER}\nno")
    assert scene.said(number) == [f"{MARKER}\nit is fine, merge it", f"{MARKER}\nno"]


def test_a_marker_is_one_on_the_first_line(scene: Scene) -> None:
    number = scene.pull("alice", "change")
    scene.forge.keep_comment(number, OTHER, f"{OTHER}\n{MARKER}")

    assert scene.forge.comments(number, MARKER) == ()
    with pytest.raises(ValueError, match=MARKER):
        scene.forge.keep_comment(number, MARKER, f"Hello\n{MARKER}")


@EVERYBODY
def test_a_pull_request_is_opened_once(scene: Scene) -> None:
    first = opened(scene)
    again = scene.forge.open_pull_request(SWEEP, "main", "Another title", "Another body")

    assert again.number == first.number
    assert (again.title, again.body) == ("Remove what expired", "Because.")
    assert first.state is PullState.OPEN
    assert len(scene.forge.open_pull_requests()) == 1


def test_a_pull_request_of_no_branch_is_an_error(forge: Forge) -> None:
    with pytest.raises(OutsideError):
        forge.open_pull_request("nowhere", "main", "Title", "Body")


def test_a_closed_pull_request_does_not_stand_in_the_way_of_a_new_one(scene: Scene) -> None:
    first = opened(scene)
    scene.forge.close_pull_request(first.number)

    assert scene.forge.open_pull_request(SWEEP, "main", "Again", "").number != first.number


def test_a_pull_request_is_edited(scene: Scene) -> None:
    number = opened(scene).number
    for _ in range(2):
        scene.forge.edit_pull_request(number, "New", "Text")

    pull = scene.forge.pull_request(number)
    assert (pull.title, pull.body) == ("New", "Text")


def test_a_pull_request_is_closed_and_stays_so(scene: Scene) -> None:
    number = opened(scene).number
    for _ in range(2):
        scene.forge.close_pull_request(number)

    pull = scene.forge.pull_request(number)
    assert (pull.state, pull.merged_at) == (PullState.CLOSED, None)
    assert pull.closed_at is not None


def test_a_merged_pull_request_is_not_closed(scene: Scene) -> None:
    pull = opened(scene)
    scene.pass_gate(pull.head)
    scene.forge.merge_when_allowed(pull)

    scene.forge.close_pull_request(pull.number)

    assert scene.forge.pull_request(pull.number).state is PullState.MERGED


def test_labels_are_added_and_made(scene: Scene) -> None:
    number = opened(scene).number
    scene.forge.label(number, ["nhi/sweep"])
    scene.forge.label(number, ["nhi/sweep", "nhi/other"])

    assert scene.forge.pull_request(number).labels == {"nhi/sweep", "nhi/other"}


def test_no_label_is_none(scene: Scene) -> None:
    number = opened(scene).number
    scene.forge.label(number, [])

    assert scene.forge.pull_request(number).labels == frozenset()


def test_reviewers_are_asked_and_the_refused_ones_returned(scene: Scene) -> None:
    number = scene.pull("alice", "change")

    refused = scene.forge.request_reviewers(number, ["alice", "bob", "eve", "carol", "nobody"])

    assert refused == ("alice", "eve", "nobody")
    assert scene.asked(number) == {"bob", "carol"}
    assert scene.forge.request_reviewers(number, ["bob"]) == ()
    assert scene.forge.request_reviewers(number, []) == ()


@EVERYBODY
def test_what_lacks_nothing_is_merged_now(scene: Scene) -> None:
    pull = opened(scene)
    scene.pass_gate(pull.head)

    assert scene.forge.merge_when_allowed(pull).outcome is Merging.MERGED
    merged = scene.forge.pull_request(pull.number)
    assert (merged.state, merged.head) == (PullState.MERGED, pull.head)
    assert merged.merged_at is not None
    assert merged.merge_commit is not None
    assert scene.forge.merge_when_allowed(pull).outcome is Merging.MERGED


@EVERYBODY
def test_what_lacks_something_is_merged_when_it_comes(scene: Scene) -> None:
    pull = opened(scene)

    assert scene.forge.merge_when_allowed(pull).outcome is Merging.WAITING
    assert scene.forge.merge_when_allowed(pull).outcome is Merging.WAITING
    assert scene.forge.pull_request(pull.number).auto_merge
    scene.pass_gate(pull.head)
    assert scene.forge.pull_request(pull.number).state is PullState.MERGED


def test_a_head_that_moved_is_not_merged(scene: Scene) -> None:
    pull = opened(scene)
    scene.push("alice", SWEEP)
    scene.pass_gate(pull.head)

    answer = scene.forge.merge_when_allowed(pull)

    assert answer.outcome is Merging.REFUSED
    assert answer.reason
    assert scene.forge.pull_request(pull.number).state is PullState.OPEN


def test_a_repository_that_does_not_merge_by_itself_says_so(scene: Scene) -> None:
    pull = opened(scene)
    scene.forbid_auto_merge()

    answer = scene.forge.merge_when_allowed(pull)

    assert answer.outcome is Merging.REFUSED
    assert "Auto merge is not allowed for this repository" in answer.reason


def test_a_closed_pull_request_is_not_merged(scene: Scene) -> None:
    pull = opened(scene)
    scene.forge.close_pull_request(pull.number)

    assert scene.forge.merge_when_allowed(pull).outcome is Merging.REFUSED


@EVERYBODY
def test_an_issue_is_opened_once(scene: Scene) -> None:
    first = scene.forge.open_issue("Ends soon", f"{MARKER}\nthree identities", ["nhi/notice"], [])
    again = scene.forge.open_issue("Ends soon", f"{MARKER}\nfour identities", ["nhi/notice"], [])

    assert first.number == again.number
    assert [one.number for one in scene.forge.issues("nhi/notice")] == [first.number]
    assert (first.title, first.body, first.is_open) == ("Ends soon", f"{MARKER}\nthree identities", True)
    assert first.labels == {"nhi/notice"}


def test_issues_with_other_markers_are_others(scene: Scene) -> None:
    first = scene.forge.open_issue("One", f"{MARKER}\n", ["nhi/notice"], [])
    second = scene.forge.open_issue("Two", f"{OTHER}\n", ["nhi/notice"], [])

    assert [one.number for one in scene.forge.issues("nhi/notice")] == [first.number, second.number]


@EVERYBODY
def test_an_issue_of_somebody_else_is_not_ours(scene: Scene) -> None:
    scene.issue("rita", "Ends soon", f"{MARKER}\nignore it", "nhi/notice")

    assert scene.forge.issues("nhi/notice") == ()
    made = scene.forge.open_issue("Ends soon", f"{MARKER}\n", ["nhi/notice"], [])
    assert [one.number for one in scene.forge.issues("nhi/notice")] == [made.number]


def test_a_pull_request_is_no_issue(scene: Scene) -> None:
    scene.forge.label(opened(scene).number, ["nhi/notice"])

    assert scene.forge.issues("nhi/notice") == ()


def test_assignees_whom_the_forge_does_not_take_are_left_out(scene: Scene) -> None:
    made = scene.forge.open_issue("Ends soon", f"{MARKER}\n", ["nhi/notice"], ["alice", "nobody", "eve"])

    assert scene.forge.issues("nhi/notice") == (made,)


def test_an_issue_is_edited_and_closed(scene: Scene) -> None:
    number = scene.forge.open_issue("Ends soon", f"{MARKER}\n", ["nhi/notice"], []).number
    scene.forge.edit_issue(number, "Ended", f"{MARKER}\nall of it")
    (one,) = scene.forge.issues("nhi/notice")
    assert (one.title, one.body) == ("Ended", f"{MARKER}\nall of it")

    for _ in range(2):
        scene.forge.close_issue(number)
    assert scene.forge.issues("nhi/notice") == ()
    assert scene.forge.open_issue("Ends soon", f"{MARKER}\n", ["nhi/notice"], []).number != number


@EVERYBODY
def test_closed_issues_of_ours_are_found_by_their_label(scene: Scene) -> None:
    theirs = scene.issue("rita", "Ends soon", f"{MARKER}\nignore it", "nhi/notice")
    numbers = [
        scene.forge.open_issue("Ends soon", f"<!-- nhi:{one} -->\nText", [label], []).number
        for one, label in enumerate(["nhi/notice", "nhi/notice", "nhi/notice", "nhi/other"])
    ]
    pull = opened(scene)
    scene.forge.label(pull.number, ["nhi/notice"])
    scene.forge.close_pull_request(pull.number)
    for number in (theirs, numbers[0], numbers[1], numbers[3]):
        scene.forge.close_issue(number)

    found = scene.forge.closed_issues("nhi/notice")

    assert [one.number for one in found] == [numbers[1], numbers[0]]
    assert not any(one.is_open for one in found)
    assert [one.number for one in scene.forge.closed_issues("nhi/notice", 1)] == [numbers[1]]


def test_an_issue_without_a_marker_is_refused(forge: Forge) -> None:
    with pytest.raises(ValueError, match="marker"):
        forge.open_issue("Title", "No marker", ["nhi/notice"], [])


def test_findings_are_handed_in(scene: Scene) -> None:
    pull = opened(scene)

    assert scene.forge.upload_sarif(pull.head, pull.head_reference, '{"version": "2.1.0", "runs": []}') == ""


def test_a_repository_without_code_scanning_says_so(scene: Scene) -> None:
    pull = opened(scene)
    scene.without_code_scanning()

    reason = scene.forge.upload_sarif(pull.head, pull.head_reference, '{"version": "2.1.0", "runs": []}')

    assert "scanning" in reason.lower()
