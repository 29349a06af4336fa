"""`nhi demo --kinds`: every kind passes its full cycle, and one that is broken fails in the cells that it breaks."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.fixtures.breaking import EMPTY, with_broken_kinds
from tests.fixtures.git import clean_environment
from tests.fixtures.modules import KINDS, Once

from nhi.sandbox.table import Step
from nhi.terraform.process import TerraformBinary

_REPOSITORY = Path(__file__).parents[2]
_PROMISED_SECONDS = 300
"""On a machine that does other things too; by itself it is a minute."""
_HUNG_SECONDS = 580
_HEADS = [step.head for step in Step]


@dataclass(frozen=True, slots=True)
class Told:
    """What one run said, and what it left."""

    code: int
    lines: tuple[str, ...]
    errors: str
    left: tuple[str, ...]
    """What it left in the folder for temporary files."""

    @property
    def table(self) -> dict[str, dict[str, str]]:
        """Kind → head of the step → what stands in the cell."""
        head = next(number for number, line in enumerate(self.lines) if line.startswith("kind "))
        rows = [line.split() for line in self.lines[head + 1 : self.lines.index("", head)]]
        assert self.lines[head].split()[1:] == _HEADS
        return {kind: dict(zip(_HEADS, marks, strict=True)) for kind, *marks in rows}

    def bad(self, kind: str) -> set[str]:
        """The heads of the cells that failed or were not reached."""
        return {head for head, mark in self.table[kind].items() if mark in ("FAIL", "?")}

    def failure(self, kind: str, head: str) -> str:
        """What is said below the table about a cell."""
        begin = self.lines.index(f"FAIL  {kind}, {head}")
        return "\n".join(self.lines[begin : self.lines.index("", begin)])


@pytest.fixture(scope="session")
def good(once: Once, terraform: TerraformBinary) -> Told:
    return once("cycle", lambda folder: _play(folder, terraform.environment, broken=False))


@pytest.fixture(scope="session")
def broken(once: Once, terraform: TerraformBinary) -> Told:
    return once("cycle-of-broken-kinds", lambda folder: _play(folder, terraform.environment, broken=True))


def test_every_kind_passes_every_step(good: Told) -> None:
    assert [(kind, good.bad(kind)) for kind in KINDS] == [(kind, set()) for kind in KINDS], "\n".join(good.lines)
    assert (good.code, good.errors) == (0, "")


def test_the_table_has_a_row_for_each_folder_of_modules(good: Told) -> None:
    assert list(good.table) == KINDS


def test_only_what_needs_an_api_is_left_out_and_only_of_a_kind_that_people_vouch_for(good: Told) -> None:
    of_keys = {kind for kind, row in good.table.items() if row["keys"] == "ok"}
    skipped = {kind: {head for head, mark in row.items() if mark != "ok"} for kind, row in good.table.items()}
    vouched = {kind for kind in KINDS if not (_REPOSITORY / "modules" / kind / "expected.json.j2").is_file()}

    assert of_keys == {kind for kind in KINDS if "aws_iam_access_key" in _text(kind)}
    for kind in KINDS:
        without_api = {"present", "keys", "used", "ended", "shut", "longer", "absent"}
        assert skipped[kind] == (
            without_api if kind in vouched else {"keys"} - ({"keys"} if kind in of_keys else set())
        )


def test_each_step_is_told_as_it_is_done(good: Told) -> None:
    told = [found[1] for line in good.lines if (found := re.match(r" *\d+\.\d s  (\w+) ", line))]
    assert told == _HEADS


def test_the_last_line_says_it_all(good: Told) -> None:
    said = re.fullmatch(rf"{len(KINDS)} kinds, {len(Step)} steps each: all ok in (\d+) s", good.lines[-1])
    assert said
    assert int(said[1]) < _PROMISED_SECONDS


def test_the_cycle_leaves_nothing_behind(good: Told, broken: Told) -> None:
    assert (good.left, broken.left) == ((), ())


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        pytest.param("aws-service-role", {"ended", "longer"}, id="no Deny at the expiry, and none expected"),
        pytest.param(
            "aws-github-actions-role",
            {"present", "ended", "suspend", "renew", "longer"},
            id="no Deny at the expiry, though expected",
        ),
        pytest.param("aws-eks-role", {"ended", "longer"}, id="a trust without an end"),
        pytest.param("aws-third-party-role", {"shut"}, id="no Deny while suspended"),
        pytest.param("aws-access-key", {"keys"}, id="a secret in the state"),
        pytest.param(
            "aws-break-glass-role", {"present", "suspend", "renew"}, id="nobody is asked, though AWS could be"
        ),
        pytest.param("manual", {"again"}, id="a plan that is never empty"),
        pytest.param(EMPTY, set(_HEADS), id="no example"),
    ],
)
def test_a_broken_kind_fails_in_the_cells_that_it_breaks_and_in_no_other(
    kind: str, cells: set[str], broken: Told
) -> None:
    assert broken.bad(kind) == cells, "\n".join(broken.lines)


def test_a_kind_that_does_not_pass_the_check_goes_no_further(broken: Told) -> None:
    row = broken.table[EMPTY]
    assert (row.pop("check"), set(row.values())) == ("FAIL", {"?"})


@pytest.mark.parametrize(
    ("kind", "head", "words"),
    [
        ("aws-service-role", "ended", "expected denied by a Deny at "),
        ("aws-service-role", "ended", "found    let through"),
        ("aws-eks-role", "ended", "sts:AssumeRoleWithWebIdentity"),
        ("aws-github-actions-role", "present", "statement DenyAfterExpiry: present"),
        ("aws-access-key", "keys", "it is in state/kinds/terraform.tfstate"),
        ("aws-break-glass-role", "present", "found    people must tell, and AWS holds it"),
        (EMPTY, "check", "expected an example in its tests/valid"),
    ],
)
def test_a_failure_says_what_was_expected_and_what_was_found(kind: str, head: str, words: str, broken: Told) -> None:
    assert words in broken.failure(kind, head)


def test_no_failure_ends_well(broken: Told) -> None:
    assert (broken.code, broken.errors) == (1, "")
    assert " FAILED, 15 not reached in " in broken.lines[-1]


def _text(kind: str) -> str:
    return (_REPOSITORY / "modules" / kind / "main.tf").read_text("utf-8")


def _play(folder: Path, terraform_environment: Mapping[str, str], *, broken: bool) -> Told:
    home, temporary, root = (folder / name for name in ("home", "temporary", "root"))
    for one in (home, temporary, root):
        one.mkdir()
    environment = {**terraform_environment, **clean_environment(home), "TMPDIR": str(temporary)}
    environment["PATH"] = terraform_environment["PATH"]
    (root / ".tools").symlink_to(_REPOSITORY / ".tools")
    shutil.copyfile(_REPOSITORY / "nhi.yaml", root / "nhi.yaml")
    shutil.copytree(_REPOSITORY / "identities", root / "identities")
    if broken:
        with_broken_kinds(root / "modules")
    else:
        (root / "modules").symlink_to(_REPOSITORY / "modules")
    done = subprocess.run(
        [sys.executable, "-m", "nhi", "demo", "--kinds"],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_HUNG_SECONDS,
        check=False,
    )
    left = tuple(str(one.relative_to(folder)) for where in (home, temporary) for one in where.iterdir())
    return Told(done.returncode, tuple(done.stdout.splitlines()), done.stderr, left)
