from datetime import UTC, datetime, timedelta

import pytest

from nhi.lifecycle.due import due_for_removal
from nhi.model.declared import DeclaredIdentity
from nhi.model.identity import Hold, Identity, Suspension
from nhi.model.moment import Moment

EXPIRY = datetime(2027, 3, 31, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def declared(
    name: str = "ledger-writer", *, hold: Hold | None = None, suspended: Suspension | None = None, stack: str = "prod"
) -> DeclaredIdentity:
    path = f"identities/{stack}/{name}.yaml"
    return DeclaredIdentity(
        Identity(path, stack, name, "manual", "payments", "purpose", EXPIRY, {}, suspended, hold), "0" * 64
    )


@pytest.mark.parametrize(("now", "due"), [(EXPIRY - SECOND, 0), (EXPIRY, 1), (EXPIRY + SECOND, 1)])
def test_an_identity_is_due_from_its_expiry_on(now: datetime, due: int) -> None:
    assert len(due_for_removal([declared()], Moment(now)).removable) == due


def test_a_hold_keeps_an_expired_identity() -> None:
    hold = Hold("legal", "matter 2026-14", EXPIRY + timedelta(days=30))
    due = due_for_removal([declared(hold=hold)], Moment(EXPIRY))
    assert due.removable == ()
    assert [(one.declared.identity.id, one.hold, one.review_reached) for one in due.held] == [
        ("prod/ledger-writer", hold, False)
    ]


def test_a_hold_that_should_have_been_reviewed_holds_even_so() -> None:
    due = due_for_removal([declared(hold=Hold("legal", "matter", EXPIRY))], Moment(EXPIRY))
    assert due.removable == ()
    assert [one.review_reached for one in due.held] == [True]


def test_a_hold_on_what_is_not_due_is_not_told() -> None:
    due = due_for_removal([declared(hold=Hold("legal", "matter", EXPIRY))], Moment(EXPIRY - SECOND))
    assert due.held == ()


def test_a_suspended_identity_expires_as_any_other() -> None:
    suspended = declared(suspended=Suspension(EXPIRY - SECOND, "leak suspected"))
    assert due_for_removal([suspended], Moment(EXPIRY)).removable == (suspended,)


def test_what_is_due_is_sorted_by_id() -> None:
    identities = [declared("b"), declared("a"), declared("c", stack="dev")]
    due = due_for_removal(identities, Moment(EXPIRY))
    assert [one.identity.id for one in due.removable] == ["dev/c", "prod/a", "prod/b"]


def test_the_moments_span_ends_when_the_next_identity_becomes_due() -> None:
    moment = Moment(EXPIRY - SECOND)
    due_for_removal([declared()], moment)
    assert moment.until == EXPIRY
