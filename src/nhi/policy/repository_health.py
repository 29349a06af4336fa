"""How a repository is set up on GitHub: its Actions, its environments, its OIDC subject, its code owners. Pure.

What is not in an answer is unknown: GitHub leaves out what the credentials may not see.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nhi.model.diagnosis import Diagnosis, Health
from nhi.model.identity import Json
from nhi.model.settings import Settings

ENVIRONMENTS = {
    "apply": "what can take the role that applies, if another branch's workflow may name it",
    "nhi": "the App's key, and with it every status that lets a change be merged",
    "revoke": "what can take the role that denies access",
}
"""The environments of the workflows, and what stands behind each."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Answers:
    """What GitHub says; None is its own word that there is none."""

    repository: Json
    workflow_permissions: Json
    actions_permissions: Json
    oidc_subject: Json
    codeowners_errors: Json
    environments: Mapping[str, Json]


def repository_health(settings: Settings, repository: str, answers: Answers) -> Iterator[Diagnosis]:
    """Each setting on which the workflows rely."""
    place = f"repos/{repository}"
    yield _branch(settings, answers.repository, place)
    if settings.sweep.auto_merge:
        yield _auto_merge(answers.repository, place)
    yield _approve(answers.workflow_permissions, place)
    yield _token(answers.workflow_permissions, place)
    yield _pinning(answers.actions_permissions, place)
    for name, answer in answers.environments.items():
        yield _environment(settings, name, answer, place)
    yield _oidc_subject(answers.oidc_subject, place)
    yield _codeowners(answers.codeowners_errors)


def _value(answer: Json, key: str) -> Json:
    return answer.get(key) if isinstance(answer, dict) else None


def _judged(subject: str, answer: Json, key: str, wanted: Json, words: tuple[str, str, str, str]) -> Diagnosis:
    """`words`: what is good, what is wrong, why it matters, how to mend it."""
    good, wrong, why, mend = words
    found = _value(answer, key)
    if found is None:
        return Diagnosis(subject, Health.UNKNOWN, f"GitHub does not tell {key}", why, _ASK_AS_ADMINISTRATOR)
    if found != wanted:
        return Diagnosis(subject, Health.WRONG, wrong, why, mend)
    return Diagnosis(subject, Health.GOOD, good)


_ASK_AS_ADMINISTRATOR = "ask with credentials that may read the repository's administration"


def _branch(settings: Settings, answer: Json, place: str) -> Diagnosis:
    wanted = settings.github.branch
    words = (
        f"the default branch is {wanted}",
        f"the default branch is {_value(answer, 'default_branch')}, and nhi.yaml says {wanted}",
        "pull_request_target, schedules and the ruleset are about the default branch",
        f"gh api --method PATCH {place} -f default_branch={wanted}, or set github.branch in nhi.yaml",
    )
    return _judged("default-branch", answer, "default_branch", wanted, words)


def _auto_merge(answer: Json, place: str) -> Diagnosis:
    words = (
        "pull requests can merge themselves when all is green",
        "pull requests cannot merge themselves",
        "removals of what expired wait for a person, which is how they are forgotten",
        f"gh api --method PATCH {place} -F allow_auto_merge=true, or set sweep.auto_merge to false",
    )
    return _judged("auto-merge", answer, "allow_auto_merge", True, words)  # noqa: FBT003  # a value of GitHub's


def _approve(answer: Json, place: str) -> Diagnosis:
    words = (
        "workflows cannot approve pull requests",
        "workflows may approve pull requests",
        "whoever can write a workflow on a branch could approve a change with it",
        f"gh api --method PUT {place}/actions/permissions/workflow -F can_approve_pull_request_reviews=false",
    )
    return _judged("actions-approve", answer, "can_approve_pull_request_reviews", False, words)  # noqa: FBT003  # as above


def _token(answer: Json, place: str) -> Diagnosis:
    words = (
        "a workflow's token can only read, unless the workflow says otherwise",
        "a workflow's token can write where the workflow does not say what it may",
        "a forgotten `permissions:` would be a way to write statuses and branches",
        f"gh api --method PUT {place}/actions/permissions/workflow -f default_workflow_permissions=read",
    )
    return _judged("token-permissions", answer, "default_workflow_permissions", "read", words)


