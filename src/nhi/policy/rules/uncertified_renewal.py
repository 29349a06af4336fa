"""The expiry is pushed out, and nobody confirmed that the identity is still needed.

## What it does
Reports an `expiry` that the change moves later on an identity without a fresh `certified`, a day not more than 90
days back. It is a warning up to the limit of renewals, beyond which `renewal-limit` asks for more. It is an error
where the history does not tell how often the identity was renewed before, such as in a shallow clone: what is not
known is not taken for few.

## Why it matters
A renewal is the moment to ask whether the access is still used and still right. A date that is only moved asks
nobody.

## Fails
```yaml
# renewals: 0
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
expiry: 2027-09-30  # expect: uncertified-renewal warning
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## Passes
```yaml
# renewals: 0
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
expiry: 2027-09-30
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
certified: 2026-11-20
```

## References
- OWASP NHI7:2025, Long-Lived Secrets
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-6(7), Review of User Privileges
- ISO/IEC 27001:2022 A.5.18, Access rights
- PCI DSS 4.0.1 7.2.5.1, access of application and system accounts is reviewed and remains appropriate
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.model.instant import format_instant
from nhi.policy.renewal import FRESH_DAYS, is_fresh, judged_by, pushed_out
from nhi.policy.rule import ChangeContext, ChangeRule, Violation


def check(change: ManifestChange, context: ChangeContext) -> Iterator[Violation]:
    """Report a renewal without a fresh certification."""
    moved, after = pushed_out(change), change.after
    if moved is None or after is None or context.after.now.reached(moved[0]):
        return  # revived-expiry
    count = context.change.renewals.get(change.identity)
    if count is not None and count >= judged_by(context).settings.limits.renewals:
        return  # renewal-limit
    if "certified" in after.unreadable or is_fresh(after.certified, context.after.now):
        return
    unknown = "; how often it was renewed before is not known" if count is None else ""
    yield Violation(
        at=("expiry",),
        message=f"the expiry moves from {format_instant(moved[0])} to {format_instant(moved[1])}, and nobody has "
        f"confirmed that the identity is still needed{unknown}",
        hint=f"let the owner confirm it, and write `certified: YYYY-MM-DD`, that day, at most {FRESH_DAYS} days back",
        severity=Severity.ERROR if count is None else Severity.WARNING,
    )


RULE = ChangeRule(
    code="NHI205",
    severity=Severity.WARNING,
    references=(
        "OWASP NHI7:2025",
        "CSF 2.0 PR.AA-05",
        "NIST SP 800-53r5 AC-6(7)",
        "ISO/IEC 27001:2022 A.5.18",
        "PCI DSS 4.0.1 7.2.5.1",
    ),
    check=check,
)
