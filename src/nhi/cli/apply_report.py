"""What a run of `nhi apply` did, for people and as JSON."""

from nhi.flows.announced import Refused
from nhi.flows.apply import ApplyReport
from nhi.flows.settle import fates_in_words
from nhi.model.application import Application, Fate, Outcome
from nhi.model.identity import Json
from nhi.output.plain import json_text, one_line
from nhi.output.plan_text import plan_counts
from nhi.terraform.application import application_document

_MOST = 2000


def apply_text(report: ApplyReport) -> str:
    """Refusals, or what became of each stack; the resources that did not become what was intended by name."""
    lines = [line for one in report.refused for line in _refused(one)]
    for one in report.applications:
        lines += _application(one)
    lines += [f"not begun: {one_line(stack)}" for stack in report.not_begun]
    return "".join(f"{line}\n" for line in lines)


def apply_json(report: ApplyReport) -> str:
    """The format `nhi/applies/v1`: the records, format `nhi/apply/v1`, of all stacks of the run."""
    refused: list[Json] = [
        {"stack": one.stack, "identity": one.identity, "reason": one.reason, "hint": one.hint} for one in report.refused
    ]
    document: dict[str, Json] = {
        "schema": "nhi/applies/v1",
        "applications": [application_document(one) for one in report.applications],
        "refused": refused,
        "not_begun": list(report.not_begun),
    }
    return json_text(document) + "\n"


def _refused(one: Refused) -> list[str]:
    return [f"refused: {one_line(one.reason, _MOST)}", f"         {one_line(one.hint, _MOST)}"]


def _application(one: Application) -> list[str]:
    if one.outcome is Outcome.APPLIED:
        return ["applied: " + plan_counts(one.intended)]
    lines = [f"FAILED:  {one_line(one.stack)}: {fates_in_words(one)}"]
    return lines + [
        f"  {found.fate.value:9} {one_line(found.address)}" for found in one.resources if found.fate is not Fate.DONE
    ]
