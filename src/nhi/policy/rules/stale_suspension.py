"""The identity has been suspended for long, and nobody decided on it.

## What it does
Reports an identity that has been suspended for 90 days or more and is not held. It is a warning: a suspended identity
has no access, so that nothing is lost by waiting.

## Why it matters
A suspension is a question: is it needed, and is it safe? What nobody missed for a quarter can be removed, and what is
kept suspended is one careless edit away from access.

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
suspended: {since: 2026-07-01, reason: "leak suspected, INC-77"}  # expect: stale-suspension warning
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
suspended: {since: 2026-11-01T08:00:00Z, reason: "leak suspected, INC-77"}
```

## References
- OWASP NHI1:2025, Improper Offboarding
- NIST SP 800-53r5 AC-2(3), disable accounts that have expired or are in violation of policy
- ISO/IEC 27001:2022 A.5.18, Access rights
- PCI DSS 4.0.1 7.2.5.1, access of application and system accounts is reviewed and remains appropriate
"""

from collections.abc import Iterator
from datetime import timedelta

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.instant import format_instant
from nhi.policy.rule import Context, Rule, Violation

_DAYS = 90
"""A quarter: what nobody missed for so long is not needed."""


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report a suspension that nobody decided on."""
    if manifest.suspended is None or manifest.hold is not None or "hold" in manifest.unreadable:
        return
    since = manifest.suspended.since
    try:
        end = since + timedelta(days=_DAYS)
    except OverflowError:
        return  # postdated-entry
    if context.now.reached(end):
        yield Violation(
            at=("suspended", "since"),
            message=f"suspended since {format_instant(since)}, for {_DAYS} days or more",
            hint="remove the file if nobody missed it; or lift the suspension, in a change of its own",
        )


RULE = Rule(
    code="NHI603",
    severity=Severity.WARNING,
    references=("OWASP NHI1:2025", "NIST SP 800-53r5 AC-2(3)", "ISO/IEC 27001:2022 A.5.18", "PCI DSS 4.0.1 7.2.5.1"),
    check=check,
)
