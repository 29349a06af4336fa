"""Which step of its rotation a key is due for, and what stops it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.lifecycle.rotation import BRANCHES, Turns, day_of_rotation, guarded, in_time, next_turns, propose
from nhi.model.declared import DeclaredIdentity
from nhi.model.edit import DropKey, SetKey
from nhi.model.identity import Hold, Identity, Json, Suspension
from nhi.model.instant import parse_instant
from nhi.model.rotation import LiveKey, Step, Stopped, Turn
from nhi.model.settings import Limits
from nhi.model.usage import LastUse, NoUseSeen, Used
from nhi.model.verification import CouldNotTell

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
LATE, LATER = datetime(2028, 3, 31, tzinfo=UTC), datetime(2028, 4, 1, tzinfo=UTC)
DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
LIMITS = Limits()
KEYS = frozenset({"some-key"})


def declared(credential: Json, *, name: str = "ledger-key", expiry: datetime = LATER) -> DeclaredIdentity:
    identity = Identity(
        path=f"identities/prod/{name}.yaml",
        stack="prod",
        name=name,
        kind="some-key",
        owner="payments",
        purpose="purpose",
        expiry=expiry,
        scope={} if credential is None else {"credential": credential},
    )
    return DeclaredIdentity(identity, "a" * 64)


def key(rotated: Json = "2026-08-01", every: Json = 90, previous: Json = None) -> Json:
    found: dict[str, Json] = {"type": "static-key", "rotate_every": every, "rotated": rotated}
    return found if previous is None else {**found, "previous": previous}


def was(*, active: bool) -> Json:
    return {"rotated": "2026-08-01", "active": active}


def turns(credential: Json, now: datetime = NOW, limits: Limits = LIMITS) -> Turns:
    return next_turns([declared(credential)], KEYS, now, limits)


def step(credential: Json, now: datetime) -> tuple[Step, datetime, bool]:
    """The next step, when it is due, and whether that is reached."""
    found = turns(credential, now)
    (turn,) = found.due + found.waiting
    return turn.step, turn.due, bool(found.due)


@pytest.mark.parametrize(
    ("credential", "wanted", "due"),
    [
        (key("2026-08-01", 90), Step.ROTATE, "2026-10-23"),
        (key("2026-08-01", 30), Step.ROTATE, "2026-08-24"),
        (key("2026-08-01T12:00:00Z", 90), Step.ROTATE, "2026-10-23T12:00:00Z"),
        (key("2026-08-01", 365), Step.ROTATE, "2026-10-23"),  # never later than limits.rotation_days
        (key("2026-08-01", 9), Step.ROTATE, "2026-08-07"),  # a third of nine days is the overlap
        (key("2026-11-01", 90, was(active=True)), Step.RETIRE, "2026-11-08"),
        (key("2026-11-01", 90, was(active=False)), Step.DROP, "2026-11-15"),
        (key("2026-11-01", 9, was(active=False)), Step.DROP, "2026-11-07"),
    ],
)
def test_a_step_is_due_from_its_very_second_on(credential: Json, wanted: Step, due: str) -> None:
    at = parse_instant(due)
    assert step(credential, at - SECOND) == (wanted, at, False)
    assert step(credential, at) == (wanted, at, True)


@given(st.integers(1, 400), st.integers(1, 365), st.integers(1, 30))
def test_a_whole_rotation_is_over_before_the_next_is_due(every: int, longest: int, overlap: int) -> None:
    limits = Limits(rotation_days=longest, overlap_days=overlap)
    found = [turns(key("2026-08-01", every, previous), LATE, limits).due for previous in (None, was(active=False))]
    ((rotate,), (drop,)) = found
    assert rotate.due + rotate.overlap == rotate.rotated + min(every, longest) * DAY
    assert drop.due <= max(rotate.due, rotate.rotated + 2 * DAY)


def test_what_is_rotated_last_is_due_last() -> None:
    identities = [
        declared(key("2026-08-03"), name="a"),
        declared(key("2026-08-01"), name="c"),
        declared(key("2026-08-01"), name="b"),
        declared(key("2026-11-01"), name="d"),
    ]
    found = next_turns(identities, KEYS, NOW, LIMITS)
    assert [turn.declared.identity.name for turn in found.due] == ["b", "c", "a"]
    assert [turn.declared.identity.name for turn in found.waiting] == ["d"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"suspended": Suspension(NOW, "leak suspected")}, "suspended"),
        ({"hold": Hold("legal", "matter", LATE)}, "held by legal"),
        ({"expiry": NOW}, "expired on 2026-11-20T02:00:00Z"),
    ],
)
@pytest.mark.parametrize("previous", [None, was(active=True), was(active=False)])
def test_what_is_suspended_held_or_expired_rests(
    changed: dict[str, datetime | Hold | Suspension], reason: str, previous: Json
) -> None:
    one = declared(key("2026-08-01", 90, previous))
    one = replace(one, identity=replace(one.identity, **changed))  # type: ignore[arg-type]  # one field each
    found = next_turns([one], KEYS, NOW, LIMITS)
    assert (found.due, found.stopped) == ((), ())
    assert [rest.reason for rest in found.resting] == [found.resting[0].reason]
    assert found.resting[0].reason.startswith(reason)


def test_another_kind_and_an_identity_without_a_key_are_nobodys_turn() -> None:
    assert turns(None) == Turns((), (), (), ())
    assert next_turns([declared(key())], frozenset({"other"}), NOW, LIMITS) == Turns((), (), (), ())


@pytest.mark.parametrize(
    "credential",
    [
        "text",
        ["x"],
        key(None),
        key("yesterday"),
        key("2026-02-30"),
        key("2026-08-01", None),
        key("2026-08-01", 0),
        key("2026-08-01", every=True),
        key("2026-08-01", "90"),
        key("9999-12-31"),
        key("2026-08-01", 90, "old"),
        key("2026-08-01", 90, {"rotated": "2026-08-01"}),
        key("2026-08-01", 90, {"active": 1}),
    ],
)
def test_what_cannot_be_told_is_stopped_and_never_passed_over(credential: Json) -> None:
    found = turns(credential)
    assert (found.due, found.waiting, found.resting) == ((), (), ())
    assert [stop.step for stop in found.stopped] == [None]


OLD = LiveKey("AKIAOLD", NOW - 200 * DAY, active=True, last_use=Used(NOW - 3 * DAY, "s3", "eu-west-1"))
NEW = LiveKey("AKIANEW", parse_instant("2026-08-02"), active=True, last_use=Used(NOW, "s3", "eu-west-1"))
OFF = replace(OLD, active=False)


def turn(wanted: Step) -> Turn:
    previous = None if wanted is Step.ROTATE else was(active=wanted is Step.RETIRE)
    (due,) = turns(key("2026-08-02", 90, previous)).due
    return due


def stopped(wanted: Step, *keys: LiveKey) -> Stopped:
    found = guarded(turn(wanted), keys, NOW)
    assert isinstance(found, Stopped)
    return found


@pytest.mark.parametrize("keys", [(OLD, NEW), (NEW, OLD)])
@pytest.mark.parametrize(
    "last_use", [NoUseSeen(), Used(NOW - DAY, "s3", None), Used(NOW - 300 * DAY, None, "eu-west-1")]
)
def test_an_old_key_that_nobody_uses_may_go(keys: tuple[LiveKey, ...], last_use: LastUse) -> None:
    for wanted in (Step.RETIRE, Step.DROP):
        live = [replace(one, last_use=last_use, active=wanted is Step.RETIRE) if one is OLD else one for one in keys]
        assert guarded(turn(wanted), tuple(live), NOW) == turn(wanted)


@pytest.mark.parametrize("ago", [timedelta(0), DAY - SECOND, -DAY])
@pytest.mark.parametrize("wanted", [Step.RETIRE, Step.DROP])
def test_an_old_key_that_was_used_in_the_last_day_stays(wanted: Step, ago: timedelta) -> None:
    used = replace(OLD, last_use=Used(NOW - ago, "s3", "eu-west-1"), active=wanted is Step.RETIRE)
    found = stopped(wanted, used, NEW)
    assert "AKIAOLD is in use, last on 2026-11-" in found.reason
    assert "by s3 in eu-west-1: payments must move what uses it to the new key AKIANEW" in found.reason
    assert not found.unknown


@pytest.mark.parametrize("wanted", [Step.RETIRE, Step.DROP])
def test_not_knowing_stops(wanted: Step) -> None:
    whole = guarded(turn(wanted), CouldNotTell("throttled"), NOW)
    one = stopped(wanted, replace(OLD, active=wanted is Step.RETIRE, last_use=CouldNotTell("throttled")), NEW)
    for found in (whole, one):
        assert isinstance(found, Stopped)
        assert found.unknown
        assert "could not tell" in found.reason
        assert "throttled" in found.reason


@pytest.mark.parametrize(
    ("wanted", "keys", "reason"),
    [
        (Step.RETIRE, (), "has 0 keys"),
        (Step.RETIRE, (OLD,), "has 1 key,"),
        (Step.DROP, (OFF, NEW, replace(NEW, id="AKIA3")), "has 3 keys"),
        (Step.DROP, (OFF, NEW, replace(NEW, id="AKIA3", created=NOW)), "has 3 keys"),
        (Step.RETIRE, (OLD, replace(NEW, created=OLD.created)), "has 2 keys, not one old and one new"),
        (Step.RETIRE, (OLD, replace(NEW, created=OLD.created + SECOND)), "AKIAOLD and AKIANEW were made together"),
        (Step.DROP, (OFF, replace(NEW, created=OLD.created + 9 * MINUTE)), "AKIAOLD and AKIANEW were made together"),
        (Step.RETIRE, (OLD, replace(NEW, active=False)), "AKIANEW is switched off"),
        (Step.DROP, (OLD, NEW), "AKIAOLD is still switched on"),
    ],
)
def test_only_the_older_of_two_keys_may_go(wanted: Step, keys: tuple[LiveKey, ...], reason: str) -> None:
    assert reason in stopped(wanted, *keys).reason


def test_a_key_that_leaked_on_its_first_day_is_rotated_like_any_other() -> None:
    soon = replace(NEW, created=OLD.created + 40 * MINUTE)
    assert guarded(turn(Step.RETIRE), (OLD, soon), NOW) == turn(Step.RETIRE)


@pytest.mark.parametrize(("wanted", "days"), [(Step.RETIRE, 7), (Step.DROP, 14)])
def test_a_new_key_that_is_younger_than_the_manifest_says_overlaps_as_long(wanted: Step, days: int) -> None:
    used = replace(OLD, last_use=Used(NOW, "s3", None), active=wanted is Step.RETIRE)
    made = NOW - days * DAY + SECOND
    found = guarded(turn(wanted), (used, replace(NEW, created=made)), NOW)
    assert found == replace(turn(wanted), due=made + days * DAY)


def test_the_three_steps_edit_nothing_but_the_credential() -> None:
    assert propose(turn(Step.ROTATE), "2026-11-20").edits == (
        SetKey(("scope", "credential", "rotated"), "2026-11-20"),
        SetKey(("scope", "credential", "previous"), {"rotated": "2026-08-02", "active": True}),
    )
    assert propose(turn(Step.RETIRE), "").edits == (SetKey(("scope", "credential", "previous", "active"), value=False),)
    assert propose(turn(Step.DROP), "").edits == (DropKey(("scope", "credential", "previous")),)


@pytest.mark.parametrize(
    ("rotated", "written"),
    [
        ("2026-08-01", "2026-11-20"),
        ("2026-11-19T23:59:59Z", "2026-11-20"),
        ("2026-11-20", "2026-11-20T02:00:00Z"),
        ("2026-11-20T01:00:00Z", "2026-11-20T02:00:00Z"),
    ],
)
def test_a_rotation_is_written_as_a_day_unless_that_day_had_one(rotated: str, written: str) -> None:
    one = replace(turn(Step.ROTATE), rotated=parse_instant(rotated))
    assert day_of_rotation(one, NOW) == written
    assert in_time(one, parse_instant(written), NOW)


@pytest.mark.parametrize(
    ("rotated", "wanted"),
    [
        (NOW - 7 * DAY, False),
        (NOW - 7 * DAY + SECOND, True),
        (NOW, True),
        (NOW + SECOND, False),
        (parse_instant("2026-08-02"), False),
    ],
)
def test_a_branch_is_in_time_while_the_keys_would_overlap(rotated: datetime, *, wanted: bool) -> None:
    assert in_time(turn(Step.ROTATE), rotated, NOW) is wanted


def test_the_same_step_from_the_same_manifest_is_the_same_branch_on_any_day() -> None:
    one = turn(Step.RETIRE)
    name = propose(one, "2026-11-20").branch
    assert re.fullmatch(r"nhi/rotate/prod/ledger-key/[0-9a-f]{16}", name)
    assert propose(replace(one, due=LATE), "2026-11-21").branch == name
    others = [
        replace(one, step=Step.DROP),
        replace(one, declared=replace(one.declared, sha256="b" * 64)),
        replace(one, declared=replace(one.declared, identity=replace(one.declared.identity, path="x"))),
    ]
    assert len({name, *(propose(other, "").branch for other in others)}) == 4


@given(st.text(), st.text(), st.text())
def test_no_text_breaks_a_branchs_name_or_a_message(stack: str, name: str, path: str) -> None:
    one = turn(Step.ROTATE)
    identity = replace(one.declared.identity, stack=stack, name=name, path=path)
    made = propose(replace(one, declared=replace(one.declared, identity=identity)), "2026-11-20")
    assert re.fullmatch(BRANCHES + r"[A-Za-z0-9_%-]{1,66}/[A-Za-z0-9_%-]{1,66}/[0-9a-f]{16}", made.branch)
    assert len(made.message.splitlines()) == 7
    assert made.message.splitlines() == made.message.split("\n")[:-1]
