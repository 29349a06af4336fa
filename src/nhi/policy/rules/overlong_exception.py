"""The exception lasts too long.

## What it does
Reports an exception that ends later than `limits.exception_days` of `nhi.yaml` from now (180, where it says nothing).
One that ends after the identity itself does is a warning: it would go on silently when the identity is renewed.

## Why it matters
An exception without a near end is a rule that does not hold.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-06-30
scope:
  allow:
    - actions: [dynamodb:PutItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
exceptions:
  - rule: static-credential
    reason: The vendor cannot federate before its 2027 release.
    compensating_control: Key is limited to the office range and alarms on use.
    approver: security
    expiry: 2027-06-30  # expect: overlong-exception
```

## Passes
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-06-30
scope:
  allow:
    - actions: [dynamodb:PutItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
exceptions:
  - rule: static-credential
    reason: The vendor cannot federate before its 2027 release.
    compensating_control: Key is limited to the office range and alarms on use.
    approver: security
    expiry: 2027-01-31
```

## References
- OWASP NHI7:2025, Long-Lived Secrets
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- NIST SP 800-53r5 AC-2(2), Automated Temporary and Emergency Account Management
- ISO/IEC 27001:2022 A.5.18, Access rights
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.instant import format_instant
from nhi.policy.accepted import accepted
from nhi.policy.rule import Context, Rule, Violation


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each exception that lasts too long, or longer than the identity."""
    most = context.settings.limits.exception_days
    for at, one in accepted(manifest):
        if not context.now.reached(_days_before(one.expiry, most)):
            message = f"the exception ends on {format_instant(one.expiry)}, more than {most} days ahead"
            hint = f"write a day at most {most} days ahead; what is still needed then is accepted anew"
            yield Violation((*at, "expiry"), message, hint)
        elif manifest.expiry is not None and one.expiry > manifest.expiry and not context.now.reached(manifest.expiry):
            end = format_instant(manifest.expiry)
            message = f"the exception outlives the identity, which ends on {end}"
            hint = f"write {end} or earlier: whether a renewal needs the exception again is to be asked then"
            yield Violation((*at, "expiry"), message, hint, Severity.WARNING)


def _days_before(instant: datetime, days: int) -> datetime:
    try:
        return instant - timedelta(days=days)
    except OverflowError:
        return instant


RULE = Rule(
    code="NHI506",
    severity=Severity.ERROR,
    references=("OWASP NHI7:2025", "CSF 2.0 ID.RA-07", "NIST SP 800-53r5 AC-2(2)", "ISO/IEC 27001:2022 A.5.18"),
    check=check,
    may_be_excepted=False,
)
