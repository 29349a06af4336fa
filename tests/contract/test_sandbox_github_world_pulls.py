from datetime import timedelta

import pytest
from tests.fixtures.github_world import refused, words

from nhi.sandbox.github import commits, pushing
from nhi.sandbox.github.git_store import Signature, Update
from nhi.sandbox.github.operations import pulls
from nhi.sandbox.github.people import Site


def resolve(site: Site, reference: str) -> str | None:
    return site.repository.store.resolve(reference)


def test_a_pull_request_tells_what_merging_it_would_change(site: Site, pull: int) -> None:
    seen = site.pull(pull, "bob")

    assert (seen["mergeable"], seen["changed_files"], seen["commits"], seen["additions"]) == (True, 1, 1, 1)


def test_whether_it_merges_is_not_known_at_once(site: Site) -> None:
    site.push("alice", "change", {"b.txt": "b\n"})

    made = site.call("alice", "pulls/create", {"title": "x", "head": "change", "base": "main"})

    assert (made["mergeable"], site.pull(made["number"], "bob")["mergeable"]) == (None, True)


def test_the_head_follows_its_branch(site: Site, pull: int) -> None:
    new = site.push("alice", "change", {"b.txt": "b\n"})

    assert site.pull(pull, "bob")["head"]["sha"] == new == resolve(site, f"refs/pull/{pull}/head")


def test_the_head_follows_a_forced_push(site: Site, pull: int) -> None:
    new = site.push("alice", "change", {"b.txt": "b\n"}, start="main")

    assert site.pull(pull, "bob")["head"]["sha"] == new
    assert [one["sha"] for one in site.call("bob", "pulls/list-commits", pull_number=pull)] == [new]


def test_the_merge_reference_is_what_merging_makes(site: Site, pull: int) -> None:
    site.push("root", "main", {"other.txt": "1\n"})
    site.pull(pull, "bob")

    store = site.repository.store
    made = commits.commit(store, f"refs/pull/{pull}/merge")
    assert made is not None
    assert made.parents == (resolve(site, "refs/heads/main"), resolve(site, f"refs/pull/{pull}/head"))
    assert commits.blob(store, made.sha, "other.txt") == b"1\n"


def test_a_conflict_is_not_mergeable_and_has_no_merge_reference(site: Site, pull: int) -> None:
    site.push("root", "main", {"identities/a.yaml": "a: 3\n"})

    seen = site.pull(pull, "bob")

    assert (seen["mergeable"], seen["mergeable_state"]) == (False, "dirty")
    assert resolve(site, f"refs/pull/{pull}/merge") is None


@pytest.mark.usefixtures("pull")
def test_a_second_pull_request_of_a_branch_is_refused(site: Site) -> None:
    assert "A pull request already exists for acme:change." in words(
        refused(lambda: site.open_pull("bob", "change", "Again"))
    )


def test_a_branch_without_commits_of_its_own_is_refused(site: Site) -> None:
    site.push_commit("alice", "empty", site.repository.tip("main") or "")

    assert "No commits between main and empty" in words(refused(lambda: site.open_pull("alice", "empty", "Nothing")))


@pytest.mark.parametrize(("head", "base"), [("nowhere", "main"), ("change", "nowhere")])
@pytest.mark.usefixtures("pull")
def test_a_branch_that_is_not_there_is_refused(site: Site, head: str, base: str) -> None:
    site.close(1, "alice")

    assert refused(lambda: site.open_pull("alice", head, "x", base=base)).status == 422


def test_deleting_the_branch_closes_the_pull_request(site: Site, pull: int) -> None:
    head = site.pull(pull, "bob")["head"]["sha"]
    site.delete_branch("alice", "change")

    seen = site.pull(pull, "bob")

    assert (seen["state"], seen["merged"]) == ("closed", False)
    assert resolve(site, f"refs/pull/{pull}/head") == head


def test_a_closed_one_does_not_follow_its_branch_and_can_be_opened_again(site: Site, pull: int) -> None:
    head = site.pull(pull, "bob")["head"]["sha"]
    site.close(pull, "alice")
    new = site.push("alice", "change", {"b.txt": "b\n"})

    assert site.pull(pull, "bob")["head"]["sha"] == head
    again = site.call("alice", "pulls/update", {"state": "open"}, pull_number=pull)
    assert (again["state"], again["head"]["sha"]) == ("open", new)


