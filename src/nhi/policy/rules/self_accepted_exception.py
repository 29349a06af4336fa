"""Whoever asks for an exception accepts it themselves.

## What it does
Reports an exception that the change adds or edits, with the change's own author as its `approver`. Where the author
is not known, nothing is reported. An approver who may not accept exceptions at all is `unentitled-approver`.

## Why it matters
An exception sets a rule aside because a second person found that it may be. Alone, it is only breaking the rule in
writing.

## Fails
```yaml
# author: erin
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
exceptions:
  - {rule: static-credential, expiry: 2027-01-31,
     reason: The vendor cannot federate before its 2027 release,
     compensating_control: Key is limited to the office range and alarms on use,
     approver: erin}  # expect: self-accepted-exception
```

## Passes
```yaml
# author: carol
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
exceptions:
  - {rule: static-credential, expiry: 2027-01-31,
     reason: The vendor cannot federate before its 2027 release,
     compensating_control: Key is limited to the office range and alarms on use,
     approver: erin}
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- NIST SP 800-53r5 AC-5, Separation of Duties
- ISO/IEC 27001:2022 A.5.3, Segregation of duties
- SOC 2 CC6.3, authorizes, modifies, or removes access on least privilege and segregation of duties
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.policy.accepted import accepted
from nhi.policy.rule import ChangeContext, ChangeRule, Violation
from nhi.policy.wording import quoted_name


def check(change: ManifestChange, context: ChangeContext) -> Iterator[Violation]:
    """Report each exception that the change brings, and that its own author accepted."""
    author, after = context.change.author, change.after
    if author is None or after is None:
        return
    before = () if change.before is None else change.before.exceptions
    for at, one in accepted(after):
        if one.approver == author and one not in before:
            yield Violation(
                at=(*at, "approver"),
                message=f"{quoted_name(author)} asks for the exception, and accepts it",
                hint="let somebody else of the security team accept it, or ask for it",
            )


RULE = ChangeRule(
    code="NHI509",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "NIST SP 800-53r5 AC-5", "ISO/IEC 27001:2022 A.5.3", "SOC 2 CC6.3"),
    check=check,
    may_be_excepted=False,
)
