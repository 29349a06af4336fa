"""A resource names none in particular.

## What it does
Reports a resource that names none: `*`, or an ARN with only wildcards where the name stands (`…:table/*`,
`arn:aws:s3:::*`). Some actions take nothing but `*` (`sts:GetCallerIdentity`, `cloudwatch:PutMetricData`): a statement
of only such actions is not reported. A condition does not excuse the wildcard: what passes it is still everything.

## Why it matters
With `*` an identity that should write one table can write every table of the account, also those that do not exist
yet. It is the difference between one incident and all of them.

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
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/*"]  # expect: wildcard-resource
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
    - actions: [cloudwatch:PutMetricData]
      resources: ["*"]
```

## References
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.AA-05, access permissions incorporate the principles of least privilege and separation of duties
- NIST SP 800-53r5 AC-6, Least Privilege
- PCI DSS 4.0.1 7.2.5, application and system accounts are limited to systems that require use
- AWS Service Authorization Reference, <https://docs.aws.amazon.com/service-authorization/latest/reference/>
"""

from collections.abc import Iterator, Mapping

from nhi.model.finding import Severity
from nhi.model.identity import Json, Manifest
from nhi.policy.iam_actions import takes_only_all
from nhi.policy.iam_resources import example_arn, is_every_resource
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.statements import statements, texts
from nhi.policy.wording import others, quoted_name


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each resource that names none, where an action of the statement could be narrowed."""
    for place, statement in statements(manifest):
        for index, resource in texts(statement, "resources"):
            if is_every_resource(resource):
                narrow = [action for _, action in texts(statement, "actions") if not takes_only_all(action)]
                if narrow:
                    yield Violation(
                        at=(*place, "resources", index),
                        message=f"{quoted_name(resource)} names no resource: {others(narrow)} would reach every one",
                        hint=_hint(manifest, context, statement, resource, narrow[0]),
                    )


def _hint(manifest: Manifest, context: Context, statement: Mapping[str, Json], resource: str, action: str) -> str:
    stack = context.settings.stacks.get(manifest.stack)
    arn = example_arn(resource, stack) or example_arn(action, stack)
    such_as = f", such as {arn}" if arn else ""
    only_all = [one for _, one in texts(statement, "actions") if takes_only_all(one)]
    apart = f"; keep '*' for {others(only_all)} alone, in a statement of its own" if only_all else ""
    return f"write the ARN of what it needs{such_as}{apart}"


RULE = Rule(
    code="NHI303",
    severity=Severity.ERROR,
    references=("OWASP NHI5:2025", "CSF 2.0 PR.AA-05", "NIST SP 800-53r5 AC-6", "PCI DSS 4.0.1 7.2.5"),
    check=check,
)
