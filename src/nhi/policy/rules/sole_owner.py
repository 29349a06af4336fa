"""One person alone answers for the identity.

## What it does
Reports an owner that is a person instead of a team, or a team of which one person is left. Somebody who has left is
`departed-owner`, and so is a team in which neither the accountable person nor the deputy is left.

## Why it matters
People go on holiday, change teams and leave, mostly without a thought for the identities they once asked for. A team
keeps knowing what runs, and there is always somebody to approve, to renew, and to ask.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: carol  # expect: sole-owner warning
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
- ISO/IEC 27001:2022 A.6.5, Responsibilities after termination
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.owners import Person
from nhi.policy.people import is_there, teams_of, the_only_one
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import listed, quoted_name


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report an owner who is one person, by name or because nobody else of the team is left."""
    owner = None if manifest.owner is None else context.owners.find(manifest.owner)
    if owner is None:
        return
    if isinstance(owner, Person):
        if is_there(owner.name, context.owners, context.now):
            message = f"the owner {quoted_name(owner.name)} is one person: nobody answers when that person does not"
            yield Violation(("owner",), message, _hint(owner.name, context))
        return
    alone = the_only_one(owner, context.owners, context.now)
    if alone is not None and alone in (owner.accountable, owner.deputy):
        team = quoted_name(owner.name)
        yield Violation(
            at=("owner",),
            message=f"the team {team} is one person, {quoted_name(alone)}: nobody answers when that person does not",
            hint=f"name another team, or add people to {team} in identities/owners.yaml, in a change of its own",
        )


def _hint(person: str, context: Context) -> str:
    own = teams_of(person, context.owners)
    teams = listed(team.name for team in own if the_only_one(team, context.owners, context.now) is None)
    such_as = f", such as {teams}, where {quoted_name(person)} works" if teams else ""
    return f"name a team of identities/owners.yaml{such_as}"


RULE = Rule(
    code="NHI005",
    severity=Severity.WARNING,
    references=("OWASP NHI1:2025", "CSF 2.0 GV.RR-02", "NIST SP 800-53r5 AC-2", "ISO/IEC 27001:2022 A.6.5"),
    check=check,
)
