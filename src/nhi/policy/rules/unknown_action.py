"""An action does not exist.

## What it does
Reports an action without wildcards that AWS does not have. It is an error where the service is unknown or an action
of nearly that name exists, and a warning otherwise: AWS adds actions every week, and the list here is of the day that
the message names. Capitals do not count, as they do not for AWS.

## Why it matters
AWS takes a policy with a misspelt action without a word, and the workload fails later, in production. The next change
then often brings a wildcard. And an action that AWS adds under that name one day is allowed by then.

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
    - actions: [dynamodb:PutItems]  # expect: unknown-action
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
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-6, Least Privilege
- AWS Service Authorization Reference, <https://docs.aws.amazon.com/service-authorization/latest/reference/>
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.iam.actions import data_date, known_action, known_service, suggest
from nhi.policy.iam_actions import REFERENCE_URL, has_wildcard
from nhi.policy.rule import Context, KeyPath, Rule, Violation
from nhi.policy.statements import statements, texts
from nhi.policy.wording import quoted_name


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each name that is no action of AWS."""
    for place, statement in statements(manifest):
        for index, action in texts(statement, "actions"):
            if not has_wildcard(action) and not known_action(action):
                yield _violation((*place, "actions", index), action)


def _violation(at: KeyPath, action: str) -> Violation:
    prefix, colon, _ = action.partition(":")
    meant = suggest(action)
    is_service = known_service(prefix)
    if not colon:
        what = f"{quoted_name(action)} is no action: it names no service"
    elif not is_service:
        what = f"{quoted_name(action)} is no action: AWS has no service {quoted_name(prefix)}"
    else:
        what = f"{quoted_name(action)} is not among the actions of {quoted_name(prefix)}"
    instead = f"write {meant}" if meant else "write it as AWS does"
    return Violation(
        at=at,
        message=what,
        hint=f"{instead}; all actions: {REFERENCE_URL} (AWS may have more: the list here is of {data_date()})",
        severity=Severity.WARNING if is_service and meant is None else Severity.ERROR,
    )


RULE = Rule(
    code="NHI306",
    severity=Severity.ERROR,
    references=("CSF 2.0 PR.AA-05", "NIST SP 800-53r5 AC-6"),
    check=check,
)
