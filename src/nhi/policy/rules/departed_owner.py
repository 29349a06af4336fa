"""The owner has left, and nobody has stepped in.

## What it does
Reports an owner who has left, or a team of which the accountable person has left and no deputy is there to step in.
It is an error on a manifest that the change adds or edits. Elsewhere it is a warning, since somebody's last day must
not stop the work of others; and also on a suspended identity, since cutting access must never wait for an owner.

## Why it matters
Identities outlive the people who asked for them. Handing one over while somebody still knows what it does is cheap;
finding out a year later is not.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: bob  # expect: departed-owner
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
- CSF 2.0 GV.RR-04, cybersecurity is included in human resources practices
- NIST SP 800-53r5 AC-2(3), disable accounts that are no longer associated with a user
- NIST SP 800-53r5 PS-4, Termination
- ISO/IEC 27001:2022 A.6.5, Responsibilities after termination
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.owners import Person, Team
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import listed, quoted_name


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report an owner who has left, or a team that nobody answers for any more."""
    owner = None if manifest.owner is None else context.owners.find(manifest.owner)
    if owner is None:
        return
    found = _person(owner, context) if isinstance(owner, Person) else _team(owner, context)
    if found is not None:
        message, hint = found
        blocks = context.edited and manifest.suspended is None
        yield Violation(("owner",), message, hint, Severity.ERROR if blocks else Severity.WARNING)


def _person(person: Person, context: Context) -> tuple[str, str] | None:
    left = _left(person, context)
    if left is None:
        return None
    own = (team for team in context.owners.teams.values() if person.name in team.members)
    teams = listed(team.name for team in own if _team(team, context) is None)
    such_as = f", such as {teams}, where {quoted_name(person.name)} worked" if teams else ""
    return f"the owner {left}", f"hand it over to a team or a person who is there{such_as}"


def _team(team: Team, context: Context) -> tuple[str, str] | None:
    accountable = context.owners.people.get(team.accountable)
    left = None if accountable is None else _left(accountable, context)
    if left is None:
        return None
    deputy = None if team.deputy is None else context.owners.people.get(team.deputy)
    deputy_left = None if deputy is None else _left(deputy, context)
    if deputy is not None and deputy_left is None:
        return None
    nobody = "there is no deputy" if deputy_left is None else f"the deputy {deputy_left}"
    return (
        f"nobody answers for the team {quoted_name(team.name)}: the accountable person {left}, and {nobody}",
        f"name an accountable person for {quoted_name(team.name)} in identities/owners.yaml, or another owner here",
    )


def _left(person: Person, context: Context) -> str | None:
    if person.left is None or not context.now.reached(person.left):
        return None
    return f"{quoted_name(person.name)} left on {person.left.date().isoformat()}"


RULE = Rule(
    code="NHI003",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI1:2025",
        "CSF 2.0 GV.RR-04",
        "NIST SP 800-53r5 AC-2(3)",
        "NIST SP 800-53r5 PS-4",
        "ISO/IEC 27001:2022 A.6.5",
    ),
    check=check,
)
