"""The same rule is excepted twice.

## What it does
Reports a second exception for the same rule in one manifest, whatever has become of the first. An exception that is
pushed out instead is `renewed-exception`.

## Why it matters
Two exceptions with two ends, two reasons and two approvers: nobody can tell which of them somebody accepted last, and
the one that lasts longer wins.

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
exceptions:
  - rule: static-credential
    reason: The vendor cannot federate before its 2027 release.
    compensating_control: Key is limited to the office range and alarms on use.
    approver: security
    expiry: 2027-01-31
  - rule: static-credential  # expect: repeated-exception
    reason: The vendor cannot federate before its 2027 release.
    compensating_control: Key is limited to the office range and alarms on use.
    approver: security
    expiry: 2027-03-31
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
exceptions:
  - rule: static-credential
    reason: The vendor cannot federate before its 2027 release.
    compensating_control: Key is limited to the office range and alarms on use.
    approver: security
    expiry: 2027-01-31
  - rule: vague-purpose
    reason: The vendor cannot federate before its 2027 release.
    compensating_control: Key is limited to the office range and alarms on use.
    approver: security
    expiry: 2027-01-31
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- CSF 2.0 GV.PO-01, policy is established, communicated and enforced
- ISO/IEC 27001:2022 A.5.18, Access rights
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.accepted import accepted
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted_name


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report every further exception for the same rule."""
    seen: set[str] = set()
    for at, one in accepted(manifest):
        if one.rule in seen:
            yield Violation(
                at=(*at, "rule"),
                message=f"{quoted_name(one.rule)} is excepted a second time",
                hint="keep one: its reason says everything that it is for, and its expiry when it ends",
            )
        seen.add(one.rule)


RULE = Rule(
    code="NHI507",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "CSF 2.0 GV.PO-01", "ISO/IEC 27001:2022 A.5.18"),
    check=check,
    may_be_excepted=False,
)
