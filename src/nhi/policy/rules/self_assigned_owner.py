"""Whoever asks for the change makes themselves the owner.

## What it does
Reports an `owner` that the change moves to its own author, or to a team that the author answers for, unless the
author was part of the owner before. It is a warning where nobody answered for the identity any more: taking it in is
a good deed, but one to be seen. Where the author is not known, nothing is reported.

## Why it matters
The owner approves what an identity may do. Who can make themselves the owner can approve for themselves, one change
later.

## Fails
```yaml
# author: alice
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: platform
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments  # expect: self-assigned-owner
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## Passes
```yaml
# author: erin
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: platform
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## References
- OWASP NHI1:2025, Improper Offboarding
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-5, Separation of Duties
- ISO/IEC 27001:2022 A.5.3, Segregation of duties
- SOC 2 CC6.3, authorizes, modifies, or removes access on least privilege and segregation of duties
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.model.owners import Owners
from nhi.policy.people import answers, belongs, is_there
from nhi.policy.rule import ChangeContext, ChangeRule, Context, Violation
from nhi.policy.wording import quoted_name


def check(change: ManifestChange, context: ChangeContext) -> Iterator[Violation]:
    """Report an identity that whoever asks for the change takes for themselves."""
    author, before, after = context.change.author, change.before, change.after
    if author is None or before is None or after is None or after.owner is None or before.owner == after.owner:
        return
    if not answers(author, after.owner, context.after.owners) or "owner" in before.unreadable:
        return
    base = context.before
    if base is not None and before.owner is not None and belongs(author, before.owner, base.owners):
        return
    former = None if before.owner is None or base is None else _who_can_ask(before.owner, base)
    yield Violation(
        at=("owner",),
        message=f"{quoted_name(author)} asks for this change, and comes to answer for the identity by it",
        hint=f"let {quoted_name(former)} ask for it, or somebody else who does not gain by it"
        if former is not None
        else "let somebody else ask for it, who does not gain by it",
        severity=Severity.WARNING if base is not None and former is None else Severity.ERROR,
    )


def _who_can_ask(owner: str, base: Context) -> str | None:
    """The owner so far, if there is somebody; an identity that nobody answers for may be taken in."""
    names = _who_answers(owner, base.owners)
    return owner if any(is_there(name, base.owners, base.now) for name in names) else None


def _who_answers(owner: str, owners: Owners) -> tuple[str | None, ...]:
    team = owners.teams.get(owner)
    return (owner,) if team is None else (team.accountable, team.deputy)


RULE = ChangeRule(
    code="NHI006",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI1:2025",
        "CSF 2.0 PR.AA-05",
        "NIST SP 800-53r5 AC-5",
        "ISO/IEC 27001:2022 A.5.3",
        "SOC 2 CC6.3",
    ),
    check=check,
)
