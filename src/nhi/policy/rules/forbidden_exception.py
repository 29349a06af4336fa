"""The exception is for a rule that may not be excepted.

## What it does
Reports an exception for a rule that allows none: one whose demand is needed to approve, to end or to remove an
identity at all, such as its owner and its expiry, and those about exceptions themselves. Such an exception covers
nothing.

## Why it matters
Whoever reads the file believes that somebody accepted it. Nobody can: an identity without an end has no end, whoever
agrees.

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
  - rule: missing-expiry  # expect: forbidden-exception
    reason: The vendor cannot federate before its 2027 release.
    compensating_control: Key is limited to the office range and alarms on use.
    approver: security
    expiry: 2027-01-31
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
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- CSF 2.0 GV.PO-01, policy is established, communicated and enforced
- NIST SP 800-53r5 CM-3, Configuration Change Control
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.accepted import accepted
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted_name


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each exception for a rule that may not be excepted."""
    for at, one in accepted(manifest):
        if context.rules.get(one.rule) is False:
            yield Violation(
                at=(*at, "rule"),
                message=f"no exception covers {quoted_name(one.rule)}",
                hint=f"remove the exception, and mend what is found; `nhi explain {one.rule}` says how",
            )


RULE = Rule(
    code="NHI504",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "CSF 2.0 GV.PO-01", "NIST SP 800-53r5 CM-3"),
    check=check,
    may_be_excepted=False,
)
