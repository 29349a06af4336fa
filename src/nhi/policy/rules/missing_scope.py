"""The identity does not say what it may do.

## What it does
Reports a manifest without `scope`, with an empty one, or with an empty list `allow` in it. A scope that is there but
could not be read is not reported here: the reading itself is.

## Why it matters
A reviewer approves a scope, and nothing else. What is not written cannot be approved, compared with what stands in the
cloud, or narrowed later.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  trust:
    services: [ecs-tasks.amazonaws.com]
  allow: []  # expect: missing-scope
```

```yaml
apiVersion: nhi/v1  # expect: missing-scope
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
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
```

## References
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-6, Least Privilege
- PCI DSS 4.0.1 7.2.5, application and system accounts have the least privileges
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted_name


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report a scope that is absent or allows nothing."""
    scope = manifest.scope
    if scope is None:
        if "scope" not in manifest.unreadable:
            yield Violation(at=(), message="no scope", hint=_hint(manifest))
    elif not scope:
        yield Violation(at=("scope",), message="the scope is empty", hint=_hint(manifest))
    elif not scope.get("allow", True):
        yield Violation(
            at=("scope", "allow"),
            message="the scope allows nothing",
            hint=(
                "write a statement with the actions and the resources that are needed, such as "
                "dynamodb:PutItem and the table's ARN; or remove the file if none are"
            ),
        )


def _hint(manifest: Manifest) -> str:
    kind = quoted_name(manifest.kind)
    return f"`scope:` and what it may do; `nhi kinds` and the README of the kind {kind} say what stands in it"


RULE = Rule(
    code="NHI301",
    severity=Severity.ERROR,
    references=("OWASP NHI5:2025", "CSF 2.0 PR.AA-05", "NIST SP 800-53r5 AC-6", "PCI DSS 4.0.1 7.2.5"),
    check=check,
    may_be_excepted=False,
)
