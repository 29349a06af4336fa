"""An accepted exception has ended, and is still there.

## What it does
Reports an exception whose `expiry` has been reached. It covers nothing any more, so that what it covered is reported
again. It is an error on a manifest that the change adds or edits. Elsewhere, and on a suspended identity, it is a
warning: a day that passes must not stop the work of others.

## Why it matters
An exception was accepted until a day by which things were to be mended. The day is when somebody looks whether they
were.

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
  - rule: static-credential
    reason: The vendor cannot federate before its 2027 release.
    compensating_control: Key is limited to the office range and alarms on use.
    approver: security
    expiry: 2026-10-31  # expect: expired-exception
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
- OWASP NHI1:2025, Improper Offboarding
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- NIST SP 800-53r5 AC-2(2), Automated Temporary and Emergency Account Management
- ISO/IEC 27001:2022 A.5.18, Access rights
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.instant import format_instant
from nhi.policy.accepted import accepted
from nhi.policy.blame import where_edited
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted_name


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each exception that has ended."""
    for at, one in accepted(manifest):
        if context.now.reached(one.expiry):
            team = quoted_name(context.settings.security_team)
            yield Violation(
                at=(*at, "expiry"),
                message=f"the exception for {quoted_name(one.rule)} ended on {format_instant(one.expiry)}",
                hint=f"remove it and mend what it covered; or ask {team} to accept it anew, with a new end",
                severity=where_edited(manifest, context),
            )


RULE = Rule(
    code="NHI501",
    severity=Severity.ERROR,
    references=("OWASP NHI1:2025", "CSF 2.0 ID.RA-07", "NIST SP 800-53r5 AC-2(2)", "ISO/IEC 27001:2022 A.5.18"),
    check=check,
    may_be_excepted=False,
)
