"""The trust in an identity provider says too little about who.

## What it does
Reports, in a `trust` in an OpenID Connect provider (it names a provider, an issuer, an audience, a repository or a
subject): a wildcard in a subject; no subject at all, so that every workload of the repository or the provider is let
in; the subject `pull_request`; and a repository by its name alone, without `repository_id`.

## Why it matters
A provider such as GitHub signs tokens for everybody in the world; the subject is all that tells ours from theirs. Every
branch and every pull request meets a wildcard. And a name that is given up can be registered by somebody else.

## Fails
```yaml
apiVersion: nhi/v1
kind: service-role
name: ledger-writer
owner: payments
purpose: Settlement batch writes cleared transactions to the ledger table.
expiry: 2027-03-31
scope:
  trust: {repository: checkout, repository_id: "700101", subjects: ["ref:refs/heads/*"]}  # expect: loose-subject
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
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
  trust: {repository: checkout, repository_id: "700101", subjects: ["environment:production"]}
  allow: [{actions: [dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]}]
```

## References
- OWASP NHI4:2025, Insecure Authentication
- CSF 2.0 PR.AA-03, users, services, and hardware are authenticated
- NIST SP 800-53r5 IA-9, Service Identification and Authentication
- ISO/IEC 27001:2022 A.5.15, Access control
- GitHub on subjects, <https://docs.github.com/en/actions/reference/security/oidc>
"""

import re
from collections.abc import Iterator, Mapping

from nhi.model.finding import Severity
from nhi.model.identity import Json, Manifest
from nhi.policy.iam.patterns import is_pattern
from nhi.policy.rule import Context, KeyPath, Rule, Violation
from nhi.policy.scopes import folded, is_subject, leaves, mappings
from nhi.policy.wording import quoted_name

_WHO = frozenset({"branch", "environment", "ref", "serviceaccount", "sub", "subject"})
"""Keys, folded and without the `s` of several, that tell one workload of a provider from its others."""
_REPOSITORIES = frozenset({"repo", "repos", "repository", "repositories"})
_OF_PROVIDERS = _REPOSITORIES | {"audience", "issuer", "oidcprovider", "openidprovider", "providerurl"}
_BY_NAME = re.compile(r"repo:[^/@:]+/[^/@:]+:")
_ANY_BRANCH = re.compile(r"(?:.*:)?pull_request(?:_target)?")


def check(manifest: Manifest, _context: Context) -> Iterator[Violation]:
    """Report each trust in a provider that lets in more than one workload of one repository."""
    trust = None if manifest.scope is None else manifest.scope.get("trust")
    if not trust:
        return
    for place, one in mappings(trust, ("scope", "trust")):
        keys = {key: folded(key) for key in one}
        if any(_is_of_provider(key) for key in keys.values()):
            yield from _of_provider(place, one, keys)


def _is_of_provider(key: str) -> bool:
    return key in _OF_PROVIDERS or key.removesuffix("s") in _OF_PROVIDERS or _tells_who(key)


def _tells_who(key: str) -> bool:
    return key in _WHO or key.removesuffix("s") in _WHO or key == "branches"


def _of_provider(place: KeyPath, trust: Mapping[str, Json], keys: Mapping[str, str]) -> Iterator[Violation]:
    named = [(at, text) for at, text in leaves(dict(trust), place) if is_subject(at)]
    for at, text in named:
        if is_pattern(text):
            what, instead = "lets in whatever matches", "write out each environment, branch or tag, or service account"
            yield Violation(at, f"{quoted_name(text)} {what}", instead)
        elif _ANY_BRANCH.fullmatch(text):
            what, instead = "lets in the pull requests of everybody", "name an environment that GitHub guards"
            yield Violation(at, f"{quoted_name(text)} {what}", instead)
    if not any(trust[key] for key, one in keys.items() if _tells_who(one)):
        instead = "write `subjects: […]`: the environments, branches or tags that it is used from"
        yield Violation(place, "no subject is asked for: whoever has a token of the provider is let in", instead)
    has_id = any(key.startswith(("repositoryid", "repoid")) for key in keys.values())
    by_name = [
        at for at, text in named if not has_id and (folded(str(at[-1])) in _REPOSITORIES or _BY_NAME.match(text))
    ]
    if by_name:
        what = "the repository is known by its name alone, which somebody else can take over"
        yield Violation(by_name[0], what, "write `repository_id` too: `gh api repos/OWNER/NAME --jq .id` prints it")


RULE = Rule(
    code="NHI314",
    severity=Severity.ERROR,
    references=("OWASP NHI4:2025", "CSF 2.0 PR.AA-03", "NIST SP 800-53r5 IA-9", "ISO/IEC 27001:2022 A.5.15"),
    check=check,
)
