"""What each method of GitHub's adapter costs, in requests: sweeps open hundreds of pull requests."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from tests.fixtures.forges import LoopbackScene

from nhi.forge.github_forge import GitHubForge
from nhi.model.forge import GATE, CommitStatus, Merging, ReviewState, StatusState

MARKER = "<!-- nhi:gate -->"
SARIF = '{"version": "2.1.0", "runs": []}'
Costs = Callable[[int], AbstractContextManager[None]]


@pytest.fixture
def scene(loopback_as: Callable[[str], LoopbackScene]) -> LoopbackScene:
    """Seen by an App, whose token was fetched already, with one pull request (2) of a sweep."""
    scene = loopback_as("app")
    scene.pull("alice", "change")
    scene.push("alice", "nhi/sweep/a")
    scene.forge.open_pull_request("nhi/sweep/a", "main", "Remove", "")
    return scene


@pytest.fixture
def costs(scene: LoopbackScene) -> Costs:
    forge = scene.forge
    assert isinstance(forge, GitHubForge)

    @contextmanager
    def of(requests: int) -> Iterator[None]:
        before = forge.requests
        yield
        assert forge.requests - before == requests

    return of


def test_an_app_needs_two_requests_before_its_first(loopback_as: Callable[[str], LoopbackScene]) -> None:
    scene = loopback_as("app")
    number = scene.pull("alice", "change")
    forge = scene.forge
    assert isinstance(forge, GitHubForge)

    forge.pull_request(number)

    assert forge.requests == 3


@pytest.mark.parametrize(("viewer", "more"), [("person", 1), ("workflow", 2), ("app", 2)])
def test_who_we_are_is_asked_once(loopback_as: Callable[[str], LoopbackScene], viewer: str, more: int) -> None:
    scene = loopback_as(viewer)
    number = scene.pull("alice", "change")
    forge = scene.forge
    assert isinstance(forge, GitHubForge)

    for _ in range(3):
        forge.comments(number, MARKER)

    assert forge.requests == 3 + more


def test_a_pull_request_of_a_sweep_costs_three(scene: LoopbackScene, costs: Costs) -> None:
    scene.push("alice", "nhi/sweep/b")

    with costs(3):
        pull = scene.forge.open_pull_request("nhi/sweep/b", "main", "Remove", "Because.")
        scene.forge.label(pull.number, ["nhi/sweep"])
        answer = scene.forge.merge_when_allowed(pull)

    assert answer.outcome is Merging.WAITING


def test_a_pull_request_for_people_costs_three(scene: LoopbackScene, costs: Costs) -> None:
    scene.push("alice", "nhi/sweep/b")

    with costs(3):
        pull = scene.forge.open_pull_request("nhi/sweep/b", "main", "Remove", "Because.")
        scene.forge.label(pull.number, ["nhi/sweep"])
        scene.forge.request_reviewers(pull.number, ["alice", "bob"])


def test_reading_costs_one(scene: LoopbackScene, costs: Costs) -> None:
    pull = scene.forge.pull_request(2)
    readings: list[Callable[[], object]] = [
        lambda: scene.forge.pull_request(1),
        scene.forge.open_pull_requests,
        lambda: scene.forge.reviews(1),
        lambda: scene.forge.makers(1),
        lambda: scene.forge.permission(scene.account("alice")),
        lambda: scene.forge.statuses(pull.head),
        lambda: scene.forge.comments(1, MARKER),
        lambda: scene.forge.issues("nhi/notice"),
        lambda: scene.forge.closed_issues("nhi/notice"),
    ]
    for reading in readings:
        with costs(1):
            reading()


def test_writing_costs_one(scene: LoopbackScene, costs: Costs) -> None:
    pull = scene.forge.pull_request(2)
    issue = scene.forge.open_issue("Ends", MARKER, ["nhi/notice"], [])
    writings: list[Callable[[], object]] = [
        lambda: scene.forge.set_status(pull.head, CommitStatus(GATE, StatusState.PENDING, "looking")),
        lambda: scene.forge.edit_pull_request(2, "New", ""),
        lambda: scene.forge.label(2, ["a", "b"]),
        lambda: scene.forge.request_reviewers(2, ["bob"]),
        lambda: scene.forge.edit_issue(issue.number, "New", MARKER),
        lambda: scene.forge.close_issue(issue.number),
        lambda: scene.forge.upload_sarif(pull.head, pull.head_reference, SARIF),
        lambda: scene.forge.close_pull_request(2),
    ]
    for writing in writings:
        with costs(1):
            writing()


def test_the_comment_costs_three_two_or_one(scene: LoopbackScene, costs: Costs) -> None:
    with costs(3):
        scene.forge.keep_comment(1, MARKER, f"{MARKER}\nfirst")
    with costs(1):
        scene.forge.keep_comment(1, MARKER, f"{MARKER}\nfirst")
    with costs(2):
        scene.forge.keep_comment(1, MARKER, f"{MARKER}\nsecond")
    scene.twin(1, f"{MARKER}\nthird")
    with costs(2):
        scene.forge.keep_comment(1, MARKER, f"{MARKER}\nsecond")


def test_an_issue_costs_two_and_once_a_listing(scene: LoopbackScene, costs: Costs) -> None:
    with costs(3):
        scene.forge.open_issue("Ends", "<!-- nhi:a -->", ["nhi/notice"], [])
    with costs(2):
        scene.forge.open_issue("Ends", "<!-- nhi:b -->", ["nhi/notice"], ["alice"])
    with costs(0):
        scene.forge.open_issue("Ends", "<!-- nhi:a -->", ["nhi/notice"], [])


def test_merging_now_costs_two(scene: LoopbackScene, costs: Costs) -> None:
    pull = scene.forge.pull_request(2)
    scene.pass_gate(pull.head)

    with costs(2):
        answer = scene.forge.merge_when_allowed(pull)

    assert answer.outcome is Merging.MERGED


def test_a_refused_merge_costs_two(scene: LoopbackScene, costs: Costs) -> None:
    pull = scene.forge.pull_request(2)
    scene.forbid_auto_merge()

    with costs(2):
        scene.forge.merge_when_allowed(pull)


def test_a_pull_request_that_is_there_costs_two(scene: LoopbackScene, costs: Costs) -> None:
    with costs(2):
        scene.forge.open_pull_request("nhi/sweep/a", "main", "Remove", "")


def test_closed_pull_requests_cost_one_each_and_one(scene: LoopbackScene, costs: Costs) -> None:
    scene.forge.label(2, ["nhi/sweep"])
    scene.forge.close_pull_request(2)

    with costs(2):
        scene.forge.closed_pull_requests("nhi/sweep")


def test_refused_reviewers_cost_one_each_more(scene: LoopbackScene, costs: Costs) -> None:
    with costs(4):
        scene.forge.request_reviewers(1, ["alice", "bob", "eve"])


def test_nothing_to_do_costs_nothing(scene: LoopbackScene, costs: Costs) -> None:
    with costs(0):
        scene.forge.label(2, [])
        scene.forge.request_reviewers(2, [])


def test_a_listing_costs_one_a_hundred(scene: LoopbackScene, costs: Costs) -> None:
    for _ in range(101):
        scene.review(1, "bob", ReviewState.COMMENTED)

    with costs(2):
        scene.forge.reviews(1)
