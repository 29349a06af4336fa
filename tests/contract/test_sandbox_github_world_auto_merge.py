import pytest
from tests.fixtures.github_world import APP, refused, words

from nhi.sandbox.github.operations import resolvers
from nhi.sandbox.github.people import Site

GATE = {
    "type": "required_status_checks",
    "parameters": {
        "strict_required_status_checks_policy": False,
        "required_status_checks": [{"context": "nhi/gate", "integration_id": APP}],
    },
}


@pytest.fixture
def waiting(site: Site, pull: int) -> Site:
    """The pull request waits for nhi/gate; auto-merge is allowed."""
    site.protect("root", [GATE])
    site.call("root", "repos/update", {"allow_auto_merge": True})
    assert pull == 1
    return site


def pass_gate(site: Site, state: str = "success") -> None:
    site.say(site.pull(1, "bob")["head"]["sha"], "nhi[bot]", "nhi/gate", state)


def test_what_waits_is_merged_as_soon_as_its_rules_are_met(waiting: Site) -> None:
    waiting.merge_when_allowed(1, "nhi[bot]", mergeMethod="SQUASH")
    assert waiting.pull(1, "bob")["auto_merge"]["merge_method"] == "squash"

    pass_gate(waiting)

    seen = waiting.pull(1, "bob")
    assert (seen["merged"], seen["merged_by"]["login"]) == (True, "nhi[bot]")


def test_a_failed_check_merges_nothing(waiting: Site) -> None:
    waiting.merge_when_allowed(1, "nhi[bot]")
    pass_gate(waiting, "failure")

    assert waiting.pull(1, "bob")["merged"] is False


def test_the_answer_names_how_it_will_be_merged(waiting: Site) -> None:
    payload = waiting.merge_when_allowed(1, "bob", mergeMethod="REBASE", clientMutationId="x")

    assert payload["clientMutationId"] == "x"
    assert payload["pullRequest"]["autoMergeRequest"] == {"mergeMethod": "REBASE"}


def test_a_repository_that_does_not_allow_it_refuses(site: Site, pull: int) -> None:
    site.protect("root", [GATE])

    said = refused(lambda: site.merge_when_allowed(pull, "bob"))

    assert "Pull request Auto merge is not allowed for this repository" in words(said)


def test_a_branch_without_rules_refuses(site: Site, pull: int) -> None:
    site.call("root", "repos/update", {"allow_auto_merge": True})

    said = refused(lambda: site.merge_when_allowed(pull, "bob"))

    assert "Pull request Protected branch rules not configured for this branch" in words(said)


def test_what_lacks_nothing_is_refused_as_clean(waiting: Site) -> None:
    pass_gate(waiting)

    said = refused(lambda: waiting.merge_when_allowed(1, "bob"))

    assert "Pull request Pull request is in clean status" in words(said)


def test_what_lacks_nothing_but_has_a_failed_status_is_refused_as_unstable(waiting: Site) -> None:
    pass_gate(waiting)
    waiting.say(waiting.pull(1, "bob")["head"]["sha"], "bob", "lint", "pending")

    said = refused(lambda: waiting.merge_when_allowed(1, "bob"))

    assert "Pull request Pull request is in unstable status" in words(said)


def test_another_head_than_expected_is_refused(waiting: Site) -> None:
    old = waiting.pull(1, "bob")["head"]["sha"]
    waiting.push("alice", "change", {"b.txt": "b\n"})

    assert refused(lambda: waiting.merge_when_allowed(1, "bob", expectedHeadOid=old)).status == 422


def test_a_reader_may_not(waiting: Site) -> None:
    said = refused(lambda: waiting.merge_when_allowed(1, "rita"))

    assert "does not have the correct permissions to execute `EnablePullRequestAutoMerge`" in words(said)


def test_a_push_by_somebody_without_write_access_switches_it_off(site: Site) -> None:
    site.protect("root", [GATE])
    site.call("root", "repos/update", {"allow_auto_merge": True})
    site.world.fork("acme/iam", "rita")
    fork = Site(site.world, "rita/iam", answered=site.answered)
    fork.push("rita", "theirs", {"f.txt": "f\n"})
    site.open_pull("rita", "rita:theirs", "From a fork")
    site.merge_when_allowed(1, "bob")

    fork.push("rita", "theirs", {"g.txt": "g\n"})

    assert site.pull(1, "bob")["auto_merge"] is None
    pass_gate(site)
    assert site.pull(1, "bob")["merged"] is False


def test_it_is_switched_off_by_the_author_or_those_who_may_write(waiting: Site) -> None:
    def switch_off(login: str) -> object:
        wanted = {"pullRequestId": waiting.pull(1, "bob")["node_id"]}
        return resolvers(waiting.world)["Mutation.disablePullRequestAutoMerge"](waiting.caller(login), wanted)

    waiting.merge_when_allowed(1, "bob")
    waiting.world.collaborator("acme/iam", "alice", "read")
    assert refused(lambda: switch_off("rita")).status == 403

    switch_off("alice")

    assert waiting.pull(1, "bob")["auto_merge"] is None
    assert refused(lambda: switch_off("bob")).status == 422


def test_a_push_by_somebody_with_write_access_keeps_it(waiting: Site) -> None:
    waiting.merge_when_allowed(1, "nhi[bot]")
    waiting.push("alice", "change", {"b.txt": "b\n"})

    assert waiting.pull(1, "bob")["auto_merge"] is not None


def test_what_conflicts_waits_until_it_does_not(waiting: Site) -> None:
    ruleset = next(iter(waiting.repository.rulesets))
    elsewhere = {"ref_name": {"include": ["refs/heads/elsewhere"], "exclude": []}}
    everywhere = {"ref_name": {"include": ["~ALL"], "exclude": []}}
    waiting.merge_when_allowed(1, "nhi[bot]")
    start = waiting.repository.tip("main") or ""
    waiting.repository.rulesets[ruleset].conditions = elsewhere
    waiting.repository.pulls[1].draft = True  # so that the push to main below merges nothing yet
    waiting.push("root", "main", {"identities/a.yaml": "a: 3\n"})
    waiting.repository.pulls[1].draft = False
    waiting.repository.rulesets[ruleset].conditions = everywhere

    pass_gate(waiting)
    assert waiting.pull(1, "bob")["mergeable_state"] == "dirty"
    waiting.repository.rulesets[ruleset].conditions = elsewhere
    waiting.push("alice", "change", {"c.txt": "c\n"}, start=start)

    assert waiting.pull(1, "bob")["merged"] is True


def test_what_waits_for_a_rule_that_goes_is_merged(waiting: Site) -> None:
    waiting.merge_when_allowed(1, "nhi[bot]")
    ruleset = next(iter(waiting.repository.rulesets))
    waiting.call("root", "repos/update-repo-ruleset", {"enforcement": "disabled"}, ruleset_id=ruleset)

    assert waiting.pull(1, "bob")["merged"] is True
