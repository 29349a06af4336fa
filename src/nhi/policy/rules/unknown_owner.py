"""The owner is neither a team nor a person of identities/owners.yaml.

## What it does
Reports an `owner` that is neither a key of `people` nor of `teams` in `identities/owners.yaml`. A team or a person
that is removed from there is reported on every identity that it still owns.

## Why it matters
An owner whom nobody can find approves nothing and is told nothing. A typing error in this line is an identity without
an owner that looks as if it had one.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: paymnets  # expect: unknown-owner
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
- NIST SP 800-53r5 AC-2, Account Management
- ISO/IEC 27001:2022 A.5.16, Identity management
"""

from collections.abc import Iterator
from itertools import chain

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.owners import Owners
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import closest, quoted_name


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report an owner that identities/owners.yaml does not have."""
    owner = manifest.owner
    if owner is None or context.owners.find(owner) is not None or not owner.strip():
        return
    yield Violation(
        at=("owner",),
        message=f"{quoted_name(owner)} is neither a team nor a person of identities/owners.yaml",
        hint=_hint(owner, context.owners),
    )


def _hint(owner: str, owners: Owners) -> str:
    meant = closest(owner, chain(owners.teams, owners.people))
    if meant is not None:
        return f"did you mean {quoted_name(meant)}?"
    return f"name a team or a person of identities/owners.yaml, or declare {quoted_name(owner)} there"


RULE = Rule(
    code="NHI002",
    severity=Severity.ERROR,
    references=("OWASP NHI1:2025", "CSF 2.0 GV.RR-02", "NIST SP 800-53r5 AC-2", "ISO/IEC 27001:2022 A.5.16"),
    check=check,
    may_be_excepted=False,
)
