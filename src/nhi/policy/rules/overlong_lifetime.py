"""The expiry is further ahead than the organisation allows.

## What it does
Reports an `expiry` further ahead than `lifetimes.standard` of `nhi.yaml` (365 days, where it says nothing). An expiry
exactly that far ahead is allowed.

## Why it matters
The expiry is when somebody must look again: is it needed, is the scope still right, is the owner still there? An expiry
ten years ahead is no expiry.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2036-03-31  # expect: overlong-lifetime
scope:
  allow:
    - actions: [dynamodb:PutItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
```

## Passes
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  allow:
    - actions: [dynamodb:PutItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
```

## References
- OWASP NHI7:2025, Long-Lived Secrets
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- PCI DSS 4.0.1 7.2.5.1, access of application and system accounts is reviewed and remains appropriate
"""

from collections.abc import Iterator
from datetime import timedelta

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.instant import format_instant
from nhi.policy.rule import Context, Rule, Violation


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report an expiry further ahead than the standard lifetime."""
    expiry, days = manifest.expiry, context.settings.lifetimes.standard
    if expiry is None:
        return
    try:
        earliest = expiry - timedelta(days=days)
    except OverflowError:
        return  # so long a lifetime that it began before the calendar does
    if context.now.reached(earliest):
        return
    yield Violation(
        at=("expiry",),
        message=f"{format_instant(expiry)} is more than {days} days ahead",
        hint=f"write a date at most {days} days ahead, and renew the identity before it if it is still needed then",
    )


RULE = Rule(
    code="NHI203",
    severity=Severity.ERROR,
    references=("OWASP NHI7:2025", "CSF 2.0 PR.AA-05", "PCI DSS 4.0.1 7.2.5.1"),
    check=check,
)
