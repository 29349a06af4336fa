"""An action is a pattern instead of a name.

## What it does
Reports an action with `*` or `?`: everything (`*`), a whole service (`dynamodb:*`), or a pattern (`s3:Put*`,
`s3:Get*`). A pattern that begins with `Describe` or `List` (`ec2:Describe*`) is a warning: those actions tell what
exists, not what is in it. `Get` is not among them: it reads data, and in several services secrets and credentials.

## Why it matters
A pattern grants what AWS adds to it next year, which nobody has approved. And nobody can tell from `s3:Put*` whether
the identity needs to write objects or to change who may read the bucket.

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
    - actions: ["dynamodb:*"]  # expect: wildcard-action
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
    - actions: [dynamodb:PutItem, dynamodb:UpdateItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
```

## References
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.AA-05, access permissions incorporate the principles of least privilege and separation of duties
- NIST SP 800-53r5 AC-6, Least Privilege
- SOC 2 CC6.3, authorizes, modifies, or removes access on least privilege
- PCI DSS 4.0.1 7.2.5, application and system accounts have the least privileges
- AWS Service Authorization Reference, <https://docs.aws.amazon.com/service-authorization/latest/reference/>
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.iam_actions import REFERENCE_URL, examples, has_wildcard, service_of
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.statements import statements, texts
from nhi.policy.wording import quoted_name

_TELLS_WHAT_EXISTS = ("describe", "list")


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each action that is a pattern."""
    for place, statement in statements(manifest):
        for index, action in texts(statement, "actions"):
            if has_wildcard(action):
                yield _violation((*place, "actions", index), action)


def _violation(at: tuple[str | int, ...], action: str) -> Violation:
    service, name = service_of(action), action.partition(":")[2].lower()
    is_mild = bool(service) and name.startswith(_TELLS_WHAT_EXISTS)
    if not action.strip("*?:"):
        what = "allows every action of every service"
    elif not service:
        what = "allows actions of services that it does not name"
    elif not name.strip("*?"):
        what = f"allows every action of {quoted_name(service)}, also those that AWS will add"
    else:
        what = "allows every action that matches, also those that AWS will add"
    instead = ", ".join(examples(action))
    such_as = f", such as {instead}" if instead else ""
    return Violation(
        at=at,
        message=f"{quoted_name(action)} {what}",
        hint=f"name each action that is needed{such_as}; all of them: {REFERENCE_URL}",
        severity=Severity.WARNING if is_mild else Severity.ERROR,
    )


RULE = Rule(
    code="NHI302",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI5:2025",
        "CSF 2.0 PR.AA-05",
        "NIST SP 800-53r5 AC-6",
        "SOC 2 CC6.3",
        "PCI DSS 4.0.1 7.2.5",
    ),
    check=check,
)
