"""A suspended identity gets its access back.

## What it does
Reports a `suspended` that the change removes. It is an error unless the same change brings a new `certified`: a day
since the suspension, not more than 90 days back, on which the owner confirmed that its reason is over. With one it is
a warning, since access that comes back is always to be seen.

## Why it matters
It was suspended because somebody had reason to think that it was in the wrong hands. Deleting one line gives it back
to them.

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
suspended: {since: 2026-11-01T08:00:00Z, reason: "leak suspected, INC-77"}
# after
apiVersion: nhi/v1  # expect: lifted-suspension
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
suspended: {since: 2026-11-01T08:00:00Z, reason: "leak suspected, INC-77"}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-02-28
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
suspended: {since: 2026-11-01T08:00:00Z, reason: "leak suspected, INC-77"}
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- NIST SP 800-53r5 AC-2(3), disable accounts that have expired or are in violation of policy
- ISO/IEC 27001:2022 A.5.18, Access rights
- SOC 2 CC6.3, authorizes, modifies, or removes access on least privilege and segregation of duties
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.model.instant import format_instant
from nhi.policy.renewal import FRESH_DAYS, certified_anew
from nhi.policy.rule import ChangeContext, ChangeRule, Violation
from nhi.policy.wording import quoted


def check(change: ManifestChange, context: ChangeContext) -> Iterator[Violation]:
    """Report an identity that gets its access back."""
    before, after = change.before, change.after
    if before is None or after is None or before.suspended is None:
        return
    if after.suspended is not None or "suspended" in after.unreadable:
        return
    since = before.suspended.since
    certified = certified_anew(change, context.after.now)
    is_confirmed = certified is not None and certified.date() >= since.date()
    yield Violation(
        at=(),
        message=f"access comes back: it was cut on {format_instant(since)} for {quoted(before.suspended.reason)}",
        hint="approve it only if that is over"
        if is_confirmed
        else f"write `certified: YYYY-MM-DD`, the day since {since.date().isoformat()} on which the owner confirmed "
        f"that it is over and the identity still needed, at most {FRESH_DAYS} days back",
        severity=Severity.WARNING if is_confirmed else Severity.ERROR,
    )


RULE = ChangeRule(
    code="NHI706",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "NIST SP 800-53r5 AC-2(3)", "ISO/IEC 27001:2022 A.5.18", "SOC 2 CC6.3"),
    check=check,
)
