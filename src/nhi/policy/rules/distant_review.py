"""The hold is looked at again in more than a year.

## What it does
Reports a `hold` whose `review` is more than 365 days ahead. One that has been reached is `overdue-hold`.

## Why it matters
A hold has no end of its own, only a day on which somebody asks whether it is still needed. A day ten years ahead is
none.

## Fails
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
hold: {authority: legal, reason: "matter 2026-14", review: 2036-02-01}  # expect: distant-review
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
hold: {authority: legal, reason: "matter 2026-14", review: 2027-02-01}
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- CSF 2.0 GV.PO-01, policy is established, communicated and enforced
- NIST SP 800-53r5 AU-11, Audit Record Retention
- ISO/IEC 27001:2022 A.5.33, Protection of records
"""

from collections.abc import Iterator
from datetime import timedelta

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.instant import format_instant
from nhi.policy.rule import Context, Rule, Violation

_DAYS = 365


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report a hold that nobody will look at within a year."""
    review = None if manifest.hold is None else manifest.hold.review
    if review is None:
        return
    try:
        earliest = review - timedelta(days=_DAYS)
    except OverflowError:
        return  # overdue-hold
    if not context.now.reached(earliest):
        yield Violation(
            at=("hold", "review"),
            message=f"the hold is looked at again on {format_instant(review)}, more than {_DAYS} days ahead",
            hint=f"write a day at most {_DAYS} days ahead; a hold that is still needed then goes on",
        )


RULE = Rule(
    code="NHI604",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "CSF 2.0 GV.PO-01", "NIST SP 800-53r5 AU-11", "ISO/IEC 27001:2022 A.5.33"),
    check=check,
)
