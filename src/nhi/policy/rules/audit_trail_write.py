"""The identity may stop, delete or blind the audit trail.

## What it does
Reports an action that stops, deletes or changes what records and detects: CloudTrail, Config, GuardDuty, Security Hub,
Access Analyzer and their like; and one that deletes logs or silences alarms, where it reaches every one (one's own log
group is one's own). `*` is what `wildcard-action` reports.

## Why it matters
The first thing that an intruder does with such an identity is to turn off what would have told of the second.

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
    - actions: [cloudtrail:StopLogging]  # expect: audit-trail-write
      resources: ["arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit"]
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
    - actions: [cloudtrail:GetTrailStatus]
      resources: ["arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit"]
```

## References
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.PS-04, log records are generated and made available for continuous monitoring
- ISO/IEC 27001:2022 A.8.15, Logging
- SOC 2 CC7.2, monitors system components for anomalies
- PCI DSS 4.0.1 10.3.2, audit log files are protected to prevent modifications
- AWS Service Authorization Reference, <https://docs.aws.amazon.com/service-authorization/latest/reference/>
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.iam.resources import Breadth, breadth, may_apply
from nhi.policy.iam.sensitive import Concern
from nhi.policy.rule import Context, KeyPath, Rule, Violation
from nhi.policy.scopes import Use, concerned
from nhi.policy.wording import others, quoted_name


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each action against what records and detects, and each against all logs or alarms."""
    seen: set[KeyPath] = set()
    for use in concerned(manifest, Concern.AUDIT_TRAIL):
        seen.add(use.at)
        yield _violation(use, use.names, "can stop, delete or blind what records and detects")
    for use in concerned(manifest, Concern.LOGS):
        every = tuple(name for name in use.names if _reaches_all(name, use))
        if every and use.at not in seen:
            yield _violation(use, every, "reaches every log or alarm of the account")


def _reaches_all(name: str, use: Use) -> bool:
    return any(may_apply(name, one) and breadth(name, one) is Breadth.EVERY for _, one in use.resources)


def _violation(use: Use, names: tuple[str, ...], what: str) -> Violation:
    takes_in = "" if names[0].lower() == use.action.lower() else f": {others(names)}"
    return Violation(
        at=use.at,
        message=f"{quoted_name(use.action)} {what}{takes_in}",
        hint="leave it out; what records is changed by those who answer for it, and read by everybody else",
    )


RULE = Rule(
    code="NHI310",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI5:2025",
        "CSF 2.0 PR.PS-04",
        "ISO/IEC 27001:2022 A.8.15",
        "SOC 2 CC7.2",
        "PCI DSS 4.0.1 10.3.2",
    ),
    check=check,
)
