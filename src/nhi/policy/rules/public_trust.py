"""Anybody may use the identity.

## What it does
Reports a `*` among those whom the scope's `trust` lets in, and an ARN with a wildcard where the account stands
(`arn:aws:iam::*:role/deploy`): anybody with an AWS account is then let in. Under a key that only narrows a use, such as
`source_arns`, it is a warning: it narrows nothing. A wildcard in a principal of a named account is
`wildcard-principal`, one in the subject of an identity provider's token is `loose-subject`.

## Why it matters
Whoever guesses the name of the role has it. Scanners of the whole internet look for nothing else, and an external id or
a condition in front of it is one mistake away from nothing.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  trust: {principals: ["*"]}  # expect: public-trust
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
- SOC 2 CC6.1, logical access security over protected information assets
- AWS on principals, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.iam.patterns import is_pattern
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scopes import is_external_id, is_public, is_subject, narrows, trusted
from nhi.policy.wording import quoted_name


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each text of the trust that stands for everybody, or for any account."""
    for place, text in trusted(manifest):
        if not is_pattern(text) or not is_public(place, text) or is_subject(place) or is_external_id(place):
            continue
        if narrows(place):
            yield Violation(
                at=place,
                message=f"{quoted_name(text)} is met in any AWS account: it narrows nothing",
                hint="name the account and the resource on whose behalf it is used, or leave the key out",
                severity=Severity.WARNING,
            )
        else:
            yield Violation(
                at=place,
                message=f"{quoted_name(text)} lets in everybody who has an AWS account",
                hint="name who uses it: the service, or the ARN of the one role, account and name in full",
            )


RULE = Rule(
    code="NHI315",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI4:2025",
        "CSF 2.0 PR.AA-05",
        "NIST SP 800-53r5 IA-9",
        "ISO/IEC 27001:2022 A.5.15",
        "SOC 2 CC6.1",
    ),
    check=check,
)
