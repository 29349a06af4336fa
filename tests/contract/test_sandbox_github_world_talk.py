from datetime import UTC, datetime

import pytest
from tests.fixtures.github_world import APP, refused, words

from nhi.sandbox.github.operations import statuses
from nhi.sandbox.github.people import Site


def comments(site: Site, number: int) -> list[str]:
    return [one["body"] for one in site.call("rita", "issues/list-comments", issue_number=number)]


def issue(site: Site, login: str = "rita", **more: object) -> int:
    number: int = site.call(login, "issues/create", {"title": "A notice", **more})["number"]
    return number


def test_nobody_approves_their_own_pull_request(site: Site, pull: int) -> None:
    assert "Can not approve your own pull request" in words(refused(lambda: site.approve(pull, "alice")))
    assert "Can not request changes on your own pull request" in words(
        refused(lambda: site.request_changes(pull, "alice"))
    )
    assert site.review(pull, "alice", "COMMENT", "It is mine.")


def test_actions_approve_and_open_nothing_unless_the_repository_allows_it(site: Site, pull: int) -> None:
    wanted = {"title": "By a workflow", "head": "change", "base": "main"}
    site.close(pull, "alice")

    assert refused(lambda: site.approve(pull, "github-actions[bot]")).status == 422
    said = refused(lambda: site.call("github-actions[bot]", "pulls/create", wanted))
    assert words(said).startswith("403 GitHub Actions is not permitted to create or approve pull requests.")

    site.repository.settings.actions_may_approve = True
    assert site.approve(pull, "github-actions[bot]")
    assert site.call("github-actions[bot]", "pulls/create", wanted)["user"]["type"] == "Bot"


def test_a_merged_pull_request_can_still_be_reviewed(site: Site, pull: int) -> None:
    site.merge(pull, "bob")
    site.approve(pull, "carol")

    assert site.call("bob", "pulls/list-reviews", pull_number=pull)[0]["state"] == "APPROVED"


def test_a_review_that_was_not_submitted_is_its_authors_alone(site: Site, pull: int) -> None:
    site.call("bob", "pulls/create-review", {"body": "Draft."}, pull_number=pull)

    assert site.call("carol", "pulls/list-reviews", pull_number=pull) == []
    mine = site.call("bob", "pulls/list-reviews", pull_number=pull)
    assert (mine[0]["state"], "submitted_at" in mine[0]) == ("PENDING", False)


def test_only_verdicts_can_be_dismissed_and_only_by_those_who_may_write(site: Site, pull: int) -> None:
    approval, comment = site.approve(pull, "bob"), site.review(pull, "carol", "COMMENT", "Hm.")

    assert refused(lambda: site.dismiss(pull, approval, "rita")).status == 404
    assert "Can not dismiss a commented pull request review" in words(
        refused(lambda: site.dismiss(pull, comment, "bob"))
    )
    site.dismiss(pull, approval, "alice")
    assert site.call("bob", "pulls/list-reviews", pull_number=pull)[0]["state"] == "DISMISSED"


def request(site: Site, pull: int, *logins: str) -> object:
    return site.call("bob", "pulls/request-reviewers", {"reviewers": list(logins)}, pull_number=pull)


def test_reviews_are_asked_of_collaborators_all_or_none(site: Site, pull: int) -> None:
    said = words(refused(lambda: request(site, pull, "carol", "eve")))

    assert said.startswith("422 Reviews may only be requested from collaborators.")
    assert site.call("bob", "pulls/list-requested-reviewers", pull_number=pull)["users"] == []


def test_the_author_is_not_asked_for_a_review(site: Site, pull: int) -> None:
    assert words(refused(lambda: request(site, pull, "alice"))).startswith(
        "422 Review cannot be requested from pull request author."
    )


def test_who_reviewed_is_no_longer_asked(site: Site, pull: int) -> None:
    request(site, pull, "carol", "rita")
    site.approve(pull, "carol")

    found = site.call("bob", "pulls/list-requested-reviewers", pull_number=pull)["users"]

    assert [one["login"] for one in found] == ["rita"]


