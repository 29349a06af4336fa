"""The expiry is later than the end of the vendor's contract.

## What it does
Reports an `expiry` after `contract_end` in the scope's `vendor`, and a `contract_end` that cannot be read. A kind for
third parties has this part in its scope: `vendor: {name: …, contract_end: <date>}`. Access until the very end is
allowed.

## Why it matters
When a contract ends nobody on either side thinks of the access that came with it. The vendor keeps it, and the
vendor's next incident is ours.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31  # expect: beyond-contract
justification: Settlement must be booked before 06:00 for the regulator's daily report.
scope: {vendor: {name: Survey tool, contract_end: 2027-02-28}, account: data-export}
```

## Passes
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
justification: Settlement must be booked before 06:00 for the regulator's daily report.
scope: {vendor: {name: Survey tool, contract_end: 2027-06-30}, account: data-export}
```

## References
- OWASP NHI3:2025, Vulnerable Third-Party NHI
- CSF 2.0 GV.SC-10, plans include activities after the end of a partnership or service agreement
- SOC 2 CC9.2, assesses and manages risks of vendors and business partners
- PCI DSS 4.0.1 8.2.7, third parties have access only when needed
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Json, Manifest
from nhi.model.instant import format_instant
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.scope_parts import instant, part
from nhi.policy.wording import quoted


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report an expiry after the end of the vendor's contract."""
    vendor = part(manifest, "vendor")
    if vendor is None or "contract_end" not in vendor:
        return
    end = instant(vendor["contract_end"])
    if end is None:
        yield Violation(
            at=("scope", "vendor", "contract_end"),
            message=f"when the contract{_with(vendor.get('name'))} ends cannot be read",
            hint="write a date (2027-03-31) or a timestamp (2027-03-31T18:00:00Z)",
        )
    elif manifest.expiry is not None and manifest.expiry > end:
        yield Violation(
            at=("expiry",),
            message=f"{format_instant(manifest.expiry)} is after the contract{_with(vendor.get('name'))} ends, "
            f"{format_instant(end)}",
            hint=f"write {format_instant(end)} or earlier, and renew the identity when the contract is renewed",
        )


def _with(name: Json) -> str:
    return f" with {quoted(name)}" if isinstance(name, str) and name.strip() else ""


RULE = Rule(
    code="NHI207",
    severity=Severity.ERROR,
    references=("OWASP NHI3:2025", "CSF 2.0 GV.SC-10", "SOC 2 CC9.2", "PCI DSS 4.0.1 8.2.7"),
    check=check,
)
