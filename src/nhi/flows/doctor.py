"""`nhi doctor`: is all set up that the workflows rely upon? On GitHub, in AWS, on this machine, in the repository.

Nothing is changed. What could not be told is told so, and is never a pass.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from nhi.cloud.interface import Trusts
from nhi.errors import ExitCode, NhiError, UsageError
from nhi.forge.interface import ForgeSettings
from nhi.model.diagnosis import Diagnosis, Health, worst
from nhi.model.identity import Json
from nhi.model.settings import GitHubSettings, LocalBackend, Settings, Stack
from nhi.model.source import SourceFile
from nhi.model.verification import CouldNotTell
from nhi.policy.branch_health import branch_health
from nhi.policy.repository_health import ENVIRONMENTS, Answers, repository_health
from nhi.policy.role_trust import subjects, trust_health
from nhi.policy.ruleset import RULESET_FILE, ruleset

ROLE_ENVIRONMENTS = {"plan": "nhi", "apply": "apply", "verify": "nhi", "revoke": "revoke"}
"""The roles of the workflows, and the environment whose jobs take each."""

_NO_ANSWER: Json = {}
"""An answer in which everything is missing. None would be GitHub's word that there is none."""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """All that was looked at, in the order of looking."""

    found: tuple[Diagnosis, ...]

    @property
    def exit_code(self) -> ExitCode:
        """Not knowing weighs more than a fault: it could hide one."""
        return {Health.GOOD: ExitCode.CLEAN, Health.WRONG: ExitCode.FINDINGS, Health.UNKNOWN: ExitCode.OUTSIDE}[
            worst(self.found)
        ]


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles whose trust is looked at."""

    names: Mapping[str, str]
    """Of `ROLE_ENVIRONMENTS` → the role's name (no path), the same in each account."""
    stacks: Sequence[Stack]
    trusts: Trusts


def doctor(
    settings: Settings,
    tools: Mapping[str, Callable[[], str]],
    ruleset_file: SourceFile | None,
    forge: ForgeSettings | None,
    roles: Roles | None,
) -> DoctorReport:
    """Look at everything.

    Args:
        settings: the repository's.
        tools: program → what tells its version, or raises an NhiError that says what is wrong with it.
        ruleset_file: `RULESET_FILE`, where there is one.
        forge: None leaves GitHub out.
        roles: None leaves AWS out.
    """
    found = [*_tools(tools), _ruleset_file(settings.github, ruleset_file), _states(settings)]
    repository: Json = None
    if forge is not None:
        repository, of_forge = _forge(settings, forge)
        found += of_forge
    if roles is not None:
        if forge is None:
            raise UsageError("a role trusts a repository, and GitHub is left out", hint="leave out --local")
        found += _roles(forge.repository, _numbers(repository), roles)
    return DoctorReport(tuple(found))


def ruleset_text(settings: GitHubSettings) -> str:
    """What stands in `RULESET_FILE`."""
    return json.dumps(ruleset(settings), indent=2) + "\n"


def _tools(tools: Mapping[str, Callable[[], str]]) -> Iterator[Diagnosis]:
    for name, version in tools.items():
        why = f"what needs {name} fails, and says so"
        try:
            yield Diagnosis(f"tool-{name}", Health.GOOD, version())
        except NhiError as error:
            yield Diagnosis(f"tool-{name}", Health.WRONG, error.message, why, error.hint)


def _ruleset_file(settings: GitHubSettings, file: SourceFile | None) -> Diagnosis:
    why = "it is what the repository's rules are compared with, and made from"
    mend = "nhi doctor --write-ruleset"
    if file is None:
        return Diagnosis("ruleset-file", Health.WRONG, f"there is no {RULESET_FILE}", why, mend)
    if file.data != ruleset_text(settings).encode():
        return Diagnosis("ruleset-file", Health.WRONG, f"{RULESET_FILE} is not what nhi.yaml makes of it", why, mend)
    return Diagnosis("ruleset-file", Health.GOOD, f"{RULESET_FILE} is what nhi.yaml makes of it")


def _states(settings: Settings) -> Diagnosis:
    kept = sorted(name for name, stack in settings.stacks.items() if isinstance(stack.backend, LocalBackend))
    if kept:
        what = f"the Terraform state of {', '.join(kept)} is a file"
        why = "a runner's files end with its job: the next apply knows nothing of what stands, and fails on it"
        return Diagnosis(
            "state", Health.WRONG, what, why, "give the stack an S3 backend in nhi.yaml: stacks.NAME.backend.s3"
        )
    return Diagnosis("state", Health.GOOD, "every Terraform state outlives the machine that changes it")


def _forge(settings: Settings, forge: ForgeSettings) -> tuple[Json, list[Diagnosis]]:
    """GitHub's answer about the repository, and what is found. What cannot be had is an answer without content."""
    silent: list[Diagnosis] = []

    def asked(what: str, ask: Callable[[], Json]) -> Json:
        try:
            return ask()
        except NhiError as error:
            why = "what GitHub does not tell cannot be relied upon"
            told = f"{what}: {error.message}"
            silent.append(Diagnosis("forge", Health.UNKNOWN, told, why, error.hint))
            return _NO_ANSWER

    branch = settings.github.branch
    rules, rulesets = asked("rules of the branch", lambda: forge.rules(branch)), asked("rulesets", forge.rulesets)
    answers = Answers(
        repository=asked("repository", forge.repository_settings),
        workflow_permissions=asked("permissions of workflows", forge.workflow_permissions),
        actions_permissions=asked("permissions of Actions", forge.actions_permissions),
        oidc_subject=asked("OIDC subject", forge.oidc_subject),
        codeowners_errors=asked("errors of CODEOWNERS", forge.codeowners_errors),
        environments={name: asked(f"environment {name}", partial(forge.environment, name)) for name in ENVIRONMENTS},
    )
    found = [*branch_health(settings.github, forge.repository, rules, rulesets)]
    found += repository_health(settings, forge.repository, answers)
    return answers.repository, [*silent, *found]


def _numbers(repository: Json) -> tuple[int, int] | None:
    match repository:
        case {"id": int(number), "owner": {"id": int(owner)}}:
            return owner, number
        case _:
            return None


def _roles(repository: str, numbers: tuple[int, int] | None, roles: Roles) -> Iterator[Diagnosis]:
    accounts = {stack.account: stack for stack in reversed(roles.stacks)}
    for account, stack in sorted(accounts.items()):
        for purpose, role in roles.names.items():
            subject, shown = f"trust-{purpose}", f"{role} in {account}"
            wanted = subjects(repository, ROLE_ENVIRONMENTS[purpose], numbers)
            answer = roles.trusts.trust_policy(role, stack)
            match answer:
                case CouldNotTell(reason):
                    why = "a role that others may take too makes the gate pointless"
                    mend = f"ask with credentials of {account} that may iam:GetRole, or choose a stack with --stack"
                    yield Diagnosis(subject, Health.UNKNOWN, f"{shown}: {reason}", why, mend)
                case None:
                    yield Diagnosis(subject, Health.WRONG, f"there is no {shown}", "the workflow will fail", "make it")
                case _:
                    yield trust_health(subject, shown, answer, wanted)
