"""What was approved already when an expiry was written, and the emergency lane."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fixtures.policy import AS_OF, OWNERS, STACKS, sample

from nhi.model.approval import Requirement
from nhi.model.change import Change, ManifestChange
from nhi.model.identity import Hold, Manifest, complete
from nhi.model.instant import parse_instant
from nhi.model.moment import Moment
from nhi.model.settings import Approvals, Quorum, Settings
from nhi.model.source import ChangeType, PathChange
from nhi.policy.emergency import Claim, incidents_named, lane_problems, needed_at_once, waived
from nhi.policy.preapproved import preapproved

SETTINGS = Settings(stacks=STACKS)
EXPIRED = complete(sample(expiry=parse_instant("2026-11-20")))
PATH = "identities/prod/ledger-writer.yaml"
HOLD = Hold("legal", "matter 2026-14", parse_instant("2026-11-01"))
REMOVED = (PathChange(PATH, ChangeType.REMOVED),)
SOON = AS_OF + timedelta(hours=20)


def test_the_removal_of_what_expired_was_approved() -> None:
    assert EXPIRED is not None
    assert "prod/ledger-writer, which expired at 2026-11-20" in preapproved(REMOVED, {PATH: EXPIRED}, (), Moment(AS_OF))


def test_of_several_the_last_expiry_is_told() -> None:
    earlier = complete(sample(name="ledger-reader", expiry=parse_instant("2026-11-02")))
    assert EXPIRED is not None
    assert earlier is not None
    other = "identities/prod/ledger-reader.yaml"
    both = (*REMOVED, PathChange(other, ChangeType.REMOVED))
    words = preapproved(both, {PATH: EXPIRED, other: earlier}, (), Moment(AS_OF))
    assert "2 identities that expired, the last at 2026-11-20" in words


def test_a_second_before_the_expiry_it_was_not() -> None:
    assert EXPIRED is not None
    assert preapproved(REMOVED, {PATH: EXPIRED}, (), Moment(AS_OF - timedelta(seconds=1))) == ""


def test_what_a_hold_keeps_was_not_even_where_its_review_is_due() -> None:
    assert EXPIRED is not None
    assert preapproved(REMOVED, {PATH: replace(EXPIRED, hold=HOLD)}, (), Moment(AS_OF)) == ""


@pytest.mark.parametrize("kind", [ChangeType.ADDED, ChangeType.EDITED])
def test_anything_but_a_removal_was_not(kind: ChangeType) -> None:
    assert EXPIRED is not None
    assert preapproved((PathChange(PATH, kind),), {PATH: EXPIRED}, (), Moment(AS_OF)) == ""


def test_what_could_not_be_read_was_not() -> None:
    assert preapproved(REMOVED, {}, (), Moment(AS_OF)) == ""


def test_one_path_more_and_nothing_of_it_was() -> None:
    assert EXPIRED is not None
    more = (*REMOVED, PathChange("README.md", ChangeType.REMOVED))
    assert preapproved(more, {PATH: EXPIRED}, (), Moment(AS_OF)) == ""


def test_where_another_file_has_the_name_more_than_a_removal_happens() -> None:
    assert EXPIRED is not None
    assert preapproved(REMOVED, {PATH: EXPIRED}, {"prod/ledger-writer"}, Moment(AS_OF)) == ""


def test_no_change_was_not_approved() -> None:
    assert preapproved((), {}, (), Moment(AS_OF)) == ""


@pytest.mark.parametrize("line", ["Incident: INC-77", "incident:inc-77", "  INCIDENT:  INC-77  \r"])
def test_an_incident_is_named_on_a_line_of_its_own(line: str) -> None:
    assert incidents_named(f"The store is down.\n{line}\nPlease hurry.") == ("INC-77",)


@pytest.mark.parametrize(
    "body", ["", "Incident: ", "see Incident: INC-77", "Incident: INC-77 and more", "Incident: `id`"]
)
def test_anything_else_names_none(body: str) -> None:
    assert incidents_named(body) == ()


def problems(before: Manifest | None, after: Manifest | None, *, body: str = "Incident: INC-77", **more: object) -> str:
    change = Change((ManifestChange("prod/ledger-writer", before, after),), ())
    claim = Claim(body, change, (), (), AS_OF)
    return "\n".join(lane_problems(replace(claim, **more), SETTINGS))  # type: ignore[arg-type]  # its fields, by name


def test_what_ends_soon_may_be_made_or_edited() -> None:
    assert problems(None, sample(expiry=SOON)) == ""
    assert problems(sample(), sample(expiry=AS_OF + timedelta(days=1))) == ""


def test_what_ends_later_may_not() -> None:
    late = AS_OF + timedelta(days=1, seconds=1)

    assert "at 2026-11-21T00:00:00Z at the latest" in problems(None, sample(expiry=late))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (sample(), None, "is removed"),
        (None, sample(expiry=None), "has no expiry that can be read"),
        (sample(hold=HOLD), sample(expiry=SOON), "the hold of"),
        (sample(hold=HOLD), sample(expiry=SOON, hold=replace(HOLD, authority="x")), "the hold of"),
        (sample(unreadable=frozenset({"hold"})), sample(expiry=SOON), "the hold of"),
    ],
    ids=["removed", "unreadable", "hold lifted", "hold handed on", "hold unknown"],
)
def test_what_no_emergency_needs(before: Manifest | None, after: Manifest | None, words: str) -> None:
    assert words in problems(before, after)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"body": "hurry"}, "no incident is named"),
        ({"body": "Incident: INC-1\nIncident: INC-2"}, "several incidents"),
        ({"strange": ("nhi.yaml",)}, "governs identities"),
        ({"strange": ("README.md",)}, "is no manifest"),
        ({"unreadable": ("identities/prod/odd.yaml",)}, "cannot be read"),
        ({"change": Change((), ())}, "no identity changes"),
    ],
)
def test_what_makes_it_no_emergency(more: dict[str, object], words: str) -> None:
    assert words in problems(None, sample(expiry=SOON), **more)  # type: ignore[arg-type]  # handed on


def test_an_emergency_needs_security_whatever_is_configured() -> None:
    nobody = replace(SETTINGS, approvals=Approvals(emergency=Quorum(owners=0, security=0)))
    change = Change((ManifestChange("prod/ledger-writer", None, sample(expiry=SOON)),), ())

    assert [(one.who, one.count) for one in needed_at_once(change, OWNERS, nobody, Moment(AS_OF))] == [("security", 1)]


def test_what_is_waived_is_what_the_emergency_does_not_ask() -> None:
    usual = (Requirement("payments", 1, ("alice",), ()), Requirement("security", 1, ("erin",), ()))
    at_once = (Requirement("security", 1, ("erin",), ()),)

    assert [one.who for one in waived(usual, at_once)] == ["payments"]
