"""Edits of a manifest: exactly what was meant, every comment, and no other line; or an error."""

from collections.abc import Sequence

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from nhi.errors import InputError
from nhi.manifest.edit import edited
from nhi.manifest.yamltext import examine
from nhi.model.edit import DropKey, KeyEdit, KeyPath, SetKey
from nhi.model.identity import Json
from nhi.model.source import MAX_MANIFEST_BYTES

MANIFEST = """\
# yaml-language-server: $schema=../../.nhi/schema.json
apiVersion: nhi/v1
kind: some-kind   # not ours to know
name: ledger-key
owner: 'payments'
purpose: >-   # what runs with it
  Settlement batch writes   cleared transactions
  to the ledger table.

expiry: 2027-03-31     # end of contract
scope:
  # the vendor cannot federate
  credential:
    type: static-key
    rotated: 2026-08-24   # by the night
    rotate_every: 90
    # next: see the runbook
  allow:
    - actions: [s3:GetObject, "s3:ListBucket"]  # read only
      resources: ["arn:aws:s3:::ledger"]
used_by: [vm:ledger]
# the end
"""
CREDENTIAL = ("scope", "credential")
PREVIOUS = (*CREDENTIAL, "previous")
ROTATED = (*CREDENTIAL, "rotated")
SUSPENSION: Json = {"since": "2026-11-20T08:00:00Z", "reason": "leak suspected: INC-77"}


def edit(text: str, *edits: KeyEdit) -> str:
    return edited(text.encode(), edits).decode()


def read(text: str) -> dict[str, Json]:
    found = examine(text.encode())
    assert found.values is not None
    assert found.problems == ()
    return found.values


def lines(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines that only the old text has, and those that only the new one has, between the same first and last."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return before, after


@pytest.mark.parametrize(
    ("path", "value", "gone", "came"),
    [
        (
            ("expiry",),
            "2027-06-30",
            "expiry: 2027-03-31     # end of contract",
            "expiry: 2027-06-30     # end of contract",
        ),
        (("owner",), "security", "owner: 'payments'", "owner: security"),
        (ROTATED, "2026-11-20", "    rotated: 2026-08-24   # by the night", "    rotated: 2026-11-20   # by the night"),
        ((*CREDENTIAL, "rotate_every"), 30, "    rotate_every: 90", "    rotate_every: 30"),
        (("used_by",), ["vm:ledger", "yes"], "used_by: [vm:ledger]", 'used_by: ["vm:ledger", "yes"]'),
        (("name",), None, "name: ledger-key", "name: null"),
    ],
)
def test_a_value_is_replaced_and_nothing_else(path: KeyPath, value: Json, gone: str, came: str) -> None:
    assert lines(MANIFEST, edit(MANIFEST, SetKey(path, value))) == ([gone + "\n"], [came + "\n"])


def test_a_value_of_several_lines_is_replaced_and_its_comment_stays() -> None:
    new = edit(MANIFEST, SetKey(("purpose",), "Books: settlements"))
    assert lines(MANIFEST, new)[1] == ['purpose: "Books: settlements"   # what runs with it\n']
    assert new.split("# what runs with it\n")[1].startswith("\nexpiry:")


@pytest.mark.parametrize(
    ("path", "value", "came"),
    [
        (PREVIOUS, {"rotated": "2026-08-24", "active": True}, "    previous: {rotated: 2026-08-24, active: true}\n"),
        (("suspended",), SUSPENSION, 'suspended: {since: 2026-11-20T08:00:00Z, reason: "leak suspected: INC-77"}\n'),
        (("hold", "review"), "2027-01-01", "hold: {review: 2027-01-01}\n"),
    ],
)
def test_a_new_key_is_a_new_line_of_its_mapping(path: KeyPath, value: Json, came: str) -> None:
    assert lines(MANIFEST, edit(MANIFEST, SetKey(path, value))) == ([], [came])


def test_a_new_mapping_that_is_long_has_a_line_for_each_key() -> None:
    reason = "the vendor told us that it leaked " * 3
    new = edit(MANIFEST, SetKey(("suspended",), {"since": "2026-11-20", "reason": reason}))
    assert lines(MANIFEST, new)[1] == ["suspended:\n", "  since: 2026-11-20\n", f'  reason: "{reason}"\n']


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        (("used_by",), ["used_by: [vm:ledger]\n"]),
        (("expiry",), ["expiry: 2027-03-31     # end of contract\n"]),
        (ROTATED, ["    rotated: 2026-08-24   # by the night\n"]),
        (("scope", "allow"), MANIFEST.splitlines(keepends=True)[17:20]),
        (CREDENTIAL, MANIFEST.splitlines(keepends=True)[12:16]),
    ],
)
def test_a_key_goes_with_its_own_lines(path: KeyPath, gone: list[str]) -> None:
    assert lines(MANIFEST, edit(MANIFEST, DropKey(path))) == (gone, [])


