"""An identity that was over comes back by an edit of its date.

## What it does
Reports an `expiry` that had been reached and that the change sets to a time to come, unless the same change brings a
new `certified`: a day since the end, not more than 90 days back, on which the owner confirmed that it is needed
again.

## Why it matters
At its expiry the access ended, as was approved. Giving it back is a new request, and needs somebody who makes it: the
reviewers of the first one agreed to an end.

## Fails
```yaml
# renewals: 0
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2026-10-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-09-30  # expect: revived-expiry
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
expiry: 2026-10-31
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
- OWASP NHI1:2025, Improper Offboarding
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-2(3), disable accounts that have expired or are in violation of policy
- SOC 2 CC6.2, credentials are removed when access is no longer authorized
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.model.instant import format_instant
from nhi.policy.renewal import FRESH_DAYS, certified_anew, pushed_out
from nhi.policy.rule import ChangeContext, ChangeRule, Violation


def check(change: ManifestChange, context: ChangeContext) -> Iterator[Violation]:
    """Report an expiry that was reached, and that the change sets to a time to come."""
    now, moved = context.after.now, pushed_out(change)
    if moved is None or not now.reached(moved[0]) or now.reached(moved[1]):
        return
    certified = certified_anew(change, now)
    if certified is not None and certified.date() >= moved[0].date():
        return
    yield Violation(
        at=("expiry",),
        message=f"the identity was over on {format_instant(moved[0])}, and the change gives its access back",
        hint=f"write `certified: YYYY-MM-DD`, the day since {moved[0].date().isoformat()} on which the owner confirmed "
        f"that it is needed again, at most {FRESH_DAYS} days back; or remove the file",
    )


RULE = ChangeRule(
    code="NHI206",
    severity=Severity.ERROR,
    references=("OWASP NHI1:2025", "CSF 2.0 PR.AA-05", "NIST SP 800-53r5 AC-2(3)", "SOC 2 CC6.2"),
    check=check,
)
