"""A person uses the identity.

## What it does
Reports a `used_by` that names a person of `identities/owners.yaml` by name, GitHub login or e-mail address (`alice`,
`user:alice`, `github:alice-acme`, `alice@acme.example`), and a scope that says so itself in its credential's
`used_by_person`. It is an error where the identity has a stored credential, and a warning where it has none.

## Why it matters
A person who works with a service's key leaves no trace of their own, keeps the access after leaving, and takes the
key along to wherever they work.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
used_by: ["user:alice"]  # expect: personal-key
justification: Settlement must be booked before 06:00 for the regulator's daily report.
scope:
  credential: {type: certificate, rotate_every: 60, rotated: 2026-11-01}
```

## Passes
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
used_by: ["ecs:payments/settlement"]
justification: Settlement must be booked before 06:00 for the regulator's daily report.
scope:
  credential: {type: certificate, rotate_every: 60, rotated: 2026-11-01}
```

## References
- OWASP NHI10:2025, Human Use of NHI
- NIST SP 800-53r5 AC-2(9), restrictions on shared and group accounts
- ISO/IEC 27001:2022 A.5.16, Identity management
- PCI DSS 4.0.1 8.6.1, interactive use of system accounts is justified, limited in time and attributable
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Json, Manifest
from nhi.policy.people import person_named
from nhi.policy.rule import Context, KeyPath, Rule, Violation
from nhi.policy.scope_parts import stored_credential
from nhi.policy.wording import quoted

_OF_PEOPLE = frozenset({"email", "github", "human", "mailto", "people", "person", "user"})
"""What stands before the colon in `used_by` where a person may follow; `ecs:` or `host:` name no people."""


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report each place where a person is named as the user."""
    credential = stored_credential(manifest)
    for index, entry in enumerate(manifest.used_by):
        if "/" not in entry and person_named(_name(entry), context.owners) is not None:
            severity = Severity.WARNING if credential is None else Severity.ERROR
            yield _violation(("used_by", index), f"{quoted(entry)} is a person", severity)
    user = None if credential is None else credential.get("used_by_person")
    if _says_somebody(user):
        who = quoted(user) if isinstance(user, str) else "a person"
        yield _violation(("scope", "credential", "used_by_person"), f"the credential is for {who}", Severity.ERROR)


def _name(entry: str) -> str:
    before, colon, after = entry.strip().partition(":")
    is_of_people = colon and before.strip().casefold() in _OF_PEOPLE
    return (after if is_of_people else entry).strip().removeprefix("@")


def _says_somebody(user: Json) -> bool:
    return user is not None and user is not False and bool(not isinstance(user, str) or user.strip())


def _violation(at: KeyPath, who: str, severity: Severity) -> Violation:
    return Violation(
        at=at,
        message=f"{who}: what a person does with it cannot be told from what a machine does",
        hint="name the workload that uses it; a person signs in as themselves, with an identity of their own",
        severity=severity,
    )


RULE = Rule(
    code="NHI403",
    severity=Severity.ERROR,
    references=("OWASP NHI10:2025", "NIST SP 800-53r5 AC-2(9)", "ISO/IEC 27001:2022 A.5.16", "PCI DSS 4.0.1 8.6.1"),
    check=check,
)
