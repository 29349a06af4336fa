"""A principal is a pattern instead of a name.

## What it does
Reports a wildcard in a principal that the scope's `trust` lets in: a role, a user or a session of an account
(`arn:aws:iam::111122223333:role/*`), or a service (`*.amazonaws.com`). A principal in any account is `public-trust`.
Patterns under keys that only narrow a use, such as `source_arns`, are fine: AWS compares those as patterns.

## Why it matters
Who may use the identity is then whoever is created under that name, which nobody approves. And AWS refuses the policy,
or takes the text as it is written and lets nobody in: no wildcard counts inside a principal.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  trust: {principals: ["arn:aws:iam::111122223333:role/settlement-*"]}  # expect: wildcard-principal
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
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
  trust: {principals: ["arn:aws:iam::111122223333:role/settlement"]}
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
```

## References
- OWASP NHI4:2025, Insecure Authentication
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 IA-9, Service Identification and Authentication
- ISO/IEC 27001:2022 A.5.15, Access control
- AWS on principals, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.iam.patterns import is_pattern
from nhi.policy.rule import Context, KeyPath, Rule, Violation
from nhi.policy.scopes import is_public, is_subject, key_of, narrows, trusted
from nhi.policy.wording import quoted_name

_PRINCIPALS = frozenset({"account", "aws", "federated", "principal", "role", "service", "session", "user"})


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each principal of the trust that is a pattern."""
    for place, text in trusted(manifest):
        if is_pattern(text) and _is_principal(place, text) and not is_public(place, text):
            yield Violation(
                at=place,
                message=f"{quoted_name(text)} is no principal: it would let in whoever is called so one day",
                hint="name each service, role or user in full; AWS takes no wildcard inside a principal",
            )


def _is_principal(place: KeyPath, text: str) -> bool:
    if is_subject(place) or narrows(place):
        return False
    lowered = text.lower()
    return (
        lowered.startswith("arn:")
        or lowered.endswith((".amazonaws.com", ".amazonaws.com.cn"))
        or key_of(place).removesuffix("s") in _PRINCIPALS
    )


RULE = Rule(
    code="NHI304",
    severity=Severity.ERROR,
    references=("OWASP NHI4:2025", "CSF 2.0 PR.AA-05", "NIST SP 800-53r5 IA-9", "ISO/IEC 27001:2022 A.5.15"),
    check=check,
)
