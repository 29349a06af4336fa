import base64
import gzip
import json
from collections.abc import Mapping

import pytest
from tests.fixtures.github_world import APP, refused, words

from nhi.errors import OutsideError
from nhi.sandbox.github import events, pushing
from nhi.sandbox.github.call import Caller
from nhi.sandbox.github.git_store import NO_COMMIT, Signature, Update
from nhi.sandbox.github.people import Site
from nhi.sandbox.github.things import Environment

NO_FORCE = {"type": "non_fast_forward"}
NO_DELETION = {"type": "deletion"}
BY_PULL = {
    "type": "pull_request",
    "parameters": {
        "required_approving_review_count": 1,
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": True,
        "required_review_thread_resolution": False,
    },
}


def app_itself(site: Site, operation: str, body: object = None, number: object = 0) -> dict[str, object]:
    caller = Caller("nhi", APP, is_app_itself=True)
    found: dict[str, object] = site.call(caller, operation, body, installation_id=number)
    return found


@pytest.mark.parametrize(
    ("login", "permission", "role"),
    [
        ("eve", "none", "none"),
        ("rita", "read", "read"),
        ("bob", "write", "write"),
        ("carol", "write", "maintain"),
        ("root", "admin", "admin"),
    ],
)
def test_a_permission_is_one_of_four_words_and_a_role_of_all(
    site: Site, login: str, permission: str, role: str
) -> None:
    found = site.call("nhi[bot]", "repos/get-collaborator-permission-level", username=login)

    assert (found["permission"], found["role_name"], found["user"]["login"]) == (permission, role, login)


def test_the_permission_of_nobody_is_404(site: Site) -> None:
    assert refused(
        lambda: site.call("bob", "repos/get-collaborator-permission-level", username="nobody")
    ).message.endswith("is not a user")


def test_a_private_repository_is_not_there_for_a_stranger(site: Site, pull: int) -> None:
    assert refused(lambda: site.call("eve", "repos/get")).status == 404
    assert refused(lambda: site.pull(pull, "eve")).status == 404


def test_everybody_reads_a_public_one(site: Site) -> None:
    site.repository.settings.visibility = "public"

    assert site.call("eve", "repos/get")["private"] is False


def test_merge_settings_are_shown_to_those_who_may_write(site: Site) -> None:
    assert "allow_auto_merge" not in site.call("rita", "repos/get")
    assert site.call("bob", "repos/get")["allow_auto_merge"] is False


def test_an_archived_repository_takes_no_writes(site: Site, pull: int) -> None:
    site.call("root", "repos/update", {"archived": True})

    said = refused(lambda: site.comment(pull, "bob", "x"))

    assert words(said).startswith("403 Repository was archived so is read-only.")
    assert site.pull(pull, "bob")["number"] == pull


@pytest.mark.parametrize(
    ("permissions", "status"),
    [({"statuses": "write"}, 0), ({"statuses": "read", "contents": "write"}, 403), ({}, 403)],
)
def test_a_workflows_token_does_what_its_permissions_say(
    site: Site, permissions: Mapping[str, str], status: int
) -> None:
    caller = site.caller("github-actions[bot]", permissions)
    tip = site.repository.tip("main") or ""

    def say() -> object:
        return site.call(caller, "repos/create-commit-status", {"state": "success"}, sha=tip)

    if status:
        assert words(refused(say)).startswith(f"{status} Resource not accessible by integration")
    else:
        assert say()


def test_a_token_has_no_more_than_its_app_was_granted(site: Site) -> None:
    site.world.apps[APP].permissions = {"metadata": "read", "statuses": "read"}
    tip = site.repository.tip("main") or ""

    assert refused(lambda: site.say(tip, "nhi[bot]", "x", "success")).status == 403


def test_an_app_that_is_not_installed_sees_nothing(site: Site) -> None:
    del site.repository.installed[APP]

    assert refused(lambda: site.call("nhi[bot]", "repos/get")).status == 404
    assert refused(lambda: app_itself(site, "apps/get-repo-installation")).status == 404


def test_an_app_finds_its_installation_and_gets_a_token_with_what_it_asks_for(site: Site) -> None:
    assert app_itself(site, "apps/get-authenticated")["slug"] == "nhi"
    number = app_itself(site, "apps/get-repo-installation")["id"]
    assert app_itself(site, "apps/get-installation", number=number)["app_id"] == APP

    made = app_itself(
        site, "apps/create-installation-access-token", {"permissions": {"statuses": "write"}}, number=number
    )

    caller = site.world.tokens.identify(f"Bearer {made['token']}")
    assert caller == Caller("nhi[bot]", APP, permissions={"statuses": "write"})
    assert made["permissions"] == {"metadata": "read", "statuses": "write"}