def test_a_comment_of_an_app_says_so(site: Site, pull: int) -> None:
    site.comment(pull, "rita", "A person's.")
    site.comment(pull, "nhi[bot]", "An App's.")

    found = site.call("rita", "issues/list-comments", issue_number=pull)

    by = [
        (one["user"]["login"], one["performed_via_github_app"] and one["performed_via_github_app"]["id"])
        for one in found
    ]
    assert by == [("rita", None), ("nhi[bot]", APP)]


def test_a_comment_is_65536_characters_at_most(site: Site, pull: int) -> None:
    assert site.comment(pull, "rita", 65536 * "ü")
    assert "Body is too long (maximum is 65536 characters)" in words(
        refused(lambda: site.comment(pull, "rita", 65537 * "x"))
    )


def test_a_comment_is_changed_and_deleted_by_its_author_and_those_who_may_write(site: Site, pull: int) -> None:
    number = site.comment(pull, "rita", "First.")
    site.world.person("otto", id=2001, permission="read")

    assert refused(lambda: site.call("otto", "issues/update-comment", {"body": "x"}, comment_id=number)).status == 403
    site.call("rita", "issues/update-comment", {"body": "Second."}, comment_id=number)
    assert comments(site, pull) == ["Second."]
    site.call("bob", "issues/delete-comment", comment_id=number)
    assert comments(site, pull) == []
    assert refused(lambda: site.call("bob", "issues/delete-comment", comment_id=number)).status == 404


def test_the_clock_moves_by_a_second_for_each_write(site: Site) -> None:
    site.world.clock = datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)

    number = issue(site)

    assert site.call("rita", "issues/get", issue_number=number)["created_at"] == "2027-02-01T00:00:00Z"


def test_pull_requests_are_issues_too(site: Site, pull: int) -> None:
    number = issue(site)

    found = site.call("rita", "issues/list-for-repo")

    assert [(one["number"], "pull_request" in one) for one in found] == [(number, False), (pull, True)]


def test_issues_are_listed_by_label_creator_and_state(site: Site) -> None:
    first, second = issue(site, "bob", labels=["nhi/notice", "bug"]), issue(site, "nhi[bot]", labels=["NHI/Notice"])

    def numbers(**query: str) -> list[int]:
        return [one["number"] for one in site.call("rita", "issues/list-for-repo", query=query)]

    assert numbers(labels="nhi/notice") == [second, first]
    assert numbers(labels="nhi/notice,bug") == [first]
    assert numbers(creator="nhi[bot]") == [second]
    site.close(first, "bob")
    assert (numbers(), numbers(state="closed")) == ([second], [first])


def test_labels_of_somebody_who_may_not_set_them_are_left_out_in_silence(site: Site) -> None:
    number = issue(site, "rita", labels=["bug"], assignees=["bob"])

    found = site.call("rita", "issues/get", issue_number=number)
    assert (found["labels"], found["assignees"]) == ([], [])


def test_an_assignee_that_cannot_be_one_is_refused_when_opening_and_left_out_when_adding(site: Site) -> None:
    assert refused(lambda: issue(site, "bob", assignees=["eve"])).status == 422
    number = issue(site, "bob", assignees=["carol"])
    found = site.call("bob", "issues/add-assignees", {"assignees": ["eve", "alice"]}, issue_number=number)

    assert [one["login"] for one in found["assignees"]] == ["carol", "alice"]


def test_it_can_be_asked_who_may_be_assigned(site: Site) -> None:
    assert site.call("bob", "issues/check-user-can-be-assigned", assignee="rita") is None
    assert refused(lambda: site.call("bob", "issues/check-user-can-be-assigned", assignee="eve")).status == 404


def test_an_issue_is_closed_and_opened_by_those_who_may(site: Site) -> None:
    number = issue(site, "bob")
    assert refused(lambda: site.close(number, "rita")).status == 403

    site.close(number, "alice")

    found = site.call("rita", "issues/get", issue_number=number)
    assert (found["state"], found["state_reason"], found["closed_at"] is None) == ("closed", "completed", False)
    again = site.call("bob", "issues/update", {"state": "open"}, issue_number=number)
    assert (again["state"], again["state_reason"]) == ("open", "reopened")


