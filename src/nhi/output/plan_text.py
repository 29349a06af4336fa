"""A plan for a person: identity by identity, what would happen to it. No values: a value may be a secret."""

from nhi.model.plan import Action, IdentityChange, PlanSummary
from nhi.output.plain import one_line

_SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "±",
    Action.DESTROY: "-",
    Action.READ: "<",
}


def plan_text(summary: PlanSummary) -> str:
    """The whole summary, ending with a line that counts."""
    if summary.empty:
        return f"{summary.stack}: no changes\n"
    counts = ", ".join(f"{summary.count(action)} to {action.value}" for action in Action if summary.count(action))
    blocks = "".join(_identity(one) for one in summary.identities)
    return f"{blocks}{summary.stack}: {counts}\n"


def _identity(one: IdentityChange) -> str:
    lines = [one_line(one.identity or "outside of any identity")]
    for change in one.changes:
        attributes = f" ({', '.join(change.attributes)})" if change.action is Action.UPDATE else ""
        lines.append(f"  {_SIGNS[change.action]} {one_line(change.address)}{one_line(attributes)}")
    return "\n".join(lines) + "\n"
