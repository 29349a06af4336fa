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
_ASK_AS_ADMINISTRATOR = "ask with credentials that may read the repository's administration"


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
    for answer, wish in (*_of_the_repository(settings, answers, place), *_of_actions(answers, place)):
        yield _judged(answer, wish)
    for name, answer in answers.environments.items():
        yield _environment(settings, name, answer, place)
    yield _oidc_subject(answers.oidc_subject, place)
    yield _codeowners(answers.codeowners_errors)


@dataclass(frozen=True, slots=True)
class _Wish:
    """One value of an answer, as it should be."""

    subject: str
    key: str
    value: Json
    good: str
    wrong: str
    why: str
    mend: str


def _of_the_repository(settings: Settings, answers: Answers, place: str) -> Iterator[tuple[Json, _Wish]]:
    branch = settings.github.branch
    yield (
        answers.repository,
        _Wish(
            "default-branch",
            "default_branch",
            branch,
            good=f"the default branch is {branch}",
            wrong=f"the default branch is {_value(answers.repository, 'default_branch')}, and nhi.yaml says {branch}",
            why="pull_request_target, schedules and the ruleset are about the default branch",
            mend=f"gh api --method PATCH {place} -f default_branch={branch}, or set github.branch in nhi.yaml",
        ),
    )
    if settings.sweep.auto_merge:
        yield (
            answers.repository,
            _Wish(
                "auto-merge",
                "allow_auto_merge",
                value=True,
                good="pull requests can merge themselves when all is green",
                wrong="pull requests cannot merge themselves",
                why="removals of what expired wait for a person, which is how they are forgotten",
                mend=f"gh api --method PATCH {place} -F allow_auto_merge=true, or set sweep.auto_merge to false",
            ),
        )


def _of_actions(answers: Answers, place: str) -> Iterator[tuple[Json, _Wish]]:
    put = f"gh api --method PUT {place}/actions/permissions"
    yield (
        answers.workflow_permissions,
        _Wish(
            "actions-approve",
            "can_approve_pull_request_reviews",
            value=False,
            good="workflows cannot approve pull requests",
            wrong="workflows may approve pull requests",
            why="whoever can write a workflow on a branch could approve a change with it",
            mend=f"{put}/workflow -F can_approve_pull_request_reviews=false",
        ),
    )
    yield (
        answers.workflow_permissions,
        _Wish(
            "token-permissions",
            "default_workflow_permissions",
            value="read",
            good="a workflow's token can only read, unless the workflow says otherwise",
            wrong="a workflow's token can write where the workflow does not say what it may",
            why="a forgotten `permissions:` would be a way to write statuses and branches",
            mend=f"{put}/workflow -f default_workflow_permissions=read",
        ),
    )
    yield (
        answers.actions_permissions,
        _Wish(
            "pinned-actions",
            "sha_pinning_required",
            value=True,
            good="actions must be pinned to a commit",
            wrong="actions may be named by a tag, which can move",
            why="whoever takes over an action's repository would run in the gate",
            mend=f"{put} -F enabled=true -F sha_pinning_required=true",
        ),
    )


def _judged(answer: Json, wish: _Wish) -> Diagnosis:
    found = _value(answer, wish.key)
    if found is None:
        what = f"GitHub does not tell {wish.key}"
        return Diagnosis(wish.subject, Health.UNKNOWN, what, wish.why, _ASK_AS_ADMINISTRATOR)
    if found != wish.value:
        return Diagnosis(wish.subject, Health.WRONG, wish.wrong, wish.why, wish.mend)
    return Diagnosis(wish.subject, Health.GOOD, wish.good)


def _value(answer: Json, key: str) -> Json:
    return answer.get(key) if isinstance(answer, dict) else None


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
