"""The team that owns it lacks its accountable person or a deputy.

## What it does
Reports a team of which the accountable person has left while the deputy is still there, or which has no deputy, or
one who has left. Where neither of the two is there, nobody answers for the identity at all: that is `departed-owner`.
Where only one person of the team is left, it is `sole-owner`. It is a warning, since a team is mended in
`identities/owners.yaml`, in a change of its own.

## Why it matters
An approval, a question in the night, a decision to revoke: each waits for somebody who may answer. With one of the
two missing it works until the other is on holiday.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: settlement  # expect: unaccountable-team warning
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
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  allow:
    - actions: [dynamodb:PutItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
```

## References
- OWASP NHI1:2025, Improper Offboarding
- CSF 2.0 GV.RR-02, roles, responsibilities and authorities are established, communicated, understood and enforced
- NIST SP 800-53r5 AC-2, Account Management
- ISO/IEC 27001:2022 A.5.16, Identity management
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.owners import Owners, Team
from nhi.policy.people import absence, is_there, stand_in, the_only_one
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted_name


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report a team in which one of the two who should answer for it is missing."""
    team = None if manifest.owner is None else context.owners.teams.get(manifest.owner)
    if team is None:
        return
    is_led = is_there(team.accountable, context.owners, context.now)
    if is_led == is_there(stand_in(team), context.owners, context.now):
        return  # both are there; or neither, which departed-owner reports
    if the_only_one(team, context.owners, context.now) is None:
        message, hint = _deputy_missing(team, context.owners) if is_led else _leader_missing(team, context.owners)
        yield Violation(("owner",), message, hint)


def _leader_missing(team: Team, owners: Owners) -> tuple[str, str]:
    deputy = quoted_name(team.deputy or "")
    return (
        f"the accountable person of the team {quoted_name(team.name)} is gone: {absence(team.accountable, owners)}",
        f"name a new accountable person in identities/owners.yaml, in a change of its own; until then {deputy} answers",
    )


def _deputy_missing(team: Team, owners: Owners) -> tuple[str, str]:
    deputy = stand_in(team)
    why = "it has no deputy" if deputy is None else f"of its deputy, {absence(deputy, owners)}"
    return (
        f"nobody of the team {quoted_name(team.name)} stands in for {quoted_name(team.accountable)}: {why}",
        f"name a deputy for {quoted_name(team.name)} in identities/owners.yaml, in a change of its own",
    )


RULE = Rule(
    code="NHI004",
    severity=Severity.WARNING,
    references=("OWASP NHI1:2025", "CSF 2.0 GV.RR-02", "NIST SP 800-53r5 AC-2", "ISO/IEC 27001:2022 A.5.16"),
    check=check,
)
