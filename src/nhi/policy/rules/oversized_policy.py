"""The policy would be larger than IAM takes.

## What it does
Reports a scope that IAM would refuse for its size, white space not counted: permissions of more than 10,240 characters,
or a trust of more than 2,048. Permissions are counted as the IAM kinds render them: the policy's frame, for each
statement its actions, resources and conditions with a `Sid` and an `Effect`, the Deny after the expiry, and that of a
suspension, since what leaves no room for it could not be suspended. A trust differs by kind; 230 characters and each of
its texts once are no more than any kind renders. The plan counts both.

## Why it matters
IAM says so only when the change is applied: approved, merged and half done. And a scope of that size is more than
anybody has read.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  trust:  # expect: oversized-policy
    services: [states.amazonaws.com]
    source_arns:
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-bgn
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-chf
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-czk
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-dkk
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-eur
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-gbp
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-huf
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-isk
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-nok
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-pln
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-ron
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-rsd
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-sek
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-try
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-uah
    - arn:aws:states:eu-west-1:111122223333:stateMachine:nightly-settlement-of-cleared-transactions-of-customers-in-usd
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
  trust:
    services: [states.amazonaws.com]
    source_arns: ["arn:aws:states:eu-west-1:111122223333:stateMachine:settlement"]
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
```

## References
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-6, Least Privilege
- IAM's quotas, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
"""

import json
from collections.abc import Iterator, Mapping

from nhi.model.finding import Severity
from nhi.model.identity import Json, Manifest
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scopes import trusted
from nhi.policy.statements import statements

_MOST_ALLOWED = 10_240
_MOST_TRUSTED = 2_048
_FRAME = 256
_FRAME_OF_STATEMENT = 29
_FRAME_OF_TRUST = 230
_AROUND_TEXT = 3
_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report permissions, and a trust, beyond IAM's quota."""
    given = statements(manifest)
    if given:
        frame = _FRAME + sum(_frame_of(place[-1], one) for place, one in given)
        size = frame + _size([dict(one) for _, one in given], _MOST_ALLOWED - frame)
        if size > _MOST_ALLOWED:
            yield _violation("allow", size, _MOST_ALLOWED)
    size = _FRAME_OF_TRUST + sum(len("".join(text.split())) + _AROUND_TEXT for _, text in trusted(manifest))
    if size > _MOST_TRUSTED:
        yield _violation("trust", size, _MOST_TRUSTED)


def _frame_of(index: int | str, statement: Mapping[str, Json]) -> int:
    return _FRAME_OF_STATEMENT + len(str(index)) - ("conditions" in statement)


def _size(value: Json, most: int) -> int:
    text = _COMPACT(value)
    return len(text) if len(text) <= most else len("".join(text.split()))


def _violation(part: str, size: int, most: int) -> Violation:
    return Violation(
        at=("scope", part),
        message=f"as a policy, `{part}` takes about {size:,} characters; IAM takes {most:,}",
        hint="allow or trust less, or make two identities of it, each with a purpose of its own",
    )


RULE = Rule(
    code="NHI316",
    severity=Severity.ERROR,
    references=("CSF 2.0 PR.AA-05", "NIST SP 800-53r5 AC-6"),
    check=check,
)
