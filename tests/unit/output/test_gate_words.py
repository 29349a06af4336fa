"""The gate's verdict in one line, its output for a terminal, and the model's answer to what it is."""

import json
import re
from dataclasses import replace

import pytest
from tests.fixtures.findings import HOSTILE, OWNERLESS, WARNED
from tests.fixtures.gate_reports import BLOCKED, CLEAN, CONFLICTING, FAILED, SAMPLES, of_text
from tests.fixtures.plans import PROD

from nhi.errors import ExitCode, OutsideError
from nhi.model.forge import StatusState
from nhi.model.gate import GateReport, StackReport, Trouble
from nhi.output.gate_report import gate_json, gate_text
from nhi.output.gate_words import description, failure_description, reason, verdict

MISSING = Trouble("the plan of prod", "terraform is not installed\nat all", "install it", ExitCode.OUTSIDE)
BROKEN_BASE = Trouble("reading main", "nhi.yaml is not valid", "", ExitCode.INPUT)
ALL_OF_IT = (
    "reading main failed: nhi.yaml is not valid; the plan of prod failed: terraform is not installed; "
    "1 finding; nhi.yaml:2:1: no"
)
IN_ORDER = "no findings; 1 identity changes, high risk"
THEIRS = Trouble("checking the change", "nhi.yaml:2:1: no", "", ExitCode.FINDINGS)


@pytest.mark.parametrize(
    ("report", "state", "words", "code"),
    [
        (CLEAN, "success", "no findings; 1 identity changes, high risk", 0),
        (replace(CLEAN, findings=(WARNED,)), "success", "1 warning; 1 identity changes, high risk", 0),
        (replace(CLEAN, meanings=(), risk=None), "success", "no findings; no identities change", 0),
        (replace(CLEAN, planned=False), "success", f"{IN_ORDER}; neither planned nor scanned", 0),
        (replace(CLEAN, stacks=(StackReport(PROD, left_out="why"),)), "success", f"{IN_ORDER}; 1 stack not planned", 0),
        (replace(CLEAN, findings=(OWNERLESS, OWNERLESS)), "failure", "2 findings", 1),
        (replace(CLEAN, unreadable=("a", "b")), "failure", "2 manifests cannot be read", 1),
        (replace(CLEAN, judged=False), "failure", "it was not judged as a whole", 1),
        (replace(CONFLICTING, conflicts=()), "failure", "conflicts with main: update the branch", 1),
        (replace(CLEAN, troubles=(THEIRS,)), "failure", "nhi.yaml:2:1: no", 1),
        (replace(CLEAN, troubles=(MISSING,)), "error", "the plan of prod failed: terraform is not installed", 4),
        (replace(CLEAN, troubles=(BROKEN_BASE,)), "error", "reading main failed: nhi.yaml is not valid", 3),
        (
            replace(CLEAN, findings=(OWNERLESS,), troubles=(THEIRS, BROKEN_BASE, MISSING)),
            "error",
            ALL_OF_IT,
            4,
        ),
    ],
)
def test_what_is_wrong_comes_first_and_what_failed_before_it(
    report: GateReport, state: str, words: str, code: int
) -> None:
    assert (report.state, reason(report), report.exit_code) == (StatusState(state), words, ExitCode(code))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_status_is_one_printable_line_that_fits(text: str) -> None:
    for line in (
        description(of_text(text)),
        failure_description(OutsideError(text)),
        failure_description(OSError(text)),
    ):
        assert "\n" not in line
        assert line.isprintable()
        assert len(line) <= 140


def test_a_failure_says_its_first_line_alone() -> None:
    assert failure_description(OutsideError("GitHub said 502\nand more")) == "failed: GitHub said 502"


@pytest.mark.parametrize("text", [*HOSTILE, "::set-output name=a::b", "  ::error::x", "##[group]x"])
def test_the_output_is_no_command_to_githubs_runner(text: str) -> None:
    said = gate_text(of_text(text))

    assert not re.search(r"^\s*::|##\[", said, re.MULTILINE)
    assert all(one.isprintable() or one == "\n" for one in said)


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_the_verdict_ends_the_output(report: GateReport) -> None:
    assert gate_text(report).splitlines()[-1] == f"pull request 7 {verdict(report).strip()}"


def test_the_document_has_the_documents_of_its_parts() -> None:
    document = json.loads(gate_json(BLOCKED))

    assert [document[part]["schema"] for part in ("check", "change", "plan")] == [
        "nhi/findings/v1",
        "nhi/diff/v1",
        "nhi/plan/v1",
    ]
    assert (document["state"], document["control_plane"], document["changed"]) == ("failure", ["nhi.yaml"], 3)
    assert [one["stack"] for one in document["plan"]["stacks"]] == ["staging"]
    assert document["stacks"][0] == {"stack": "prod", "left_out": "findings first: mend them", "elsewhere": 0}
    assert document["troubles"][0]["ours"] is False


def test_what_is_not_known_is_null_in_the_document() -> None:
    document = json.loads(gate_json(replace(FAILED, base="", approvals=None)))

    assert (document["base"], document["approvals_held"]) == (None, None)
