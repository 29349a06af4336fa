"""The identity has no owner.

## What it does
Reports a manifest without `owner`, or with an empty one. An owner that is there but could not be read is not reported
here: the reading itself is.

## Why it matters
Somebody must answer for an identity: approve its changes, renew it, and be asked when it does what it should not. What
nobody owns is what nobody removes.

## Fails
```yaml
apiVersion: nhi/v1  # expect: missing-owner
kind: service-role
name: ledger-writer
purpose: Settlement batch writes cleared transactions to the ledger table.
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
- OWASP NHI1:2025, Improper Offboarding
- CSF 2.0 GV.RR-02, roles, responsibilities and authorities are established, communicated, understood and enforced
- CSF 2.0 PR.AA-01, identities and credentials are managed by the organization
- NIST SP 800-53r5 AC-2, Account Management
- ISO/IEC 27001:2022 A.5.16, Identity management
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import listed


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report an owner that is absent or empty."""
    owner = manifest.owner
    if owner is None:
        if "owner" not in manifest.unreadable:
            yield Violation(at=(), message="no owner", hint=_hint(context))
    elif not owner.strip():
        yield Violation(at=("owner",), message="the owner is empty", hint=_hint(context))


def _hint(context: Context) -> str:
    known = listed(sorted(context.owners.teams))
    such_as = f", such as {known}" if known else ""
    return f"`owner: …`, a team or a person of identities/owners.yaml{such_as}"


RULE = Rule(
    code="NHI001",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI1:2025",
        "CSF 2.0 GV.RR-02",
        "CSF 2.0 PR.AA-01",
        "NIST SP 800-53r5 AC-2",
        "ISO/IEC 27001:2022 A.5.16",
    ),
    check=check,
    may_be_excepted=False,
)
