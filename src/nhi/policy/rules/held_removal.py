"""An identity under a hold is removed.

## What it does
Reports the removal of a manifest that had a `hold` at the base of the change, or one that could not be read. It does
not matter whether the hold was to be looked at by then. A file that moves within its stack is not removed.

## Why it matters
A hold keeps an object as evidence. Once it is destroyed, no court gets it back.

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
hold: {authority: legal, reason: "matter 2026-14", review: 2027-02-01}  # expect: held-removal
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
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- NIST SP 800-53r5 AU-11, Audit Record Retention
- ISO/IEC 27001:2022 A.5.28, Collection of evidence
- ISO/IEC 27001:2022 A.5.33, Protection of records
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.policy.rule import ChangeContext, ChangeRule, Violation
from nhi.policy.wording import quoted


def check(change: ManifestChange, _context: ChangeContext) -> Iterator[Violation]:
    """Report the removal of an identity that was held, or of which nobody can say that it was not."""
    before = change.before
    if before is None or change.after is not None:
        return
    if before.hold is not None:
        authority = quoted(before.hold.authority)
        yield Violation(
            at=("hold",),
            message=f"the hold of {authority} keeps the identity, and the change removes it",
            hint=f"put the file back; once {authority} has ended the hold, lift it in a change of its own",
        )
    elif "hold" in before.unreadable:
        yield Violation(
            at=("hold",),
            message="whether a hold keeps the identity could not be read, and the change removes it",
            hint="put the file back and mend `hold`, in a change of its own",
        )


RULE = ChangeRule(
    code="NHI701",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "NIST SP 800-53r5 AU-11", "ISO/IEC 27001:2022 A.5.28", "ISO/IEC 27001:2022 A.5.33"),
    check=check,
    may_be_excepted=False,
)