def test_a_token_with_more_than_was_granted_is_refused(site: Site) -> None:
    site.world.apps[APP].permissions = {"metadata": "read", "contents": "read"}
    number = site.world.apps[APP].installation_id

    said = refused(
        lambda: app_itself(
            site,
            "apps/create-installation-access-token",
            {"permissions": {"contents": "write"}},
            number=number,
        )
    )

    assert words(said).startswith("422 The permissions requested are not granted to this installation.")


def test_an_installation_is_no_user_and_its_bot_is_one(site: Site) -> None:
    assert refused(lambda: site.call("nhi[bot]", "users/get-authenticated")).status == 403
    assert site.call("bob", "users/get-authenticated")["id"] == 1002
    assert site.call("bob", "users/get-by-username", username="nhi[bot]")["type"] == "Bot"
    assert refused(lambda: site.call("bob", "users/get-by-username", username="nobody")).status == 404


def test_rules_are_told_for_a_branch_and_bypass_actors_to_administrators_alone(site: Site) -> None:
    actors = [{"actor_id": 5, "actor_type": "RepositoryRole"}]
    number = site.protect("root", [NO_DELETION, BY_PULL], bypass_actors=actors)

    found = site.call("rita", "repos/get-branch-rules", branch="main")
    assert [(one["type"], one["ruleset_id"]) for one in found] == [("deletion", number), ("pull_request", number)]
    assert found[1]["parameters"]["allowed_merge_methods"] == ["merge", "squash", "rebase"]
    assert site.call("rita", "repos/get-branch-rules", branch="elsewhere") == []
    assert "bypass_actors" not in site.call("bob", "repos/get-repo-ruleset", ruleset_id=number)
    assert site.call("root", "repos/get-repo-ruleset", ruleset_id=number)["bypass_actors"][0]["bypass_mode"] == "always"
    assert "rules" not in site.call("rita", "repos/get-repo-rulesets")[0]
    assert site.call("rita", "repos/get-branch", branch="main")["protected"] is True


def test_rules_are_made_and_changed_by_administrators_alone(site: Site) -> None:
    assert refused(lambda: site.protect("bob", [NO_DELETION])).status == 404
    number = site.protect("root", [NO_DELETION])
    site.call("root", "repos/update-repo-ruleset", {"enforcement": "disabled"}, ruleset_id=number)

    assert site.call("rita", "repos/get-branch-rules", branch="main") == []
    assert site.call("root", "repos/get-repo-ruleset", ruleset_id=number)["rules"] == [NO_DELETION]


def test_a_rule_that_this_world_does_not_enforce_is_not_taken(site: Site) -> None:
    assert refused(lambda: site.protect("root", [{"type": "required_signatures"}])).status == 501


def test_a_push_is_held_to_the_rules(site: Site) -> None:
    site.push("root", "main", {"second.txt": "2\n"})
    site.protect("root", [NO_FORCE, BY_PULL])
    site.push("alice", "free", {"x": "x\n"})

    with pytest.raises(OutsideError, match="Changes must be made through a pull request"):
        site.push("root", "main", {"x": "x\n"})
    with pytest.raises(OutsideError, match="Cannot force-push to this branch"):
        site.push("root", "main", {"x": "x\n"}, start="refs/heads/main~1")
    with pytest.raises(OutsideError, match="refusing to delete the current branch"):
        site.delete_branch("root", "main")


def test_a_rule_against_deletion_holds_for_the_api_too(site: Site) -> None:
    site.push("alice", "kept", {"x": "x\n"})
    site.push("alice", "free", {"x": "x\n"})
    site.protect("root", [NO_DELETION], conditions={"ref_name": {"include": ["refs/heads/k*"], "exclude": []}})

    assert "Cannot delete this branch" in words(refused(lambda: site.call("bob", "git/delete-ref", ref="heads/kept")))
    site.call("bob", "git/delete-ref", ref="heads/free")
    assert refused(lambda: site.call("bob", "git/get-ref", ref="heads/free")).status == 404
    assert words(refused(lambda: site.call("bob", "git/delete-ref", ref="heads/free"))).startswith(
        "422 Reference does not exist"
    )
    tip = site.call("bob", "git/get-ref", ref="heads/kept")["object"]["sha"]
    assert site.call("bob", "git/get-commit", commit_sha=tip)["message"] == "A change"


