"""A hold is lifted, handed on, or looked at later.

## What it does
Reports a `hold` that the change removes, gives another `authority`, or a later `review`. It is a warning: a hold ends
some day, and whether the authority ended it is for the reviewers to know.

## Why it matters
From then on nothing keeps the identity from being removed. Who lifts a hold without being entitled to destroys
evidence, one step later.

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
hold: {authority: legal, reason: "matter 2026-14", review: 2027-02-01}
# after
apiVersion: nhi/v1  # expect: lifted-hold warning
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
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
hold: {authority: legal, reason: "matter 2026-14", review: 2027-02-01}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
hold: {authority: legal, reason: "matter 2026-14", review: 2026-12-15}
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
from nhi.model.identity import Hold
from nhi.model.instant import format_instant
from nhi.policy.rule import ChangeContext, ChangeRule, Violation
from nhi.policy.wording import quoted


def check(change: ManifestChange, _context: ChangeContext) -> Iterator[Violation]:
    """Report a hold that the change lifts, or makes weaker."""
    before, after = change.before, change.after
    if before is None or after is None or before.hold is None or "hold" in after.unreadable:
        return
    authority = quoted(before.hold.authority)
    hint = f"approve it only if {authority} says so, and keep where that was said"
    if after.hold is None:
        yield Violation((), f"the hold of {authority} is lifted: the identity may be removed from now on", hint)
        return
    if _folded(after.hold) != _folded(before.hold):
        message = f"the hold passes from {authority} to {quoted(after.hold.authority)}"
        yield Violation(("hold", "authority"), message, hint)
    if after.hold.review > before.hold.review:
        old, new = format_instant(before.hold.review), format_instant(after.hold.review)
        message = f"the hold of {authority} is looked at on {new} instead of {old}"
        yield Violation(("hold", "review"), message, hint)


def _folded(hold: Hold) -> str:
    return " ".join(hold.authority.casefold().split())


RULE = ChangeRule(
    code="NHI705",
    severity=Severity.WARNING,
    references=("CSF 2.0 ID.RA-07", "NIST SP 800-53r5 AU-11", "ISO/IEC 27001:2022 A.5.28", "ISO/IEC 27001:2022 A.5.33"),
    check=check,
)
