"""The Protocol `ForgeSettings` on the loopback GitHub: GitHub's own answers, and None only where it says 404."""

import pytest
from tests.fixtures.github import APP, REPOSITORY
from tests.fixtures.scripted_http import StandingClock

from nhi.errors import OutsideError
from nhi.forge.github import GitHub
from nhi.forge.github_forge import GitHubForge
from nhi.forge.github_settings import GitHubForgeSettings
from nhi.forge.interface import ForgeSettings
from nhi.forge.refusal import Refused
from nhi.model.forge import Account
from nhi.sandbox.github.faults import Fault
from nhi.sandbox.github.server import LoopbackGitHub
from nhi.sandbox.github.things import Environment


@pytest.fixture
def settings(github: LoopbackGitHub, standing_clock: StandingClock) -> ForgeSettings:
    """Seen by an App, of a repository with one ruleset and the environment `apply`."""
    site = github.site(REPOSITORY)
    site.protect("root", [{"type": "deletion"}, {"type": "non_fast_forward"}])
    policy = {"protected_branches": False, "custom_branch_policies": True}
    site.repository.environments["apply"] = Environment(9001, "apply", site.world.clock, policy, ["main"])
    environment = {
        "GITHUB_API_URL": github.origin,
        "NHI_APP_ID": str(APP),
        "NHI_APP_PRIVATE_KEY": github.private_key(APP),
    }
    return GitHubForgeSettings(environment, REPOSITORY, standing_clock)


def test_the_settings_are_githubs_own_words(settings: ForgeSettings) -> None:
    found = settings.repository_settings()

    assert isinstance(found, dict)
    assert found["full_name"] == settings.repository == REPOSITORY
    assert found["allow_auto_merge"] is False


def test_the_rules_of_a_branch_are_listed(settings: ForgeSettings) -> None:
    rules = settings.rules("main")

    assert isinstance(rules, list)
    assert [one["type"] for one in rules if isinstance(one, dict)] == ["deletion", "non_fast_forward"]
    assert settings.rules("nhi/sweep/prod") == []


def test_rulesets_come_with_their_rules(settings: ForgeSettings) -> None:
    rulesets = settings.rulesets()

    assert isinstance(rulesets, list)
    (one,) = rulesets
    assert isinstance(one, dict)
    assert one["rules"] == [{"type": "deletion"}, {"type": "non_fast_forward"}]


def test_an_environment_comes_with_its_branches(settings: ForgeSettings) -> None:
    found = settings.environment("apply")

    assert isinstance(found, dict)
    policies = found["branch_policies"]
    assert isinstance(policies, list)
    assert [one["name"] for one in policies if isinstance(one, dict)] == ["main"]


def test_what_there_is_not_is_none(settings: ForgeSettings) -> None:
    assert settings.environment("nowhere") is None
    assert settings.environment("../../nowhere") is None
    assert settings.rules("main") is not None


def test_what_actions_may_do_is_told(settings: ForgeSettings) -> None:
    actions, workflows, subject = (
        settings.actions_permissions(),
        settings.workflow_permissions(),
        settings.oidc_subject(),
    )

    assert isinstance(actions, dict)
    assert isinstance(workflows, dict)
    assert isinstance(subject, dict)
    assert actions["enabled"] is True
    assert workflows["can_approve_pull_request_reviews"] is False
    assert subject["use_default"] is True
    assert isinstance(settings.codeowners_errors(), dict | None)


def test_what_we_may_not_see_is_an_error(
    settings: ForgeSettings, github: LoopbackGitHub, subtests: pytest.Subtests
) -> None:
    settings.repository_settings()
    body = '{"message": "Resource not accessible by integration"}'
    github.faults.add(Fault("*", ".*", 403, body=body, times=None))

    for read in (
        settings.repository_settings,
        lambda: settings.rules("main"),
        settings.rulesets,
        settings.actions_permissions,
        settings.workflow_permissions,
        lambda: settings.environment("apply"),
        settings.oidc_subject,
        settings.codeowners_errors,
    ):
        with subtests.test(), pytest.raises(OutsideError, match="403"):
            read()


def test_the_token_of_an_app_may_do_no_more_than_was_asked(
    github: LoopbackGitHub, standing_clock: StandingClock
) -> None:
    environment = {
        "GITHUB_API_URL": github.origin,
        "NHI_APP_ID": str(APP),
        "NHI_APP_PRIVATE_KEY": github.private_key(APP),
    }
    door = GitHub(environment, REPOSITORY, {"contents": "read", "issues": "read"}, standing_clock)

    assert door.ask("GET", "/git/ref/heads/main") is not None
    with pytest.raises(Refused, match="403"):
        door.ask("POST", "/issues", {"title": "Not mine to write"})


def test_an_app_that_has_less_than_we_could_use_still_reads(
    github: LoopbackGitHub, standing_clock: StandingClock
) -> None:
    github.world.app("small", id=77, permissions={"pull_requests": "read", "issues": "write"})
    site = github.site(REPOSITORY)
    site.push("alice", "change", {"a.txt": "a\n"})
    number = site.open_pull("alice", "change", "A change")
    environment = {
        "GITHUB_API_URL": github.origin,
        "NHI_APP_ID": "77",
        "NHI_APP_PRIVATE_KEY": github.private_key(77),
    }
    forge = GitHubForge(environment, REPOSITORY, standing_clock)

    assert forge.pull_request(number).title == "A change"
    with pytest.raises(Refused, match="Resource not accessible"):
        forge.edit_pull_request(number, "Mine", "")


def test_an_app_that_is_not_installed_is_an_error_and_not_nothing(
    github: LoopbackGitHub, standing_clock: StandingClock
) -> None:
    key = github.private_key(APP)
    environment = {"GITHUB_API_URL": github.origin, "NHI_APP_ID": str(APP), "NHI_APP_PRIVATE_KEY": key}
    github.site(REPOSITORY).repository.installed.pop(APP)
    forge = GitHubForge(environment, REPOSITORY, standing_clock)

    with pytest.raises(OutsideError, match="installation with 404") as caught:
        forge.pull_request(1)
    assert "installed" in caught.value.hint
    with pytest.raises(OutsideError):
        forge.permission(Account(1001, "alice"))
    with pytest.raises(OutsideError):
        GitHubForgeSettings(environment, REPOSITORY, standing_clock).environment("apply")


def test_a_token_that_github_does_not_give_is_an_error_and_not_nothing(
    github: LoopbackGitHub, standing_clock: StandingClock
) -> None:
    key = github.private_key(APP)
    environment = {"GITHUB_API_URL": github.origin, "NHI_APP_ID": str(APP), "NHI_APP_PRIVATE_KEY": key}
    github.faults.add(Fault("POST", ".*/access_tokens", 404, body='{"message": "Not Found"}', times=2))
    forge = GitHubForge(environment, REPOSITORY, standing_clock)

    for read in (lambda: forge.pull_request(1), lambda: forge.permission(Account(1001, "alice"))):
        with pytest.raises(OutsideError, match="token"):
            read()


def test_a_wrong_key_is_an_error_that_does_not_tell_it(github: LoopbackGitHub, standing_clock: StandingClock) -> None:
    github.private_key(APP)
    github.world.app("other", id=78)
    key = github.private_key(78)
    environment = {"GITHUB_API_URL": github.origin, "NHI_APP_ID": str(APP), "NHI_APP_PRIVATE_KEY": key}

    with pytest.raises(OutsideError, match="401") as caught:
        GitHubForge(environment, REPOSITORY, standing_clock).pull_request(1)

    assert "PRIVATE KEY" not in caught.value.message
