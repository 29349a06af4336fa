"""The table of the cycle: kind by step, what each step means, and why a cell failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum

from nhi.model.instant import format_instant

_INDENT = " " * 6


class Step(Enum):
    """A column: its head, and what it says."""

    CHECK = ("check", "nhi check accepts the manifest")
    INIT = ("init", "terraform init takes the kind's module")
    VALIDATE = ("validate", "terraform validate of the rendered root finds nothing in it")
    PLAN = ("plan", "nhi plan makes the identity, and nothing else of it")
    APPLY = ("apply", "nhi apply made all of it")
    AGAIN = ("again", "planned again, there is nothing to do")
    PRESENT = ("present", "nhi verify, by another role, finds it in AWS as declared")
    KEYS = ("keys", "its access keys work, and no secret of them is in a saved plan, the state or any output")
    USED = ("used", "one second before T: an open session, a new session and what a resource allows it are let through")
    ENDED = ("ended", "at T: the same are denied, the open session and the resource's by an explicit Deny")
    SUSPEND = ("suspend", "suspended in Git: checked, changed in place, applied, verified")
    SHUT = ("shut", "suspended, one second before T: denied as at T")
    RENEW = ("renew", "resumed and renewed in Git: checked, changed in place, applied, verified")
    LONGER = ("longer", "renewed: let through at the old T and until the new one, and denied there")
    DESTROY = ("destroy", "removed in Git: planned, applied")
    ABSENT = ("absent", "nhi verify, by another role, finds nothing of it, and neither do we")

    @property
    def head(self) -> str:
        """The column's head."""
        return self.value[0]

    @property
    def meaning(self) -> str:
        """What the column says."""
        return self.value[1]


class Mark(StrEnum):
    """What stands in a cell."""

    OK = "ok"
    NONE = "-"
    ATTEST = "attest"
    FAIL = "FAIL"
    NOT_REACHED = "?"


_MARKS = {
    Mark.NONE: "does not apply: AWS holds nothing of the kind, or no access keys",
    Mark.ATTEST: "no API can be asked: nhi says that people must tell",
    Mark.NOT_REACHED: "not reached, since something before it failed",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be."""

    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What was seen of one kind in one step."""

    mark: Mark
    faults: tuple[Fault, ...] = ()


def cell(faults: Sequence[Fault], otherwise: Mark = Mark.OK) -> Cell:
    """FAIL where there are faults."""
    return Cell(Mark.FAIL if faults else otherwise, tuple(faults))


def blamed(faults: Mapping[str, Sequence[Fault]]) -> dict[str, Cell]:
    """A cell for each kind."""
    return {kind: cell(found) for kind, found in faults.items()}


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that was seen."""

    kinds: tuple[str, ...]
    cells: Mapping[tuple[str, Step], Cell]
    """A cell that is missing was not reached."""
    end: datetime
    """T: when the identities expire at first."""
    renewed_to: datetime

    def at(self, kind: str, step: Step) -> Cell:
        """One cell."""
        return self.cells.get((kind, step), Cell(Mark.NOT_REACHED))

    @property
    def bad(self) -> tuple[tuple[str, Step], ...]:
        """The cells that failed or were not reached."""
        places = ((kind, step) for kind in self.kinds for step in Step)
        return tuple(one for one in places if self.at(*one).mark in (Mark.FAIL, Mark.NOT_REACHED))

    @property
    def verdict(self) -> str:
        """The table in a few words."""
        failed = sum(self.at(*one).mark is Mark.FAIL for one in self.bad)
        unseen = len(self.bad) - failed
        said = [f"{failed} FAILED"] * bool(failed) + [f"{unseen} not reached"] * bool(unseen)
        kinds = f"{len(self.kinds)} kind{'' if len(self.kinds) == 1 else 's'}"
        return f"{kinds}, {len(Step)} steps each: {', '.join(said) or 'all ok'}"


def table_text(table: Table) -> str:
    """The table with its legend, and below it what failed. For a terminal that is some 130 columns wide."""
    rows = [["kind", *(step.head for step in Step)]]
    rows += [[kind, *(table.at(kind, step).mark.value for step in Step)] for kind in table.kinds]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += ["", f"T is {format_instant(table.end)}, and after the renewal {format_instant(table.renewed_to)}."]
    lines += [f"{step.head:9} {step.meaning}" for step in Step]
    seen = {table.at(kind, step).mark for kind in table.kinds for step in Step}
    lines += [f"{mark.value:9} {meaning}" for mark, meaning in _MARKS.items() if mark in seen]
    lines += [line for kind, step in table.bad for line in _failure(kind, step, table.at(kind, step))]
    return "".join(f"{line}\n" for line in lines)


def _failure(kind: str, step: Step, one: Cell) -> list[str]:
    lines = [""] * bool(one.faults) + [f"FAIL  {kind}, {step.head}"] * bool(one.faults)
    for fault in one.faults:
        lines += [f"{_INDENT}expected {fault.expected}", f"{_INDENT}found    {_below(fault.found)}"]
    return lines


def _below(text: str) -> str:
    """The lines of a longer text, each below the first."""
    return text.replace("\n", f"\n{_INDENT}{' ' * 9}")
