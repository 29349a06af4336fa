"""Something that has been done is dated in the time to come.

## What it does
Reports a `certified`, a `suspended.since` or a credential's `rotated` that has not begun anywhere on Earth: whoever
writes today's date is right. On a suspension it is a warning, since cutting access never waits for a date to be mended.

## Why it matters
A certification of next year would stand for a look at the identity that nobody took, and would do so until next year.
A record is worth what its dates are worth.

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
certified: 2027-02-01  # expect: postdated-entry
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
certified: 2026-11-02
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- ISO/IEC 27001:2022 A.5.28, Collection of evidence
- PCI DSS 4.0.1 7.2.5.1, access of application and system accounts is reviewed and remains appropriate
"""

from collections.abc import Iterator
from datetime import datetime

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.instant import format_instant
from nhi.policy.rule import Context, KeyPath, Rule, Violation
from nhi.policy.scope_parts import instant, stored_credential
from nhi.policy.written_day import has_come


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each date of something done that has not been reached."""
    if manifest.certified is not None:
        yield from _ahead(manifest.certified, ("certified",), "certification", context, Severity.ERROR)
    if manifest.suspended is not None:
        yield from _ahead(manifest.suspended.since, ("suspended", "since"), "suspension", context, Severity.WARNING)
    credential = stored_credential(manifest)
    rotated = None if credential is None else instant(credential.get("rotated"))
    if rotated is not None:
        yield from _ahead(rotated, ("scope", "credential", "rotated"), "rotation", context, Severity.ERROR)


def _ahead(when: datetime, at: KeyPath, what: str, context: Context, severity: Severity) -> Iterator[Violation]:
    if not has_come(when, context.now):
        yield Violation(
            at=at,
            message=f"the {what} is dated {format_instant(when)}, a time to come",
            hint="write the day on which it was done",
            severity=severity,
        )


RULE = Rule(
    code="NHI208",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "ISO/IEC 27001:2022 A.5.28", "PCI DSS 4.0.1 7.2.5.1"),
    check=check,
    may_be_excepted=False,
)
