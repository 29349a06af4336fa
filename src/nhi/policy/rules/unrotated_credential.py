"""Nothing bounds the life of the credential.

## What it does
Reports a stored credential without `rotate_every`, with more days than `limits.rotation_days` of `nhi.yaml` (90,
where it says nothing), or without a `rotated` from which they are counted.

## Why it matters
Whether a rotation is overdue can only be told where it is written when the last one was, and when the next one is. A
secret without both lives for ever.

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
  credential: {type: certificate, rotate_every: 365, rotated: 2026-11-01}  # expect: unrotated-credential
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

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scope_parts import days, instant, stored_credential


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report a credential whose rotation is not bounded, or cannot be told."""
    credential = stored_credential(manifest)
    if credential is None:
        return
    at, limit = ("scope", "credential"), context.settings.limits.rotation_days
    hint = f"`rotate_every:` a number of days, from 1 to {limit}"
    every = days(credential.get("rotate_every"))
    if every is None:
        yield Violation((*at, "rotate_every"), "nothing says how often the credential is rotated", hint)
    elif every > limit:
        yield Violation((*at, "rotate_every"), f"{every} days are longer than a credential may live", hint)
    if instant(credential.get("rotated")) is None:
        yield Violation(
            at=(*at, "rotated"),
            message="nothing says when the credential was last rotated",
            hint="`rotated: YYYY-MM-DD`, the day on which it was issued or last rotated",
        )


RULE = Rule(
    code="NHI404",
    severity=Severity.ERROR,
    references=("OWASP NHI7:2025", "NIST SP 800-53r5 IA-5", "ISO/IEC 27001:2022 A.5.17", "PCI DSS 4.0.1 8.6.3"),
    check=check,
)