def test_what_is_set_and_dropped_again_leaves_the_old_text() -> None:
    assert edit(MANIFEST, SetKey(("suspended",), SUSPENSION), DropKey(("suspended",))) == MANIFEST
    assert edit(MANIFEST, SetKey(PREVIOUS, {"active": True}), DropKey(PREVIOUS)) == MANIFEST


def test_a_value_that_stands_there_already_changes_no_byte() -> None:
    assert edit(MANIFEST, SetKey(("owner",), "payments"), SetKey(ROTATED, "2026-08-24")) == MANIFEST


def test_of_a_mapping_only_what_differs_is_touched() -> None:
    text = "a:\n  # one\n  x: 1 # two\n  y: 'two'\n  z: 3\nb: 1\n"
    assert edit(text, SetKey(("a",), {"x": 1, "y": "other", "w": 4})) == (
        "a:\n  # one\n  x: 1 # two\n  y: other\n  w: 4\nb: 1\n"
    )


@pytest.mark.parametrize(
    ("text", "edits", "wanted"),
    [
        ("a: {x: 1, y: 2} # c\n", [SetKey(("a", "z"), "n")], 'a: {x: 1, y: 2, z: "n"} # c\n'),
        ("a: {x: 1, y: 2,}\n", [SetKey(("a", "z"), 3)], "a: {x: 1, y: 2, z: 3,}\n"),
        ("a: {}\n", [SetKey(("a", "z"), 3)], "a: {z: 3}\n"),
        ("a: { }\n", [SetKey(("a", "z"), 3)], "a: {z: 3 }\n"),
        ("a: {x: 1, y: 2}\n", [DropKey(("a", "x"))], "a: {y: 2}\n"),
        ("a: {x: 1, y: 2}\n", [DropKey(("a", "y"))], "a: {x: 1}\n"),
        ("a: {x: 1}\n", [DropKey(("a", "x"))], "a: {}\n"),
        ("a: {x: 1, # one\n  y: 2}\n", [SetKey(("a", "y"), 3)], "a: {x: 1, # one\n  y: 3}\n"),
        ("{a: 1}", [SetKey(("b",), 2)], "{a: 1, b: 2}"),
        ("a:\n  x: 1 # c\nb: 1\n", [DropKey(("a", "x"))], "a:\n  {} # c\nb: 1\n"),
        ("a:\n", [SetKey(("a",), 1)], "a: 1\n"),
        ("a: # c\nb: 1\n", [SetKey(("a",), 1)], "a: 1 # c\nb: 1\n"),
        ("a: 1", [SetKey(("b",), 2)], "a: 1\nb: 2"),
        ("a: 1\nb: 2", [DropKey(("b",))], "a: 1\n"),
        ("? a\n: 1\nb: 2\n", [DropKey(("a",))], "b: 2\n"),
        ("---\na: 1\n...\n", [SetKey(("b",), 2)], "---\na: 1\nb: 2\n...\n"),
        ("a: 1\r\nb: 2 # c\r\n", [SetKey(("c",), {"x": 1})], "a: 1\r\nb: 2 # c\r\nc: {x: 1}\r\n"),
        ("a: |+\n  x\n\nb: 1\n", [SetKey(("a",), "y")], 'a: "y"\nb: 1\n'),
        ("a: |+\r\n  x\r\n\r\nb: 1\r\n", [SetKey(("a",), "z")], "a: z\r\nb: 1\r\n"),
        ("a: |\n  x\n\n\nb: 1\n", [SetKey(("a",), "z")], "a: z\n\n\nb: 1\n"),
        ("b: 1\na: |+\n  x\n\n", [SetKey(("c",), 2)], "b: 1\na: |+\n  x\n\nc: 2\n"),
        ("a:\n  - x: 1\nb:\n- 1\n- 2\nc: 3\n", [SetKey(("b",), [])], "a:\n  - x: 1\nb: []\nc: 3\n"),
        ("ö: '😀😀' # ä\nb: {ü: 1}\n", [SetKey(("b", "ü"), 2)], "ö: '😀😀' # ä\nb: {ü: 2}\n"),
        ('a: "x # no comment"\nb: 1\n', [SetKey(("b",), "# none")], 'a: "x # no comment"\nb: "# none"\n'),
    ],
)
def test_every_layout_keeps_its_own_form(text: str, edits: Sequence[KeyEdit], wanted: str) -> None:
    assert edit(text, *edits) == wanted


