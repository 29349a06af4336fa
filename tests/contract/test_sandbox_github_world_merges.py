import pytest
from tests.fixtures.github_world import APP, refused, words

from nhi.sandbox.github import commits
from nhi.sandbox.github.git_store import Commit
from nhi.sandbox.github.people import Site

CHECKS = {
    "type": "required_status_checks",
    "parameters": {
        "strict_required_status_checks_policy": False,
        "required_status_checks": [{"context": "nhi/gate", "integration_id": APP}],
    },
}
STRICT = {
    "type": "required_status_checks",
    "parameters": {**CHECKS["parameters"], "required_status_checks": [], "strict_required_status_checks_policy": True},  # type: ignore[dict-item]  # a mapping
}


BY_ROOT = [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]


def reviewed(count: int = 1, **more: bool | list[str]) -> dict[str, object]:
    """A pull_request rule."""
    switches = {
        "dismiss_stale_reviews_on_push": False,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
    }
    return {"type": "pull_request", "parameters": {**switches, "required_approving_review_count": count, **more}}


def state(site: Site, number: int) -> str:
    found: str = site.pull(number, "bob")["mergeable_state"]
    return found


def merged(site: Site, number: int, method: str) -> Commit:
    made = commits.commit(site.repository.store, site.merge(number, "bob", method))
    assert made is not None
    return made


def test_a_merge_commit_has_both_parents_and_names_the_branch(site: Site, pull: int) -> None:
    base, head = site.repository.tip("main"), site.repository.tip("change")

    made = merged(site, pull, "merge")

    assert made.parents == (base, head)
    assert made.message == "Merge pull request #1 from acme/change\n\nChange a"
    assert site.repository.tip("main") == made.sha


def test_a_squash_is_one_commit_by_the_author_of_the_pull_request(site: Site, pull: int) -> None:
    site.push("bob", "change", {"b.txt": "b\n"})
    base = site.repository.tip("main")

    made = merged(site, pull, "squash")

    assert (made.parents, made.author.email) == ((base,), "1001+alice@users.noreply.github.com")
    assert made.message == "Change a (#1)\n\n* A change\n\n* A change"


def test_a_rebase_replays_each_commit_with_its_author(site: Site, pull: int) -> None:
    site.push("bob", "change", {"b.txt": "b\n"})
    site.push("root", "main", {"other.txt": "1\n"})
    before = site.repository.tip("main")

    made = merged(site, pull, "rebase")

    replayed = commits.commits(site.repository.store, made.sha, before)
    assert [one.author.email for one in replayed] == ["alice@acme.example", "bob@acme.example"]
    assert commits.blob(site.repository.store, "refs/heads/main", "other.txt") == b"1\n"


def test_a_merge_of_another_head_than_was_seen_is_409(site: Site, pull: int) -> None:
    seen = site.pull(pull, "bob")["head"]["sha"]
    site.push("alice", "change", {"b.txt": "b\n"})

    said = refused(lambda: site.call("bob", "pulls/merge", {"sha": seen}, pull_number=pull))

    assert words(said).startswith("409 Head branch was modified. Review and try the merge again.")


def test_what_conflicts_is_405(site: Site, pull: int) -> None:
    site.push("root", "main", {"identities/a.yaml": "a: 3\n"})

    assert words(refused(lambda: site.merge(pull, "bob"))).startswith("405 Pull Request is not mergeable")


def test_what_is_merged_already_is_405(site: Site, pull: int) -> None:
    site.merge(pull, "bob")

    assert refused(lambda: site.merge(pull, "bob")).status == 405


def test_a_draft_is_not_merged(site: Site) -> None:
    site.push("alice", "d", {"d.txt": "d\n"})
    number = site.open_pull("alice", "d", "Draft", draft=True)

    assert (state(site, number), refused(lambda: site.merge(number, "bob")).status) == ("draft", 405)


def test_a_way_of_merging_that_is_switched_off_is_405(site: Site, pull: int) -> None:
    site.call("root", "repos/update", {"allow_rebase_merge": False})

    said = refused(lambda: site.merge(pull, "bob", "rebase"))

    assert words(said).startswith("405 Rebase merges are not allowed on this repository.")


def test_a_reader_may_not_merge(site: Site, pull: int) -> None:
    assert refused(lambda: site.merge(pull, "rita")).status == 403


def test_a_merged_branch_is_deleted_where_the_repository_says_so(site: Site, pull: int) -> None:
    site.call("root", "repos/update", {"delete_branch_on_merge": True})
    site.merge(pull, "bob")

    assert site.repository.tip("change") is None
    assert site.pull(pull, "bob")["merged"] is True


def test_a_required_check_that_nobody_set_blocks(site: Site, pull: int) -> None:
    site.protect("root", [CHECKS])

    assert state(site, pull) == "blocked"
    assert 'Required status check "nhi/gate" is expected.' in words(refused(lambda: site.merge(pull, "bob")))


