"""The scope says what is left out instead of what is in.

## What it does
Reports a key such as `NotAction`, `not_actions`, `NotResource` or `NotPrincipal` anywhere in the scope, however it is
spelled. A kind of one's own may let it through; those that come with nhi do not.

## Why it matters
All but three actions is almost everything, and what AWS adds next year is in it. Nobody who reviews it can say what it
allows, and with `NotPrincipal` nobody can say whom.

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
    - not_actions: ["iam:*"]  # expect: negated-scope
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
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
- CSF 2.0 PR.AA-05, access permissions incorporate the principles of least privilege and separation of duties
- NIST SP 800-53r5 AC-6, Least Privilege
- AWS on NotAction, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html>
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scopes import folded, mappings
from nhi.policy.wording import quoted_name

_NEGATED = {
    "notaction": ("action", "`actions`, the actions that it needs"),
    "notresource": ("resource", "`resources`, the ARNs of what it needs"),
    "notprincipal": ("principal", "who may use it"),
}


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each key that negates."""
    if not manifest.scope:
        return
    for place, mapping in mappings(dict(manifest.scope), ("scope",)):
        for key in mapping:
            if key[:1] in "nN" and (found := _NEGATED.get(folded(key).removesuffix("s"))):
                what, instead = found
                yield Violation(
                    at=(*place, key),
                    message=f"{quoted_name(key)} takes in every {what} but those, also what is added later",
                    hint=f"name {instead}",
                )


RULE = Rule(
    code="NHI305",
    severity=Severity.ERROR,
    references=("OWASP NHI5:2025", "CSF 2.0 PR.AA-05", "NIST SP 800-53r5 AC-6"),
    check=check,
)
