"""The identity is to be used for something else.

## What it does
Reports a `purpose` that shares less than a third of its longer words with the one before. A purpose that was too
short to tell anything is being mended, and is passed over; so are languages that write without spaces. It is a
warning: that it says the same in other words is for the reviewer to see.

## Why it matters
An identity that is used again keeps the access of its first purpose for the second, and whoever used it before can
use it still.

## Fails
```yaml
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Nightly export copies survey answers to the warehouse of analysts.  # expect: repurposed-identity warning
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## Passes
```yaml
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# after
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared and refunded transactions to the ledger.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## References
- OWASP NHI9:2025, NHI Reuse
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- NIST SP 800-53r5 AC-6(7), Review of User Privileges
- PCI DSS 4.0.1 7.2.5.1, access of application and system accounts is reviewed and remains appropriate
"""

from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.policy.placeholders import words
from nhi.policy.rule import ChangeContext, ChangeRule, Violation
from nhi.policy.wording import quoted

_FEWEST_WORDS = 4
"""A purpose of fewer is mended rather than changed; and where words cannot be told apart, nothing can be compared."""
_SHORTEST_WORD = 4
"""Shorter words are mostly "the" and "to", which all purposes have in common."""
_KEPT = 1 / 3


def check(change: ManifestChange, _context: ChangeContext) -> Iterator[Violation]:
    """Report a purpose that has hardly a word in common with the one before."""
    if change.before is None or change.after is None or change.before.purpose is None:
        return
    old, new = _telling(change.before.purpose), _telling(change.after.purpose or "")
    if min(len(old), len(new)) < _FEWEST_WORDS or len(old & new) >= _KEPT * min(len(old), len(new)):
        return
    yield Violation(
        at=("purpose",),
        message=f"it was for something else before: {quoted(change.before.purpose.strip())}",
        hint="if it is for something else now, ask for an identity of its own, and let this one end",
    )


def _telling(purpose: str) -> frozenset[str]:
    return frozenset(word for word in words(purpose) if len(word) >= _SHORTEST_WORD)


RULE = ChangeRule(
    code="NHI707",
    severity=Severity.WARNING,
    references=("OWASP NHI9:2025", "CSF 2.0 ID.RA-07", "NIST SP 800-53r5 AC-6(7)", "PCI DSS 4.0.1 7.2.5.1"),
    check=check,
)