def test_a_required_check_of_another_source_does_not_count(site: Site, pull: int) -> None:
    site.protect("root", [CHECKS])
    head = site.pull(pull, "bob")["head"]["sha"]
    site.say(head, "bob", "nhi/gate", "success")
    site.say(head, "github-actions[bot]", "nhi/gate", "success")
    said = refused(lambda: site.merge(pull, "bob"))
    assert 'Required status check "nhi/gate" was not set by the expected GitHub app.' in said.message

    site.say(head, "nhi[bot]", "nhi/gate", "success")

    assert site.merge(pull, "bob")


def test_a_status_of_another_source_hides_the_one_that_counted(site: Site, pull: int) -> None:
    site.protect("root", [CHECKS])
    head = site.pull(pull, "bob")["head"]["sha"]
    site.say(head, "nhi[bot]", "nhi/gate", "success")
    site.say(head, "bob", "nhi/gate", "success")

    assert (state(site, pull), refused(lambda: site.merge(pull, "bob")).status) == ("blocked", 405)


def test_of_several_missing_checks_only_the_number_is_told(site: Site, pull: int) -> None:
    three = [{"context": name} for name in ("nhi/gate", "nhi/approvals", "lint")]
    site.protect("root", [{**CHECKS, "parameters": {**CHECKS["parameters"], "required_status_checks": three}}])  # type: ignore[dict-item]  # a mapping
    head = site.pull(pull, "bob")["head"]["sha"]
    assert "3 of 3 required status checks are expected." in words(refused(lambda: site.merge(pull, "bob")))

    site.say(head, "bob", "lint", "success")
    site.say(head, "bob", "nhi/gate", "pending")

    wanted = "2 of 3 required status checks have not succeeded: 1 expected and 1 pending."
    assert wanted in words(refused(lambda: site.merge(pull, "bob")))


def test_the_newest_status_of_a_context_counts(site: Site, pull: int) -> None:
    site.protect("root", [CHECKS])
    head = site.pull(pull, "bob")["head"]["sha"]
    site.say(head, "nhi[bot]", "nhi/gate", "success")
    site.say(head, "nhi[bot]", "nhi/gate", "failure")

    assert 'Required status check "nhi/gate" is failing.' in words(refused(lambda: site.merge(pull, "bob")))


def test_a_status_is_of_a_commit_and_not_of_the_branch(site: Site, pull: int) -> None:
    site.protect("root", [CHECKS])
    site.say(site.pull(pull, "bob")["head"]["sha"], "nhi[bot]", "nhi/gate", "success")
    site.push("alice", "change", {"b.txt": "b\n"})

    assert refused(lambda: site.merge(pull, "bob")).status == 405


def test_a_branch_that_lags_behind_is_not_merged_under_a_strict_rule(site: Site, pull: int) -> None:
    site.protect("root", [STRICT])
    assert state(site, pull) == "clean"
    site.call(
        "root",
        "repos/update-repo-ruleset",
        {"enforcement": "disabled"},
        ruleset_id=next(iter(site.repository.rulesets)),
    )
    site.push("root", "main", {"other.txt": "1\n"})
    site.call(
        "root", "repos/update-repo-ruleset", {"enforcement": "active"}, ruleset_id=next(iter(site.repository.rulesets))
    )

    assert (state(site, pull), refused(lambda: site.merge(pull, "bob")).status) == ("behind", 405)


def test_an_optional_status_that_failed_makes_it_unstable_and_mergeable(site: Site, pull: int) -> None:
    site.say(site.pull(pull, "bob")["head"]["sha"], "bob", "lint", "failure")

    assert state(site, pull) == "unstable"
    assert site.merge(pull, "bob")


def test_approvals_of_those_who_may_write_count(site: Site, pull: int) -> None:
    site.protect("root", [reviewed(1)])
    site.approve(pull, "rita")
    assert "At least 1 approving review is required by reviewers with write access." in words(
        refused(lambda: site.merge(pull, "bob"))
    )

    site.approve(pull, "bob")

    assert site.merge(pull, "bob")


def test_an_approval_of_somebody_who_lost_access_no_longer_counts(site: Site, pull: int) -> None:
    site.protect("root", [reviewed(1)])
    site.approve(pull, "bob")
    site.world.collaborator("acme/iam", "bob", None)

    assert refused(lambda: site.merge(pull, "carol")).status == 405


def test_a_request_for_changes_blocks_until_it_is_dismissed(site: Site, pull: int) -> None:
    site.protect("root", [reviewed(1)])
    site.approve(pull, "bob")
    blocking = site.request_changes(pull, "carol")
    site.review(pull, "carol", "COMMENT", "Still not.")
    assert refused(lambda: site.merge(pull, "bob")).status == 405

    site.dismiss(pull, blocking, "bob")

    assert site.merge(pull, "bob")


def test_new_content_dismisses_stale_approvals_where_a_rule_says_so(site: Site, pull: int) -> None:
    site.protect("root", [reviewed(1, dismiss_stale_reviews_on_push=True)])
    site.approve(pull, "bob")
    site.push("alice", "change", {"b.txt": "b\n"})

    states = [one["state"] for one in site.call("bob", "pulls/list-reviews", pull_number=pull)]

    assert (states, refused(lambda: site.merge(pull, "bob")).status) == (["DISMISSED"], 405)


