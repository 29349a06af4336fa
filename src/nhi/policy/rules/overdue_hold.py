"""The hold was to be looked at by now.

## What it does
Reports a `hold` whose `review` has been reached. It keeps holding: nothing is removed because a day has passed. It is
an error on a manifest that the change adds or edits. Elsewhere, and on a suspended identity, it is a warning.

## Why it matters
A hold keeps what should be removed, and what nobody reviews is held for ever. Whoever changes a held identity should
know from the authority that they may.

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
hold: {authority: legal, reason: "matter 2026-14", review: 2026-11-01}  # expect: overdue-hold
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
hold: {authority: legal, reason: "matter 2026-14", review: 2027-02-01}
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- CSF 2.0 GV.PO-01, policy is established, communicated and enforced
- NIST SP 800-53r5 AU-11, Audit Record Retention
- ISO/IEC 27001:2022 A.5.33, Protection of records
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.instant import format_instant
from nhi.policy.blame import where_edited
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report a hold that was to be looked at by now."""
    hold = manifest.hold
    if hold is None or not context.now.reached(hold.review):
        return
    yield Violation(
        at=("hold", "review"),
        message=f"the hold was to be looked at on {format_instant(hold.review)}",
        hint=f"ask {quoted(hold.authority)} whether it is needed: write the day of the next look, or remove `hold`",
        severity=where_edited(manifest, context),
    )


RULE = Rule(
    code="NHI601",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "CSF 2.0 GV.PO-01", "NIST SP 800-53r5 AU-11", "ISO/IEC 27001:2022 A.5.33"),
    check=check,
)
