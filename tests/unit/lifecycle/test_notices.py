"""Which owner is told of which end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nhi.lifecycle.notices import (
    CloseNotice,
    KeepNotice,
    OpenNotice,
    mark,
    notice_steps,
    notices,
    owner_marker,
    said_before,
    steps_marker,
    told_line,
)
from nhi.model.declared import DeclaredIdentity, DeclaredState, UnreadableFile
from nhi.model.forge import Issue
from nhi.model.identity import Identity
from nhi.model.notice import Ending, Notice

NOW = datetime(2027, 4, 1, tzinfo=UTC)
DAYS = (30, 14, 7, 1)


def identity(name: str = "ledger", *, end: datetime, owner: str = "payments") -> Identity:
    return Identity(f"identities/prod/{name}.yaml", "prod", name, "manual", owner, "Books.", end, {})


def declared(*found: Identity, unreadable: tuple[UnreadableFile, ...] = ()) -> DeclaredState:
    return DeclaredState(tuple(DeclaredIdentity(one, "0" * 64) for one in found), unreadable)


def told(state: DeclaredState, days: tuple[int, ...] = DAYS) -> tuple[Notice, ...]:
    return notices(state, {}, days, NOW, lambda owner: owner or "security")


def issue(notice: Notice, number: int = 1, told_text: str | None = None) -> Issue:
    body = f"{owner_marker(notice.owner)}\n{told_line(notice) if told_text is None else told_text}\nText"
    return Issue(number, "Title", body, is_open=True, labels=frozenset(), url="")


@pytest.mark.parametrize(
    ("left", "step"),
    [
        (timedelta(days=30, seconds=1), None),
        (timedelta(days=30), 30),
        (timedelta(days=14, seconds=1), 30),
        (timedelta(days=14), 14),
        (timedelta(days=7), 7),
        (timedelta(days=1), 1),
        (timedelta(seconds=1), 1),
        (timedelta(0), None),
        (timedelta(days=-1), None),
    ],
)
def test_the_last_step_counts_until_the_end(left: timedelta, step: int | None) -> None:
    found = told(declared(identity(end=NOW + left)))
    assert [one.step for notice in found for one in notice.endings] == ([] if step is None else [step])


def test_owners_are_told_apart_the_next_end_first() -> None:
    near, far = NOW + timedelta(days=2), NOW + timedelta(days=20)
    found = told(declared(identity("a", end=far), identity("b", end=near), identity("c", end=far, owner="data")))
    assert [(one.owner, [ending.identity.name for ending in one.endings]) for one in found] == [
        ("data", ["c"]),
        ("payments", ["b", "a"]),
    ]


def test_without_days_nobody_is_told() -> None:
    file = UnreadableFile("identities/prod/odd.yaml", "prod", "odd")
    assert told(declared(identity(end=NOW + timedelta(days=1)), unreadable=(file,)), ()) == ()


def test_a_file_of_nobody_goes_to_whom_it_is_addressed() -> None:
    file = UnreadableFile("identities/prod/odd.yaml", "prod", "odd")
    assert told(declared(unreadable=(file,))) == (Notice("security", (), (file,)),)


def some(*names: str) -> Notice:
    return Notice("payments", tuple(Ending(identity(name, end=NOW + timedelta(days=9)), 14) for name in names), ())


def test_an_owner_without_an_issue_gets_one() -> None:
    assert notice_steps([some("a")], [], complete=True) == (OpenNotice(some("a")),)


def test_only_what_was_not_told_is_new() -> None:
    standing = issue(some("a"))
    (step,) = notice_steps([some("a", "b")], [standing], complete=True)
    assert isinstance(step, KeepNotice)
    assert [one.identity.name for one in step.new] == ["b"]


@pytest.mark.parametrize("line", ["", "<!-- nhi:told zz -->", "anything"])
def test_an_issue_whose_marks_are_lost_tells_everything_again(line: str) -> None:
    (step,) = notice_steps([some("a")], [issue(some("a"), told_text=line)], complete=True)
    assert isinstance(step, KeepNotice)
    assert len(step.new) == 1


def test_an_issue_with_nothing_to_say_is_closed_once_everything_is_known() -> None:
    standing = issue(some("a"))
    assert notice_steps([], [standing], complete=True) == (CloseNotice(standing),)
    assert notice_steps([], [standing], complete=False) == ()


def test_the_first_of_two_issues_stays() -> None:
    first, second = issue(some("a"), 3), issue(some("a"), 5)
    steps = notice_steps([some("a")], [second, first], complete=True)
    assert [type(one) for one in steps] == [KeepNotice, CloseNotice]
    assert steps[1] == CloseNotice(second, instead=3)


def test_an_issue_without_our_mark_is_nobodys() -> None:
    other = Issue(1, "Title", "text\n" + owner_marker("payments"), is_open=True, labels=frozenset(), url="")
    assert notice_steps([], [other], complete=True) == ()


def test_only_the_last_closed_issue_of_the_owner_counts_and_only_where_it_told_all() -> None:
    said, less = issue(some("a", "b"), 3), issue(some("a"), 5)
    assert said_before(some("b"), [said]) == said
    assert said_before(some("b"), [said, less]) is None
    assert said_before(some("a"), [said, less]) == less
    assert said_before(some("a"), [issue(replace(some("a"), owner="data"))]) is None
    assert said_before(some("a"), [issue(some("a"), told_text="")]) is None


def test_a_file_that_cannot_be_read_is_told_too() -> None:
    one, other = (UnreadableFile(f"identities/prod/{name}.yaml", "prod", "odd") for name in ("one", "other"))
    standing = issue(Notice("payments", (), (one,)))
    assert said_before(Notice("payments", (), (replace(one, reason="odder"),)), [standing]) == standing
    assert said_before(Notice("payments", (), (one, other)), [standing]) is None


def test_marks_tell_end_and_step_apart_and_not_the_order() -> None:
    one, two = some("a", "b").endings
    assert steps_marker([one, two]) == steps_marker([two, one]) != steps_marker([one])
    later = Ending(identity("a", end=NOW + timedelta(days=8)), 14)
    assert len({mark(one), mark(later), mark(Ending(one.identity, 7))}) == 3


def test_an_owners_name_cannot_end_its_marker() -> None:
    assert owner_marker("a --> <b>").count("-->") == 1
