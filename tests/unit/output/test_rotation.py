"""A run of rotations, line by line and as JSON; its exit code."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.errors import ExitCode
from nhi.model.declared import DeclaredIdentity, UnreadableFile
from nhi.model.identity import Identity
from nhi.model.rotation import Occupied, Proposed, Resting, RotationReport, Step, Stopped, Turn
from nhi.output.rotation import rotation_json, rotation_text

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def turn(name: str, step: Step, due: datetime = NOW) -> Turn:
    path = f"identities/prod/{name}.yaml"
    identity = Identity(path, "prod", name, "some-key", "payments", "purpose", NOW, {})
    return Turn(DeclaredIdentity(identity, "a" * 64), step, due, NOW, timedelta(days=7))


def proposed(name: str, step: Step) -> Proposed:
    return Proposed(turn(name, step), f"nhi/rotate/prod/{name}/0123456789abcdef", (), "message")


EMPTY = RotationReport(
    base="b" * 40,
    as_of=NOW,
    dry_run=False,
    proposed=(),
    made={},
    already=(),
    later=(),
    waiting=(),
    resting=(),
    stopped=(),
    occupied=(),
    superseded=(),
    unreadable=(),
)
STOP = Stopped(turn("e", Step.RETIRE).declared, Step.RETIRE, "the old key is in use")
UNTOLD = Stopped(turn("f", Step.DROP).declared, None, "could not tell", unknown=True)
OCCUPIED = Occupied(turn("g", Step.DROP), "nhi/rotate/prod/g/0123456789abcdef", "c" * 40, "changed")
UNREADABLE = UnreadableFile("identities/prod/x.yaml", "prod", "line 1: a tab")
FULL = replace(
    EMPTY,
    proposed=(proposed("a", Step.ROTATE), proposed("b", Step.DROP)),
    made={"nhi/rotate/prod/a/0123456789abcdef": "d" * 40},
    already=(proposed("c", Step.RETIRE),),
    later=(turn("d", Step.RETIRE),),
    waiting=(turn("h", Step.DROP, NOW + timedelta(days=1)),),
    resting=(Resting(turn("i", Step.ROTATE), "suspended: its keys open nothing"),),
    stopped=(STOP, UNTOLD),
    occupied=(OCCUPIED,),
    superseded=("nhi/rotate/prod/j/0123456789abcdef",),
    unreadable=(UNREADABLE,),
)


def test_a_run_line_by_line() -> None:
    assert rotation_text(FULL) == (
        "UNREAD   identities/prod/x.yaml: line 1: a tab\n"
        "STOPPED  prod/e: retire: the old key is in use\n"
        "STOPPED  prod/f: could not tell\n"
        "occupied nhi/rotate/prod/g/0123456789abcdef: changed\n"
        "stale    nhi/rotate/prod/j/0123456789abcdef: does not say what is due now; left alone\n"
        "rests    prod/i: rotate is due, but it is suspended: its keys open nothing\n"
        "already  nhi/rotate/prod/c/0123456789abcdef\n"
        "branch   nhi/rotate/prod/a/0123456789abcdef makes a new key beside the old one\n"
        "           prod/a, due 2026-11-20T00:00:00Z\n"
        "branch   nhi/rotate/prod/b/0123456789abcdef deletes the old key\n"
        "           prod/b, due 2026-11-20T00:00:00Z\n"
        "later    prod/d: retire is due; too much for one run\n"
        "waits    prod/h: drop on 2026-11-21T00:00:00Z\n"
        "2 branches made, as of 2026-11-20T00:00:00Z\n"
    )


def test_a_dry_run_made_nothing() -> None:
    one = replace(EMPTY, dry_run=True, proposed=(proposed("a", Step.RETIRE),))
    assert rotation_text(one).splitlines()[0].endswith("switches the old key off")
    assert rotation_text(one).splitlines()[-1] == "1 branch to make, as of 2026-11-20T00:00:00Z"


def test_a_run_as_json() -> None:
    found = json.loads(rotation_json(FULL))
    assert found["schema"] == "nhi/rotation/v1"
    assert (found["as_of"], found["base"], found["dry_run"]) == ("2026-11-20T00:00:00Z", "b" * 40, False)
    assert found["proposed"][0] == {
        "identity": "prod/a",
        "path": "identities/prod/a.yaml",
        "step": "rotate",
        "due": "2026-11-20T00:00:00Z",
        "branch": "nhi/rotate/prod/a/0123456789abcdef",
        "sha256": "a" * 64,
        "commit": "d" * 40,
    }
    assert [one["commit"] for one in found["proposed"]] == ["d" * 40, None]
    assert [(one["identity"], one["step"], one["could_not_tell"]) for one in found["stopped"]] == [
        ("prod/e", "retire", False),
        ("prod/f", None, True),
    ]
    assert [one["reason"] for one in found["resting"] + found["occupied"] + found["unreadable"]] == [
        "suspended: its keys open nothing",
        "changed",
        "line 1: a tab",
    ]
    assert [one["identity"] for one in found["already"] + found["later"] + found["waiting"]] == [
        "prod/c",
        "prod/d",
        "prod/h",
    ]
    assert found["superseded"] == ["nhi/rotate/prod/j/0123456789abcdef"]


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (EMPTY, ExitCode.CLEAN),
        (replace(FULL, stopped=(), occupied=(), unreadable=()), ExitCode.CLEAN),
        (replace(EMPTY, stopped=(STOP,)), ExitCode.FINDINGS),
        (replace(EMPTY, occupied=(OCCUPIED,)), ExitCode.FINDINGS),
        (replace(EMPTY, unreadable=(UNREADABLE,)), ExitCode.FINDINGS),
        (replace(EMPTY, stopped=(STOP, UNTOLD)), ExitCode.OUTSIDE),
    ],
)
def test_what_stands_in_the_way_decides_the_exit_code(report: RotationReport, code: ExitCode) -> None:
    assert report.exit_code is code


@given(st.text(), st.text())
def test_no_text_adds_a_line_or_steers(name: str, reason: str) -> None:
    report = replace(
        EMPTY,
        stopped=(Stopped(turn(name, Step.DROP).declared, Step.DROP, reason),),
        resting=(Resting(turn(name, Step.DROP), reason),),
        superseded=(name,),
        unreadable=(UnreadableFile(name, None, reason),),
    )
    lines = rotation_text(report).splitlines()
    assert len(lines) == 5
    assert all(line.isprintable() for line in lines)
    assert json.loads(rotation_json(report))["stopped"][0]["reason"] == reason