@pytest.mark.parametrize(
    ("text", "wrong", "why"),
    [
        (MANIFEST, DropKey(("suspended",)), "it is not there"),
        (MANIFEST, DropKey(("owner", "name")), "no mapping"),
        (MANIFEST, SetKey(("owner", "name"), 1), "no mapping"),
        (MANIFEST, SetKey(("scope", "allow", "actions"), 1), "no mapping"),
        (MANIFEST, SetKey((), {}), "no mapping"),
        (MANIFEST, SetKey(("scope",), "none"), "a comment stands within it"),
        ("a: {x: 1, # one\n  y: 2}\n", DropKey(("a", "y")), "a comment stands within it"),
        ("? a #:\n: - 1\nb: 2\n", SetKey(("a",), 1), "written in a way"),
        ("a: {x: 1, x2}\n", SetKey(("a", "x2"), 1), "written in a way"),
        ("a: &x 1\nb: *x\n", SetKey(("b",), 2), "line 1: '&x' is not allowed"),
        ("a: 1\na: 2\n", SetKey(("a",), 2), "line 2: 'a' stands twice"),
        ("a: [\n", SetKey(("a",), 2), "line 1: not YAML"),
        ("- a\n", SetKey(("a",), 2), "holds a list"),
        (MANIFEST, SetKey(("owner",), "x" * MAX_MANIFEST_BYTES), "larger than 64 KiB"),
        (MANIFEST, SetKey(("owner",), 1e300), "written in a way"),
    ],
)
def test_what_cannot_be_done_safely_is_an_error_that_names_the_place(text: str, wrong: KeyEdit, why: str) -> None:
    with pytest.raises(InputError, match=why) as found:
        edit(text, wrong)
    assert ".".join(wrong.path) in found.value.message
    assert "by hand" in found.value.hint


def test_half_a_character_is_not_written() -> None:
    with pytest.raises(InputError, match="cannot be edited"):
        edit(MANIFEST, SetKey(("owner",), "a\udc80"))


@given(st.text())
@example("no")
@example("2026-11-20 x: y # z")
@example("!!python/object:x {}")
@example("x\nsuspended: {}\n")
@example("\u202e\u200b\ufeff\x00\x85\u2028")
@example("<<")
@example("0o17")
def test_hostile_text_stays_text_here_and_elsewhere(text: str) -> None:
    new = edit(MANIFEST, SetKey(("owner",), text), SetKey(("hold",), {text: [text]}))
    for found in (read(new), yaml.safe_load(new)):
        assert (found["owner"], found["hold"]) == (text, {text: [text]})
    assert all(one.isprintable() or one == "\n" for one in new)
