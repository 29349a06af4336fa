"""The identity becomes another one under its name.

## What it does
Reports a `kind` that the change edits, and an identity that leaves one stack and appears in another in one change,
with the same name and purpose. Moving the file within its stack changes nothing.

## Why it matters
Nothing is changed in place then: the old identity is destroyed and a new one made, at the same moment, under one
approval. What uses it breaks, and the record of the old one seems to be the new one's.

## Fails
```yaml
# before
apiVersion: nhi/v1
kind: paper-account
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# after
apiVersion: nhi/v1
kind: service-role  # expect: changed-in-place
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
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
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-02-28
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- NIST SP 800-53r5 CM-3, Configuration Change Control
- NIST SP 800-53r5 IA-4, Identifier Management
- ISO/IEC 27001:2022 A.8.32, Change management
"""

from bisect import bisect_left
from collections.abc import Iterator

from nhi.model.change import ManifestChange
from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.placeholders import words
from nhi.policy.rule import ChangeContext, ChangeRule, Violation
from nhi.policy.wording import quoted_name


def check(change: ManifestChange, context: ChangeContext) -> Iterator[Violation]:
    """Report another kind under the same name, or the same identity in another stack."""
    before, after = change.before, change.after
    if after is None:
        return
    if before is None:
        yield from _moved(after, context)
    elif before.kind and after.kind and before.kind != after.kind:
        yield Violation(
            at=("kind",),
            message=f"{quoted_name(before.kind)} becomes {quoted_name(after.kind)} under the same name",
            hint="ask for the new one under a name of its own, move what uses it, and remove this one after that",
        )


def _moved(after: Manifest, context: ChangeContext) -> Iterator[Violation]:
    stacks = {name for each in (context.before, context.after) if each is not None for name in each.settings.stacks}
    for stack in sorted(stacks - {after.stack}):
        other = _removed(f"{stack}/{after.name}", context)
        if other is not None and words(other.purpose or "") == words(after.purpose or ""):
            yield Violation(
                at=("name",),
                message=f"the change removes {quoted_name(other.id)}, and makes the same in another stack",
                hint=f"ask for this one, move what uses it, and remove {quoted_name(other.id)} in a change after that",
            )


def _removed(identity: str, context: ChangeContext) -> Manifest | None:
    """The manifest that stood for an identity, if the change removes it."""
    changes = context.change.manifests
    index = bisect_left(changes, identity, key=lambda one: one.identity)
    found = changes[index] if index < len(changes) and changes[index].identity == identity else None
    return None if found is None or found.after is not None else found.before


RULE = ChangeRule(
    code="NHI702",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "NIST SP 800-53r5 CM-3", "NIST SP 800-53r5 IA-4", "ISO/IEC 27001:2022 A.8.32"),
    check=check,
)
