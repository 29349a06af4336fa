"""The scope reaches into another environment.

## What it does
For a stack whose `environment` is set in `nhi.yaml`: reports an AWS account in the scope that is a stack's of another
environment, and, as a warning, a text with the other environment's name as a word of it (`acme-staging-exports`,
`environment:staging`; `stg` and `stage` are `staging`, `prd` and `prod` are `production`, `dev` is `development`).
Only environments that some stack has count. Where the stack has none, nothing is reported.

## Why it matters
Test systems are guarded less, by more people, with more changes. What reaches from there into production makes all
that production's; what reaches from production into a test takes real data there.

## Fails
```yaml
# environments: prod=production test=staging
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  allow:
    - actions: [dynamodb:PutItem]
      resources: ["arn:aws:dynamodb:eu-west-1:444455556666:table/ledger"]  # expect: mixed-environments
```

## Passes
```yaml
# environments: prod=production test=staging
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
- OWASP NHI8:2025, Environment Isolation
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-6, Least Privilege
- ISO/IEC 27001:2022 A.5.15, Access control
"""

import re
from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.settings import Settings
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scopes import account_of, leaves
from nhi.policy.wording import quoted, quoted_name

_WORD = re.compile(r"[A-Za-z]+")
_SHORT = {"dev": "development", "prd": "production", "prod": "production", "stage": "staging", "stg": "staging"}


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each text of the scope that names another environment's account, or speaks of it."""
    stack = context.settings.stacks.get(manifest.stack)
    if stack is None or stack.environment is None or not manifest.scope:
        return
    accounts = _foreign(context.settings, stack.environment)
    names = {_known_as(name): name for name in accounts.values()}
    for place, text in leaves(dict(manifest.scope), ("scope",)):
        account = account_of(place, text)
        if account in accounts:
            yield Violation(
                at=place,
                message=f"the account {account} is of {quoted(accounts[account])}, this stack is of "
                f"{quoted(stack.environment)}",
                hint="name what it needs in its own environment, or declare it in the stack where that is",
            )
        elif spoken := next((one for one in map(_known_as, _WORD.findall(text)) if one in names), None):
            yield Violation(
                at=place,
                message=f"{quoted_name(text)} speaks of {quoted(names[spoken])}, this stack is of "
                f"{quoted(stack.environment)}",
                hint="check that it is of this environment; if only its name says otherwise, say so in an exception",
                severity=Severity.WARNING,
            )


def _foreign(settings: Settings, own: str) -> dict[str | None, str]:
    """Account → its environment, for the stacks of other environments, unless our own has a stack there too."""
    ours = {one.account for one in settings.stacks.values() if one.environment and _same(one.environment, own)}
    return {
        one.account: one.environment
        for one in settings.stacks.values()
        if one.environment and not _same(one.environment, own) and one.account not in ours
    }


def _same(one: str, other: str) -> bool:
    return _known_as(one) == _known_as(other)


def _known_as(name: str) -> str:
    folded = name.casefold()
    return _SHORT.get(folded, folded)


RULE = Rule(
    code="NHI318",
    severity=Severity.ERROR,
    references=("OWASP NHI8:2025", "CSF 2.0 PR.AA-05", "NIST SP 800-53r5 AC-6", "ISO/IEC 27001:2022 A.5.15"),
    check=check,
)
