"""The identity does not say what it is for.

## What it does
Reports a manifest without `purpose`, or with an empty one. A purpose that is there but could not be read is not
reported here: the reading itself is.

## Why it matters
Whether a scope is too wide, and whether an identity is still needed, can only be judged against what it is for. A year
later this sentence is all that a reviewer has.

## Fails
```yaml
apiVersion: nhi/v1  # expect: missing-purpose
kind: service-role
name: ledger-writer
owner: payments
expiry: 2027-03-31
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
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- SOC 2 CC6.2, registers and authorizes prior to issuing system credentials
- PCI DSS 4.0.1 7.2.5, application and system accounts have the least privileges
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Rule, Violation

_HINT = (
    "`purpose: …`, a sentence that tells what runs, what it does with the access, and for whom, such as "
    "'Settlement batch writes cleared transactions to the ledger table.'"
)


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report a purpose that is absent or empty."""
    purpose = manifest.purpose
    if purpose is None:
        if "purpose" not in manifest.unreadable:
            yield Violation(at=(), message="no purpose", hint=_HINT)
    elif not purpose.strip():
        yield Violation(at=("purpose",), message="the purpose is empty", hint=_HINT)


RULE = Rule(
    code="NHI101",
    severity=Severity.ERROR,
    references=("OWASP NHI5:2025", "CSF 2.0 PR.AA-05", "SOC 2 CC6.2", "PCI DSS 4.0.1 7.2.5"),
    check=check,
    may_be_excepted=False,
)
