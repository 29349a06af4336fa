"""The identity is renewed once more than routine goes.

## What it does
Reports an `expiry` that the change moves later, though it was moved later `limits.renewals` times before (3, where
`nhi.yaml` at the base of the change says nothing), unless the same change brings a new `certified`: the day, not more
than 90 days back, on which the owner looked at it again. An expiry that has been reached is `revived-expiry`.

## Why it matters
An identity that is renewed again and again is a permanent one that nobody has decided on. After some renewals the
question is not how long, but whether.

## Fails
```yaml
# renewals: 3
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
expiry: 2027-09-30  # expect: renewal-limit
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## Passes
```yaml
# renewals: 3
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
expiry: 2027-09-30
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
certified: 2026-11-20
```

## References
- OWASP NHI1:2025, Improper Offboarding
- OWASP NHI7:2025, Long-Lived Secrets
- NIST SP 800-53r5 AC-6(7), Review of User Privileges
- ISO/IEC 27001:2022 A.5.18, Access rights
- PCI DSS 4.0.1 7.2.5.1, access of application and system accounts is reviewed and remains appropriate
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.model.instant import format_instant
from nhi.policy.renewal import FRESH_DAYS, certified_anew, judged_by, pushed_out
from nhi.policy.rule import ChangeContext, ChangeRule, Violation


def check(change: ManifestChange, context: ChangeContext) -> Iterator[Violation]:
    """Report a renewal beyond the limit that nobody certified."""
    moved = pushed_out(change)
    if moved is None or context.after.now.reached(moved[0]):
        return  # revived-expiry
    count, limit = context.change.renewals.get(change.identity), judged_by(context).settings.limits.renewals
    if count is None or count < limit or certified_anew(change, context.after.now) is not None:
        return
    yield Violation(
        at=("expiry",),
        message=f"the expiry was pushed out before as often as routine goes: {count} times, where {limit} are allowed",
        hint=f"let it end on {format_instant(moved[0])}; or let the owner look at it again, and write `certified: "
        f"YYYY-MM-DD`, that day, at most {FRESH_DAYS} days back",
    )


RULE = ChangeRule(
    code="NHI204",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI1:2025",
        "OWASP NHI7:2025",
        "NIST SP 800-53r5 AC-6(7)",
        "ISO/IEC 27001:2022 A.5.18",
        "PCI DSS 4.0.1 7.2.5.1",
    ),
    check=check,
)