def test_a_bypass_actor_pushes_all_the_same_but_not_where_only_pull_requests_are_meant(site: Site) -> None:
    always = [{"actor_id": APP, "actor_type": "Integration", "bypass_mode": "always"}]
    by_pull = [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "pull_request"}]
    site.protect("root", [BY_PULL], bypass_actors=always + by_pull)
    nhi = Signature("nhi", "nhi@localhost.example", site.world.clock)

    site.push("nhi[bot]", "main", {"x": "x\n"}, author=nhi)

    with pytest.raises(OutsideError, match="GH013: Repository rule violations found for refs/heads/main"):
        site.push("root", "main", {"y": "y\n"})


def test_an_app_without_the_permission_pushes_no_workflow(site: Site) -> None:
    with pytest.raises(OutsideError, match="without `workflows` permission"):
        site.push("github-actions[bot]", "w", {".github/workflows/gate.yml": "on: push\n"})
    assert site.push("github-actions[bot]", "w", {"fine.txt": "x\n"})


def test_who_pushed_what_is_told(site: Site, pull: int) -> None:
    site.push("bob", "change", {"b.txt": "b\n"}, start="main")
    site.merge(pull, "carol")
    site.call("carol", "git/delete-ref", ref="heads/change")

    found = site.call("rita", "repos/list-activities")

    assert [(one["activity_type"], one["ref"].rsplit("/")[-1], one["actor"]["login"]) for one in found] == [
        ("branch_deletion", "change", "carol"),
        ("pr_merge", "main", "carol"),
        ("force_push", "change", "bob"),
        ("branch_creation", "change", "alice"),
        ("branch_creation", "main", "root"),
    ]
    mine = site.call("rita", "repos/list-activities", query={"ref": "refs/heads/change", "actor": "bob"})
    assert [one["activity_type"] for one in mine] == ["force_push"]


def test_a_code_owner_who_may_not_write_is_an_error(site: Site) -> None:
    assert refused(lambda: site.call("rita", "repos/codeowners-errors")).status == 404
    site.push("root", "main", {".github/CODEOWNERS": "# who\n* @bob\n/a/ @rita @alice\n!/b/ @bob\n"})

    found = site.call("rita", "repos/codeowners-errors")["errors"]

    assert [(one["line"], one["column"], one["kind"]) for one in found] == [
        (3, 5, "Unknown owner"),
        (4, 1, "Invalid pattern"),
    ]


def test_an_environment_says_which_branches_may_deploy(site: Site) -> None:
    custom = {"protected_branches": False, "custom_branch_policies": True}
    people = [site.world.accounts[1003]]
    site.repository.environments["apply"] = Environment(77, "apply", site.world.clock, custom, ["main"], people)

    found = site.call("rita", "repos/get-environment", environment_name="apply")
    policies = site.call("rita", "repos/list-deployment-branch-policies", environment_name="apply")

    assert found["deployment_branch_policy"] == custom
    assert [one["type"] for one in found["protection_rules"]] == ["branch_policy", "required_reviewers"]
    assert [one["name"] for one in policies["branch_policies"]] == ["main"]
    assert refused(lambda: site.call("rita", "repos/get-environment", environment_name="nope")).status == 404


def test_the_settings_of_actions_are_told_to_administrators(site: Site) -> None:
    base = "actions/get-github-actions-"
    assert refused(lambda: site.call("bob", base + "permissions-repository")).status == 403
    assert site.call("root", base + "permissions-repository")["sha_pinning_required"] is False
    assert site.call("root", base + "default-workflow-permissions-repository") == {
        "default_workflow_permissions": "read",
        "can_approve_pull_request_reviews": False,
    }
    subject = site.call("bob", "actions/get-custom-oidc-sub-claim-for-repo")
    assert (subject["use_default"], subject["use_immutable_subject"]) == (True, True)


def test_a_dispatch_has_ten_properties_at_most_and_starts_a_workflow(site: Site) -> None:
    site.call("bob", "repos/create-dispatch-event", {"event_type": "revoke", "client_payload": {"id": "x"}})

    event = events.repository_dispatch(site, site.repository.dispatches[0])

    assert (event["action"], event["client_payload"], event["sender"]["login"]) == ("revoke", {"id": "x"}, "bob")
    many = {"event_type": "revoke", "client_payload": {str(number): 1 for number in range(11)}}
    assert "No more than 10 properties are allowed; 11 were supplied." in words(
        refused(lambda: site.call("bob", "repos/create-dispatch-event", many))
    )


