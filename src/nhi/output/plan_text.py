"""A plan for a person: what to know first, then every identity and resource. No values: a value may be a secret."""

from nhi.model.plan import Action, IdentityChange, PlanSummary
from nhi.output.plain import one_line
from nhi.output.plan_headlines import headlines

_SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "±",
    Action.DESTROY: "-",
    Action.READ: "<",
    Action.IMPORT: "=",
    Action.FORGET: "x",
}
_LONGEST = 2_000
"""Characters of a headline, which names some resources."""


def plan_text(summary: PlanSummary) -> str:
    """The headlines, the line that counts, then every resource."""
    first = "".join(
        f"! {one_line(one.identity or 'outside of any identity')}: {one_line(one.words, _LONGEST)}\n"
        for one in headlines(summary)
    )
    return f"{first}{plan_counts(summary)}\n{''.join(map(_identity, summary.identities))}"


def plan_counts(summary: PlanSummary) -> str:
    """`production: 4 to create, 1 to destroy`."""
    return f"{summary.stack}: {count_words(summary)}"


def count_words(summary: PlanSummary) -> str:
    """`4 to create, 1 to destroy`."""
    counts = [f"{summary.count(action)} to {action.value}" for action in Action if summary.count(action)]
    return ", ".join(counts) or "no changes"


def _identity(one: IdentityChange) -> str:
    lines = [one_line(one.identity or "outside of any identity")]
    for change in one.changes:
        changed = change.attributes if change.action in (Action.UPDATE, Action.IMPORT) else ()
        attributes = f" ({', '.join(changed)})" if changed else ""
        lines.append(f"  {_SIGNS[change.action]} {one_line(change.address)}{one_line(attributes)}")
    return "\n".join(lines) + "\n"
