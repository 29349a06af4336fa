"""A verification, for people and as JSON: the format `nhi/verification/v1`, a contract with other tools.

Keys may come; none goes or changes meaning.

```text
schema             "nhi/verification/v1"
as_of              when, as an RFC 3339 time in UTC
verified           one for each identity that the cloud was asked about, sorted by identity:
  identity           `<stack>/<name>`
  wanted             "present" where it is declared, "absent" where it was removed or nothing declares it
  holds              whether the answer is what is wanted, without differences
  answer             "present", "absent" or "could-not-tell"
  differences        with "present": `where`, `expected`, `found`; of what should be gone, what is left of it
  reason             with "could-not-tell"
needs_attestation  identities on systems without an API
```
"""

from collections.abc import Sequence
from datetime import datetime

from nhi.model.instant import format_instant
from nhi.model.verification import Absent, Answer, CouldNotTell, Present, Verified, Wanted
from nhi.output.plain import counted, json_text, one_line


def verification_text(verified: Sequence[Verified], needs_attestation: Sequence[str]) -> str:
    """One line an identity, and below it each difference."""
    lines = [line for one in verified for line in _lines(one)]
    lines += [f"attest   {one_line(name)}: no API can be asked; only people can tell" for name in needs_attestation]
    good = sum(one.holds for one in verified)
    lines.append(
        f"{counted(len(verified), 'identity').replace('identitys', 'identities')} looked at, {good} as declared"
    )
    return "\n".join(lines) + "\n"


def verification_json(as_of: datetime, verified: Sequence[Verified], needs_attestation: Sequence[str]) -> str:
    """The format `nhi/verification/v1`."""
    document = {
        "schema": "nhi/verification/v1",
        "as_of": format_instant(as_of),
        "verified": [
            {"identity": one.identity, "wanted": one.wanted.value, "holds": one.holds, **_answer(one.answer)}
            for one in verified
        ],
        "needs_attestation": list(needs_attestation),
    }
    return json_text(document)


def _lines(one: Verified) -> list[str]:
    name = one_line(one.identity)
    match one.answer:
        case Present(differences) if one.wanted is Wanted.PRESENT:
            said = "present, but not as declared" if differences else "present as declared"
            return [f"{_head(one)}{name}: {said}"] + [
                f"           {one_line(d.where)}: expected {one_line(d.expected)}, found {one_line(d.found)}"
                for d in differences
            ]
        case Present(left):
            return [f"{_head(one)}{name}: present, but should be gone"] + [
                f"           {one_line(d.where)} is left: {one_line(d.found)}" for d in left
            ]
        case Absent():
            said = "absent, and not declared" if one.holds else "absent, but declared"
            return [f"{_head(one)}{name}: {said}"]
        case CouldNotTell(reason):
            return [f"UNKNOWN  {name}: could not tell: {one_line(reason.removeprefix(f'{one.identity}: '))}"]


def _head(one: Verified) -> str:
    return "ok       " if one.holds else "WRONG    "


def _answer(answer: Answer) -> dict[str, object]:
    match answer:
        case Present(differences):
            found = [{"where": one.where, "expected": one.expected, "found": one.found} for one in differences]
            return {"answer": "present", "differences": found}
        case Absent():
            return {"answer": "absent"}
        case CouldNotTell(reason):
            return {"answer": "could-not-tell", "reason": reason}
