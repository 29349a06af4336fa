"""Two identities have the same scope.

## What it does
Reports each identity of a stack whose `allow` and `trust` are those of another one with another purpose. With the same
purpose too, it is a copy, and `copied-purpose` reports it. It is a warning: two workloads can need the same.

## Why it matters
Either one identity goes by two names, so that the end of one ends nothing, or a scope was copied that fits only one of
the two. Nor can the trail tell which of them did what.

## Fails
```yaml
# one
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:  # expect: reused-scope warning
  trust: {services: [ecs-tasks.amazonaws.com]}
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
# another
apiVersion: nhi/v1
kind: service-role
name: refund-writer
owner: payments
purpose: Refund worker books the refunds that customers ask for.
expiry: 2027-03-31
scope:  # expect: reused-scope warning
  trust: {services: [ecs-tasks.amazonaws.com]}
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
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
scope:
  trust: {services: [ecs-tasks.amazonaws.com]}
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
# another
apiVersion: nhi/v1
kind: service-role
name: refund-writer
owner: payments
purpose: Refund worker books the refunds that customers ask for.
expiry: 2027-03-31
scope:
  trust: {services: [ecs-tasks.amazonaws.com]}
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/refunds"]}]
```

## References
- OWASP NHI9:2025, NHI Reuse
- CSF 2.0 PR.AA-05, access permissions incorporate the principles of least privilege and separation of duties
- NIST SP 800-53r5 AC-6, Least Privilege
- PCI DSS 4.0.1 7.2.5.1, access of application and system accounts is reviewed and remains appropriate
"""

from collections.abc import Iterator, Sequence

from nhi.model.facts import Neighbour
from nhi.model.finding import Severity
from nhi.policy.rule import StackRule, Violation
from nhi.policy.wording import quoted_name


def check(neighbours: Sequence[Neighbour]) -> Iterator[tuple[Neighbour, Violation]]:
    """Report every identity that allows the same to the same as another, for another purpose."""
    groups: dict[str, list[Neighbour]] = {}
    for one in neighbours:
        if one.facts.scope is not None:
            groups.setdefault(one.facts.scope, []).append(one)
    for group in groups.values():
        first = group[0]
        different = next((one for one in group if one.facts.purpose != first.facts.purpose), None)
        if different is None:
            continue
        for one in group:
            other = first if one.facts.purpose != first.facts.purpose else different
            yield one, _violation(quoted_name(other.identity), len(group) - 2)


def _violation(other: str, more: int) -> Violation:
    also = f", and of {more} more" if more else ""
    return Violation(
        at=("scope",),
        message=f"allow and trust are those of {other}{also}, whose purpose is another",
        hint="give each what its own purpose needs; if one workload uses both, one identity is enough",
    )


RULE = StackRule(
    code="NHI317",
    severity=Severity.WARNING,
    references=("OWASP NHI9:2025", "CSF 2.0 PR.AA-05", "NIST SP 800-53r5 AC-6", "PCI DSS 4.0.1 7.2.5.1"),
    check=check,
)
