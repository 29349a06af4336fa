"""An exception is pushed out.

## What it does
Reports an exception whose end the change moves later. With a new reason it is a warning, for the reviewer to judge.
For the same reason as before it is an error.

## Why it matters
An exception that is renewed each time it ends is how things are, not an exception. The second time needs more than
the first: why it was not mended.

## Fails
```yaml
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
exceptions:
  - {rule: static-credential, approver: security, expiry: 2027-01-31,
     reason: The vendor cannot federate before its 2027 release,
     compensating_control: Key is limited to the office range and alarms on use}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
exceptions:
  - {rule: static-credential, approver: security, expiry: 2027-03-31,  # expect: renewed-exception
     reason: The vendor cannot federate before its 2027 release,
     compensating_control: Key is limited to the office range and alarms on use}
```

## Passes
```yaml
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
exceptions:
  - {rule: static-credential, approver: security, expiry: 2027-01-31,
     reason: The vendor cannot federate before its 2027 release,
     compensating_control: Key is limited to the office range and alarms on use}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
exceptions:
  - {rule: static-credential, approver: security, expiry: 2026-12-31,
     reason: The vendor cannot federate before its 2027 release,
     compensating_control: Key is limited to the office range and alarms on use}
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- CSF 2.0 GV.PO-01, policy is established, communicated and enforced
- NIST SP 800-53r5 AC-6(7), Review of User Privileges
- ISO/IEC 27001:2022 A.5.18, Access rights
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.model.identity import AcceptedException, Manifest
from nhi.model.instant import format_instant
from nhi.policy.accepted import accepted
from nhi.policy.placeholders import words
from nhi.policy.rule import ChangeContext, ChangeRule, Violation
from nhi.policy.wording import quoted_name


def check(change: ManifestChange, _context: ChangeContext) -> Iterator[Violation]:
    """Report each exception that lasts longer than before."""
    if change.before is None or change.after is None:
        return
    before = _longest(change.before)
    for at, one in accepted(change.after):
        old = before.get(one.rule)
        if old is not None and one.expiry > old.expiry:
            is_argued = words(one.reason) != words(old.reason)
            yield Violation(
                at=(*at, "expiry"),
                message=f"the exception for {quoted_name(one.rule)} moves from {format_instant(old.expiry)} to "
                f"{format_instant(one.expiry)}" + ("" if is_argued else ", for the reason that it had before"),
                hint="whoever accepts it judges the new reason"
                if is_argued
                else "say in `reason` why it was not mended by then, and what will have changed by the new end",
                severity=Severity.WARNING if is_argued else Severity.ERROR,
            )


def _longest(manifest: Manifest) -> dict[str, AcceptedException]:
    """For each rule the exception that ends last."""
    return {one.rule: one for one in sorted(manifest.exceptions, key=lambda one: one.expiry)}


RULE = ChangeRule(
    code="NHI508",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "CSF 2.0 GV.PO-01", "NIST SP 800-53r5 AC-6(7)", "ISO/IEC 27001:2022 A.5.18"),
    check=check,
    may_be_excepted=False,
)
