"""The identity that a job of GitHub Actions proves to a cloud: https://docs.github.com/en/actions/reference/security/oidc."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from nhi.model.identity import Json
from nhi.sandbox.github.things import Account, Repository

ISSUER = "https://token.actions.githubusercontent.com"
TOKEN_PATH = "/_actions/oidc/token"  # noqa: S105  # a path
KEYS_PATH = "/_actions/oidc/.well-known/jwks"
_KEY_ID = "loopback"
_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Job:
    """A running job, as far as its identity goes."""

    repository: Repository
    actor: Account
    environment: str | None = None
    ref: str = "refs/heads/main"
    event: str = "push"
    workflow: str = ".github/workflows/apply.yml"
    sha: str = 40 * "0"


class Jobs:
    """The jobs that may ask for their identity."""

    def __init__(self) -> None:
        self._asking: dict[str, Job] = {}

    def start(self, job: Job) -> str:
        """The request token of a job."""
        token = secrets.token_hex(24)
        self._asking[token] = job
        return token

    def token(self, authorization: str, audience: str | None, at: datetime) -> str | None:
        """The signed identity of the job whose request token this is. None: it is nobody's."""
        scheme, _, text = authorization.partition(" ")
        job = self._asking.get(text.strip()) if scheme.lower() == "bearer" else None
        if job is None:
            return None
        return jwt.encode(claims(job, audience, at), signing_key(), algorithm="RS256", headers={"kid": _KEY_ID})


@cache
def signing_key() -> rsa.RSAPrivateKey:
    """The key of this process; GitHub's own signs nothing here."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_set() -> dict[str, Json]:
    """The public keys, as a cloud fetches them."""
    key = jwt.algorithms.RSAAlgorithm.to_jwk(signing_key().public_key(), as_dict=True)
    return {"keys": [{**key, "kid": _KEY_ID, "alg": "RS256", "use": "sig"}]}


def claims(job: Job, audience: str | None, at: datetime) -> dict[str, Json]:
    """What a job's token says, at a moment."""
    repository, owner = job.repository, job.repository.owner
    started = int(at.timestamp())
    said: dict[str, Json] = {
        "jti": str(uuid4()),
        "sub": subject(job),
        "aud": audience or f"https://github.com/{owner.login}",
        "ref": job.ref,
        "sha": job.sha,
        "repository": repository.full_name,
        "repository_id": str(repository.id),
        "repository_owner": owner.login,
        "repository_owner_id": str(owner.id),
        "repository_visibility": repository.settings.visibility,
        "run_id": "1",
        "run_number": "1",
        "run_attempt": "1",
        "runner_environment": "github-hosted",
        "actor": job.actor.login,
        "actor_id": str(job.actor.id),
        "workflow": job.workflow,
        "workflow_ref": f"{repository.full_name}/{job.workflow}@{job.ref}",
        "workflow_sha": job.sha,
        "head_ref": "",
        "base_ref": "",
        "event_name": job.event,
        "ref_type": "tag" if job.ref.startswith("refs/tags/") else "branch",
        "ref_protected": str(bool(repository.rulesets)).lower(),
        "job_workflow_ref": f"{repository.full_name}/{job.workflow}@{job.ref}",
        "job_workflow_sha": job.sha,
        "iss": ISSUER,
        "nbf": started,
        "iat": started,
        "exp": started + int(_LASTS.total_seconds()),
    }
    return said if job.environment is None else {**said, "environment": job.environment}


def subject(job: Job) -> str:
    """`repo:acme/iam:environment:apply`, `repo:acme/iam:ref:refs/heads/main` or `repo:acme/iam:pull_request`.

    In repositories with immutable subjects owner and name have their numbers: `repo:acme@12/iam@34:…`. A template of
    claims, which a repository may set, takes the place of what follows the repository.
    https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
    """
    repository, settings = job.repository, job.repository.settings
    named = repository.full_name
    if settings.oidc_immutable:
        named = f"{repository.owner.login}@{repository.owner.id}/{repository.name}@{repository.id}"
    context = f"ref:{job.ref}"
    if job.event == "pull_request":
        context = "pull_request"
    if job.environment is not None:
        context = f"environment:{job.environment.replace(':', '%3A')}"
    if settings.oidc_default or not settings.oidc_claims:
        return f"repo:{named}:{context}"
    parts: Mapping[str, str] = {
        "repo": f"repo:{named}",
        "context": context,
        "environment": f"environment:{job.environment or ''}",
        "ref": f"ref:{job.ref}",
        "repository_id": f"repository_id:{repository.id}",
        "job_workflow_ref": f"job_workflow_ref:{repository.full_name}/{job.workflow}@{job.ref}",
        "actor": f"actor:{job.actor.login}",
    }
    return ":".join(parts[name] for name in settings.oidc_claims)
