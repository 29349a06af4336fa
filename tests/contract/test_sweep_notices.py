"""Notices before identities end: one issue for each owner, over a real remote."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.manifests import manifest
from tests.fixtures.memory_forge import Opened
from tests.fixtures.sweeps import LATER, NOW, SOON, Stage, declare, stage

from nhi.cli.request_report import request_text
from nhi.flows.notices import Told
from nhi.model.forge import NOTICE_LABEL

HELD = "{authority: legal, reason: A matter in court, review: 2027-09-30}"


@pytest.fixture
def world(git_repository: Callable[..., Clone]) -> Stage:
    """Two identities of payments end in ten days, one of nobody who is there; one lives on."""
    return stage(
        git_repository,
        declare("prod/ledger", "staging/refunds", expiry=SOON)
        | declare("prod/lost", owner="bob", expiry=SOON)
        | declare("prod/billing", expiry=LATER),
    )


def issues(world: Stage) -> list[Opened]:
    return [world.forge.opened[number] for number in sorted(world.forge.opened)]


def comments(world: Stage) -> list[str]:
    return [one.comment.body for _, one in sorted(world.forge.posted.items())]


def test_each_owner_has_one_issue_with_who_answers(world: Stage) -> None:
    world.sweep()
    payments, security = issues(world)
    assert payments.issue.title == "Identities of payments that end soon"
    assert payments.issue.labels == {NOTICE_LABEL}
    assert payments.assignees == {"alice-acme", "carol-acme"}
    assert "| `prod/ledger` | 2027-04-11T00:00:00Z |  |" in payments.issue.body
    assert "`nhi renew prod/ledger --until DATE`" in payments.issue.body
    assert "billing" not in payments.issue.body
    assert security.issue.title == "Identities of security that end soon"
    assert "`prod/lost` | 2027-04-11T00:00:00Z | of `bob`, where nobody is left to answer for it |" in (
        security.issue.body
    )


def test_another_night_between_two_steps_writes_nothing(world: Stage) -> None:
    world.sweep()
    before = issues(world)
    report = world.sweep(at=NOW + timedelta(days=2))
    assert [one.told for one in report.notices] == [(Told.LEFT,)] * 2
    assert (issues(world), comments(world)) == (before, [])


def test_a_new_step_is_told_in_one_comment(world: Stage) -> None:
    world.change(declare("prod/late", expiry="2027-04-30"))
    world.sweep()
    for _ in range(2):
        world.sweep(at=NOW + timedelta(days=4))
        payments, security = comments(world)
        assert "`prod/ledger`" in payments
        assert "`staging/refunds`" in payments
        assert "prod/late" not in payments
        assert "`prod/lost`" in security


def test_a_run_that_died_after_its_comment_does_not_write_a_second_one(world: Stage) -> None:
    world.sweep()
    before = issues(world)[0]
    world.sweep(at=NOW + timedelta(days=4))
    world.forge.opened[before.issue.number] = before
    world.sweep(at=NOW + timedelta(days=4))
    assert len([one for one in comments(world) if "prod/ledger" in one]) == 1
    assert issues(world)[0] != before


def test_what_enters_the_list_later_is_a_step(world: Stage) -> None:
    world.sweep()
    world.change(declare("prod/late", expiry="2027-04-25"))
    report = world.sweep()
    assert report.notices[0].told == (Told.COMMENTED, Told.EDITED)
    assert ["prod/late" in one for one in comments(world)] == [True]


def test_an_issue_with_nothing_left_to_say_is_closed(world: Stage) -> None:
    world.sweep()
    world.change(declare("prod/ledger", "staging/refunds", expiry=LATER))
    world.sweep()
    payments, security = issues(world)
    assert (payments.issue.is_open, security.issue.is_open) == (False, True)
    assert "Nothing of this owner ends soon" in comments(world)[0]


def closed_by_a_person(world: Stage) -> int:
    """The issue of payments."""
    number = issues(world)[0].issue.number
    world.forge.close_issue(number)
    return number


def test_an_issue_that_a_person_closed_stays_closed_while_there_is_nothing_new_to_say(world: Stage) -> None:
    world.change({"identities/prod/odd.yaml": manifest(owner="payments", expiry="never")})
    world.sweep()
    number = closed_by_a_person(world)
    before = issues(world)
    for day in (0, 2):
        report = world.sweep(at=NOW + timedelta(days=day))
        assert [(one.number, one.told) for one in report.notices if one.owner == "payments"] == [
            (number, (Told.STAYS_CLOSED,))
        ]
    assert issues(world) == before
    assert f"notice   payments #{number}: closed by a person, with nothing new to say (2 to end soon, 1 file" in (
        request_text(report)
    )


@pytest.mark.parametrize(
    ("days", "files"),
    [
        (4, {}),
        (0, declare("prod/late", expiry="2027-04-25")),
        (0, {"identities/prod/odd.yaml": manifest(owner="payments", expiry="never")}),
    ],
    ids=["another step", "another identity", "another file that cannot be read"],
)
def test_what_a_person_closed_is_opened_anew_for_something_new_and_once(
    world: Stage, days: int, files: dict[str, str]
) -> None:
    world.sweep()
    closed_by_a_person(world)
    world.change(files)
    for _ in range(2):
        world.sweep(at=NOW + timedelta(days=days))
    assert [one.issue.is_open for one in issues(world)] == [False, True, True]
    assert issues(world)[2].issue.title == "Identities of payments that end soon"


def test_what_the_sweep_closed_itself_is_opened_anew_when_it_is_so_again(world: Stage) -> None:
    world.sweep()
    world.change(declare("prod/ledger", "staging/refunds", expiry=LATER))
    world.sweep()
    world.change(declare("prod/ledger", "staging/refunds", expiry=SOON))
    world.sweep()
    assert [one.issue.is_open for one in issues(world)] == [False, True, True]


def test_hold_and_suspension_are_said(world: Stage) -> None:
    world.change(
        declare("prod/ledger", expiry=SOON, hold=HELD)
        | declare("staging/refunds", expiry=SOON, suspended="{since: 2027-03-01, reason: Under suspicion}")
    )
    world.sweep()
    body = issues(world)[0].issue.body
    assert "held by legal: its access ends, nothing is removed" in body
    assert "suspended: it has no access now" in body


def test_a_file_that_cannot_be_read_is_told_to_its_owner_and_closes_nothing(world: Stage) -> None:
    world.sweep()
    world.change(
        declare("prod/ledger", "staging/refunds", expiry=LATER)
        | declare("prod/odd", owner="payments", expiry="never")
        | {"identities/prod/ruin.yaml": "kind: [\n"}
    )
    world.sweep()
    payments, security = issues(world)
    assert "`identities/prod/odd.yaml`" in payments.issue.body
    assert "`identities/prod/ruin.yaml`" in security.issue.body
    world.change(remove=["identities/prod/odd.yaml"])
    world.sweep()
    assert issues(world)[0].issue.is_open


def test_nobody_is_told_where_the_settings_say_so(world: Stage) -> None:
    settings = (world.clone.root / "nhi.yaml").read_text() + "sweep: {notice_days: []}\n"
    world.change({"nhi.yaml": settings})
    assert world.sweep().notices == ()
    assert world.sweep(notices=False).notices == ()
    assert issues(world) == []


def test_a_dry_run_tells_nobody(world: Stage) -> None:
    report = world.sweep(dry_run=True)
    assert [(one.owner, one.told, one.number) for one in report.notices] == [
        ("payments", (Told.OPENED,), None),
        ("security", (Told.OPENED,), None),
    ]
    assert issues(world) == []


def test_of_two_issues_of_one_owner_the_first_stays(world: Stage) -> None:
    world.sweep()
    first = issues(world)[0].issue
    world.forge.add_issue(world.forge.viewer, first.title, first.body, [NOTICE_LABEL])
    world.sweep()
    assert [one.issue.is_open for one in issues(world)] == [True, True, False]
    assert f"#{first.number} says the same" in comments(world)[0]