def test_one_whose_branch_was_forced_elsewhere_stays_closed(site: Site, pull: int) -> None:
    site.close(pull, "alice")
    site.push("alice", "change", {"b.txt": "b\n"}, start="main")

    said = refused(lambda: site.call("alice", "pulls/update", {"state": "open"}, pull_number=pull))

    assert "state cannot be changed. The change branch was force-pushed or recreated." in words(said)


def test_a_head_that_reaches_the_base_by_a_push_is_merged(site: Site, pull: int) -> None:
    head = site.pull(pull, "bob")["head"]["sha"]
    site.push_commit("bob", "main", head)

    seen = site.pull(pull, "bob")

    assert (seen["merged"], seen["merge_commit_sha"], seen["merged_by"]["login"]) == (True, head, "bob")


def test_deleting_the_base_branch_closes_the_pull_request(site: Site) -> None:
    site.push("alice", "stage", {"s.txt": "s\n"})
    site.push("alice", "top", {"t.txt": "t\n"}, start="refs/heads/stage")
    number = site.open_pull("alice", "top", "On top", base="stage")
    site.delete_branch("alice", "stage")

    assert site.pull(number, "bob")["state"] == "closed"


def forked(site: Site) -> tuple[int, Site]:
    site.world.fork("acme/iam", "rita")
    fork = Site(site.world, "rita/iam", answered=site.answered)
    fork.push("rita", "theirs", {"f.txt": "f\n"})
    return site.open_pull("rita", "rita:theirs", "From a fork"), fork


def test_the_objects_of_a_fork_can_be_fetched_under_the_number(site: Site) -> None:
    number, fork = forked(site)
    new = fork.push("rita", "theirs", {"g.txt": "g\n"})

    seen = site.pull(number, "bob")

    assert (seen["head"]["sha"], seen["head"]["repo"]["full_name"]) == (new, "rita/iam")
    assert resolve(site, f"refs/pull/{number}/head") == new


def test_a_deleted_fork_leaves_the_pull_request_open_from_nowhere(site: Site) -> None:
    number, _ = forked(site)
    site.world.delete_repository("rita/iam")

    seen = site.pull(number, "bob")

    assert (seen["state"], seen["head"]["repo"], seen["mergeable"]) == ("open", None, True)
    assert site.merge(number, "bob")


def test_a_deleted_account_is_the_ghost(site: Site, pull: int) -> None:
    site.approve(pull, "bob")
    site.world.remove_account("bob")
    site.world.remove_account("alice")

    assert site.pull(pull, "carol")["user"]["login"] == "ghost"
    assert site.call("carol", "pulls/list-reviews", pull_number=pull)[0]["user"] is None


def test_a_fork_goes_with_its_owner(site: Site) -> None:
    number, _ = forked(site)
    site.world.remove_account("rita")
    site.label(number, "bob", "bug")
    head = site.pull(number, "bob")["head"]

    assert (head["user"], head["repo"], head["label"]) == (None, None, "rita:theirs")
    assert [one["head"]["repo"] for one in site.call("bob", "pulls/list")] == [None]
    assert site.call("bob", "pulls/update", {"title": "Of nobody"}, pull_number=number)["user"]["login"] == "ghost"
    found = site.call("bob", "repos/list-pull-requests-associated-with-commit", commit_sha=head["sha"])
    assert [one["number"] for one in found] == [number]


def test_a_renamed_account_keeps_its_number(site: Site, pull: int) -> None:
    site.world.rename("alice", "alicia")

    author = site.pull(pull, "bob")["user"]

    assert (author["login"], author["id"]) == ("alicia", 1001)


@pytest.mark.usefixtures("pull")
def test_the_list_is_filtered_by_a_head_of_user_and_branch_alone(site: Site) -> None:
    site.push("bob", "second", {"b.txt": "b\n"})
    site.open_pull("bob", "second", "Second")

    def numbers(**query: str) -> list[int]:
        return [one["number"] for one in site.call("bob", "pulls/list", query=query)]

    assert numbers() == [2, 1]
    assert numbers(head="acme:change") == [1]
    assert numbers(head="change") == [2, 1]
    site.close(1, "alice")
    assert (numbers(state="closed"), numbers(state="all", direction="asc")) == ([1], [1, 2])


