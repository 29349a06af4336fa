"""The identity may do more than before, or more may use it.

## What it does
Compares `allow`, `trust`, `access` and `managed_policies` before and after the change, by what they allow, and says
what is new, also where it is only not certain that nothing is. A warning and never more: reviewers decide.

## Why it matters
Permissions grow a line at a time, in changes that are about something else. A reviewer who is told in words what comes
with the change approves that, and not a list of texts.

## Fails
```yaml
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  allow:  # expect: broadened-scope warning
    - actions: [dynamodb:PutItem, dynamodb:DeleteItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
```

## Passes
```yaml
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  allow:
    - actions: [dynamodb:PutItem, dynamodb:DeleteItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## References
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-6(7), Review of User Privileges
- SOC 2 CC6.3, authorizes, modifies, or removes access on least privilege
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.model.identity import Json
from nhi.policy.iam.access import compare, gained
from nhi.policy.iam.trust import compare_sets, entries_gained
from nhi.policy.iam.words import Home, sentences, shown
from nhi.policy.rule import ChangeContext, ChangeRule, Violation

_SETS = {
    "trust": "more may use it than before",
    "access": "more is asked for than before",
    "managed_policies": "more policies are attached than before",
}
_MOST_SHOWN = 6
_LONGEST = 280


def check(change: ManifestChange, context: ChangeContext) -> Iterator[Violation]:
    """Report what is newly allowed, and who is newly let in."""
    before, after = change.before, change.after
    if before is None or after is None or after.scope is None or "scope" in before.unreadable:
        return
    old, new = before.scope or {}, after.scope
    if compare(old.get("allow"), new.get("allow")).is_up:
        stack = context.after.settings.stacks.get(after.stack)
        home = None if stack is None else Home(stack.account, stack.region)
        lines = sentences(gained(old.get("allow"), new.get("allow"), _MOST_SHOWN), home)
        yield _violation("allow", f"it may now also {_cut('; '.join(lines))} (compared with the base)")
    for part, what in _SETS.items():
        if compare_sets(old.get(part), new.get(part)).is_up:
            yield _violation(part, f"{what}, or that cannot be ruled out: {_entries(old.get(part), new.get(part))}")


def _entries(old: Json, new: Json) -> str:
    found = [
        f"{shown(one.at)} {shown(one.value)}".strip() for one in entries_gained(old, new, _MOST_SHOWN) if one.value
    ]
    return f"new is {_cut(', '.join(found))} (compared with the base)" if found else "what narrowed it is gone"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _violation(part: str, message: str) -> Violation:
    return Violation(("scope", part), message, "approve it only if its purpose needs it; `nhi diff` shows the whole")


RULE = ChangeRule(
    code="NHI708",
    severity=Severity.WARNING,
    references=("OWASP NHI5:2025", "CSF 2.0 PR.AA-05", "NIST SP 800-53r5 AC-6(7)", "SOC 2 CC6.3"),
    check=check,
    may_be_excepted=False,
)
