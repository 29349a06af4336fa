"""A kind's example becomes a manifest of the cycle: moved in time, named anew, in the state that the cycle says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fixtures.modules import KINDS, MODULES

from nhi.errors import InputError
from nhi.sandbox.examples import Example, Told, examples, manifest, owners

START = datetime(2026, 12, 20, 9, 30, tzinfo=UTC)
END = datetime(2027, 1, 19, tzinfo=UTC)
LATER = datetime(2027, 2, 18, tzinfo=UTC)
AT_FIRST = Told(START, END, END)
TEXT = """\
kind: some-kind
name: old-name
owner: payments
purpose: >-
  Since 2026 it does what 12345678-1234-12-12 asks.
expiry: 2027-03-31
suspended:
  since: 2026-11-01T08:00:00Z
  reason: leak suspected
certified: 2026-11-02
scope:
  credential: {rotated: 2026-11-01, next: 2026-11-19T08:30:00Z}
exceptions:
  - rule: a-rule
    approver: security
    expiry: 2027-03-31
"""
EXAMPLE = Example("some-kind", TEXT)


def _lines(told: Told) -> list[str]:
    return manifest(EXAMPLE, told).splitlines()


def test_every_folder_with_a_schema_is_a_kind_with_its_first_example() -> None:
    found = examples(MODULES)
    first = [min((MODULES / kind / "tests/valid").glob("*.yaml")).read_text("utf-8") for kind in KINDS]
    assert [(one.kind, one.text) for one in found] == list(zip(KINDS, first, strict=True))


def test_a_kind_without_an_example_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "schema.json").write_text("{}")
    assert examples(tmp_path) == (Example("new", ""),)


def test_no_kinds_at_all_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no kind"):
        examples(tmp_path)


def test_the_identity_gets_the_cycles_name_and_expiry() -> None:
    lines = _lines(AT_FIRST)
    assert [line for line in lines if line.startswith(("name:", "expiry:"))] == [
        "name: one-some-kind",
        "expiry: 2027-01-19T00:00:00Z",
    ]


def test_every_other_date_moves_with_the_start_and_keeps_its_form() -> None:
    assert "  credential: {rotated: 2026-12-01, next: 2026-12-19T08:30:00Z}" in _lines(AT_FIRST)


def test_what_only_looks_like_a_date_stays() -> None:
    assert "  Since 2026 it does what 12345678-1234-12-12 asks." in _lines(AT_FIRST)


def test_a_renewal_moves_the_expiry_and_pushes_no_exception_out() -> None:
    lines = _lines(Told(START, END, LATER, certified=START))
    assert "expiry: 2027-02-18T00:00:00Z" in lines
    assert "    expiry: 2027-01-19T00:00:00Z" in lines
    assert lines[-1] == "certified: 2026-12-20"


def test_whether_it_is_suspended_is_the_cycles_to_say() -> None:
    assert not [line for line in _lines(AT_FIRST) if "suspended" in line or "leak" in line or "certified" in line]
    suspended = _lines(Told(START, END, END, suspended=START))
    assert suspended[-1].startswith("suspended: {since: 2026-12-20T09:30:00Z, ")


def test_every_owner_and_approver_is_a_team_of_two() -> None:
    text = owners([EXAMPLE])
    assert "  payments: {accountable: payments-lead, deputy: payments-deputy, " in text
    assert "  security: {accountable: security-lead, deputy: security-deputy, " in text
    assert "github_id: 1004," in text
