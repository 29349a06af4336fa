"""The gate's answer for people at a terminal, and as JSON: the format `nhi/gate/v1`, a contract with other tools.

```text
schema         "nhi/gate/v1"
as_of, repository, pull_request (its number), branch, head and base (commit ids; base null where it was not read)
state          as the commit status: success, failure, error
reason         one line
judged         whether check and difference looked at the whole change
merges, conflicts, control_plane (paths that govern identities), changed (number of paths)
check          findings of check and scans, as `nhi/findings/v1`
change         what changes, risk and approvals needed, as `nhi/diff/v1`
planned        false with --no-plan
plan           the plans, as `nhi/plan/v1`
stacks         each that is touched and was looked at: `stack`, `left_out` (why it is not planned, or null), `elsewhere`
troubles       what stopped a part: `where`, `message`, `hint`, `ours` (whether something of ours failed)
approvals_held whether all approvals are there; null where it is not known
```
"""

import json

from nhi.model.gate import GateReport
from nhi.model.instant import format_instant
from nhi.output.diff import Explained, diff_json, diff_text
from nhi.output.findings_json import findings_json
from nhi.output.gate_words import reason, verdict
from nhi.output.plain import json_text, one_line, passed_on
from nhi.output.plan_json import plan_json
from nhi.output.plan_report import Planned, PlanReport
from nhi.output.plan_text import plan_text

_LONGEST = 2_000


def gate_json(report: GateReport) -> str:
    """The whole report."""
    document = {
        "schema": "nhi/gate/v1",
        "as_of": format_instant(report.as_of),
        "repository": report.repository,
        "pull_request": report.pull.number,
        "branch": report.branch,
        "head": report.pull.head,
        "base": report.base or None,
        "state": report.state.value,
        "reason": reason(report),
        "judged": report.judged,
        "merges": report.merges,
        "conflicts": list(report.conflicts),
        "changed": len(report.changes),
        "control_plane": list(report.control_plane),
        "check": json.loads(findings_json(report.as_of, report.checked, report.findings)),
        "change": json.loads(diff_json(_explained(report))),
        "planned": report.planned,
        "plan": json.loads(plan_json(_plans(report))),
        "stacks": [
            {"stack": one.stack.name, "left_out": one.left_out or None, "elsewhere": one.elsewhere}
            for one in report.stacks
        ],
        "troubles": [
            {"where": one.where, "message": one.message, "hint": one.hint, "ours": one.is_ours}
            for one in report.troubles
        ],
        "approvals_held": None if report.approvals is None else report.approvals.satisfied,
    }
    return json_text(document)


def gate_text(report: GateReport) -> str:
    """What changes, the plans, what stopped us, and the verdict, for a log that GitHub's runner reads.

    Findings are printed apart, with their lines.
    """
    text = ""
    if report.judged:
        text += diff_text(_explained(report))
    for one in report.stacks:
        text += plan_text(one.summary) if one.summary is not None else ""
    for one in report.stacks:
        text += f"{one.stack.name} is not planned: {one.left_out}\n" if one.left_out else ""
    for trouble in report.troubles:
        for line in filter(None, [*trouble.message.splitlines(), trouble.hint]):
            text += f"{trouble.where}: {one_line(line, _LONGEST)}\n"
    text += f"pull request {report.pull.number} {verdict(report)}"
    return "".join(f"{passed_on(line, _LONGEST)}\n" for line in text.split("\n"))


def _explained(report: GateReport) -> Explained:
    return Explained(report.as_of, report.base, report.meanings, report.unreadable, report.risk, report.requirements)


def _plans(report: GateReport) -> PlanReport:
    planned = [Planned(one.stack, one.summary, one.digest, "") for one in report.stacks if one.summary is not None]
    return PlanReport(None, report.base or None, planned)