def test_a_commit_names_the_accounts_that_its_addresses_belong_to(site: Site) -> None:
    now = site.world.clock
    by = Signature("Whoever", "1002+old-login@users.noreply.github.com", now - timedelta(days=1))
    site.push("alice", "x", {"x.txt": "x\n"}, author=by)
    site.push("alice", "x", {"y.txt": "y\n"}, author=Signature("N", "nobody@elsewhere.example", now))
    number = site.open_pull("alice", "x", "X")

    found = site.call("rita", "pulls/list-commits", pull_number=number)

    assert [one["author"] and one["author"]["login"] for one in found] == ["bob", None]


def test_only_250_commits_are_listed(site: Site) -> None:
    store, tip = site.repository.store, site.repository.tip("main") or ""
    tree = commits.commits(store, tip, only=1)[0].tree
    by = site.signature("alice")
    for number in range(pulls.MOST_COMMITS + 1):
        tip = commits.make(store, commits.Draft(tree, [tip], f"{number}", by, by))
    site.push_commit("alice", "long", tip)
    number = site.open_pull("alice", "long", "Long")

    assert len(site.call("bob", "pulls/list-commits", pull_number=number)) == 250
    assert site.pull(number, "bob")["commits"] == 251


def test_only_3000_files_are_listed(site: Site) -> None:
    store = site.repository.store
    blob = store.git("hash-object", "-w", "--stdin", given="x\n").strip()
    tree = store.git("mktree", given="".join(f"100644 blob {blob}\tf{number:05d}\n" for number in range(3001))).strip()
    by, main = site.signature("alice"), site.repository.tip("main") or ""
    site.push_commit("alice", "wide", commits.make(store, commits.Draft(tree, [main], "Wide", by, by)))
    number = site.open_pull("alice", "wide", "Wide")

    listed = site.call("bob", "pulls/list-files", pull_number=number)

    assert len(listed) == 3000
    assert site.pull(number, "bob")["changed_files"] == 3003


def test_a_file_is_listed_with_what_became_of_it(site: Site) -> None:
    site.push("root", "main", {"long.txt": "one\ntwo\nthree\nfour\n", "old.txt": "o\n"})
    site.push(
        "alice", "files", {"long.txt": None, "moved.txt": "one\ntwo\nthree\nfour\n", "old.txt": None, "ü\t.txt": "1\n"}
    )
    number = site.open_pull("alice", "files", "Files")

    found = {one["filename"]: one for one in site.call("bob", "pulls/list-files", pull_number=number)}

    assert {path: one["status"] for path, one in found.items()} == {
        "moved.txt": "renamed",
        "old.txt": "removed",
        "ü\t.txt": "added",
    }
    assert found["moved.txt"]["previous_filename"] == "long.txt"
    assert found["old.txt"]["patch"] == "@@ -1 +0,0 @@\n-o"


def test_the_pull_request_of_a_merged_commit_is_the_one_that_brought_it(site: Site, pull: int) -> None:
    site.push("bob", "other", {"o.txt": "o\n"}, start="refs/heads/change")
    other = site.open_pull("bob", "other", "Other")
    shared = site.pull(pull, "bob")["head"]["sha"]
    assert [
        one["number"] for one in site.call("bob", "repos/list-pull-requests-associated-with-commit", commit_sha=shared)
    ] == [pull, other]

    made = site.merge(pull, "bob")

    for sha in (shared, made):
        found = site.call("bob", "repos/list-pull-requests-associated-with-commit", commit_sha=sha)
        assert [one["number"] for one in found] == [pull]


def test_the_own_title_and_body_can_be_changed_those_of_others_need_triage(site: Site, pull: int) -> None:
    site.world.collaborator("acme/iam", "alice", "read")

    assert site.call("alice", "pulls/update", {"title": "New", "body": None}, pull_number=pull)["title"] == "New"
    assert refused(lambda: site.call("rita", "pulls/update", {"title": "x"}, pull_number=pull)).status == 403


def test_a_title_and_a_body_are_only_so_long(site: Site, pull: int) -> None:
    def change(**body: str) -> object:
        return site.call("alice", "pulls/update", body, pull_number=pull)

    assert change(body="x" * 65536)
    assert "body is too long (maximum is 65536 characters)" in words(refused(lambda: change(body="x" * 65537)))
    assert "title is too long (maximum is 256 characters)" in words(refused(lambda: change(title="x" * 257)))


def test_a_pull_request_reference_cannot_be_pushed(site: Site, pull: int) -> None:
    head = site.pull(pull, "bob")["head"]["sha"]
    update = Update(f"refs/pull/{pull}/head", head, site.repository.tip("main") or "")

    said = pushing.may_push(site.world, site.repository, site.caller("root"), update)

    assert said == "deny updating a hidden ref"
