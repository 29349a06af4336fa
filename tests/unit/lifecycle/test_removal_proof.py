"""A removal is proven by four sources that agree, and everything that speaks against it is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nhi.lifecycle.removal_proof import Leaving, ending, prove
from nhi.model.plan import PrincipalType
from nhi.model.removal import Doubt, Look
from nhi.model.trail import Actor, Trail, TrailEvent
from nhi.model.verification import Absent, CouldNotTell, Present

DUE = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACCOUNT = "111122223333"


def actor(role: str) -> Actor:
    return Actor(f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/run", f"arn:aws:iam::{ACCOUNT}:role/{role}", ACCOUNT)


def event(action: str, at: datetime, unique_id: str | None = None, **changes: object) -> TrailEvent:
    plain = TrailEvent(
        f"{action}-{at.isoformat()}", at, action, actor("nhi-apply"), ("ledger-writer",), unique_id, None
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields of TrailEvent


def trail(*events: TrailEvent) -> Trail:
    return Trail(DUE - timedelta(days=90), DUE + timedelta(days=1), events)


MADE = event("iam:CreateRole", DUE - timedelta(days=30), "AROA1")
DELETED = event("iam:DeleteRole", DUE + 2 * HOUR)
RECORD = trail(MADE, DELETED)
NO_USE = trail()
LEAVING = Leaving("prod/ledger-writer", DUE, DUE + HOUR, "c0ffee", "AROA1", 24 * HOUR)
LOOKS = tuple(Look(DUE + hours * HOUR, actor("nhi-verify"), Absent()) for hours in (3, 4))


def doubts(
    *,
    leaving: Leaving = LEAVING,
    record: Trail | CouldNotTell = RECORD,
    uses: Trail | CouldNotTell = NO_USE,
    looks: tuple[Look, ...] = LOOKS,
) -> tuple[Doubt, ...]:
    return prove(leaving, record, uses, looks).doubts


def test_a_removal_that_git_the_record_and_two_looks_agree_on_is_proven() -> None:
    assert doubts() == ()


def test_the_four_times_are_four() -> None:
    proof = prove(LEAVING, trail(MADE, DELETED), NO_USE, LOOKS)
    assert proof.removed is not None
    assert (proof.due, proof.merged, proof.removed.at, [one.at for one in proof.looks]) == (
        DUE,
        DUE + HOUR,
        DUE + 2 * HOUR,
        [DUE + 3 * HOUR, DUE + 4 * HOUR],
    )
    assert proof.removed.by == actor("nhi-apply")


def test_what_is_removed_before_its_expiry_is_due_when_its_removal_is_merged() -> None:
    leaving = replace(LEAVING, expiry=DUE + timedelta(days=100))
    assert prove(leaving, trail(MADE, DELETED), NO_USE, LOOKS).due == DUE + HOUR


def test_what_nothing_dates_has_no_due_time() -> None:
    leaving = replace(LEAVING, expiry=None, merged=None, merge_commit=None)
    assert prove(leaving, trail(MADE, DELETED), NO_USE, LOOKS).due is None


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"leaving": replace(LEAVING, merged=None, merge_commit=None)}, Doubt.NOT_MERGED),
        ({"record": trail(MADE)}, Doubt.NO_REMOVAL_EVENT),
        ({"record": CouldNotTell("throttled")}, Doubt.COULD_NOT_TELL),
        ({"uses": CouldNotTell("throttled")}, Doubt.COULD_NOT_TELL),
        ({"looks": (LOOKS[0], replace(LOOKS[1], answer=CouldNotTell("denied")))}, Doubt.COULD_NOT_TELL),
        ({"leaving": replace(LEAVING, expiry=None)}, Doubt.EXPIRY_UNKNOWN),
        ({"leaving": replace(LEAVING, again=True)}, Doubt.DECLARED_AGAIN),
        ({"record": replace(RECORD, since=DUE + HOUR)}, Doubt.RECORD_TOO_SHORT),
        ({"uses": replace(NO_USE, since=DUE + HOUR)}, Doubt.RECORD_TOO_SHORT),
        ({"leaving": replace(LEAVING, unique_id=None), "record": NO_USE}, Doubt.NOTHING_RECORDED),
        ({"looks": LOOKS[:1]}, Doubt.LOOKED_ONCE),
        ({"looks": ()}, Doubt.LOOKED_ONCE),
        ({"looks": (LOOKS[0], replace(LOOKS[1], by=actor("nhi-apply")))}, Doubt.SAME_CREDENTIAL),
        ({"looks": (LOOKS[0], replace(LOOKS[1], by=CouldNotTell("throttled")))}, Doubt.COULD_NOT_TELL),
        ({"looks": (LOOKS[0], replace(LOOKS[1], answer=Present(), standing=("AROA1",)))}, Doubt.STILL_THERE),
        ({"looks": (LOOKS[0], replace(LOOKS[1], standing=("AIDA9", "AROA1")))}, Doubt.STILL_THERE),
        ({"looks": (LOOKS[0], replace(LOOKS[1], answer=Present()))}, Doubt.STILL_THERE),
        ({"looks": (LOOKS[0], replace(LOOKS[1], answer=Present(), standing=("AROA2",)))}, Doubt.ANOTHER_IDENTITY),
        ({"record": trail(MADE, event("iam:DeleteRole", DUE + 25 * HOUR))}, Doubt.LATE),
        ({"uses": trail(event("s3:CreateBucket", DUE))}, Doubt.USED_AFTER_DUE),
        ({"uses": trail(event("s3:CreateBucket", DUE + HOUR, error="AccessDenied"))}, Doubt.USED_AFTER_DUE),
        ({"uses": trail(event("s3:CreateBucket", DUE + 3 * HOUR))}, Doubt.USED_AFTER_REMOVAL),
    ],
)
def test_what_speaks_against_a_removal_is_said(changes: dict[str, object], doubt: Doubt) -> None:
    assert doubt in doubts(**changes)  # type: ignore[arg-type]  # the keywords of `doubts`


def test_a_removal_just_within_its_time_is_in_order() -> None:
    assert doubts(record=trail(MADE, event("iam:DeleteRole", DUE + 24 * HOUR))) == ()


def test_what_is_still_not_removed_when_its_time_is_up_is_late() -> None:
    looks = tuple(replace(one, at=one.at + 24 * HOUR) for one in LOOKS)
    assert Doubt.LATE in doubts(record=trail(MADE), looks=looks)


def test_a_deletion_that_was_refused_is_no_removal() -> None:
    refused = replace(DELETED, error="DeleteConflict")
    assert Doubt.NO_REMOVAL_EVENT in doubts(record=trail(MADE, refused))


def test_the_deletion_of_another_name_is_no_removal() -> None:
    assert Doubt.NO_REMOVAL_EVENT in doubts(record=trail(MADE, replace(DELETED, resources=("ledger-writer-2",))))


def test_names_of_the_cloud_ignore_case_and_may_be_arns() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/nhi/prod/Ledger-Writer"
    assert doubts(record=trail(MADE, replace(DELETED, resources=(arn,)))) == ()


def test_the_unique_id_comes_from_the_record_where_no_apply_recorded_it() -> None:
    proof = prove(replace(LEAVING, unique_id=None), trail(MADE, DELETED), NO_USE, LOOKS)
    assert (proof.unique_id, proof.doubts) == ("AROA1", ())


def test_a_unique_id_that_nothing_tells_is_unknown_and_said_to_be() -> None:
    proof = prove(replace(LEAVING, unique_id=None), trail(DELETED), NO_USE, LOOKS)
    assert (proof.unique_id, proof.doubts) == (None, (Doubt.UNIQUE_ID_UNKNOWN,))


def test_what_was_made_again_and_deleted_again_is_not_the_removal_of_the_first() -> None:
    again = event("iam:CreateRole", DUE + 3 * HOUR, "AROA2")
    gone_again = event("iam:DeleteRole", DUE + 5 * HOUR)
    proof = prove(LEAVING, trail(MADE, DELETED, again, gone_again), NO_USE, LOOKS)
    assert proof.removed is not None
    assert proof.removed.at == DELETED.at


def test_without_an_id_the_last_life_that_ended_is_meant() -> None:
    again = event("iam:CreateRole", DUE + 3 * HOUR, "AROA2")
    proof = prove(replace(LEAVING, unique_id=None), trail(MADE, DELETED, again), NO_USE, LOOKS)
    assert proof.unique_id == "AROA1"


def test_what_was_made_before_the_record_begins_ended_with_the_first_deletion() -> None:
    again = event("iam:CreateRole", DUE + 3 * HOUR, "AROA2")
    proof = prove(LEAVING, trail(DELETED, again), NO_USE, LOOKS)
    assert proof.removed is not None
    assert proof.removed.at == DELETED.at


def test_a_record_of_other_lives_only_shows_no_removal_of_this_one() -> None:
    other = event("iam:CreateRole", DUE - timedelta(days=1), "AROA2")
    assert Doubt.NO_REMOVAL_EVENT in doubts(record=trail(other, DELETED))


@pytest.mark.parametrize("again", ["iam:DeleteRole", "iam:DeleteUser"])
def test_two_deletions_in_a_row_are_one_life(again: str) -> None:
    twice = event(again, DUE + 3 * HOUR)
    proof = prove(replace(LEAVING, unique_id=None), trail(MADE, DELETED, twice), NO_USE, LOOKS)
    assert proof.removed is not None
    assert proof.removed.at == DELETED.at


def test_of_what_nothing_is_recorded_no_more_is_said_than_that() -> None:
    assert doubts(leaving=replace(LEAVING, unique_id=None), record=trail()) == (Doubt.NOTHING_RECORDED,)


def test_what_an_apply_says_that_it_destroyed_was_made_and_its_removal_is_missed() -> None:
    assert doubts(record=trail()) == (Doubt.NO_REMOVAL_EVENT,)


def test_what_was_made_after_the_merge_is_another_identity_whatever_became_of_it() -> None:
    again = (event("iam:CreateRole", DUE + 3 * HOUR, "AROA2"), event("iam:DeleteRole", DUE + 5 * HOUR))
    proof = prove(replace(LEAVING, unique_id=None), trail(MADE, DELETED, *again), NO_USE, LOOKS)
    assert proof.removed is not None
    assert (proof.unique_id, proof.removed.at) == ("AROA1", DELETED.at)


def test_what_was_made_anew_before_the_merge_is_the_one_that_was_removed() -> None:
    first = (event("iam:CreateRole", DUE - 50 * HOUR, "AROA0"), event("iam:DeleteRole", DUE - 40 * HOUR))
    proof = prove(replace(LEAVING, unique_id=None), trail(*first, replace(MADE, at=DUE - HOUR), DELETED), NO_USE, LOOKS)
    assert proof.removed is not None
    assert (proof.unique_id, proof.removed.at) == ("AROA1", DELETED.at)


@pytest.mark.parametrize("removed_first", [False, True])
def test_what_is_removed_and_made_anew_in_one_second_are_two_in_whatever_order_they_are_told(
    *, removed_first: bool
) -> None:
    anew = DUE - HOUR
    both = [event("iam:DeleteRole", anew), event("iam:CreateRole", anew, "AROA2")]
    record = trail(MADE, *(both if removed_first else reversed(both)), DELETED)
    leavings = [replace(LEAVING, unique_id=one) for one in ("AROA1", "AROA2", None)]
    ends = [ending(one, record) for one in leavings]
    assert [(one.unique_id, one.removed and one.removed.at) for one in ends] == [
        ("AROA1", anew),
        ("AROA2", DELETED.at),
        ("AROA2", DELETED.at),
    ]


def test_what_lived_for_less_than_a_second_is_one_life() -> None:
    both = [event("iam:DeleteRole", DUE), event("iam:CreateRole", DUE, "AROA1")]
    end = ending(replace(LEAVING, unique_id=None), trail(*both))
    assert (end.unique_id, end.removed and end.removed.at) == ("AROA1", DUE)


def test_what_was_made_anew_when_the_record_begins_is_two() -> None:
    both = [event("iam:CreateRole", DUE - HOUR, "AROA2"), event("iam:DeleteRole", DUE - HOUR)]
    record = trail(*both, DELETED)
    ends = [ending(replace(LEAVING, unique_id=one), record).removed for one in ("AROA1", "AROA2")]
    assert [one and one.at for one in ends] == [DUE - HOUR, DELETED.at]


def test_a_deletion_that_the_record_lacks_does_not_become_that_of_the_next_life() -> None:
    again = event("iam:CreateRole", DUE + 3 * HOUR, "AROA2")
    gone_again = event("iam:DeleteRole", DUE + 5 * HOUR)
    assert doubts(record=trail(MADE, again, gone_again)) == (Doubt.NO_REMOVAL_EVENT,)


def test_what_the_record_lacks_the_end_of_is_known_all_the_same() -> None:
    again = event("iam:CreateRole", DUE + 3 * HOUR, "AROA2")
    proof = prove(replace(LEAVING, unique_id=None), trail(MADE, again), NO_USE, LOOKS)
    assert (proof.unique_id, proof.doubts) == ("AROA1", (Doubt.NO_REMOVAL_EVENT,))


def test_a_user_that_was_made_before_the_record_begins_does_not_end_with_a_role_of_its_name() -> None:
    record = trail(event("iam:DeleteRole", DUE + HOUR), event("iam:DeleteUser", DUE + 2 * HOUR))
    removed = ending(replace(LEAVING, unique_id="AIDA1"), record).removed
    assert removed is not None
    assert removed.action == "iam:DeleteUser"


def test_a_user_and_a_role_of_one_name_are_not_taken_for_each_other() -> None:
    user = (event("iam:CreateUser", DUE - HOUR, "AIDA1"), event("iam:DeleteUser", DUE + HOUR))
    record = trail(MADE, user[0], user[1], DELETED)
    role, person = (ending(replace(LEAVING, unique_id=one), record).removed for one in ("AROA1", "AIDA1"))
    assert role is not None
    assert person is not None
    assert (role.action, person.action) == ("iam:DeleteRole", "iam:DeleteUser")


@pytest.mark.parametrize("created", [DUE - 40 * HOUR, DUE - HOUR])
def test_a_namesake_of_another_sort_is_not_it_where_nothing_tells_the_unique_id(created: datetime) -> None:
    namesake = (event("iam:CreateUser", created, "AIDA9"), event("iam:DeleteUser", DUE + HOUR))
    role = replace(LEAVING, unique_id=None, types=frozenset({PrincipalType.ROLE}))
    for record in (trail(MADE, *namesake, DELETED), trail(MADE, namesake[0], DELETED)):
        end = ending(role, record)
        assert (end.unique_id, end.removed and end.removed.action) == ("AROA1", "iam:DeleteRole")
    assert Doubt.NO_REMOVAL_EVENT in doubts(leaving=role, record=trail(MADE, *namesake))
    assert Doubt.NOTHING_RECORDED in doubts(leaving=role, record=trail(*namesake))


RENAMED = event("iam:UpdateUser", DUE - HOUR, renamed="hidden")
USER_MADE, USER_DELETED = event("iam:CreateUser", MADE.at, "AIDA1"), event("iam:DeleteUser", DELETED.at)
ANEW = event("iam:CreateUser", DUE - HOUR, "AIDA2")


@pytest.mark.parametrize("before", [(USER_MADE,), ()], ids=["made within the record", "made before the record begins"])
def test_a_user_that_was_renamed_is_not_removed_by_the_deletion_of_who_took_its_name(
    before: tuple[TrailEvent, ...],
) -> None:
    leaving = replace(LEAVING, unique_id=None)
    for record in (trail(*before, RENAMED, ANEW, USER_DELETED), trail(*before, ANEW, RENAMED, USER_DELETED)):
        assert Doubt.NO_REMOVAL_EVENT in doubts(leaving=leaving, record=record)
    assert Doubt.NO_REMOVAL_EVENT in doubts(
        leaving=replace(LEAVING, unique_id="AIDA1"), record=trail(*before, RENAMED, ANEW, USER_DELETED)
    )


@pytest.mark.parametrize(
    "update",
    [
        replace(RENAMED, renamed=None),
        replace(RENAMED, renamed="Ledger-Writer"),
        replace(RENAMED, error="AccessDenied"),
        replace(RENAMED, resources=("another",)),
    ],
    ids=["moved", "other letters", "refused", "another user"],
)
def test_a_user_that_keeps_its_name_lives_on(update: TrailEvent) -> None:
    removed = ending(replace(LEAVING, unique_id=None), trail(USER_MADE, update, USER_DELETED)).removed
    assert removed is not None
    assert removed.at == USER_DELETED.at


def test_an_expiry_at_the_end_of_the_calendar_has_a_deadline_all_the_same() -> None:
    last = datetime.max.replace(tzinfo=UTC, microsecond=0)
    proof = prove(replace(LEAVING, expiry=last, merged=None, merge_commit=None), RECORD, NO_USE, LOOKS)
    assert (proof.due, proof.deadline) == (last, datetime.max.replace(tzinfo=UTC))
    assert proof.open_until is not None


def test_an_id_of_an_unknown_sort_is_looked_for_among_all() -> None:
    record = trail(replace(MADE, unique_id="X1"), DELETED)
    assert ending(replace(LEAVING, unique_id="X1"), record).removed is not None


def test_who_comes_after_is_known_by_when_it_was_made() -> None:
    again = event("iam:CreateRole", DUE + 3 * HOUR, "AROA2")
    assert ending(LEAVING, trail(MADE, DELETED, again)).heir == again.at
    assert ending(LEAVING, trail(MADE, DELETED)).heir is None


def test_only_the_uses_that_came_too_late_are_kept() -> None:
    early, late = event("s3:CreateBucket", DUE - HOUR), event("s3:CreateBucket", DUE)
    assert prove(LEAVING, RECORD, trail(early, late), LOOKS).uses == (late,)


def test_a_use_after_a_removal_that_came_before_it_was_due_is_a_use_after_removal() -> None:
    removed = trail(MADE, event("iam:DeleteRole", DUE - 2 * HOUR))
    assert doubts(record=removed, uses=trail(event("s3:CreateBucket", DUE - HOUR))) == (Doubt.USED_AFTER_REMOVAL,)


def test_a_record_of_use_that_begins_after_an_early_removal_is_too_short() -> None:
    early = DUE - 2 * HOUR
    removed = trail(MADE, event("iam:DeleteRole", early))
    assert doubts(record=removed, uses=replace(NO_USE, since=early)) == ()
    late = replace(NO_USE, since=early + timedelta(seconds=1))
    assert doubts(record=removed, uses=late) == (Doubt.RECORD_TOO_SHORT,)


def test_why_something_could_not_be_found_out_is_kept_once() -> None:
    look = replace(LOOKS[0], by=CouldNotTell("no sts"), answer=CouldNotTell("no iam"))
    proof = prove(LEAVING, CouldNotTell("no trail"), CouldNotTell("no trail"), (look, look))
    assert (proof.unknown, proof.record) == (("no trail", "no sts", "no iam"), None)


def test_the_deadline_is_the_time_that_it_is_given_after_it_was_due() -> None:
    assert prove(LEAVING, RECORD, NO_USE, LOOKS).deadline == DUE + 24 * HOUR


@pytest.mark.parametrize("late", ["record", "uses"])
def test_a_proof_says_until_when_late_events_can_still_come(late: str) -> None:
    settled = DELETED.at + timedelta(minutes=15)
    for until, expected in ((settled - timedelta(seconds=1), settled), (settled, None)):
        trails = {"record": RECORD, "uses": NO_USE}
        trails[late] = replace(trails[late], until=until)
        found = prove(LEAVING, trails["record"], trails["uses"], LOOKS)
        assert (found.open_until, found.doubts) == (expected, ())


def test_where_nothing_was_read_no_end_of_the_record_is_promised() -> None:
    unknown = CouldNotTell("throttled")
    assert prove(LEAVING, unknown, unknown, LOOKS).open_until is None
