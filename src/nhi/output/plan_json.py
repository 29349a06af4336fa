"""Plans as JSON: the format `nhi/plan/v1`, a contract with other tools. Keys may come; none goes or changes meaning.

```text
schema    "nhi/plan/v1"
commit    the commit that is checked out, or null
base      the commit that --base named, or null
stacks    one for each stack, sorted by name:
  stack, account, region
  outcome     "planned", or "failed" with `message` and `hint` and nothing of the following
  digest      sha256 of what the plan would do; the same plan made again has the same
  counts      resources by action: create, update, replace, destroy, read, import, forget
  headlines   what to know first, in this order: `topic`, `identity` (or null), `words` for people
  identities  `identity` (null for what belongs to none), whether it is `created` or `destroyed` as a whole, and its
              resources   `address`, `action`, `attributes` (names of what changes, never values)
              principals  `address`, `type` (role or user), `name`, `action`, `unique_id` before the change, or null
  drift       what is other than the last apply left it: `identity`, `resources` (update: changed; destroy: gone)
```
"""

from nhi.model.identity import Json
from nhi.model.plan import Action, PlanSummary, Principal, ResourceChange
from nhi.output.plain import json_text
from nhi.output.plan_headlines import headlines
from nhi.output.plan_report import NotPlanned, Planned, PlanReport


def plan_json(report: PlanReport) -> str:
    """The whole report."""
    return json_text(
        {
            "schema": "nhi/plan/v1",
            "commit": report.commit,
            "base": report.base,
            "stacks": [_stack(one) for one in report.stacks],
        }
    )


def _stack(one: Planned | NotPlanned) -> dict[str, Json]:
    known: dict[str, Json] = {"stack": one.stack.name, "account": one.stack.account, "region": one.stack.region}
    match one:
        case NotPlanned(message=message, hint=hint):
            return {**known, "outcome": "failed", "message": message, "hint": hint}
        case Planned(summary=summary, digest=digest):
            return {**known, "outcome": "planned", "digest": digest, **_plan(summary)}


def _plan(summary: PlanSummary) -> dict[str, Json]:
    known = {principal.address: principal for principal in summary.principals}
    created, destroyed = frozenset(summary.created), frozenset(summary.destroyed)
    return {
        "counts": {action.value: summary.count(action) for action in Action},
        "headlines": [
            {"topic": one.topic.value, "identity": one.identity, "words": one.words} for one in headlines(summary)
        ],
        "identities": [
            {
                "identity": one.identity,
                "created": one.identity in created,
                "destroyed": one.identity in destroyed,
                "resources": [_resource(change) for change in one.changes],
                "principals": [_principal(known[change.address]) for change in one.changes if change.address in known],
            }
            for one in summary.identities
        ],
        "drift": [
            {"identity": one.identity, "resources": [_resource(change) for change in one.changes]}
            for one in summary.drift
        ],
    }


def _resource(change: ResourceChange) -> Json:
    return {"address": change.address, "action": change.action.value, "attributes": list(change.attributes)}


def _principal(principal: Principal) -> Json:
    return {
        "address": principal.address,
        "type": principal.type.value,
        "name": principal.name,
        "action": principal.action.value,
        "unique_id": principal.unique_id,
    }
