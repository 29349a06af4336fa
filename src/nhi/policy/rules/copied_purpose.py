"""The purpose is copied from another identity.

## What it does
Reports each identity of a stack whose `purpose` has the same words in the same order as another's. Case and
punctuation do not count. It is a warning: whether two identities really serve one purpose is for a reviewer to judge.

## Why it matters
A copied purpose was true of the first identity. Of the second it tells nothing, neither what it is for nor when it is
not needed any more.

## Fails
```yaml
# one
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.  # expect: copied-purpose warning
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# another
apiVersion: nhi/v1
kind: service-role
name: ledger-loader
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.  # expect: copied-purpose warning
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## Passes
```yaml
# one
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# another
apiVersion: nhi/v1
kind: service-role
name: card-reader
owner: payments
purpose: Checkout reads one card processor credential when it starts.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## References
- OWASP NHI5:2025, Overprivileged NHI
- OWASP NHI9:2025, NHI Reuse
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- PCI DSS 4.0.1 7.2.5.1, access of application and system accounts is reviewed and remains appropriate
"""

from collections.abc import Iterator, Sequence

from nhi.model.facts import Neighbour
from nhi.model.finding import Severity
from nhi.policy.rule import StackRule, Violation
from nhi.policy.wording import quoted_name


def check(neighbours: Sequence[Neighbour]) -> Iterator[tuple[Neighbour, Violation]]:
    """Report every identity whose purpose is another's, word for word."""
    groups: dict[str, list[Neighbour]] = {}
    for one in neighbours:
        if one.facts.purpose is not None:
            groups.setdefault(one.facts.purpose, []).append(one)
    for group in groups.values():
        if len(group) == 1:
            continue
        for one in group:
            other = group[0] if one is not group[0] else group[1]
            yield one, _violation(quoted_name(other.identity), len(group) - 2)


def _violation(other: str, more: int) -> Violation:
    also = f", and of {more} more" if more else ""
    return Violation(
        at=("purpose",),
        message=f"the purpose is that of {other}{also}, word for word",
        hint=f"say what this one is for and {other} is not; if they are for the same, one is enough",
    )


RULE = StackRule(
    code="NHI103",
    severity=Severity.WARNING,
    references=("OWASP NHI5:2025", "OWASP NHI9:2025", "CSF 2.0 PR.AA-05", "PCI DSS 4.0.1 7.2.5.1"),
    check=check,
)
