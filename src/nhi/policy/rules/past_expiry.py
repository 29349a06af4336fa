"""The expiry has been reached.

## What it does
Reports an `expiry` that has been reached. It is an error on a manifest that the change adds or edits. Elsewhere the
identity is due for removal, which is a warning: a day that passes must not stop the work of others. It is a warning
also where the identity is held or suspended, since both may be needed after the expiry and neither gives access.

## Why it matters
At the expiry access ends, so nothing works with such an identity any more. A change that leaves it so is either a
mistake in the date, or about something that should be removed instead.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2026-03-31  # expect: past-expiry
scope:
  allow:
    - actions: [dynamodb:PutItem]
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
- OWASP NHI1:2025, Improper Offboarding
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- NIST SP 800-53r5 AC-2(3), disable accounts that have expired
- SOC 2 CC6.2, credentials are removed when access is no longer authorized
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.instant import format_instant
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted


def check(manifest: Manifest, context: Context) -> Iterator[Violation]:
    """Report an expiry that has been reached."""
    expiry = manifest.expiry
    if expiry is None or not context.now.reached(expiry):
        return
    severity, what, hint = _judgement(manifest, context)
    yield Violation(("expiry",), f"the expiry {format_instant(expiry)} has been reached: {what}", hint, severity)


def _judgement(manifest: Manifest, context: Context) -> tuple[Severity, str, str]:
    if manifest.hold is not None:
        keeps = f"the hold of {quoted(manifest.hold.authority)} keeps the identity"
        return Severity.WARNING, keeps, "remove the file when the hold ends"
    if context.edited and manifest.suspended is None:
        days = context.settings.lifetimes.standard
        hint = f"write a date to come, at most {days} days ahead, or remove the file if it is no longer needed"
        return Severity.ERROR, "the change leaves an identity that is over", hint
    if "hold" in manifest.unreadable:
        return Severity.WARNING, "whether a hold keeps the identity could not be read", "mend `hold` first"
    hint = "remove the file, or renew the identity in a change of its own if it is still needed"
    return Severity.WARNING, "due for removal", hint


RULE = Rule(
    code="NHI202",
    severity=Severity.ERROR,
    references=("OWASP NHI1:2025", "CSF 2.0 PR.AA-05", "NIST SP 800-53r5 AC-2(3)", "SOC 2 CC6.2"),
    check=check,
)
