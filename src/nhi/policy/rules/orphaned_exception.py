"""An accepted exception covers nothing any more.

## What it does
Reports an exception that has not ended, for a rule that finds nothing in this manifest. Exceptions for rules about
changes and about whole stacks are left alone, since those rules do not look at a manifest by itself. Those for
checkov's checks (`ckv-aws-355`) are looked at by `nhi scan`.

## Why it matters
The deviation is gone, but the permission to deviate stays: the next person who widens the identity is covered by what
was accepted for something else. And every exception in the register that stands for nothing hides one that does.

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
  - rule: wildcard-resource  # expect: orphaned-exception warning
    reason: The table's name is not known before the first settlement.
    compensating_control: The account holds nothing but the settlement tables.
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
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded, and tracked
- SOC 2 CC5.2, technology controls
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Outcome, OutcomeRule, Violation
from nhi.policy.wording import quoted_name


def check(manifest: Manifest, context: Context, outcome: Outcome) -> Iterator[Violation]:
    """Report each live exception for a rule that looked and found nothing."""
    for index, accepted in enumerate(manifest.exceptions):
        if accepted.rule in outcome.asked - outcome.found and not context.now.reached(accepted.expiry):
            yield Violation(
                at=("exceptions", index, "rule"),
                message=f"{quoted_name(accepted.rule)} finds nothing here, so there is nothing to except",
                hint="delete the exception; should the deviation come back, somebody has to accept it anew",
            )


RULE = OutcomeRule(
    code="NHI510",
    severity=Severity.WARNING,
    references=("CSF 2.0 ID.RA-07", "SOC 2 CC5.2"),
    check=check,
    may_be_excepted=False,
)
