"""One change touches identities and what governs them.

## What it does
Reports a change of manifests that also changes the control plane: `nhi.yaml`, `identities/owners.yaml`, CODEOWNERS,
`pyproject.toml`, or anything under `src/`, `modules/`, `scripts/`, `.github/` or `.ci/`. It is reported once, at the
first manifest.

## Why it matters
A change is judged by what stands at its base. Mixed with an edit of the rules it is read as one or the other, and the
reviewers of the one approve the other with it.

## Fails
```yaml
# also-changes: nhi.yaml
# before
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
# after
apiVersion: nhi/v1  # expect: mixed-change
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-02-28
scope: {allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]}
```

## Passes
```yaml
# also-changes: identities/README.md
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
- NIST SP 800-53r5 CM-5, Access Restrictions for Change
- NIST SP 800-53r5 AC-5, Separation of Duties
- ISO/IEC 27001:2022 A.5.3, Segregation of duties
- SOC 2 CC8.1, authorizes, designs, tests, approves and implements changes
"""

from collections.abc import Iterator

from nhi.model.change import Change, ManifestChange
from nhi.model.finding import Severity
from nhi.policy.control_plane import is_control_plane
from nhi.policy.rule import ChangeContext, ChangeRule, Violation
from nhi.policy.wording import others


def check(change: ManifestChange, context: ChangeContext) -> Iterator[Violation]:
    """Report, once, a change of identities that also changes what governs them."""
    if not _speaks(change, context.change):
        return
    governing = [one.path for one in context.change.paths if is_control_plane(one.path)]
    if governing:
        yield Violation(
            at=(),
            message=f"the change also touches what governs identities: {others(sorted(governing))}",
            hint="split it: first one, then, when it is merged, the other; a team that is renamed is added first, then "
            "given its identities, then its old name is removed",
        )


def _speaks(one: ManifestChange, change: Change) -> bool:
    """Whether this identity is the one at which the whole change is reported: the first that stands after it."""
    first = change.manifests[0]
    if one.after is None:
        return one is first and all(each.after is None for each in change.manifests)
    return one is first or one is next(each for each in change.manifests if each.after is not None)


RULE = ChangeRule(
    code="NHI704",
    severity=Severity.ERROR,
    references=(
        "CSF 2.0 ID.RA-07",
        "NIST SP 800-53r5 CM-5",
        "NIST SP 800-53r5 AC-5",
        "ISO/IEC 27001:2022 A.5.3",
        "SOC 2 CC8.1",
    ),
    check=check,
    may_be_excepted=False,
)
