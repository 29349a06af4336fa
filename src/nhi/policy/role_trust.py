"""Whether a role of AWS trusts one environment of one repository's workflows, and nobody else. Pure.

https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws. A subject's second
form, with numbers, is that of repositories made or renamed since 2026-07-15:
https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
"""

from collections.abc import Iterator
from dataclasses import dataclass

from nhi.model.diagnosis import Diagnosis, Health
from nhi.model.identity import Json

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
_ASSUME = "sts:AssumeRoleWithWebIdentity"
_TAGGING = "sts:TagSession"
"""Lets a session carry tags; it takes no role."""
_WHY = "whoever else may take the role has the access that only a run of this environment should have"


@dataclass(frozen=True, slots=True)
class Subjects:
    """What a token of an environment's job says whose it is."""

    by_name: str
    by_number: str | None
    """None where the numbers of the repository and its owner are not known."""

    @property
    def either(self) -> frozenset[str]:
        """All that may stand in a trust policy."""
        return frozenset(one for one in (self.by_name, self.by_number) if one)


def subjects(repository: str, environment: str, numbers: tuple[int, int] | None) -> Subjects:
    """The subjects of an environment's jobs. `numbers` are the owner's and the repository's."""
    by_number = None
    if numbers is not None:
        owner, _, name = repository.partition("/")
        by_number = f"repo:{owner}@{numbers[0]}/{name}@{numbers[1]}:environment:{environment}"
    return Subjects(f"repo:{repository}:environment:{environment}", by_number)


def trust_health(subject: str, role: str, policy: Json, wanted: Subjects) -> Diagnosis:
    """What a role's trust policy lets in, beside what it should."""
    listing = " or ".join(sorted(wanted.either))
    mend = (
        f"let the trust policy of {role} have one statement that allows {_ASSUME} to the provider {ISSUER}, "
        f'with StringEquals "{ISSUER}:aud" = {AUDIENCE} and "{ISSUER}:sub" = {listing}'
    )
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    if not all(isinstance(one, dict) for one in listed):
        return Diagnosis(subject, Health.UNKNOWN, f"the trust policy of {role} cannot be read", _WHY, mend)
    allowing = [one for one in listed if isinstance(one, dict) and one.get("Effect") != "Deny"]
    if not allowing:
        return Diagnosis(subject, Health.WRONG, f"nobody may take {role}", "the workflow will fail", mend)
    faults = [fault for one in allowing for fault in _faults(one, wanted)]
    if faults:
        return Diagnosis(subject, Health.WRONG, f"{role}: {'; '.join(dict.fromkeys(faults))}", _WHY, mend)
    return Diagnosis(subject, Health.GOOD, f"{role} trusts {listing} alone")


def _faults(statement: dict[str, Json], wanted: Subjects) -> Iterator[str]:
    if unknown := sorted(statement.keys() - {"Sid", "Effect", "Principal", "Action", "Condition"}):
        yield f"a statement has {', '.join(unknown)}, which is not understood here"
    yield from _principal_faults(statement.get("Principal"))
    actions = _texts(statement.get("Action"))
    if _ASSUME not in actions or not actions <= {_ASSUME, _TAGGING}:
        yield f"a statement allows {', '.join(sorted(actions)) or 'no action by name'}"
    condition = statement.get("Condition")
    equals = condition.get("StringEquals") if isinstance(condition, dict) else None
    exact = {key.lower(): _texts(one) for key, one in equals.items()} if isinstance(equals, dict) else {}
    if exact.get(f"{ISSUER}:aud", frozenset()) != frozenset({AUDIENCE}):
        yield f"the audience is not exactly {AUDIENCE}, by StringEquals"
    trusted = exact.get(f"{ISSUER}:sub", frozenset())
    if not trusted:
        yield "the subject is not exact, by StringEquals"
    elif others := sorted(trusted - wanted.either):
        yield f"it trusts also {', '.join(others)}"


def _principal_faults(principal: Json) -> Iterator[str]:
    if not isinstance(principal, dict) or principal.keys() != {"Federated"}:
        yield "it trusts others than an OIDC provider"
        return
    providers = _texts(principal["Federated"])
    if len(providers) != 1 or not all(one.endswith(f":oidc-provider/{ISSUER}") for one in providers):
        yield f"it trusts another provider than {ISSUER}"


def _texts(value: Json) -> frozenset[str]:
    listed = value if isinstance(value, list) else [value]
    return frozenset(one for one in listed if isinstance(one, str))