def test_a_label_that_is_there_is_not_made_again(site: Site) -> None:
    site.call("bob", "issues/create-label", {"name": "nhi/sweep", "color": "0e8a16", "description": "x"})

    said = refused(lambda: site.call("bob", "issues/create-label", {"name": "NHI/SWEEP"}))

    assert '"code": "already_exists"' in words(said)
    assert site.call("rita", "issues/get-label", name="nhi/sweep")["color"] == "0e8a16"


def test_a_label_that_is_not_there_is_made_by_adding_it(site: Site, pull: int) -> None:
    site.label(pull, "nhi[bot]", "nhi/sweep")
    site.label(pull, "bob", "nhi/sweep", "bug")

    assert [one["name"] for one in site.call("rita", "issues/list-labels-on-issue", issue_number=pull)] == [
        "nhi/sweep",
        "bug",
    ]
    site.unlabel(pull, "bob", "bug")
    assert refused(lambda: site.unlabel(pull, "bob", "bug")).status == 404


def test_a_reader_labels_nothing(site: Site, pull: int) -> None:
    assert refused(lambda: site.label(pull, "rita", "bug")).status == 403


def test_somebody_with_triage_uses_labels_but_makes_none(site: Site, pull: int) -> None:
    site.world.collaborator("acme/iam", "rita", "triage")
    site.label(pull, "rita", "bug")

    assert refused(lambda: site.label(pull, "rita", "new")).status == 422


def test_a_status_says_140_characters_at_most(site: Site) -> None:
    tip = site.repository.tip("main") or ""
    site.say(tip, "bob", "lint", "success", "x" * 140)

    assert "description is too long (maximum is 140 characters)" in words(
        refused(lambda: site.say(tip, "bob", "lint", "success", "x" * 141))
    )


def test_a_status_says_nothing_of_four_bytes(site: Site) -> None:
    tip = site.repository.tip("main") or ""
    site.say(tip, "bob", "lint", "success", "\uffff")

    assert "description doesn't accept 4-byte Unicode" in words(
        refused(lambda: site.say(tip, "bob", "lint", "success", "a \U0001f41b"))
    )


def test_a_context_has_1000_statuses_at_most(site: Site) -> None:
    tip = site.repository.tip("main") or ""
    site.say(tip, "bob", "lint", "pending")
    said = site.repository.statuses[tip]
    said += said[:1] * (statuses.MOST_PER_CONTEXT - 1)

    assert refused(lambda: site.say(tip, "bob", "lint", "success")).status == 422
    site.say(tip, "bob", "test", "success")


def test_the_newest_status_of_each_context_makes_the_combined_one(site: Site) -> None:
    tip = site.repository.tip("main") or ""
    assert site.call("rita", "repos/get-combined-status-for-ref", ref="main")["state"] == "pending"
    site.say(tip, "bob", "lint", "failure")
    site.say(tip, "bob", "test", "success")
    assert site.call("rita", "repos/get-combined-status-for-ref", ref=tip)["state"] == "failure"
    site.say(tip, "bob", "lint", "success")

    found = site.call("rita", "repos/get-combined-status-for-ref", ref="heads/main")

    assert (found["state"], found["total_count"]) == ("success", 2)
    every = site.call("rita", "repos/list-commit-statuses-for-ref", ref=tip)
    assert [(one["context"], one["state"]) for one in every] == [
        ("lint", "success"),
        ("test", "success"),
        ("lint", "failure"),
    ]


@pytest.mark.parametrize("sha", ["0" * 40, "main"])
def test_a_status_of_a_commit_that_is_not_there_is_refused(site: Site, sha: str) -> None:
    assert words(refused(lambda: site.say(sha, "bob", "lint", "success"))).startswith("422 No commit found for SHA")
