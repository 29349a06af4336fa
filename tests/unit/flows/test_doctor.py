"""The doctor on a repository in order, and with one thing wrong at a time: that, and nothing else, is said."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.fixtures.forge_settings import (
    APP,
    OWNER_ID,
    REPOSITORY,
    REPOSITORY_ID,
    SETTINGS,
    Change,
    ToldSettings,
    good_answers,
)

from nhi.errors import ExitCode, MissingTool, UsageError
from nhi.flows.doctor import ROLE_ENVIRONMENTS, DoctorReport, Roles, doctor, ruleset_text
from nhi.model.diagnosis import Health
from nhi.model.identity import Json
from nhi.model.settings import GitHubSettings, Settings, Stack, SweepSettings
from nhi.model.source import FileType, SourceFile
from nhi.model.verification import CouldNotTell
from nhi.policy.role_trust import AUDIENCE, ISSUER

TOOLS: Mapping[str, Callable[[], str]] = {"git": lambda: "git 2.39.5"}
ACCOUNT = "111122223333"


def ruleset_file(settings: Settings = SETTINGS) -> SourceFile:
    return SourceFile(".github/rulesets/main.json", FileType.REGULAR, ruleset_text(settings.github).encode())


def looked_at(answers: dict[str, Any], settings: Settings = SETTINGS) -> DoctorReport:
    return doctor(settings, TOOLS, ruleset_file(settings), ToldSettings(answers), None)


def not_good(report: DoctorReport) -> dict[str, Health]:
    return {one.subject: one.health for one in report.found if one.health is not Health.GOOD}


def test_a_repository_in_order_has_nothing_wrong() -> None:
    report = looked_at(good_answers())

    assert not_good(report) == {}
    assert report.exit_code == ExitCode.CLEAN
    assert len(report.found) > 15


def parameters(kind: str, answers: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(one["parameters"] for one in answers["rules"] if one["type"] == kind)
    return found


def without_rule(kind: str) -> Change:
    return lambda answers: answers.update(rules=[one for one in answers["rules"] if one["type"] != kind])


def checks(answers: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parameters("required_status_checks", answers)["required_status_checks"]
    return found


WRONG: dict[str, tuple[Change, set[str]]] = {
    "no gate among the required checks": (lambda one: checks(one).pop(0), {"required-checks", "check-source"}),
    "no approvals among them": (lambda one: checks(one).pop(1), {"required-checks", "check-source"}),
    "no required checks": (without_rule("required_status_checks"), {"required-checks", "check-source"}),
    "a check from anybody": (lambda one: checks(one)[0].pop("integration_id"), {"check-source"}),
    "a check from another App": (lambda one: checks(one)[1].update(integration_id=APP + 1), {"check-source"}),
    "no pull request needed": (without_rule("pull_request"), {"pull-request-rule"}),
    "stale reviews kept": (
        lambda one: parameters("pull_request", one).update(dismiss_stale_reviews_on_push=False),
        {"pull-request-rule"},
    ),
    "code owners not asked": (
        lambda one: parameters("pull_request", one).update(require_code_owner_review=False),
        {"pull-request-rule"},
    ),
    "the branch can be deleted": (without_rule("deletion"), {"branch-history"}),
    "the branch can be rewritten": (without_rule("non_fast_forward"), {"branch-history"}),
    "somebody may bypass": (
        lambda one: one["rulesets"][0]["bypass_actors"].append({"actor_id": 5, "actor_type": "RepositoryRole"}),
        {"bypass"},
    ),
    "workflows approve": (
        lambda one: one["workflow_permissions"].update(can_approve_pull_request_reviews=True),
        {"actions-approve"},
    ),
    "workflows write": (
        lambda one: one["workflow_permissions"].update(default_workflow_permissions="write"),
        {"token-permissions"},
    ),
    "actions by tag": (lambda one: one["actions_permissions"].update(sha_pinning_required=False), {"pinned-actions"}),
    "no auto-merge": (lambda one: one["repository_settings"].update(allow_auto_merge=False), {"auto-merge"}),
    "another default branch": (
        lambda one: one["repository_settings"].update(default_branch="trunk"),
        {"default-branch"},
    ),
    "no environment": (lambda one: one.update({"environment apply": None}), {"environment-apply"}),
    "an environment for every branch": (
        lambda one: one.update({"environment nhi": {"deployment_branch_policy": None}}),
        {"environment-nhi"},
    ),
    "an environment for protected branches": (
        lambda one: one.update(
            {
                "environment nhi": {
                    "deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}
                }
            }
        ),
        {"environment-nhi"},
    ),
    "an environment for more branches": (
        lambda one: one["environment"]["branch_policies"].append({"name": "*", "type": "branch"}),
        {"environment-apply", "environment-nhi", "environment-revoke"},
    ),
    "an environment for a tag": (
        lambda one: one["environment"].update(branch_policies=[{"name": "main", "type": "tag"}]),
        {"environment-apply", "environment-nhi", "environment-revoke"},
    ),
    "another OIDC subject": (
        lambda one: one.update(oidc_subject={"use_default": False, "include_claim_keys": ["repository_owner"]}),
        {"oidc-subject"},
    ),
    "faults in CODEOWNERS": (
        lambda one: one["codeowners_errors"]["errors"].append({"line": 3, "kind": "Unknown owner"}),
        {"codeowners"},
    ),
    "no CODEOWNERS": (lambda one: one.update(codeowners_errors=None), {"codeowners"}),
}


@pytest.mark.parametrize(("change", "subjects"), WRONG.values(), ids=WRONG)
def test_one_thing_that_is_wrong_is_said_and_nothing_else(change: Change, subjects: set[str]) -> None:
    answers = good_answers()
    change(answers)
    report = looked_at(answers)

    assert not_good(report) == dict.fromkeys(subjects, Health.WRONG)
    assert report.exit_code == ExitCode.FINDINGS


def test_nothing_enforced_is_wrong_in_every_way_a_branch_can_be() -> None:
    report = looked_at({**good_answers(), "rules": [], "rulesets": []})

    branch = {"required-checks", "check-source", "pull-request-rule", "branch-history", "bypass"}
    assert not_good(report) == dict.fromkeys(branch, Health.WRONG)
    mend = next(one.mend for one in report.found if one.subject == "required-checks")
    assert mend == f"gh api --method POST repos/{REPOSITORY}/rulesets --input .github/rulesets/main.json"


def test_a_ruleset_that_is_there_is_mended_in_place() -> None:
    answers = good_answers()
    checks(answers).pop()

    mend = next(one.mend for one in looked_at(answers).found if one.subject == "required-checks")
    assert mend == f"gh api --method PUT repos/{REPOSITORY}/rulesets/9 --input .github/rulesets/main.json"


@pytest.mark.parametrize("silent", [name for name in good_answers() if name != "environment"])
def test_what_github_does_not_answer_is_unknown_and_never_good(silent: str) -> None:
    answers = good_answers()
    del answers[silent]
    report = looked_at(answers)

    assert report.exit_code == ExitCode.OUTSIDE
    assert "GitHub answered 500" in next(one.what for one in report.found if one.subject == "forge")
    assert set(not_good(report).values()) == {Health.UNKNOWN}
    assert len(not_good(report)) > 1


def test_an_environment_that_github_does_not_tell_of_is_unknown() -> None:
    answers = good_answers()
    del answers["environment"]

    found = not_good(looked_at(answers))
    assert found == dict.fromkeys(
        ("forge", "environment-apply", "environment-nhi", "environment-revoke"), Health.UNKNOWN
    )


def test_branches_of_an_environment_that_may_not_be_seen_are_unknown() -> None:
    answers = good_answers()
    answers["environment"]["branch_policies"] = None

    assert not_good(looked_at(answers))["environment-apply"] is Health.UNKNOWN


def test_bypass_actors_that_may_not_be_seen_are_unknown() -> None:
    answers = good_answers()
    del answers["rulesets"][0]["bypass_actors"]

    assert not_good(looked_at(answers)) == {"bypass": Health.UNKNOWN}


def test_rules_of_an_organisation_count_as_well() -> None:
    answers = good_answers()
    for rule in answers["rules"]:
        rule["ruleset_id"] = 70
    answers["rulesets"] = [{**answers["rulesets"][0], "id": 70, "source_type": "Organization"}]

    assert not_good(looked_at(answers)) == {}


def test_a_removal_that_people_merge_needs_no_auto_merge() -> None:
    answers = good_answers()
    answers["repository_settings"]["allow_auto_merge"] = False

    assert not_good(looked_at(answers, replace(SETTINGS, sweep=SweepSettings(auto_merge=False)))) == {}


def test_without_an_app_anybody_could_set_the_status() -> None:
    settings = replace(SETTINGS, github=GitHubSettings(REPOSITORY))

    assert not_good(looked_at(good_answers(), settings)) == {"check-source": Health.WRONG}


def test_a_tool_that_is_missing_is_wrong() -> None:
    def missing() -> str:
        raise MissingTool("git is not installed", hint="install git")

    report = doctor(SETTINGS, {"git": missing}, ruleset_file(), None, None)
    assert not_good(report) == {"tool-git": Health.WRONG}
    assert report.found[0].mend == "install git"


@pytest.mark.parametrize("file", [None, SourceFile("x", FileType.REGULAR, b"{}\n")], ids=["missing", "another"])
def test_a_ruleset_file_that_is_not_what_the_settings_say_is_wrong(file: SourceFile | None) -> None:
    assert not_good(doctor(SETTINGS, {}, file, None, None)) == {"ruleset-file": Health.WRONG}


def test_a_state_in_a_file_is_wrong() -> None:
    settings = replace(SETTINGS, stacks={"production": Stack("production", ACCOUNT, "eu-west-1")})

    assert not_good(doctor(settings, {}, ruleset_file(), None, None)) == {"state": Health.WRONG}


class Told:
    """`nhi.cloud.interface.Trusts` that says the same of every role."""

    def __init__(self, answer: "Json | CouldNotTell") -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []

    def trust_policy(self, role: str, stack: Stack) -> "Json | CouldNotTell":
        self.asked.append((role, stack.name))
        return self.answer


def trust(subject: str) -> Json:
    return {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}},
        },
    }


def with_role(purpose: str, answer: "Json | CouldNotTell") -> dict[str, Health]:
    roles = Roles({purpose: f"nhi-{purpose}"}, tuple(SETTINGS.stacks.values()), Told(answer))
    return not_good(doctor(SETTINGS, {}, ruleset_file(), ToldSettings(), roles))


@pytest.mark.parametrize("purpose", ROLE_ENVIRONMENTS)
@pytest.mark.parametrize("repository", [REPOSITORY, f"acme-example@{OWNER_ID}/identities@{REPOSITORY_ID}"])
def test_a_role_that_trusts_its_environment_alone_is_good(purpose: str, repository: str) -> None:
    assert with_role(purpose, trust(f"repo:{repository}:environment:{ROLE_ENVIRONMENTS[purpose]}")) == {}


@pytest.mark.parametrize(
    "subject",
    [
        f"repo:{REPOSITORY}:environment:nhi",
        f"repo:{REPOSITORY}:ref:refs/heads/main",
        f"repo:{REPOSITORY}:pull_request",
        f"repo:{REPOSITORY}:*",
        "repo:acme-example@23/identities@333:environment:apply",
    ],
)
def test_a_role_that_applies_and_trusts_anything_else_is_wrong(subject: str) -> None:
    assert with_role("apply", trust(subject)) == {"trust-apply": Health.WRONG}


def test_without_the_repositorys_numbers_a_subject_by_number_is_not_believed() -> None:
    answers = good_answers()
    del answers["repository_settings"]
    subject = f"repo:acme-example@{OWNER_ID}/identities@{REPOSITORY_ID}:environment:apply"
    roles = Roles({"apply": "nhi-apply"}, tuple(SETTINGS.stacks.values()), Told(trust(subject)))
    report = doctor(SETTINGS, {}, ruleset_file(), ToldSettings(answers), roles)

    assert not_good(report)["trust-apply"] is Health.WRONG


def test_a_role_that_is_not_there_is_wrong_and_one_that_cannot_be_seen_is_unknown() -> None:
    assert with_role("apply", None) == {"trust-apply": Health.WRONG}
    assert with_role("apply", CouldNotTell("AccessDenied")) == {"trust-apply": Health.UNKNOWN}


def test_each_account_is_asked_once_for_each_role() -> None:
    told = Told(trust(f"repo:{REPOSITORY}:environment:apply"))
    stacks = [
        Stack(name, account, "eu-west-1") for name, account in (("a", ACCOUNT), ("b", ACCOUNT), ("c", "444455556666"))
    ]
    doctor(SETTINGS, {}, ruleset_file(), ToldSettings(), Roles({"apply": "nhi-apply"}, stacks, told))

    assert told.asked == [("nhi-apply", "a"), ("nhi-apply", "c")]


def test_roles_without_the_repository_cannot_be_judged() -> None:
    with pytest.raises(UsageError):
        doctor(SETTINGS, {}, ruleset_file(), None, Roles({"apply": "x"}, (), Told(None)))
