"""What an apply's report says: what was done, what failed, what was not begun, what was refused."""

import json
from dataclasses import replace

from tests.fixtures.applying import NOW

from nhi.cli.apply_report import apply_json, apply_text
from nhi.errors import OutsideError
from nhi.flows.announced import Refused
from nhi.flows.apply import ApplyReport
from nhi.model.application import Application, Fate, Outcome, ResourceFate
from nhi.model.plan import Action, IdentityChange, PlanSummary, ResourceChange

_A, _B, _C = (f"module.nhi-{name}.aws_iam_role.this" for name in "abc")
APPLIED = Application(
    stack="prod",
    commit="c" * 40,
    base=None,
    policy="sha256:p",
    root="sha256:r",
    plan="sha256:d",
    intended=PlanSummary("prod", (IdentityChange("prod/a", (ResourceChange(_A, Action.CREATE, ("name",)),)),)),
    began=NOW,
    ended=NOW,
    outcome=Outcome.APPLIED,
    resources=(ResourceFate(_A, Fate.DONE),),
    failure=None,
)
FAILED = replace(
    APPLIED,
    outcome=Outcome.FAILED,
    resources=(ResourceFate(_A, Fate.DONE), ResourceFate(_B, Fate.FAILED), ResourceFate(_C, Fate.NOT_BEGUN)),
    failure="terraform apply failed:\nError: no",
)


def test_what_was_applied_is_counted() -> None:
    assert apply_text(ApplyReport((APPLIED,))) == "applied: prod: 1 to create\n"


def test_what_was_not_done_is_named() -> None:
    report = ApplyReport((FAILED,), not_begun=("staging",), error=OutsideError("x"))

    assert apply_text(report) == (
        f"FAILED:  prod: 1 done, 1 failed, 1 not begun\n  failed    {_B}\n  not-begun {_C}\nnot begun: staging\n"
    )
    assert not report.clean


def test_a_refusal_says_why_and_what_to_do_on_lines_of_its_own() -> None:
    report = ApplyReport(refused=(Refused("prod/a\n::error::x", "look\x1b[31m", "prod", "prod/a"),))

    assert apply_text(report) == "refused: prod/a ::error::x\n         look\\u001b[31m\n"


def test_the_records_are_printed_as_they_are_kept() -> None:
    document = json.loads(apply_json(ApplyReport((FAILED,), not_begun=("staging",))))

    assert document["schema"] == "nhi/applies/v1"
    assert (document["refused"], document["not_begun"]) == ([], ["staging"])
    (record,) = document["applications"]
    assert (record["schema"], record["outcome"], record["failure"]) == ("nhi/apply/v1", "failed", FAILED.failure)
    assert record["resources"][1] == {"address": _B, "fate": "failed"}


def test_refusals_are_printed_with_whom_they_are_about() -> None:
    document = json.loads(apply_json(ApplyReport(refused=(Refused("why", "what", "prod", "prod/a"),))))

    assert document["refused"] == [{"stack": "prod", "identity": "prod/a", "reason": "why", "hint": "what"}]
