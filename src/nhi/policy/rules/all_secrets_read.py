"""The identity may read every secret.

## What it does
Reports an action that reads what secrets hold (Secrets Manager, Parameter Store, decryption with a KMS key) where a
resource names every one of them (`*`, `parameter*`, `secret:*`), or begins its name with a wildcard (`secret:*-prod`).
A named secret is fine, and so is a part of the tree: `parameter/checkout/*`, `secret:checkout/processor-??????`.

## Why it matters
Whoever takes over this identity then has every other one as well: the keys of all systems in one call.

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
    - actions: [ssm:GetParameter]
      resources: ["arn:aws:ssm:eu-west-1:111122223333:parameter*"]  # expect: all-secrets-read
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
    - actions: [ssm:GetParameter]
      resources: ["arn:aws:ssm:eu-west-1:111122223333:parameter/settlement/*"]
```

## References
- OWASP NHI2:2025, Secret Leakage
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.AA-05, access permissions incorporate the principles of least privilege and separation of duties
- NIST SP 800-53r5 AC-6, Least Privilege
- ISO/IEC 27001:2022 A.5.17, Authentication information
- AWS Service Authorization Reference, <https://docs.aws.amazon.com/service-authorization/latest/reference/>
"""

import re
from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.iam.resources import Breadth, breadth, may_apply
from nhi.policy.iam.sensitive import Concern
from nhi.policy.iam_resources import example_arn
from nhi.policy.rule import Context, KeyPath, Rule, Violation
from nhi.policy.scopes import concerned
from nhi.policy.wording import quoted_name

_OPEN_BEGINNING = re.compile(r"(?:[^:]*:){5}(?:secret:|parameter/|key/|alias/)?[*?]")
"""An ARN whose resource begins with a wildcard, or has one right behind its type."""


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each resource on which some action reads every secret."""
    seen: set[KeyPath] = set()
    for use in concerned(manifest, Concern.SECRETS):
        for index, resource in use.resources:
            place = (*use.place, "resources", index)
            reading = next((name for name in use.names if may_apply(name, resource) and _is_all(name, resource)), None)
            if reading is None or place in seen:
                continue
            seen.add(place)
            arn = example_arn(reading, context.settings.stacks.get(manifest.stack))
            yield Violation(
                at=place,
                message=f"{quoted_name(resource)} lets {reading} read what every team keeps there",
                hint=f"name the one that it needs{f': {arn}' if arn else ''}",
            )


def _is_all(action: str, resource: str) -> bool:
    return breadth(action, resource) is Breadth.EVERY or _OPEN_BEGINNING.match(resource) is not None


RULE = Rule(
    code="NHI311",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI2:2025",
        "OWASP NHI5:2025",
        "CSF 2.0 PR.AA-05",
        "NIST SP 800-53r5 AC-6",
        "ISO/IEC 27001:2022 A.5.17",
    ),
    check=check,
)
