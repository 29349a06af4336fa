"""The hold does not name who ordered it.

## What it does
Reports a `hold` whose `authority` is a placeholder, names nobody in particular, or is the identity's own owner or
somebody who answers for it. Who can order a hold differs from one organisation to the next, so that any other name
stands.

## Why it matters
A hold outranks the expiry: what is held is not removed. If the owner could order one, no identity would ever have to
go; and one that nobody ordered can be ended by nobody.

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
hold: {authority: tbd, reason: "matter 2026-14", review: 2027-02-01}  # expect: unnamed-authority
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
hold: {authority: legal, reason: "matter 2026-14", review: 2027-02-01}
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- CSF 2.0 GV.RR-02, roles, responsibilities and authorities are established, communicated, understood and enforced
- NIST SP 800-53r5 AC-5, Separation of Duties
- ISO/IEC 27001:2022 A.5.33, Protection of records
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.owners import Owners
from nhi.policy.people import answers, person_named
from nhi.policy.placeholders import is_placeholder, words
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted

_NOBODY_TEXT = """
admin anybody anyone boss everybody everyone management manager me my myself our owner somebody someone team us who
"""
_NOBODY = frozenset(_NOBODY_TEXT.split())


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report a hold that names nobody who could have ordered it."""
    if manifest.hold is None:
        return
    authority, owner = manifest.hold.authority.strip(), manifest.owner
    if is_placeholder(authority) or not _names(authority):
        fault = "names nobody"
    elif owner is not None and _is_owner(authority, owner, context.owners):
        fault = "answers for the identity, and cannot order to keep it"
    else:
        return
    yield Violation(
        at=("hold", "authority"),
        message=f"{quoted(manifest.hold.authority)} {fault}",
        hint="name who ordered the hold and can end it, such as legal, a court, or the data protection officer",
    )


def _names(authority: str) -> bool:
    return any(not is_placeholder(word) for word in words(authority) - _NOBODY)


def _is_owner(authority: str, owner: str, owners: Owners) -> bool:
    person = person_named(authority, owners)
    return authority.casefold() == owner or (person is not None and answers(person.name, owner, owners))


RULE = Rule(
    code="NHI602",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "CSF 2.0 GV.RR-02", "NIST SP 800-53r5 AC-5", "ISO/IEC 27001:2022 A.5.33"),
    check=check,
    may_be_excepted=False,
)
