"""An identity of high risk does not say why the business needs it.

## What it does
Reports an identity of high or emergency risk without `justification`, and names the reasons for the risk (`nhi diff`
lists them all). It waits until nothing else blocks: the risk may be gone with what is mended. An error where the change
adds or edits the manifest, a warning elsewhere.

## Why it matters
The purpose says what the identity does; who approves high risk must also know what is lost without it. Written down, it
is there at the next renewal and at the audit, when whoever asked may have gone.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: cluster-operator
owner: payments
purpose: Night operator restarts the settlement workers of the payments team.  # expect: missing-justification
expiry: 2027-03-31
scope:
  incident: INC-77
  allow:
    - actions: [ecs:UpdateService]
      resources: ["arn:aws:ecs:eu-west-1:111122223333:service/payments/settlement"]
```

## Passes
```yaml
apiVersion: nhi/v1
kind: service-role
name: cluster-operator
owner: payments
purpose: Night operator restarts the settlement workers of the payments team.
justification: Settlement must be booked before 06:00, and its cluster cannot be repaired by hand at night.
expiry: 2027-03-31
scope:
  incident: INC-77
  allow:
    - actions: [ecs:UpdateService]
      resources: ["arn:aws:ecs:eu-west-1:111122223333:service/payments/settlement"]
```

## References
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced, and reviewed
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded, and tracked
- ISO/IEC 27001:2022 A.8.2, Privileged access rights
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.risk import Risk
from nhi.policy.risk import risk_of
from nhi.policy.rule import Context, Outcome, OutcomeRule, Violation

_MOST_REASONS = 3


def check(manifest: Manifest, context: Context, outcome: Outcome) -> Iterator[Violation]:
    """Report a missing or empty justification where the risk is high and nothing else blocks."""
    if (manifest.justification or "").strip() or manifest.unreadable or manifest.scope is None or outcome.blocks:
        return
    assessed = risk_of(manifest, context.settings)
    if assessed.risk < Risk.HIGH:
        return
    reasons = assessed.reasons[:_MOST_REASONS]
    yield Violation(
        at=("purpose",),
        message=f"no justification, and the risk is {assessed.risk.word}: the identity {'; '.join(reasons)}",
        hint="`justification: …`, why the business needs it and what is lost without it",
        severity=None if context.edited else Severity.WARNING,
    )


RULE = OutcomeRule(
    code="NHI104",
    severity=Severity.ERROR,
    references=("CSF 2.0 PR.AA-05", "CSF 2.0 ID.RA-07", "ISO/IEC 27001:2022 A.8.2"),
    check=check,
)
