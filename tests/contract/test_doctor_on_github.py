"""`nhi doctor` on the loopback GitHub: what a new repository's README says is all, and each thing less is found."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.fixtures.command_line import Said, call
from tests.fixtures.github import APP, PEOPLE, REPOSITORY

from nhi.flows.init import Wanted, new_repository
from nhi.policy.repository_health import ENVIRONMENTS
from nhi.sandbox.github.faults import Fault
from nhi.sandbox.github.people import Site
from nhi.sandbox.github.server import LoopbackGitHub
from nhi.sandbox.github.things import Environment

__all__ = ["call"]
WANTED = Wanted(
    "1.0.0",
    repository=REPOSITORY,
    state_bucket="acme-terraform-state",
    app_id=APP,
    owners=(("alice", PEOPLE["alice"][0]), ("bob", PEOPLE["bob"][0])),
)
_MAIN = {"protected_branches": False, "custom_branch_policies": True}


@dataclass(frozen=True)
class SetUp:
    """A repository as `nhi init` and its README leave it, and who asks after its health."""

    github: LoopbackGitHub
    site: Site
    call: Callable[..., Said]
    monkeypatch: pytest.MonkeyPatch

    def rule(self, kind: str, **parameters: object) -> None:
        """Change a rule of the ruleset."""
        (ruleset,) = self.site.repository.rulesets.values()
        rules = [
            {**one, "parameters": {**one.get("parameters", {}), **parameters}} if one["type"] == kind else one
            for one in ruleset.rules
        ]
        self.ruleset(rules=rules)

    def ruleset(self, **changes: object) -> None:
        """Change the ruleset itself."""
        (number,) = self.site.repository.rulesets
        self.site.call("root", "repos/update-repo-ruleset", changes, ruleset_id=number)

    def settings(self, **changes: object) -> None:
        """Switches that people set on the web."""
        self.site.repository.settings = replace(self.site.repository.settings, **changes)  # type: ignore[arg-type]  # any of them

    def environment(self, name: str, policy: Mapping[str, bool] | None, *branches: str) -> None:
        """Who may use an environment."""
        one = Environment(7000 + len(name), name, self.site.world.clock, None if policy is None else dict(policy))
        one.branches = list(branches)
        self.site.repository.environments[name] = one

    def looked_at(self, token: str) -> tuple[int, dict[str, str]]:
        """The exit code, and what is not good: subject → health."""
        self.monkeypatch.setenv("GITHUB_TOKEN", token)
        said = self.call("doctor", "--format", "json")
        assert said.err == ""
        found = json.loads(said.out)["found"]
        assert len(found) >= 20
        return said.code, {one["subject"]: one["health"] for one in found if one["health"] != "good"}


@pytest.fixture
def set_up(github: LoopbackGitHub, call: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetUp:
    files = {one.path: one.data for one in new_repository(WANTED)}
    told = ("nhi.yaml", "identities/owners.yaml", ".github/CODEOWNERS", ".github/rulesets/main.json")
    site = github.site(REPOSITORY)
    site.push("root", "main", {path: files[path] for path in told})
    for path, data in files.items():
        (tmp_path / "access" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "access" / path).write_bytes(data)
    monkeypatch.chdir(tmp_path / "access")
    for name in ("terraform", "checkov"):
        (tmp_path / name).write_text('#!/bin/sh\necho \'{"terraform_version": "1.11.4"}\'\n')
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("NHI_CHECKOV", str(tmp_path / "checkov"))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("GITHUB_API_URL", github.origin)
    for name in ("NHI_APP_ID", "NHI_APP_PRIVATE_KEY", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    site.call("root", "repos/create-repo-ruleset", json.loads(files[".github/rulesets/main.json"]))
    site.call("root", "repos/update", {"allow_auto_merge": True})
    one = SetUp(github, site, call, monkeypatch)
    one.settings(sha_pinning_required=True, workflow_permissions="read", actions_may_approve=False)
    for name in ENVIRONMENTS:
        one.environment(name, _MAIN, "main")
    return one


_WORKFLOWS = "-f default_workflow_permissions=read -F can_approve_pull_request_reviews=false"


def test_the_readme_names_each_thing_that_is_set_up_here() -> None:
    readme = next(one.data for one in new_repository(WANTED) if one.path == "README.md").decode()
    commands = [
        f"gh api --method POST repos/{REPOSITORY}/rulesets --input .github/rulesets/main.json",
        f"gh api --method PATCH repos/{REPOSITORY} -F allow_auto_merge=true",
        f"gh api --method PUT repos/{REPOSITORY}/actions/permissions -F enabled=true -F sha_pinning_required=true",
        f"gh api --method PUT repos/{REPOSITORY}/actions/permissions/workflow {_WORKFLOWS}",
        f"for name in {' '.join(sorted(ENVIRONMENTS, key=['nhi', 'apply', 'revoke'].index))}; do",
    ]
    flat = " ".join(readme.replace("\\\n", " ").split())

    assert [one for one in commands if one not in flat] == []


def test_a_repository_that_is_set_up_as_its_readme_says_is_in_order(set_up: SetUp) -> None:
    assert set_up.looked_at(set_up.github.token("root")) == (0, {})


def test_for_an_app_that_may_read_the_administration_it_is_in_order_too(set_up: SetUp) -> None:
    set_up.monkeypatch.setenv("NHI_APP_ID", str(APP))
    set_up.monkeypatch.setenv("NHI_APP_PRIVATE_KEY", set_up.github.private_key(APP))
    code, found = set_up.looked_at("")

    # GitHub shows bypass actors to those alone who may change the ruleset, and the doctor's token may not.
    assert (code, found) == (4, {"bypass": "unknown"})


ALL_RULES = {"required-checks", "check-source", "pull-request-rule", "branch-history", "bypass"}
CHECKS = [{"context": "nhi/gate", "integration_id": APP}, {"context": "nhi/approvals", "integration_id": APP}]
ADMIN = {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}
ELSEWHERE = {"ref_name": {"include": ["refs/heads/other"], "exclude": []}}
BUT_MAIN = {"ref_name": {"include": ["~ALL"], "exclude": ["refs/heads/main"]}}
DEVIATIONS: dict[str, tuple[Callable[[SetUp], object], set[str]]] = {
    "administrators may pass the rules by": (lambda one: one.ruleset(bypass_actors=[ADMIN]), {"bypass"}),
    "the App may, in pull requests": (
        lambda one: one.ruleset(
            bypass_actors=[{"actor_id": APP, "actor_type": "Integration", "bypass_mode": "pull_request"}]
        ),
        {"bypass"},
    ),
    "the approvals are not required": (
        lambda one: one.rule("required_status_checks", required_status_checks=CHECKS[:1]),
        {"required-checks", "check-source"},
    ),
    "a status of GitHub Actions counts": (
        lambda one: one.rule(
            "required_status_checks", required_status_checks=[CHECKS[0], {**CHECKS[1], "integration_id": 15368}]
        ),
        {"check-source"},
    ),
    "a status of anybody counts": (
        lambda one: one.rule("required_status_checks", required_status_checks=[{"context": "nhi/gate"}, CHECKS[1]]),
        {"check-source"},
    ),
    "approvals of older content stay": (
        lambda one: one.rule("pull_request", dismiss_stale_reviews_on_push=False),
        {"pull-request-rule"},
    ),
    "the ruleset has no rules": (lambda one: one.ruleset(rules=[]), ALL_RULES),
    "there is no ruleset": (lambda one: one.site.repository.rulesets.clear(), ALL_RULES),
    "the ruleset is only tried out": (lambda one: one.ruleset(enforcement="evaluate"), ALL_RULES),
    "the ruleset is off": (lambda one: one.ruleset(enforcement="disabled"), ALL_RULES),
    "the ruleset is of another branch": (lambda one: one.ruleset(conditions=ELSEWHERE), ALL_RULES),
    "the ruleset leaves the branch out": (lambda one: one.ruleset(conditions=BUT_MAIN), ALL_RULES),
    "the ruleset is of tags": (lambda one: one.ruleset(target="tag"), ALL_RULES),
    "workflows may approve": (lambda one: one.settings(actions_may_approve=True), {"actions-approve"}),
    "the token of a workflow can write": (
        lambda one: one.settings(workflow_permissions="write"),
        {"token-permissions"},
    ),
    "actions may be named by tags": (lambda one: one.settings(sha_pinning_required=False), {"pinned-actions"}),
    "nothing merges itself": (lambda one: one.settings(allow_auto_merge=False), {"auto-merge"}),
    "every branch may apply": (lambda one: one.environment("apply", None), {"environment-apply"}),
    "protected branches may": (
        lambda one: one.environment("nhi", {"protected_branches": True, "custom_branch_policies": False}),
        {"environment-nhi"},
    ),
    "another branch may too": (lambda one: one.environment("revoke", _MAIN, "main", "rel*"), {"environment-revoke"}),
    "an environment is not there": (lambda one: one.site.repository.environments.pop("nhi"), {"environment-nhi"}),
    "the subject does not name the environment": (
        lambda one: one.settings(oidc_default=False, oidc_claims=["repo"]),
        {"oidc-subject"},
    ),
    "a code owner is nobody": (
        lambda one: one.site.repository.collaborators.pop(PEOPLE["bob"][0]),
        {"codeowners"},
    ),
    "the default branch is another": (
        lambda one: (
            one.site.push("root", "trunk", {"a": "a"}),
            one.site.call("root", "repos/update", {"default_branch": "trunk"}),
        ),
        ALL_RULES | {"default-branch"},
    ),
}


@pytest.mark.parametrize("deviation", DEVIATIONS)
def test_each_thing_less_is_found_by_its_name(set_up: SetUp, deviation: str) -> None:
    deviate, wanted = DEVIATIONS[deviation]
    deviate(set_up)
    code, found = set_up.looked_at(set_up.github.token("root"))

    assert found == dict.fromkeys(wanted, "wrong")
    assert code == 1


@pytest.mark.parametrize("login", ["bob", "rita"])
def test_what_somebody_else_than_an_administrator_is_not_told_is_never_good(set_up: SetUp, login: str) -> None:
    code, found = set_up.looked_at(set_up.github.token(login))

    hidden = {"bypass", "actions-approve", "token-permissions", "pinned-actions", "forge"}
    assert found == dict.fromkeys(hidden | ({"auto-merge"} if login == "rita" else set()), "unknown")
    assert code == 4


def test_what_a_workflow_is_not_told_is_never_good(set_up: SetUp) -> None:
    token = set_up.github.world.tokens.of_workflow({"contents": "read", "metadata": "read"})
    code, found = set_up.looked_at(token)

    assert code == 4
    assert {name for name, health in found.items() if health == "wrong"} == set()
    assert found.keys() >= {"bypass", "actions-approve", "token-permissions", "pinned-actions", "auto-merge"}
    assert found.keys() >= {"oidc-subject", *(f"environment-{name}" for name in ENVIRONMENTS)}


def test_a_fault_beside_what_could_not_be_told_is_named_and_still_not_known(set_up: SetUp) -> None:
    set_up.settings(actions_may_approve=True)
    set_up.github.faults.add(Fault("GET", r".*/rulesets", 403, body=json.dumps({"message": "Forbidden"})))
    code, found = set_up.looked_at(set_up.github.token("root"))

    assert (code, found) == (4, {"forge": "unknown", "bypass": "unknown", "actions-approve": "wrong"})