def test_a_push_that_leaves_the_difference_as_it_is_keeps_approvals(site: Site, pull: int) -> None:
    site.push("root", "main", {"other.txt": "1\n"})
    site.protect("root", [reviewed(1, dismiss_stale_reviews_on_push=True)])
    site.approve(pull, "bob")
    site.push("alice", "change", {"identities/a.yaml": "a: 2\n"}, start="refs/heads/main")

    assert [one["state"] for one in site.call("bob", "pulls/list-reviews", pull_number=pull)] == ["APPROVED"]


def test_an_approval_is_stale_too_when_the_base_takes_a_part_of_the_change(site: Site, pull: int) -> None:
    first = site.pull(pull, "bob")["head"]["sha"]
    site.push("alice", "change", {"b.txt": "b\n"})
    site.protect("root", [reviewed(1, dismiss_stale_reviews_on_push=True)], bypass_actors=BY_ROOT)
    site.approve(pull, "bob")
    site.push_commit("root", "main", first)

    assert [one["state"] for one in site.call("bob", "pulls/list-reviews", pull_number=pull)] == ["DISMISSED"]


def test_without_that_rule_an_old_approval_stays_and_names_its_commit(site: Site, pull: int) -> None:
    site.protect("root", [reviewed(1)])
    old = site.pull(pull, "bob")["head"]["sha"]
    site.approve(pull, "bob")
    site.push("alice", "change", {"b.txt": "b\n"})

    found = site.call("bob", "pulls/list-reviews", pull_number=pull)

    assert [(one["state"], one["commit_id"]) for one in found] == [("APPROVED", old)]
    assert site.merge(pull, "bob")


def test_the_last_pusher_cannot_be_the_one_who_approves(site: Site, pull: int) -> None:
    site.protect("root", [reviewed(1, require_last_push_approval=True)])
    site.push("bob", "change", {"b.txt": "b\n"})
    site.approve(pull, "bob")
    assert "New changes require approval from someone other than the last pusher." in words(
        refused(lambda: site.merge(pull, "bob"))
    )

    site.approve(pull, "carol")

    assert site.merge(pull, "bob")


OWNERS = "* @alice\n/identities/ @acme/security\n/docs/\n"


@pytest.fixture
def owned(site: Site) -> Site:
    site.world.team("acme/security", "carol")
    site.push("root", "main", {".github/CODEOWNERS": OWNERS})
    site.protect("root", [reviewed(1, require_code_owner_review=True)])
    site.push("alice", "change", {"identities/a.yaml": "a: 2\n"})
    site.open_pull("alice", "change", "Change a")
    return site


def test_a_code_owner_has_to_approve(owned: Site) -> None:
    owned.approve(1, "bob")
    assert "Waiting on code owner review from acme/security." in words(refused(lambda: owned.merge(1, "bob")))

    owned.approve(1, "carol")

    assert owned.merge(1, "bob")


def test_where_no_review_is_required_no_code_owners_is(owned: Site) -> None:
    ruleset = next(iter(owned.repository.rulesets))
    none = {"rules": [reviewed(0, require_code_owner_review=True, require_last_push_approval=True)]}
    owned.call("root", "repos/update-repo-ruleset", none, ruleset_id=ruleset)

    assert state(owned, 1) == "clean"
    assert owned.merge(1, "bob")


def test_an_approval_of_an_app_counts_where_it_may_write(site: Site, pull: int) -> None:
    site.protect("root", [reviewed(1)])
    site.world.app("reader", id=APP + 1, permissions={"contents": "read", "pull_requests": "write"})
    site.approve(pull, "reader[bot]")
    assert refused(lambda: site.merge(pull, "bob")).status == 405

    site.approve(pull, "nhi[bot]")

    assert site.merge(pull, "bob")


def test_the_owners_are_those_of_the_base_and_not_of_the_change(owned: Site) -> None:
    owned.push("alice", "change", {".github/CODEOWNERS": "* @bob\n"})
    owned.approve(1, "bob")

    assert refused(lambda: owned.merge(1, "bob")).status == 405


def test_the_last_line_decides_also_where_it_names_nobody(owned: Site) -> None:
    owned.push("bob", "docs", {"docs/a.md": "a\n"})
    number = owned.open_pull("bob", "docs", "Docs")
    owned.approve(number, "alice")

    assert owned.merge(number, "bob")


def test_a_bypass_actor_merges_without_what_the_rules_want(site: Site, pull: int) -> None:
    actors = [{"actor_id": APP, "actor_type": "Integration", "bypass_mode": "pull_request"}]
    site.protect("root", [reviewed(2)], bypass_actors=actors)
    assert refused(lambda: site.merge(pull, "root")).status == 405

    assert site.merge(pull, "nhi[bot]")


def test_a_way_of_merging_that_the_rule_lacks_is_405(site: Site, pull: int) -> None:
    site.protect("root", [reviewed(0, allowed_merge_methods=["squash"])])

    assert refused(lambda: site.merge(pull, "bob")).status == 405
    assert site.merge(pull, "bob", "squash")
