"""IAM's answer from a real policy evaluator: whether one call is allowed at one instant.

The evaluator is the npm package `@cloud-copilot/iam-simulate` (AGPL-3.0; github.com/cloud-copilot/iam-simulate): a
tool beside the checkout, started as a program of its own, never part of this package.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from nhi.errors import MissingTool, OutsideError
from nhi.model.identity import Json
from nhi.model.instant import format_instant

PACKAGE = "@cloud-copilot/iam-simulate"
_SCRIPT = Path(__file__).with_name("evaluate.mjs")
_INSTALL = "scripts/setup"
_START_SECONDS = 30
_SECONDS_EACH = 1
_ACCOUNT = re.compile(r"arn:[\w-]+:[\w-]*:[\w-]*:(\d{12}):.+")


@dataclass(frozen=True, slots=True)
class Question:
    """One call at one instant, and the policies that bear on it."""

    principal: str
    """ARN of a user, a role, a role's session (`arn:aws:sts::111122223333:assumed-role/name/session`) or an OIDC
    provider, or the name of an AWS service such as `ecs-tasks.amazonaws.com`."""
    action: str
    resource: str
    """One ARN, or `*` for an action that knows no resources."""
    at: datetime
    identity_policies: Mapping[str, Json] = field(default_factory=dict)
    """Name → policy document, of the principal."""
    resource_policy: Json = None
    """Policy document of the resource; for a role its trust policy."""
    permissions_boundary: Json = None
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """Condition keys of the request beside the time, such as a claim of an OIDC token."""
    resource_account: str | None = None
    """Where the ARN names no account (S3) and it is not the principal's."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """IAM lets the call through."""


@dataclass(frozen=True, slots=True)
class Denied:
    """IAM refuses the call."""

    explicit: bool
    """Whether a Deny says so; otherwise nothing allows it."""
    reasons: tuple[str, ...]
    """For a person, such as `identity policy expiry, statement DenyAfterExpiry`; may be empty."""


Verdict: TypeAlias = Allowed | Denied


@dataclass(frozen=True, slots=True)
class Evaluator:
    """An installed evaluator."""

    node: str
    folder: Path
    """Holds `node_modules`."""

    def evaluate(self, questions: Sequence[Question]) -> tuple[Verdict, ...]:
        """The verdict on each question, in order, from one process.

        Raises:
            OutsideError: a question is one that the evaluator cannot answer (a policy that is not valid, an action or a
                context key that does not exist), or the evaluator failed or did not answer in time.
        """
        limit = _START_SECONDS + _SECONDS_EACH * len(questions)
        try:
            done = subprocess.run(  # noqa: S603 - our own script, run by the node of the PATH
                [self.node, str(_SCRIPT), str(self.folder)],
                input=json.dumps([_request(question) for question in questions]),
                capture_output=True,
                encoding="utf-8",
                env={},
                timeout=limit,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as cause:
            raise OutsideError(f"The policy evaluator gave no answer: {cause}.", hint=_INSTALL) from cause
        if done.returncode != 0:
            raise OutsideError(f"The policy evaluator failed: {done.stderr.strip()[:1500]}", hint=_INSTALL)
        answers = json.loads(done.stdout)
        return tuple(_verdict(question, answer) for question, answer in zip(questions, answers, strict=True))


def find_evaluator(tools: Path, environment: Mapping[str, str]) -> Evaluator:
    """The evaluator below a checkout's tools folder (`.tools/evaluator`), run by the node of PATH.

    Raises:
        MissingTool: node or the package is not installed.
    """
    folder = (tools / "evaluator").absolute()
    node = shutil.which("node", path=environment.get("PATH", ""))
    if node is None:
        raise MissingTool("The policy evaluator needs node, and there is none on the PATH.", hint=_INSTALL)
    if not (folder / "node_modules" / PACKAGE / "package.json").is_file():
        raise MissingTool(f"The policy evaluator {PACKAGE} is not installed in {folder}.", hint=_INSTALL)
    return Evaluator(node, folder)


def _request(question: Question) -> dict[str, Json]:
    """The question as the evaluator's `Simulation`. A sandbox has no organisation, so none of its policies apply."""
    owner = _ACCOUNT.fullmatch(question.resource) or _ACCOUNT.fullmatch(question.principal)
    context: dict[str, Json] = {
        key: value if isinstance(value, str) else list(value) for key, value in question.context.items()
    }
    request: dict[str, Json] = {
        "request": {
            "principal": question.principal,
            "action": question.action,
            "resource": {
                "resource": question.resource,
                "accountId": question.resource_account or (owner[1] if owner else ""),
            },
            "contextVariables": {
                **context,
                "aws:CurrentTime": format_instant(question.at),
                "aws:EpochTime": str(int(question.at.timestamp())),
            },
        },
        "identityPolicies": [{"name": name, "policy": policy} for name, policy in question.identity_policies.items()],
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
    }
    if question.resource_policy is not None:
        request["resourcePolicy"] = question.resource_policy
    if question.permissions_boundary is not None:
        request["permissionBoundaryPolicies"] = [{"name": "boundary", "policy": question.permissions_boundary}]
    return request


def _verdict(question: Question, answer: Mapping[str, Json]) -> Verdict:
    match answer:
        case {"result": "Allowed"}:
            return Allowed()
        case {"result": "ExplicitlyDenied" | "ImplicitlyDenied" as result, "reasons": list(reasons)}:
            return Denied(result == "ExplicitlyDenied", tuple(_reason(one) for one in reasons))
        case _:
            raise OutsideError(
                f"The policy evaluator cannot tell whether {question.principal} may {question.action}: "
                f"{json.dumps(answer.get('error'))[:500]}",
                hint="Correct the policy or the question.",
            )


def _reason(reason: Json) -> str:
    match reason:
        case {"denialType": "Explicit", "policyType": str(kind), **rest}:
            statement = rest.get("statementId") or f"number {rest.get('statementIndex')}"
            name = f" {rest['policyIdentifier']}" if rest.get("policyIdentifier") else ""
            return f"{kind} policy{name}, statement {statement}"
        case {"policyType": str(kind)}:
            return f"no {kind} policy allows it"
        case _:
            return json.dumps(reason)
