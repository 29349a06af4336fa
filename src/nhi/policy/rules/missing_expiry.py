"""The identity has no end.

## What it does
Reports a manifest without `expiry`. An expiry that is there but could not be read is not reported here: the reading
itself is, and the identity is never taken for one that does not expire.

## Why it matters
Access without an end is removed only if somebody remembers. With an expiry the cloud itself ends the access at that
second, whether anybody remembers or not.

## Fails
```yaml
apiVersion: nhi/v1  # expect: missing-expiry
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
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
- OWASP NHI1:2025, Improper Offboarding
- OWASP NHI7:2025, Long-Lived Secrets
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-2(3), disable accounts that have expired
- ISO/IEC 27001:2022 A.5.18, Access rights
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Rule, Violation


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report an expiry that is absent."""
    if manifest.expiry is None and "expiry" not in manifest.unreadable:
        yield Violation(
            at=(),
            message="no expiry",
            hint=(
                f"`expiry: YYYY-MM-DD`, at most {context.settings.lifetimes.standard} days ahead; "
                "access ends at 00:00 UTC of that day, and what is still needed is renewed before"
            ),
        )


RULE = Rule(
    code="NHI201",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI1:2025",
        "OWASP NHI7:2025",
        "CSF 2.0 PR.AA-05",
        "NIST SP 800-53r5 AC-2(3)",
        "ISO/IEC 27001:2022 A.5.18",
    ),
    check=check,
    may_be_excepted=False,
)
