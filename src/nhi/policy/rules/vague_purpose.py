"""The purpose does not tell what runs, what it does, and for whom.

## What it does
Reports a purpose that is a placeholder, that only repeats the identity's name, owner or kind, or that has fewer than
three words of its own. Articles and words such as "service", "role" or "access" tell nothing and are not counted.

## Why it matters
"Payments service role" fits every role of the payments team. A reviewer who reads it must ask, or guess; and who
recertifies it a year later cannot ask any more.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Ledger writer role for the payments service.  # expect: vague-purpose
expiry: 2027-03-31
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
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.AA-05, access permissions are defined in a policy, managed, enforced and reviewed
- PCI DSS 4.0.1 7.2.5.1, access of application and system accounts is reviewed and remains appropriate
"""

import re
from collections.abc import Iterator

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context, Rule, Violation
from nhi.policy.wording import quoted

_FEWEST_WORDS = 3
_FEWEST_LETTERS = 10
_FIRST_UNSPACED = "\u0e00"
_WORD = re.compile(r"[^\W\d_]{2,}")
_LINK = re.compile(r"https?://\S+")
_MARKER = re.compile(r"\b(TODO|TBD|TBA|FIXME|XXX)\b|^[<\[].*[>\]]$|^(?:todo|tbd|tba|fixme):", re.DOTALL)
_PLACEHOLDER_TEXT = """
todo tbd tba fixme xxx na none null nil unknown later changeme placeholder dummy asdf asd qwer qwerty zxcv blah foo bar
baz lorem ipsum dolor sit amet test tests testing tmp temp temporary demo example sample
"""
_FILLER_TEXT = """
an the of for to in on at by with and or from as is are was be been has have it its this that these our my we purpose
use used uses using need needs needed require required requires allow allows grant grants give gives thing things stuff
service services role roles account accounts identity identities user users bot key keys token tokens access something
permission permissions policy aws iam nhi team teams various misc general etc new
"""
_PLACEHOLDERS = frozenset(_PLACEHOLDER_TEXT.split())
_FILLERS = _PLACEHOLDERS.union(_FILLER_TEXT.split())
_HINT = (
    "say in a sentence what runs, what it does with the access, and for whom, such as "
    "'Settlement batch writes cleared transactions to the ledger table.'"
)


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report a purpose that tells nothing."""
    if manifest.purpose is None:
        return
    purpose = manifest.purpose.strip()
    words = set(_WORD.findall((_LINK.sub("", purpose) if "://" in purpose else purpose).lower()))
    is_marked = not words.isdisjoint(_PLACEHOLDERS) or purpose[:1] in "<["
    own = words.difference(_FILLERS, f"{manifest.name}-{manifest.owner}-{manifest.kind}".lower().split("-"))
    if len(own) >= _FEWEST_WORDS and not (is_marked and _MARKER.search(purpose)):
        return
    fault = _fault(purpose, words, own)
    if fault:
        yield Violation(at=("purpose",), message=f"{quoted(purpose)} {fault}", hint=_HINT)


def _fault(purpose: str, words: set[str], own: set[str]) -> str:
    if not purpose:
        return ""  # missing-purpose
    if _MARKER.search(purpose) or words <= _PLACEHOLDERS:
        return "is a placeholder"
    if sum(letter.isalpha() and letter >= _FIRST_UNSPACED for letter in purpose) >= _FEWEST_LETTERS:
        return ""  # Thai, Chinese, Japanese and others write no spaces between words
    if not own:
        return "says no more than the identity's name, owner and kind"
    return "is too short to tell what the identity is for"


RULE = Rule(
    code="NHI102",
    severity=Severity.ERROR,
    references=("OWASP NHI5:2025", "CSF 2.0 PR.AA-05", "PCI DSS 4.0.1 7.2.5.1"),
    check=check,
)
