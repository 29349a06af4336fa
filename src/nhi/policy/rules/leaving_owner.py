"""Everybody who answers for the identity leaves before it ends.

## What it does
Reports an owner whose last day is known and lies before the `expiry`: a person, or a team whose accountable person
and deputy all leave before. Somebody who has left already is `departed-owner`.

## Why it matters
While the owner is still there, handing over costs one conversation. `identities/owners.yaml` often knows the day
weeks ahead.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: vaults  # expect: leaving-owner warning
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  allow:
    - actions: [dynamodb:PutItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
```

## Passes
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: vaults
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-02-28
scope:
  allow:
    - actions: [dynamodb:PutItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
```

## References
- OWASP NHI1:2025, Improper Offboarding
- CSF 2.0 GV.RR-04, cybersecurity is included in human resources practices
- NIST SP 800-53r5 PS-4, Termination
- ISO/IEC 27001:2022 A.6.5, Responsibilities after termination
"""

from collections.abc import Iterator
from datetime import datetime

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.owners import Owners
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted_name


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report an identity that outlives everybody who answers for it."""
    if manifest.owner is None or manifest.expiry is None:
        return
    last: datetime | None = None
    for name in _who_answers(manifest.owner, context.owners):
        person = None if name is None else context.owners.people.get(name)
        if person is None:
            continue
        if person.left is None:
            return
        if not context.now.reached(person.left):
            last = person.left if last is None else max(last, person.left)
    if last is not None and last < manifest.expiry:
        day = last.date().isoformat()
        yield Violation(
            at=("owner",),
            message=f"nobody answers for the identity from {day} on: {quoted_name(manifest.owner)} is leaving",
            hint=f"name an owner who stays, or write an expiry no later than {day}",
        )


def _who_answers(owner: str, owners: Owners) -> tuple[str | None, ...]:
    team = owners.teams.get(owner)
    return (owner,) if team is None else (team.accountable, team.deputy)


RULE = Rule(
    code="NHI007",
    severity=Severity.WARNING,
    references=("OWASP NHI1:2025", "CSF 2.0 GV.RR-04", "NIST SP 800-53r5 PS-4", "ISO/IEC 27001:2022 A.6.5"),
    check=check,
)
