"""An exception does not say why, or what bounds the risk instead.

## What it does
Reports an exception whose `reason` or `compensating_control` is a placeholder, has fewer than three words of its own,
or says the same twice. Languages that write without spaces are counted by letters.

## Why it matters
An exception trades one control for another, for a while, for a reason. Without the reason nobody can end it, and
without the other control nothing was traded.

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
    - actions: [dynamodb:PutItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
exceptions:
  - rule: static-credential
    reason: The vendor cannot federate before its 2027 release.
    compensating_control: none  # expect: bare-exception
    approver: security
    expiry: 2027-01-31
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
exceptions:
  - rule: static-credential
    reason: The vendor cannot federate before its 2027 release.
    compensating_control: Key is limited to the office range and alarms on use.
    approver: security
    expiry: 2027-01-31
```

## References
- CSF 2.0 ID.RA-07, changes and exceptions are managed, assessed for risk impact, recorded and tracked
- CSF 2.0 GV.PO-01, policy is established, communicated and enforced
- SOC 2 CC6.3, authorizes, modifies, or removes access on least privilege and segregation of duties
"""

from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.accepted import accepted
from nhi.policy.placeholders import is_placeholder, says_enough, words
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted

_FEWEST_WORDS = 3
_HINTS = {
    "reason": "say what stands in the way, and until when: 'The vendor cannot federate before its 2027 release.'",
    "compensating_control": "say what bounds the risk meanwhile: 'The key works from the office range only.'",
}


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each exception that does not say why, or what bounds the risk."""
    for at, one in accepted(manifest):
        for key, text in (("reason", one.reason), ("compensating_control", one.compensating_control)):
            if is_placeholder(text):
                yield Violation((*at, key), f"{quoted(text)} is a placeholder", _HINTS[key])
            elif not says_enough(text, _FEWEST_WORDS):
                yield Violation((*at, key), f"{quoted(text)} is too short to be judged", _HINTS[key])
            elif key != "reason" and words(text) == words(one.reason) != frozenset():
                message = "the reason is repeated: why a deviation is needed does not bound its risk"
                yield Violation((*at, key), message, _HINTS[key])


RULE = Rule(
    code="NHI502",
    severity=Severity.ERROR,
    references=("CSF 2.0 ID.RA-07", "CSF 2.0 GV.PO-01", "SOC 2 CC6.3"),
    check=check,
    may_be_excepted=False,
)