def _pinning(answer: Json, place: str) -> Diagnosis:
    words = (
        "actions must be pinned to a commit",
        "actions may be named by a tag, which can move",
        "whoever takes over an action's repository would run in the gate",
        f"gh api --method PUT {place}/actions/permissions -F enabled=true -F sha_pinning_required=true",
    )
    return _judged("pinned-actions", answer, "sha_pinning_required", True, words)  # noqa: FBT003  # as above


def _environment(settings: Settings, name: str, answer: Json, place: str) -> Diagnosis:
    """Restricted to the one branch by name: "protected branches" would mean those of the older branch protection."""
    subject, branch = f"environment-{name}", settings.github.branch
    here = f"{place}/environments/{name}"
    mend = (
        f"gh api --method PUT {here} -F 'deployment_branch_policy[protected_branches]=false' "
        f"-F 'deployment_branch_policy[custom_branch_policies]=true' && "
        f"gh api --method POST {here}/deployment-branch-policies -f name={branch} -f type=branch"
    )
    if not isinstance(answer, dict):
        return Diagnosis(subject, Health.WRONG, f"there is no environment {name}", _behind(name), mend)
    if "deployment_branch_policy" not in answer:
        what = f"GitHub does not tell of the environment {name}"
        return Diagnosis(subject, Health.UNKNOWN, what, _behind(name), _ASK_AS_ADMINISTRATOR)
    policy = answer["deployment_branch_policy"]
    if not isinstance(policy, dict) or policy.get("custom_branch_policies") is not True:
        return Diagnosis(
            subject, Health.WRONG, f"the environment {name} is not for {branch} alone", _behind(name), mend
        )
    policies = answer.get("branch_policies")
    if not isinstance(policies, list):
        what = f"GitHub does not tell which branches may use the environment {name}"
        return Diagnosis(subject, Health.UNKNOWN, what, _behind(name), _ASK_AS_ADMINISTRATOR)
    allowed = [(_value(one, "type") or "branch", _value(one, "name")) for one in policies]
    if allowed != [("branch", branch)]:
        listed = ", ".join(f"{kind} {one}" for kind, one in allowed[:_SHOWN]) or "nothing"
        what = f"the environment {name} is for {listed}, not for {branch} alone"
        return Diagnosis(subject, Health.WRONG, what, _behind(name), f"delete the others of {here}, or: {mend}")
    return Diagnosis(subject, Health.GOOD, f"the environment {name} is for {branch} alone")


def _behind(name: str) -> str:
    return f"behind it is {ENVIRONMENTS[name]}"


def _oidc_subject(answer: Json, place: str) -> Diagnosis:
    """The default begins `repo:` and ends with the context, which names the environment."""
    why = "the roles trust the subject `repo:…:environment:…`; of another form it may be the same for other runs"
    mend = f"gh api --method PUT {place}/actions/oidc/customization/sub -F use_default=true"
    default = _value(answer, "use_default")
    if default is None:
        return Diagnosis("oidc-subject", Health.UNKNOWN, "GitHub does not tell the subject's form", why, mend)
    if default is not True and _value(answer, "include_claim_keys") != ["repo", "context"]:
        return Diagnosis("oidc-subject", Health.WRONG, "tokens of workflows have a subject of another form", why, mend)
    return Diagnosis("oidc-subject", Health.GOOD, "tokens of workflows have the subject that the roles trust")


def _codeowners(answer: Json) -> Diagnosis:
    why = "GitHub ignores such a line, and asks nobody to look at what it names"
    errors = _value(answer, "errors")
    if answer is None:
        what = "there is no CODEOWNERS on the branch"
        unasked = "GitHub asks nobody to look at changes of workflows, modules and settings"
        return Diagnosis("codeowners", Health.WRONG, what, unasked, "write .github/CODEOWNERS; `nhi init` makes one")
    if not isinstance(errors, list):
        return Diagnosis("codeowners", Health.UNKNOWN, "GitHub does not tell whether CODEOWNERS is right", why)
    if errors:
        lines = ", ".join(f"line {_value(one, 'line')} ({_value(one, 'kind')})" for one in errors[:_SHOWN])
        return Diagnosis(
            "codeowners", Health.WRONG, f"CODEOWNERS has {len(errors)} errors: {lines}", why, "mend the lines"
        )
    return Diagnosis("codeowners", Health.GOOD, "GitHub understands every line of CODEOWNERS")
