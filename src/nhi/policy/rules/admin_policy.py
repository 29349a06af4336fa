"""A managed policy makes an administrator of the identity.

## What it does
Reports the name or the ARN of one of AWS's managed policies that makes an administrator (`AdministratorAccess`,
`PowerUserAccess`, `IAMFullAccess` and others), anywhere in the scope but in `allow` and `trust`. A kind that attaches
policies has them in its scope as `managed_policies: [<ARN>]`. Which they are was worked out from their documents; AWS
changes them, and a policy that AWS published since is not known.

## Why it matters
A managed policy is AWS's text, not ours: nobody reviews it, and AWS adds to it. With one of these the scope beside it
means nothing.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  managed_policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]  # expect: admin-policy
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
  managed_policies: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
```

## References
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.AA-05, access permissions incorporate the principles of least privilege and separation of duties
- NIST SP 800-53r5 AC-6, Least Privilege
- ISO/IEC 27001:2022 A.8.2, Privileged access rights
- PCI DSS 4.0.1 7.2.5, application and system accounts have the least privileges
- AWS managed policies, <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.iam.sensitive import admin_like
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scopes import leaves

_ELSEWHERE = frozenset({"allow", "trust"})
"""There an ARN of a policy is what is acted on, and who asks: nothing is attached."""


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each managed policy that makes an administrator."""
    for key, value in (manifest.scope or {}).items():
        if key in _ELSEWHERE:
            continue
        for place, text in leaves(value, ("scope", key)):
            policy = admin_like(text.strip())
            if policy is not None:
                yield Violation(
                    at=place,
                    message=f"AWS's policy {policy.name} makes an administrator of it: {policy.reason}",
                    hint="write what it needs in `allow`, action by action, or name a policy that gives only that",
                )


RULE = Rule(
    code="NHI308",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI5:2025",
        "CSF 2.0 PR.AA-05",
        "NIST SP 800-53r5 AC-6",
        "ISO/IEC 27001:2022 A.8.2",
        "PCI DSS 4.0.1 7.2.5",
    ),
    check=check,
)
