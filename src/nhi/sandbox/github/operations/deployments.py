"""What surrounds workflows: environments, the Actions settings, repository_dispatch, code scanning."""

import base64
import binascii
import gzip
import json
import zlib

from nhi.sandbox.github.call import Answer, Call, Refusal
from nhi.sandbox.github.operations.asked import body_of
from nhi.sandbox.github.shapes import Shape, instant, node, repository_url, user
from nhi.sandbox.github.things import Environment, Repository
from nhi.sandbox.github.world import World

_MOST_PROPERTIES = 10
_LONGEST_EVENT = 100
_LARGEST_SARIF = 10_000_000
"""Bytes, compressed: https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/file-too-large"""


def environment(_: World, repository: Repository, call: Call) -> Answer:
    """`repos/get-environment`."""
    one = _environment(repository, call)
    place = f"{repository_url(call.origin, repository)}/environments/{one.name}"
    rules: list[Shape] = []
    if one.policy is not None:
        rules.append({"id": one.id + 1, "node_id": node("GA", one.id + 1), "type": "branch_policy"})
    if one.reviewers:
        people = [{"type": "User", "reviewer": user(call.origin, each)} for each in one.reviewers]
        rule: Shape = {"id": one.id + 2, "node_id": node("GA", one.id + 2), "type": "required_reviewers"}
        rules.append({**rule, "prevent_self_review": False, "reviewers": people})
    body = {
        "id": one.id,
        "node_id": node("EN", one.id),
        "name": one.name,
        "url": place,
        "html_url": f"{call.origin}/{repository.full_name}/deployments/activity_log?environments_filter={one.name}",
        "created_at": instant(one.created_at),
        "updated_at": instant(one.created_at),
        "protection_rules": rules,
        "deployment_branch_policy": one.policy,
    }
    return Answer(200, body)


def branch_policies(_: World, repository: Repository, call: Call) -> Answer:
    """`repos/list-deployment-branch-policies`: nothing where there are no custom ones."""
    one = _environment(repository, call)
    names = one.branches if one.policy is not None and one.policy["custom_branch_policies"] else []
    found = [
        {"id": one.id + 10 + place, "node_id": node("DBP", one.id + 10 + place), "name": name, "type": "branch"}
        for place, name in enumerate(names)
    ]
    return Answer(200, {"total_count": len(found), "branch_policies": found})


def actions(_: World, repository: Repository, call: Call) -> Answer:
    """`actions/get-github-actions-permissions-repository`."""
    own = repository.settings
    body: Shape = {"enabled": own.actions_enabled, "sha_pinning_required": own.sha_pinning_required}
    if own.actions_enabled:
        body["allowed_actions"] = own.allowed_actions
    if own.allowed_actions == "selected":
        place = repository_url(call.origin, repository)
        body["selected_actions_url"] = f"{place}/actions/permissions/selected-actions"
    return Answer(200, body)


def workflow_permissions(_: World, repository: Repository, __: Call) -> Answer:
    """`actions/get-github-actions-default-workflow-permissions-repository`."""
    own = repository.settings
    body = {
        "default_workflow_permissions": own.workflow_permissions,
        "can_approve_pull_request_reviews": own.actions_may_approve,
    }
    return Answer(200, body)


def subject(_: World, repository: Repository, __: Call) -> Answer:
    """`actions/get-custom-oidc-sub-claim-for-repo`."""
    own = repository.settings
    body: Shape = {"use_default": own.oidc_default, "use_immutable_subject": own.oidc_immutable}
    if not own.oidc_default:
        body["include_claim_keys"] = own.oidc_claims
    return Answer(200, body)


def dispatch(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/create-dispatch-event`."""
    body = body_of(call)
    event, payload = str(body["event_type"]), body.get("client_payload") or {}
    if not event or len(event) > _LONGEST_EVENT:
        raise Refusal(422, f"event_type must be 1 to {_LONGEST_EVENT} characters")
    if len(payload) > _MOST_PROPERTIES:
        why = f"No more than {_MOST_PROPERTIES} properties are allowed; {len(payload)} were supplied."
        raise Refusal(422, "Invalid request.\n\n" + why)
    world.tick()
    repository.dispatches.append({"action": event, "client_payload": payload, "sender": call.caller.login})
    return Answer(204)


def upload_sarif(world: World, repository: Repository, call: Call) -> Answer:
    """`code-scanning/upload-sarif`."""
    if not repository.settings.code_scanning:
        raise Refusal(403, "Code Security must be enabled for this repository to use code scanning.")
    body = body_of(call)
    commit, reference = str(body["commit_sha"]), str(body["ref"])
    if repository.store.resolve(commit) != commit:
        raise Refusal(404, f"commit not found: {commit}")
    found = _sarif(str(body["sarif"]))
    world.tick()
    number = f"{next(world.ids):08x}-nhi0-11ee-0000-000000000000"
    repository.sarif.append({"id": number, "commit_sha": commit, "ref": reference, "sarif": found})
    place = repository_url(call.origin, repository)
    return Answer(202, {"id": number, "url": f"{place}/code-scanning/sarifs/{number}"})


def _sarif(text: str) -> object:
    if len(text) > _LARGEST_SARIF:
        raise Refusal(413, "the SARIF file is too large")
    try:
        found = json.loads(gzip.decompress(base64.b64decode(text, validate=True)))
    except (binascii.Error, OSError, EOFError, zlib.error, ValueError) as cause:
        raise Refusal(400, "sarif must be gzip-compressed and base64-encoded JSON") from cause
    if not isinstance(found, dict) or "runs" not in found or found.get("version") != "2.1.0":
        raise Refusal(400, "Invalid SARIF. Missing 'runs' or version 2.1.0.")
    return found


def _environment(repository: Repository, call: Call) -> Environment:
    found = repository.environments.get(call.parameters["environment_name"].lower())
    if found is None:
        raise Refusal(404, "Not Found")
    return found


OPERATIONS = {
    "repos/get-environment": environment,
    "repos/list-deployment-branch-policies": branch_policies,
    "repos/create-dispatch-event": dispatch,
    "actions/get-github-actions-permissions-repository": actions,
    "actions/get-github-actions-default-workflow-permissions-repository": workflow_permissions,
    "actions/get-custom-oidc-sub-claim-for-repo": subject,
    "code-scanning/upload-sarif": upload_sarif,
}
