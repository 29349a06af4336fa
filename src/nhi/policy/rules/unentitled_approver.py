"""Whoever accepted an exception was not entitled to.

## What it does
Reports a live exception whose `approver` is not in `identities/owners.yaml`, has left, answers for the identity, or
is neither the security team of `nhi.yaml` nor one of its people. For an identity of the security team itself, name
the person who accepted it. It is an error on a manifest that the change adds or edits, and a warning elsewhere and on
a suspended identity, since people leave teams; an approver whom nobody knows is always an error.

## Why it matters
An exception sets a rule aside. Who wants it must not be who grants it.

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
    approver: payments  # expect: unentitled-approver
    expiry: 2027-01-31
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
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- CSF 2.0 GV.RR-02, roles, responsibilities and authorities are established, communicated, understood and enforced
- NIST SP 800-53r5 AC-5, Separation of Duties
- ISO/IEC 27001:2022 A.5.3, Segregation of duties
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import AcceptedException, Manifest
from nhi.model.owners import Person
from nhi.policy.accepted import accepted
from nhi.policy.blame import where_edited
from nhi.policy.people import absence, answers, belongs, is_there
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import closest, listed, quoted_name


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each live exception that nobody entitled accepted."""
    for at, one in accepted(manifest):
        if context.now.reached(one.expiry):
            continue  # expired-exception
        if context.owners.find(one.approver) is None:
            message = f"{quoted_name(one.approver)} is neither a team nor a person of identities/owners.yaml"
            yield Violation((*at, "approver"), message, _hint(one.approver, manifest.owner, context))
            continue
        message = _fault(one, manifest, context)
        if message:
            yield Violation(
                (*at, "approver"), message, _hint(None, manifest.owner, context), where_edited(manifest, context)
            )


def _fault(one: AcceptedException, manifest: Manifest, context: Context) -> str:
    approver, team, owner = one.approver, context.settings.security_team, manifest.owner
    name = quoted_name(approver)
    if isinstance(context.owners.find(approver), Person) and not is_there(approver, context.owners, context.now):
        return f"the approver is gone: {absence(approver, context.owners)}"
    if owner is not None and (approver == owner or (owner != team and answers(approver, owner, context.owners))):
        return f"{name} answers for the identity: who needs an exception does not grant it"
    if team not in context.owners.teams:
        return f"nobody can accept exceptions: the security team {quoted_name(team)} is not in identities/owners.yaml"
    return "" if belongs(approver, team, context.owners) or approver == team else f"{name} may not accept exceptions"


def _hint(unknown: str | None, owner: str | None, context: Context) -> str:
    team = context.owners.teams.get(context.settings.security_team)
    if team is None:
        return "name the security team in `security_team` of nhi.yaml, in a change of its own"
    meant = None if unknown is None else closest(unknown, (team.name, *team.members))
    if meant is not None:
        return f"did you mean {quoted_name(meant)}?"
    there = (name for name in team.members if is_there(name, context.owners, context.now))
    entitled = listed(there if owner == team.name else (team.name, *there))
    return f"ask the security team, and name who accepted it: {entitled}"


RULE = Rule(
    code="NHI503",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "CSF 2.0 GV.RR-02", "NIST SP 800-53r5 AC-5", "ISO/IEC 27001:2022 A.5.3"),
    check=check,
    may_be_excepted=False,
)