def sarif(site: Site, content: bytes) -> dict[str, str]:
    tip = site.repository.tip("main") or ""
    encoded = base64.b64encode(gzip.compress(content)).decode()
    return {"commit_sha": tip, "ref": "refs/heads/main", "sarif": encoded}


def test_findings_are_taken_where_code_scanning_is_on(site: Site) -> None:
    body = sarif(site, json.dumps({"version": "2.1.0", "runs": []}).encode())
    assert site.call("nhi[bot]", "code-scanning/upload-sarif", body)["id"] == site.repository.sarif[0]["id"]
    assert refused(lambda: site.call("nhi[bot]", "code-scanning/upload-sarif", sarif(site, b"no"))).status == 400

    site.repository.settings.code_scanning = False

    assert words(refused(lambda: site.call("nhi[bot]", "code-scanning/upload-sarif", body))).startswith(
        "403 Code Security must be enabled for this repository to use code scanning."
    )


def test_the_rate_limit_is_told(site: Site) -> None:
    assert site.call("bob", "rate-limit/get")["rate"]["limit"] == 5000


def test_events_are_as_actions_writes_them(site: Site, pull: int) -> None:
    before = site.pull(pull, "bob")["head"]["sha"]
    opened = events.pull_request(site, pull, "opened", "alice")
    after = site.push("alice", "change", {"b.txt": "b\n"})
    site.label(pull, "bob", "nhi/emergency")
    review = site.approve(pull, "bob")

    assert (opened["action"], opened["pull_request"]["mergeable"], opened["sender"]["login"]) == (
        "opened",
        None,
        "alice",
    )
    moved = events.synchronized(site, pull, before, "alice")
    assert (moved["before"], moved["after"], moved["pull_request"]["head"]["sha"]) == (before, after, after)
    assert events.labeled(site, pull, "nhi/emergency", "bob")["label"]["name"] == "nhi/emergency"
    assert events.reviewed(site, pull, review, "bob")["review"]["state"] == "approved"
    site.merge(pull, "bob")
    assert events.pull_request(site, pull, "closed", "bob")["pull_request"]["merged"] is True


def test_a_push_event_lists_its_commits(site: Site) -> None:
    new = site.push("alice", "x", {"x.txt": "x\n", "README.md": None})

    event = events.push(site, Update("refs/heads/x", NO_COMMIT, new), "alice")

    assert (event["created"], event["head_commit"]["id"], event["pusher"]["email"]) == (True, new, "alice@acme.example")
    assert (event["head_commit"]["added"], event["head_commit"]["removed"]) == (["x.txt"], ["README.md"])


def test_a_run_of_a_fork_lists_no_pull_request(site: Site, pull: int) -> None:
    site.world.fork("acme/iam", "rita")
    fork = Site(site.world, "rita/iam")
    theirs = fork.push("rita", "theirs", {"f.txt": "f\n"})
    site.open_pull("rita", "rita:theirs", "From a fork")
    own = site.pull(pull, "bob")["head"]["sha"]

    def listed(head: str, branch: str) -> list[int]:
        run = events.workflow_run(site, "reviewed", head, branch, "success", "bob")["workflow_run"]
        return [one["number"] for one in run["pull_requests"]]

    assert (listed(own, "change"), listed(theirs, "theirs")) == ([pull], [])


def test_a_scheduled_run_has_no_sender(site: Site) -> None:
    assert "sender" not in events.schedule(site, "17 3 * * *")
    assert events.workflow_dispatch(site, "nightly", {"day": "x"}, "bob")["inputs"] == {"day": "x"}


def test_who_may_fetch_and_push_is_asked_first(site: Site) -> None:
    def may(login: str) -> tuple[bool, bool]:
        caller = site.caller(login)
        return (
            pushing.may_read(site.world, site.repository, caller),
            pushing.may_write(site.world, site.repository, caller),
        )

    assert [may(login) for login in ("eve", "rita", "bob", "nhi[bot]")] == [
        (False, False),
        (True, False),
        (True, True),
        (True, True),
    ]
    site.repository.settings.archived = True
    assert may("root") == (True, False)


def test_rules_for_tags_are_none_of_a_branch(site: Site) -> None:
    site.protect(
        "root", [{"type": "deletion"}], target="tag", conditions={"ref_name": {"include": ["~ALL"], "exclude": []}}
    )
    site.push("root", "doomed", {"d.txt": "d\n"})

    assert site.call("root", "repos/get-branch-rules", branch="doomed") == []
    site.delete_branch("root", "doomed")
