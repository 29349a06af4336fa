"""An AWS account outside the organisation is trusted.

## What it does
Reports each account that the scope's `trust` names and that is not the organisation's: neither a stack's nor one under
`accounts` in `nhi.yaml`. Where the scope names the third party in `vendor`, the account is taken for theirs and not
reported: an owner, an end of the contract and an external id are then asked for by other rules. A bare number of twelve
digits counts, unless its key says that it is an id of something else (`repository_id`).

## Why it matters
What happens in that account is nobody's business here: who works there, what leaks there, and when it is closed. A
mistyped number is a stranger's account.

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
  trust: {principals: ["arn:aws:iam::999988887777:role/survey"], external_id: nhi-7f}  # expect: foreign-account-trust
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
  trust: {principals: ["arn:aws:iam::111122223333:role/settlement"]}
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
```

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
  trust: {principals: ["arn:aws:iam::999988887777:role/survey"], external_id: survey-7f}
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
```

## References
- OWASP NHI3:2025, Vulnerable Third-Party NHI
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-2, Account Management
- SOC 2 CC9.2, assesses and manages risks of vendors and business partners
- PCI DSS 4.0.1 8.2.7, third parties have access only when needed
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scopes import foreign_accounts, vendor_of


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each account of the trust that nobody here answers for."""
    for place, account in foreign_accounts(manifest, context.settings):
        if vendor_of(manifest) is None:
            yield Violation(
                at=place,
                message=f"the AWS account {account} is not one of the organisation's",
                hint="name the third party in the scope's `vendor`, or, if the account is the organisation's, list it "
                "under `accounts` in nhi.yaml, in a change of its own",
            )


RULE = Rule(
    code="NHI312",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI3:2025",
        "CSF 2.0 PR.AA-05",
        "NIST SP 800-53r5 AC-2",
        "SOC 2 CC9.2",
        "PCI DSS 4.0.1 8.2.7",
    ),
    check=check,
)
