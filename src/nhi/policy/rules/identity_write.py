"""The identity may change identities.

## What it does
Reports an action that writes to IAM, Organizations, IAM Identity Center, Roles Anywhere or the account itself, or a
pattern that takes one in (`organizations:*`). Two do not count: `iam:PassRole`, which is a step of the paths that
`privilege-escalation` knows, and `iam:CreateServiceLinkedRole`. What that rule reports is not reported here again, nor
is `*`, which `wildcard-action` reports.

## Why it matters
Identities are declared here, reviewed and removed in time. An identity that makes others makes them past all of that,
and they stay when it is gone.

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
    - actions: [iam:CreateRole]  # expect: identity-write
      resources: ["arn:aws:iam::111122223333:role/settlement"]
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
    - actions: [iam:GetRole]
      resources: ["arn:aws:iam::111122223333:role/settlement"]
```

## References
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.AA-05, access permissions incorporate the principles of least privilege and separation of duties
- NIST SP 800-53r5 AC-5, Separation of Duties
- NIST SP 800-53r5 AC-6, Least Privilege
- ISO/IEC 27001:2022 A.8.2, Privileged access rights
- AWS Service Authorization Reference, <https://docs.aws.amazon.com/service-authorization/latest/reference/>
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.iam.sensitive import Concern
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scopes import concerned, open_paths
from nhi.policy.wording import others, quoted_name


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each action that changes identities, and is no step of a reported path."""
    found = list(concerned(manifest, Concern.IDENTITIES))
    if not found:
        return
    reported = {step for one in open_paths(manifest) for step in one.escalation.path.steps}
    for use in found:
        if reported.isdisjoint(map(str.lower, use.names)):
            takes_in = "" if use.names[0].lower() == use.action.lower() else f": {others(use.names)}"
            yield Violation(
                at=use.at,
                message=f"{quoted_name(use.action)} changes identities or the organisation itself{takes_in}",
                hint="declare the identities that it would make, each in a manifest; nhi makes and removes them",
            )


RULE = Rule(
    code="NHI309",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI5:2025",
        "CSF 2.0 PR.AA-05",
        "NIST SP 800-53r5 AC-5",
        "NIST SP 800-53r5 AC-6",
        "ISO/IEC 27001:2022 A.8.2",
    ),
    check=check,
)
