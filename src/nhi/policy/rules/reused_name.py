"""The name was another identity's, which has been removed.

## What it does
Reports a new manifest whose stack and name stood in the history once and were removed from it.

## Why it matters
Policies elsewhere name identities by their name, and give the new one what they gave the old. And whoever reads the
record of one reads that of two. NIST asks for the same: an identifier is not used again.

## Fails
```yaml
# removed-before: yes
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer  # expect: reused-name
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## Passes
```yaml
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer-2
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## References
- OWASP NHI9:2025, NHI Reuse
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- NIST SP 800-53r5 IA-4, Identifier Management
- ISO/IEC 27001:2022 A.5.16, Identity management
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.policy.rule import ChangeContext, ChangeRule, Violation
from nhi.policy.wording import quoted_name


def check(change: ManifestChange, context: ChangeContext) -> Iterator[Violation]:
    """Report a new identity whose id another one had before."""
    if change.before is None and change.after is not None and change.identity in context.change.removed_before:
        yield Violation(
            at=("name",),
            message=f"{quoted_name(change.identity)} was there before, and was removed",
            hint="choose a name that this stack has never had, such as one with a number",
        )


RULE = ChangeRule(
    code="NHI703",
    severity=Severity.ERROR,
    references=("OWASP NHI9:2025", "CSF 2.0 ID.RA-07", "NIST SP 800-53r5 IA-4", "ISO/IEC 27001:2022 A.5.16"),
    check=check,
)
