"""A status counts from our App alone: the same words of somebody else's are not taken for our own."""

from collections.abc import Callable

import pytest
from tests.fixtures.forges import LoopbackScene

from nhi.model.forge import APPROVALS, CommitStatus, StatusState

PASSED = CommitStatus(APPROVALS, StatusState.SUCCESS, "1 of 1 approvals")


@pytest.fixture
def app(loopback_as: Callable[[str], LoopbackScene]) -> LoopbackScene:
    return loopback_as("app")


def head_of(scene: LoopbackScene) -> str:
    return scene.forge.pull_request(scene.pull("alice", "change")).head


def test_what_our_app_said_is_ours(app: LoopbackScene) -> None:
    head = head_of(app)
    app.forge.set_status(head, PASSED)

    assert app.forge.statuses(head) == {APPROVALS: PASSED}


@pytest.mark.parametrize("login", ["bob", "github-actions[bot]"])
def test_what_somebody_else_said_in_our_words_is_not(app: LoopbackScene, login: str) -> None:
    head = head_of(app)
    app.forge.set_status(head, PASSED)
    app.site.say(head, login, APPROVALS, "success", PASSED.description)

    assert app.forge.statuses(head)[APPROVALS] != PASSED


def test_with_a_token_every_status_is_what_it_says(loopback_as: Callable[[str], LoopbackScene]) -> None:
    person = loopback_as("person")
    head = head_of(person)
    person.site.say(head, "bob", APPROVALS, "success", PASSED.description)

    assert person.forge.statuses(head) == {APPROVALS: PASSED}
