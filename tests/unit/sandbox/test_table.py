"""The table of the cycle: every cell counts, and what failed is told."""

from datetime import UTC, datetime

import pytest

from nhi.sandbox.table import Cell, Fault, Mark, Step, Table, table_text

END = datetime(2026, 12, 21, tzinfo=UTC)
LATER = datetime(2027, 1, 20, tzinfo=UTC)
GOOD = {(kind, step): Cell(Mark.OK) for kind in ("a", "longer-kind") for step in Step}


def _table(**changed: Cell) -> Table:
    cells = GOOD | {("a", Step[name]): one for name, one in changed.items()}
    return Table(("a", "longer-kind"), cells, END, LATER)


def test_it_is_good_where_nothing_failed() -> None:
    table = _table(KEYS=Cell(Mark.NONE), PRESENT=Cell(Mark.ATTEST))
    assert table.bad == ()
    assert table.verdict == "2 kinds, 16 steps each: all ok"


@pytest.mark.parametrize("mark", [Mark.FAIL, Mark.NOT_REACHED])
def test_one_cell_is_enough_to_be_bad(mark: Mark) -> None:
    assert _table(USED=Cell(mark)).bad == (("a", Step.USED),)


def test_a_cell_that_nobody_filled_was_not_reached() -> None:
    table = Table(("a",), {}, END, LATER)
    assert len(table.bad) == len(Step)
    assert table.verdict == "1 kind, 16 steps each: 16 not reached"


def test_the_columns_are_aligned() -> None:
    head, first, second, *_ = table_text(_table(CHECK=Cell(Mark.FAIL))).splitlines()
    place = head.index("init")
    assert (first[place : place + 2], second[place : place + 2]) == ("ok", "ok")


def test_the_legend_explains_every_column_and_every_mark_that_is_there() -> None:
    lines = table_text(_table(KEYS=Cell(Mark.NONE))).splitlines()
    heads = [line.split()[0] for line in lines[4:] if line and not line.startswith("T is")]
    assert heads == [*(step.head for step in Step), "-"]


def test_a_failure_says_what_was_expected_and_found_with_every_line_of_it() -> None:
    text = table_text(_table(APPLY=Cell(Mark.FAIL, (Fault("all of it", "an error\nof two lines"),))))
    assert text.endswith(
        "\nFAIL  a, apply\n      expected all of it\n      found    an error\n               of two lines\n"
    )
