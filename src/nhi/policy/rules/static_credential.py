"""The identity is used with a secret that lasts until somebody ends it.

## What it does
Reports a scope with a `credential` that is static: of any `type` but `federated` and `short-lived`, which are issued
for each use, and `certificate`, which ends by itself. Such an identity needs an accepted exception. A kind with a
credential has this part in its scope: `credential: {type: static-key, rotate_every: <days>, rotated: <date>}`. It is
a warning on a suspended identity, since cutting access must never wait for an exception.

## Why it matters
A static key is copied into variables, laptops and backups, and each copy works until the key is ended. Most breaches
of non-human identities begin with one.

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
  credential: {type: static-key, rotate_every: 60, rotated: 2026-11-01}  # expect: static-credential
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
  credential: {type: federated}
```

## References
- OWASP NHI4:2025, Insecure Authentication
- OWASP NHI7:2025, Long-Lived Secrets
- CSF 2.0 PR.AA-03, users, services and hardware are authenticated
- ISO/IEC 27001:2022 A.5.17, Authentication information
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scope_parts import static_credential
from nhi.policy.wording import quoted_name


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report a credential that works until somebody ends it."""
    credential = static_credential(manifest)
    if credential is None:
        return
    kind = credential.get("type")
    what = f"a static credential ({quoted_name(kind)})" if isinstance(kind, str) else "a static credential"
    yield Violation(
        at=("scope", "credential"),
        message=f"{what} works for whoever holds it, from wherever they are",
        hint="use a kind that keeps no secret (a role, federation); where that cannot be, let the security team accept "
        "an exception for static-credential with a compensating control and an end",
        severity=Severity.ERROR if manifest.suspended is None else Severity.WARNING,
    )


RULE = Rule(
    code="NHI401",
    severity=Severity.ERROR,
    references=("OWASP NHI4:2025", "OWASP NHI7:2025", "CSF 2.0 PR.AA-03", "ISO/IEC 27001:2022 A.5.17"),
    check=check,
)
