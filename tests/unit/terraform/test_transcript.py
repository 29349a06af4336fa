import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.terraform.transcript import Quotation, failure, line_sink, too_late


def _lines(*chunks: bytes) -> list[str]:
    found: list[str] = []
    sink = line_sink(found.append)
    for chunk in (*chunks, b""):
        sink(chunk)
    return found


def _quoted(text: str) -> str:
    quotation = Quotation()
    for line in text.splitlines():
        quotation.add(line)
    return quotation.text()


@given(st.lists(st.text("aé😀\n", max_size=10), max_size=10), st.integers(1, 7))
@settings(deadline=None)
def test_lines_are_the_same_however_the_bytes_are_cut(texts: list[str], size: int) -> None:
    data = "\n".join(texts).encode()
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    assert _lines(*chunks) == data.decode().removesuffix("\n").split("\n") if data else _lines() == []


@pytest.mark.parametrize(
    "printed",
    [
        b"\x1b[31mred\x1b[0m",
        b"\x1b]0;title\x07red",
        b"\x1b]8;;https://x.example\x1b\\red",
        b"r\x07e\x08d\r",
        b"\x1bMred",
        b"red\x7f",
    ],
)
def test_a_terminal_gets_no_control_sequences(printed: bytes) -> None:
    assert _lines(printed) == ["red"]


def test_tabs_stay() -> None:
    assert _lines(b"a\tb\n") == ["a\tb"]


def test_bytes_that_are_no_text_are_marked() -> None:
    assert _lines(b"a\xffb\n") == ["a\ufffdb"]


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    found: list[str] = []
    sink = line_sink(found.append)
    for _ in range(10):
        sink(b"x" * 10_000)
    assert {len(line) for line in found} == {16 * 1024}
    assert len(found) == 6


@pytest.mark.parametrize("size", [1, 7, 64])
def test_where_no_piece_may_be_shown_a_long_line_is_left_out_and_told(size: int) -> None:
    found: list[str] = []
    sink = line_sink(found.append, 100, in_pieces=False)
    data = b"one\n" + b"x" * 300 + b"\ntwo\n" + b"y" * 300
    for start in range(0, len(data), size):
        sink(data[start : start + size])
    sink(b"")

    assert found == [
        "one",
        "(a line of more than 100 bytes is left out here)",
        "two",
        "(a line of more than 100 bytes is left out here)",
    ]


_TWO_ERRORS = """
Terraform used the selected providers.

Warning: Deprecated

  on a.tf line 1: use another

Error: Invalid reference

  on main.tf line 3, in resource "a" "b":
   3:   input = foo



A reference must name an attribute.

Warning: Deprecated too

Error: Unsupported block
"""


def test_every_error_is_quoted_and_nothing_else() -> None:
    assert _quoted(_TWO_ERRORS) == (
        "Error: Invalid reference\n\n"
        '  on main.tf line 3, in resource "a" "b":\n'
        "   3:   input = foo\n\n"
        "A reference must name an attribute.\n\n"
        "Error: Unsupported block"
    )


def test_the_frame_around_an_error_is_dropped() -> None:
    assert _quoted("╷\n│ Error: Bad\n│ \n│   because\n╵\n") == "Error: Bad\n\n  because"


def test_without_an_error_the_last_lines_are_quoted() -> None:
    assert _quoted("\n".join(f"line {number}" for number in range(100))).splitlines()[0] == "line 88"


def test_a_quotation_is_bounded_and_says_so() -> None:
    quoted = _quoted("Error: long\n" + "word\n" * 10_000)
    assert len(quoted) < 4200
    assert quoted.endswith("(cut here: Terraform said more)")


def test_a_quotation_of_one_endless_line_is_bounded() -> None:
    assert len(_quoted("x" * 100_000)) < 4200
    assert len(_quoted("Error: " + "x" * 100_000)) < 4200


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("Error: Error acquiring the state lock", "wait for it"),
        ("Error: Saved plan is stale", "plan again"),
        ("Error: AWS account ID not allowed: 123456789012", "another account"),
        ("Error: No valid credential sources found", "credentials"),
        ("Error: Failed to query available provider packages", "scripts/setup"),
        ("Error: Unsupported Terraform Core version", "scripts/setup"),
        ("Error: Backend configuration changed", "-migrate-state"),
        ("Error: Something else", "read what Terraform says"),
    ],
)
def test_a_failure_says_what_to_do(said: str, hint: str) -> None:
    quotation = Quotation()
    quotation.add(said)
    error = failure("terraform plan in prod", 1, quotation)
    assert error.message == f"terraform plan in prod failed:\n{said}"
    assert hint in error.hint


def test_a_killed_command_is_told_from_a_failed_one() -> None:
    error = failure("terraform apply in prod", -9, Quotation())
    assert error.message == "terraform apply in prod was killed by signal 9"
    assert "locked" in error.hint


def test_a_late_command_says_whether_its_state_can_be_trusted() -> None:
    assert "has saved its state" in too_late("x", 1.5, by_itself=True).hint
    assert "force-unlock" in too_late("x", 1.5, by_itself=False).hint
    assert too_late("x", 1.5, by_itself=True).message == "x did not end within 1.5 s"


_LOCKED = """Error: Error acquiring the state lock

Error message: operation error S3: PutObject, https response error StatusCode: 412, PreconditionFailed
Lock Info:
  ID:        6c3f1b9e-1111-4222-8333-444455556666
  Path:      nhi-state-example/prod/terraform.tfstate
  Operation: OperationTypeApply
  Who:       runner@host.example
  Version:   1.11.4
  Created:   2026-11-20 12:00:00.5 +0000 UTC
  Info:
"""


def _refused(said: str) -> str:
    quotation = Quotation()
    for line in said.splitlines():
        quotation.add(line)
    return failure("terraform plan in prod", 1, quotation).hint


def test_a_lock_is_told_with_its_holder_and_how_it_is_taken_away() -> None:
    hint = _refused(_LOCKED)
    assert hint.startswith("runner@host.example holds the lock since 2026-11-20 12:00:00.5 +0000 UTC: wait for it")
    assert hint.endswith("once it is surely dead: nhi unlock --stack STACK 6c3f1b9e-1111-4222-8333-444455556666")


def test_a_lock_that_ends_with_its_holder_is_not_offered_to_be_taken_away() -> None:
    hint = _refused(_LOCKED.replace("PreconditionFailed", "resource temporarily unavailable"))
    assert hint.startswith("runner@host.example holds the lock since")
    assert "unlock" not in hint


def test_what_holds_the_lock_may_be_unknown() -> None:
    assert "another run holds the lock since a time that it does not tell" in _refused(
        "Error: Error acquiring the state lock"
    )
