"""The scope opens a known path to more permissions.

## What it does
Reports each statement that, alone or with the others, opens a path which cloudsplaining, prowler or pathfinding.cloud
know: change what an identity may do (`iam:PutRolePolicy`), start something with a role (`iam:PassRole` with
`lambda:CreateFunction`), become another role, or take over what works with one. To pass, become or take over one that
is named is ordinary, and not reported; a part of a name (`role/app-*`) is a warning. A condition may close a path or
not: that cannot be told here, so it excuses nothing. `*` is what `wildcard-action` reports.

## Why it matters
The scope that was approved is then not what the identity can do. One further call and it can do what nobody approved.

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
    - actions: [iam:PutRolePolicy]  # expect: privilege-escalation
      resources: ["arn:aws:iam::111122223333:role/settlement"]
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
    - actions: [iam:PassRole]
      resources: ["arn:aws:iam::111122223333:role/settlement"]
    - actions: [ecs:RunTask]
      resources: ["arn:aws:ecs:eu-west-1:111122223333:task-definition/settlement:*"]
```

## References
- OWASP NHI5:2025, Overprivileged NHI
- CSF 2.0 PR.AA-05, access permissions incorporate the principles of least privilege and separation of duties
- NIST SP 800-53r5 AC-6, Least Privilege
- ISO/IEC 27001:2022 A.8.2, Privileged access rights
- SOC 2 CC6.3, authorizes, modifies, or removes access on least privilege
- The paths, <https://pathfinding.cloud/paths/>
"""

from collections.abc import Iterator, Sequence

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.iam.escalation import Path, PathKind
from nhi.policy.rule import Context, KeyPath, Rule, Violation
from nhi.policy.scopes import OpenPath, open_paths

_LEADS_TO = {
    PathKind.PERMISSIONS: "it can change what it, or an identity that it can become, may do",
    PathKind.PASS_ROLE: "it can start something that works with a role which it passes on",
    PathKind.ASSUME_ROLE: "it can become roles that are not named",
    PathKind.TAKEOVER: "it can make what works with another role do its own work",
}
_MOST_PATHS = 3
_MOST_STEPS = 2


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each statement that decides on an open path."""
    by_statement: dict[KeyPath, list[OpenPath]] = {}
    for one in open_paths(manifest):
        by_statement.setdefault(one.place, []).append(one)
    for place, paths in by_statement.items():
        yield _violation(place, paths)


def _violation(place: KeyPath, paths: Sequence[OpenPath]) -> Violation:
    gravest = min(paths, key=lambda one: one.severity is not Severity.ERROR)
    path = gravest.escalation.path
    more = f"; {len(paths) - _MOST_PATHS} more" if len(paths) > _MOST_PATHS else ""
    ways = "; ".join(_words(one.escalation.path) for one in paths[:_MOST_PATHS])
    page = f"; the path: {path.page}" if path.page else ""
    return Violation(
        at=(*place, "actions"),
        message=f"{_LEADS_TO[path.kind]} ({ways}{more})",
        hint=f"{_instead(path.kind)}{page}",
        severity=gravest.severity,
    )


def _words(path: Path) -> str:
    more = len(path.actions) - _MOST_STEPS
    return " + ".join([*path.actions[:_MOST_STEPS], *([f"{more} more"] if more > 0 else [])])


def _instead(kind: PathKind) -> str:
    if kind is PathKind.PERMISSIONS:
        return "leave it out; what an identity may do is declared in its manifest, and approved"
    return "name what it is used on in full: the one role, function or instance"


RULE = Rule(
    code="NHI307",
    severity=Severity.ERROR,
    references=(
        "OWASP NHI5:2025",
        "CSF 2.0 PR.AA-05",
        "NIST SP 800-53r5 AC-6",
        "ISO/IEC 27001:2022 A.8.2",
        "SOC 2 CC6.3",
    ),
    check=check,
)
