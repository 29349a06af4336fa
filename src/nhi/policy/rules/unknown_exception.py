"""The exception is for a rule that there is not.

## What it does
Reports an exception whose `rule` is no slug that `nhi rules` lists, and not of the form of a check of `nhi scan`
either: `ckv-aws-355` for checkov's CKV_AWS_355. Which checks there are is known to checkov alone, so that an exception
for one that there is not is reported by `nhi scan`, as one that covers nothing.

## Why it matters
An exception for a misspelt rule covers nothing, and yet stands in the register as a deviation that somebody accepted.

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
  - rule: static-credentials  # expect: unknown-exception
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
from nhi.model.scan import is_check_rule
from nhi.policy.accepted import accepted
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import closest, quoted_name


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each exception for a rule that there is not."""
    for at, one in accepted(manifest):
        if context.rules and one.rule not in context.rules and not is_check_rule(one.rule):
            meant = closest(one.rule, sorted(context.rules))
            yield Violation(
                at=(*at, "rule"),
                message=f"there is no rule {quoted_name(one.rule)}, so the exception covers nothing",
                hint=f"did you mean {quoted_name(meant)}?" if meant else "`nhi rules` lists the rules; or remove it",
            )


RULE = Rule(
    code="NHI505",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "CSF 2.0 GV.PO-01", "NIST SP 800-53r5 CM-3"),
    check=check,
    may_be_excepted=False,
)
