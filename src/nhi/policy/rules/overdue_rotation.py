"""The credential was to be rotated by now.

## What it does
Reports a stored credential whose `rotated` lies `rotate_every` days back or more, and never later than
`limits.rotation_days` of `nhi.yaml` (90, where it says nothing). It is an error on a manifest that the change adds or
edits. Elsewhere, and on a suspended identity, it is a warning.

## Why it matters
A secret leaks without anybody seeing it. Rotation bounds for how long a leak is worth something.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
justification: Settlement must be booked before 06:00 for the regulator's daily report.
scope:
  credential: {type: certificate, rotate_every: 60, rotated: 2026-09-01}  # expect: overdue-rotation
```

## Passes
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
justification: Settlement must be booked before 06:00 for the regulator's daily report.
scope:
  credential: {type: certificate, rotate_every: 60, rotated: 2026-11-01}
```

## References
- OWASP NHI7:2025, Long-Lived Secrets
- NIST SP 800-53r5 IA-5, Authenticator Management
- ISO/IEC 27001:2022 A.5.17, Authentication information
- PCI DSS 4.0.1 8.6.3, passwords of system accounts are changed periodically and on suspicion
"""

from collections.abc import Iterator
from datetime import timedelta

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.instant import format_instant
from nhi.policy.blame import where_edited
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scope_parts import days, instant, stored_credential


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report a credential that was to be rotated by now."""
    credential = stored_credential(manifest)
    if credential is None:
        return
    rotated, limit = instant(credential.get("rotated")), context.settings.limits.rotation_days
    if rotated is None:
        return  # unrotated-credential
    every = min(days(credential.get("rotate_every")) or limit, limit)
    try:
        due = rotated + timedelta(days=every)
    except OverflowError:
        return  # after the last day of the calendar
    if context.now.reached(due):
        yield Violation(
            at=("scope", "credential", "rotated"),
            message=f"rotated on {format_instant(rotated)}: the next rotation was due on {format_instant(due)}",
            hint="rotate the credential, and write the day on which that was done",
            severity=where_edited(manifest, context),
        )


RULE = Rule(
    code="NHI402",
    severity=Severity.ERROR,
    references=("OWASP NHI7:2025", "NIST SP 800-53r5 IA-5", "ISO/IEC 27001:2022 A.5.17", "PCI DSS 4.0.1 8.6.3"),
    check=check,
)
