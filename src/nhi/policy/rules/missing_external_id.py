"""A third party may use the identity without an external id.

## What it does
Reports a `trust` that lets in a principal of an AWS account outside the organisation, and has no `external_id`, or one
that is blank, shorter than the two characters that AWS asks for, or nothing but wildcards. Accounts on whose behalf an
AWS service acts (`source_account`) need none.

## Why it matters
A vendor uses one role of its own for all its customers. Without an external id another customer can give the vendor
the ARN of our role, and the vendor, confused, works with our data on their behalf.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
justification: The survey is run by its vendor, who cannot be given a workload here.
expiry: 2027-03-31
scope:
  vendor: {name: Survey tool, contract_end: 2027-06-30}
  trust: {principals: ["arn:aws:iam::999988887777:role/survey"]}  # expect: missing-external-id
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
```

## Passes
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
justification: The survey is run by its vendor, who cannot be given a workload here.
expiry: 2027-03-31
scope:
  vendor: {name: Survey tool, contract_end: 2027-06-30}
  trust: {principals: ["arn:aws:iam::999988887777:role/survey"], external_id: nhi-7f3c21}
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
```

## References
- OWASP NHI3:2025, Vulnerable Third-Party NHI
- OWASP NHI4:2025, Insecure Authentication
- CSF 2.0 PR.AA-03, users, services, and hardware are authenticated
- NIST SP 800-53r5 IA-9, Service Identification and Authentication
- SOC 2 CC9.2, assesses and manages risks of vendors and business partners
- AWS on the confused deputy, <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
- AWS on the external id's length, <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scopes import foreign_accounts, is_external_id, narrows, trusted

_SHORTEST = 2


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report the first principal of another organisation, where no external id is asked for."""
    outside = [found for found in foreign_accounts(manifest, context.settings) if not narrows(found[0])]
    if not outside or any(is_external_id(place) and _is_real(text) for place, text in trusted(manifest)):
        return
    place, account = outside[0]
    yield Violation(
        at=place,
        message=f"the AWS account {account} is let in without an external id",
        hint="write `external_id: …` beside it: the one that the vendor made for this organisation alone",
    )


def _is_real(text: str) -> bool:
    return len(text.strip().strip("*?")) >= _SHORTEST


RULE = Rule(
    code="NHI313",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI3:2025",
        "OWASP NHI4:2025",
        "CSF 2.0 PR.AA-03",
        "NIST SP 800-53r5 IA-9",
        "SOC 2 CC9.2",
    ),
    check=check,
)
