"""`nhi approvals`, with real Git on both sides and a forge in memory."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.fixtures.command_line import Said, call
from tests.fixtures.git import Clone, clean_environment
from tests.fixtures.manifests import FILES, SETTINGS_TEXT, manifest
from tests.fixtures.memory_forge import MemoryForge

from nhi.cli import wiring_forge
from nhi.errors import InputError, OutsideError
from nhi.flows.approvals import Sources, approvals_of
from nhi.flows.pull import read_pull
from nhi.flows.tell_approvals import Counted, Order, tell_all, tell_emergencies, tell_head, tell_one
from nhi.model.approval import ApprovalsReport
from nhi.model.forge import (
    APPROVALS,
    EMERGENCY_LABEL,
    Account,
    CommitMakers,
    CommitStatus,
    Permission,
    PullState,
    ReviewState,
    StatusState,
)
from nhi.model.gate import MARKER
from nhi.model.instant import parse_instant
from nhi.output.approvals import EMERGENCY_MARKER, SECTION, SECTION_END, approvals_section
from nhi.repository.remote import GitRemote

__all__ = ["call"]
AS_OF = parse_instant("2026-11-20T10:00:00Z")
OWNERS = """\
people:
  alice: {github: alice-acme, github_id: 1001, email: alice@acme.example}
  bob: {github: bob-acme, github_id: 1002, email: bob@acme.example, left: 2026-10-31}
  carol: {github: carol-acme, github_id: 1003, email: carol@acme.example}
  dave: {github: dave-acme, github_id: 1004, email: dave@acme.example}
  erin: {github: erin-acme, github_id: 1005, email: erin@acme.example}
  frank: {github: frank-acme, github_id: 1006, email: frank@acme.example}
teams:
  payments: {accountable: alice, deputy: carol, members: [alice, bob, carol, dave]}
  security: {accountable: erin, deputy: frank, members: [dave, erin, frank]}
"""
PATH = "identities/prod/ledger-writer.yaml"
OTHER = "identities/prod/report-reader.yaml"
EXPIRED = "identities/prod/old-job.yaml"
HELD = "identities/prod/kept-job.yaml"
HIGH = """
  trust:
    services: [ecs-tasks.amazonaws.com]
  allow:
    - actions: ["iam:PutRolePolicy"]
      resources: ["arn:aws:iam::111122223333:role/x"]"""
BASE = {
    **FILES,
    "identities/owners.yaml": OWNERS,
    PATH: manifest(),
    OTHER: manifest(
        name="report-reader",
        scope="""
  trust:
    services: [lambda.amazonaws.com]
  allow:
    - actions: [dynamodb:Query]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]""",
    ),
    EXPIRED: manifest(name="old-job", expiry="2026-11-20"),
    HELD: manifest(
        name="kept-job", expiry="2026-11-20", hold='{authority: legal, reason: "matter 14", review: 2027-01-01}'
    ),
}
PEOPLE = {"alice": 1001, "bob": 1002, "carol": 1003, "dave": 1004, "erin": 1005, "frank": 1006, "mallory": 6666}


@dataclass
class World:
    """A repository on a forge, and the clone that counts."""

    hub: Clone
    clone: Clone
    forge: MemoryForge
    people: dict[str, Account]

    @property
    def sources(self) -> Sources:
        return Sources(self.forge, self.clone.repository, self.remote)

    @property
    def remote(self) -> GitRemote:
        return GitRemote(self.clone.root, str(self.hub.root), str, self.clone.environment, may_be_a_path=True)

    def edit(self, branch: str, changes: dict[str, str | None], *, onto: str | None = "main") -> str:
        """A commit on a branch; None removes a file. `onto` None goes on from where the branch is."""
        self.hub.git("checkout", "--quiet", *(("-B", branch, onto) if onto is not None else (branch,)))
        for path, content in changes.items():
            if content is None:
                (self.hub.root / path).unlink()
            else:
                self.hub.write(path, content)
        commit = self.hub.commit(f"On {branch}")
        self.hub.git("checkout", "--quiet", "--detach")
        return commit

    def propose(
        self, changes: dict[str, str | None], author: str = "alice", branch: str = "change", **facts: object
    ) -> int:
        head = self.edit(branch, changes)
        pull = self.forge.add_pull(branch, author=self.people[author], head=head, **facts)  # type: ignore[arg-type]  # by name
        self.hub.git("update-ref", f"refs/pull/{pull.number}/head", head)
        return pull.number

    def push(self, number: int, commit: str) -> None:
        """The pull request has another head."""
        self.hub.git("update-ref", f"refs/pull/{number}/head", commit)
        self.forge.alter_pull(number, head=commit)

    def made(self, number: int, *makers: CommitMakers) -> None:
        """Who made its commits; the last is the head."""
        *others, last = makers
        self.forge.add_makers(number, *others, replace(last, commit=self.forge.pulls[number].head))

    def approve(self, number: int, *names: str, state: ReviewState = ReviewState.APPROVED) -> None:
        for name in names:
            self.forge.add_review(number, self.people[name], state)

    def report(self, number: int, as_of: datetime = AS_OF) -> ApprovalsReport:
        read = read_pull(self.forge, self.remote, self.clone.repository, number, branch="main")
        return approvals_of(read, self.forge, self.clone.repository, self.remote, as_of)

    def one(self, number: int, as_of: datetime = AS_OF, *, dry_run: bool = False) -> Counted:
        return tell_one(number, self.sources, Order("main", as_of, dry_run))[0]

    def status(self, number: int) -> CommitStatus:
        return self.forge.commit_statuses[self.forge.pulls[number].head][APPROVALS]

    def merge(self, number: int, how: str = "--squash") -> None:
        """Somebody merges it on the forge."""
        head = self.forge.pulls[number].head
        self.hub.git("checkout", "--quiet", "main")
        self.hub.git("merge", "--quiet", *((how,) if how == "--squash" else ("--no-ff", "--no-edit")), head)
        commit = self.hub.commit("Squashed") if how == "--squash" else self.hub.git("rev-parse", "HEAD")
        self.hub.git("checkout", "--quiet", "--detach")
        self.forge.now = AS_OF
        self.forge.merge_pull(number, commit)


@pytest.fixture(scope="session")
def hub_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("approvals") / "hub"
    root.mkdir()
    hub = Clone(root, clean_environment(root.parent))
    hub.git("init", "--quiet", "--initial-branch=main")
    for path, content in BASE.items():
        hub.write(path, content)
    hub.commit("First")
    return root


@pytest.fixture
def world(hub_template: Path, tmp_path: Path) -> World:
    environment = clean_environment(tmp_path)
    hub = Clone(shutil.copytree(hub_template, tmp_path / "hub"), environment)
    hub.git("clone", "--quiet", str(hub.root), str(tmp_path / "clone"))
    forge = MemoryForge()
    people = {
        name: forge.add_account(f"{name}-acme", Permission.WRITE, number=number) for name, number in PEOPLE.items()
    }
    return World(hub, Clone(tmp_path / "clone", environment), forge, people)


RENEWED: dict[str, str | None] = {PATH: manifest(expiry="2027-06-30")}
RISKY: dict[str, str | None] = {PATH: manifest(scope=HIGH)}


def missing(report: ApprovalsReport) -> list[str]:
    return [one.requirement.who for one in report.held if not one.met]


def test_who_asks_waits_for_one_of_the_owners(world: World) -> None:
    number = world.propose(RENEWED)

    assert missing(world.report(number)) == ["payments"]
    world.approve(number, "alice", "mallory", "frank")
    assert missing(world.report(number)) == ["payments"]
    world.approve(number, "carol")
    assert world.report(number).satisfied


def test_what_is_of_high_risk_needs_two_people(world: World) -> None:
    number = world.propose(RISKY)
    world.approve(number, "dave")

    assert missing(world.report(number)) == ["security"]
    world.approve(number, "carol")
    assert world.report(number).satisfied


def test_who_made_a_commit_does_not_count(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    by_carol = CommitMakers("c" * 40, None, world.people["alice"], "Carol@acme.example", "alice@acme.example")
    world.made(number, by_carol)

    assert missing(world.report(number)) == ["payments"]


def test_a_commit_of_nobody_known_stands_in_the_way(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.made(number, CommitMakers("c" * 40, None, None, "x@elsewhere.example", "x@elsewhere.example"))

    assert world.one(number).in_order is False
    assert (world.status(number).state, "nobody knows who made" in world.status(number).description) == (
        StatusState.FAILURE,
        True,
    )


def test_one_changed_byte_voids_an_approval(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.push(number, world.edit("change", {PATH: manifest(expiry="2027-07-01")}, onto=None))

    report = world.report(number)

    assert missing(report) == ["payments"]
    assert [one.reason for one in report.set_aside] == [
        "approved another content than the one that would be merged now"
    ]


def test_a_file_more_voids_it_too(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.push(number, world.edit("change", {OTHER: None}, onto=None))

    assert missing(world.report(number)) == ["payments"]


def test_an_executable_bit_voids_it_too(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.hub.git("checkout", "--quiet", "change")
    (world.hub.root / PATH).chmod(0o755)
    world.push(number, world.hub.commit("Mode"))

    assert missing(world.report(number)) == ["payments"]


def test_merging_the_base_into_the_branch_keeps_it(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.edit("main", {"README.md": "# x\n"}, onto=None)
    world.hub.git("checkout", "--quiet", "change")
    world.hub.git("merge", "--quiet", "--no-edit", "main")
    world.push(number, world.hub.git("rev-parse", "HEAD"))

    assert world.report(number).satisfied


def test_moving_the_branch_upon_the_base_keeps_it(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.edit("main", {"README.md": "# x\n"}, onto=None)
    world.push(number, world.edit("change", RENEWED))

    assert world.report(number).satisfied


def test_an_approved_file_whose_name_is_no_text_is_another_content_and_stops_no_count(world: World) -> None:
    number = world.propose(RENEWED)
    plain, git = world.forge.pulls[number].head, world.hub.git
    git("checkout", "--quiet", "--detach", plain)
    blob = git("hash-object", "-w", "--stdin", stdin=b"x")
    git("update-index", "-z", "--index-info", stdin=b"100644 %s\t\xff.txt\0" % blob.encode())
    git("commit", "--quiet", "--message", "Latin")
    world.push(number, git("rev-parse", "HEAD"))
    world.approve(number, "carol")
    world.push(number, plain)
    git("checkout", "--quiet", "--force", "--detach", "main")

    (aside,) = world.report(number).set_aside

    assert aside.reason == "approved another content than the one that would be merged now"


def test_another_content_and_back_again_keeps_it(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.edit("change", {OTHER: None}, onto=None)
    world.push(number, world.edit("change", {OTHER: str(BASE[OTHER])}, onto=None))

    assert world.report(number).satisfied


def test_a_base_that_changed_the_same_file_voids_it(world: World) -> None:
    number = world.propose({PATH: str(BASE[PATH]).replace("2027-03-31", "2027-06-30")})
    world.approve(number, "carol")
    world.edit("main", {PATH: str(BASE[PATH]) + "\n# checked\n"}, onto=None)

    report = world.report(number)

    assert (report.merges, missing(report)) == (True, ["payments"])
    assert [one.reason for one in report.set_aside] == ["approved it before the base branch changed the same files"]


def test_a_commit_that_is_gone_does_not_count(world: World) -> None:
    number = world.propose(RENEWED)
    world.forge.add_review(number, world.people["carol"], commit="d" * 40)
    world.forge.add_review(number, world.people["dave"])

    report = world.report(number)

    assert [one.person for one in report.held[0].approvals] == ["dave"]
    assert "not there any more" in report.set_aside[0].reason


def test_a_commit_that_was_pushed_over_is_fetched_where_it_is_there(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.push(number, world.edit("change", {**RENEWED, "README.md": "x\n"}))
    world.push(number, world.edit("change", RENEWED))
    world.hub.git("reflog", "expire", "--expire=now", "--all")

    assert world.report(number).satisfied


def test_who_left_or_may_not_write_any_more_does_not_count(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "bob", "carol")
    world.forge.permissions[1003] = Permission.READ

    assert missing(world.report(number)) == ["payments"]


def test_the_owners_are_those_of_the_base(world: World) -> None:
    joined = OWNERS.replace("  frank:", "  mallory: {github: m, github_id: 6666, email: m@acme.example}\n  frank:")
    number = world.propose({**RENEWED, "identities/owners.yaml": joined.replace("[alice,", "[mallory, alice,")})
    world.approve(number, "mallory", "carol")

    report = world.report(number)

    assert missing(report) == ["security"]
    assert [one.reason for one in report.set_aside] == ["is nobody of identities/owners.yaml"]


def test_a_broken_configuration_or_manifest_stands_in_the_way(world: World) -> None:
    broken = world.propose({"nhi.yaml": "- x\n"}, branch="broken")
    odd = world.propose({PATH: "- x\n"}, branch="odd")

    for number in (broken, odd):
        assert not world.one(number).in_order
        assert world.status(number).state is StatusState.FAILURE
    assert "configuration is not valid: nhi.yaml" in world.status(broken).description
    assert f"{PATH} cannot be read" in world.status(odd).description


@pytest.mark.parametrize("author", ["mallory", "carol"])
def test_removing_what_expired_needs_nobody_whoever_asks(world: World, author: str) -> None:
    number = world.propose({EXPIRED: None}, author)
    world.made(number, CommitMakers("c" * 40, None, None, "x@elsewhere.example", "x@elsewhere.example"))

    assert "prod/old-job, which expired" in world.report(number).preapproved
    assert world.report(number).satisfied
    assert missing(world.report(number, AS_OF - timedelta(days=1))) == ["payments"]


@pytest.mark.parametrize(
    "changes",
    [
        {HELD: None},
        {EXPIRED: None, PATH: None},
        {EXPIRED: None, "identities/prod/sub/old-job.yaml": manifest(name="old-job")},
        {EXPIRED: None, OTHER: str(BASE[OTHER]) + "\n"},
    ],
    ids=["held", "not due", "moved and renewed", "and an edit"],
)
def test_anything_more_than_that_needs_approval(world: World, changes: dict[str, str | None]) -> None:
    number = world.propose(changes, "mallory", branch="nhi/sweep/prod/payments/0123456789abcdef")

    assert world.report(number).preapproved == ""
    assert missing(world.report(number)) == ["payments"]


def test_what_was_not_in_order_at_the_base_is_never_due(world: World) -> None:
    world.edit("main", {EXPIRED: manifest(name="old-job", expiry="2026-11-20", surplus="x")}, onto=None)
    number = world.propose({EXPIRED: None})

    assert missing(world.report(number)) == ["payments", "security"]


def test_one_of_two_manifests_of_a_name_is_no_removal_of_it(world: World) -> None:
    again = "identities/prod/sub/old-job.yaml"
    world.edit("main", {again: manifest(name="old-job")}, onto=None)
    number = world.propose({EXPIRED: None})

    assert world.report(number).preapproved == ""


def test_an_approval_of_a_history_of_its_own_does_not_count(world: World) -> None:
    number = world.propose(RENEWED)
    tree = world.hub.git("rev-parse", "change^{tree}")
    world.forge.add_review(number, world.people["carol"], commit=world.hub.git("commit-tree", tree, "-m", "x"))

    assert missing(world.report(number)) == ["payments"]


def test_somebodys_objection_stops_even_that(world: World) -> None:
    number = world.propose({EXPIRED: None})
    world.approve(number, "mallory", state=ReviewState.CHANGES_REQUESTED)

    assert world.one(number).status == CommitStatus(
        APPROVALS, StatusState.FAILURE, "changes are requested by mallory-acme"
    )


def test_the_status_says_what_is_missing_and_then_that_it_is_there(world: World) -> None:
    number = world.propose(RISKY)
    world.approve(number, "erin")
    world.one(number)
    assert world.status(number) == CommitStatus(
        APPROVALS, StatusState.PENDING, "missing: 1 approval of payments (carol, dave)"
    )

    world.approve(number, "carol")
    world.one(number)
    assert world.status(number) == CommitStatus(
        APPROVALS, StatusState.SUCCESS, "approved by payments: carol; security: erin"
    )


def test_a_status_that_somebody_else_has_set_keeps_ours_from_nothing(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.one(number)
    world.approve(number, "carol", state=ReviewState.CHANGES_REQUESTED)
    forged = CommitStatus(APPROVALS, StatusState.FAILURE, "changes are requested by carol-acme")
    world.forge.commit_statuses[world.forge.pulls[number].head][APPROVALS] = forged
    world.one(number)

    assert world.forge.called("set_status") == 2


def test_a_commit_that_is_no_head_any_more_is_not_approved_either(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.one(number)
    approved = world.forge.pulls[number].head
    world.push(number, world.edit("change", {OTHER: None}, onto=None))
    tell_one(number, world.sources, Order("main", AS_OF), approved)

    assert world.forge.commit_statuses[approved][APPROVALS].state is StatusState.PENDING
    world.push(number, approved)
    world.one(number)
    assert world.status(number).state is StatusState.SUCCESS


def test_a_count_by_the_new_head_takes_the_old_one_back_too(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.one(number)
    approved = world.forge.pulls[number].head
    world.push(number, world.edit("change", {OTHER: None}, onto=None))
    tell_head(world.forge.pulls[number].head, world.sources, Order("main", AS_OF), approved)

    assert world.forge.commit_statuses[approved][APPROVALS].state is StatusState.PENDING


def test_a_commit_that_is_still_the_head_of_another_stays_approved(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    head = world.forge.pulls[number].head
    other = world.forge.add_pull("again", author=world.people["alice"], head=head).number
    world.hub.git("update-ref", f"refs/pull/{other}/head", head)
    world.approve(other, "carol")
    world.one(other)
    world.push(number, world.edit("change", {OTHER: None}, onto=None))
    tell_one(number, world.sources, Order("main", AS_OF), head)

    assert world.status(other).state is StatusState.SUCCESS


def test_what_nothing_was_said_of_needs_nothing_taken_back(world: World) -> None:
    number = world.propose(RENEWED)
    tell_one(number, world.sources, Order("main", AS_OF), "d" * 40)

    assert "d" * 40 not in world.forge.commit_statuses


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_was_closed_is_counted_anew_when_it_is_opened_again(world: World, *, dry_run: bool) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.one(number)
    world.forge.alter_pull(number, state=PullState.CLOSED)
    world.one(number, dry_run=dry_run)

    assert world.status(number).state is (StatusState.SUCCESS if dry_run else StatusState.PENDING)


def test_the_makers_of_another_head_are_not_those_of_this_one(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    alice = world.people["alice"]
    world.forge.add_makers(number, CommitMakers("c" * 40, alice, alice, "", ""))

    assert "moved while it was read" in world.one(number).result.message  # type: ignore[union-attr]  # an error
    assert world.status(number).state is StatusState.ERROR


def test_of_all_each_head_is_told_before_the_next_is_counted(world: World) -> None:
    for branch in ("one", "two"):
        world.propose(RENEWED, branch=branch)
    tell_all(world.sources, Order("main", AS_OF))
    order = [name for name, _ in world.forge.calls if name in ("reviews", "set_status")]

    assert order == ["reviews", "set_status", "reviews", "set_status"]


def test_a_dry_run_writes_nothing(world: World) -> None:
    number = world.propose(RENEWED)
    world.forge.add_comment(number, world.forge.viewer, f"{MARKER}\n{SECTION}\nold\n{SECTION_END}\n")
    world.one(number, dry_run=True)

    assert world.forge.called("set_status", "keep_comment") == 0


def test_only_the_section_of_the_gates_comment_is_rewritten(world: World) -> None:
    number = world.propose(RENEWED)
    hostile = f"`{SECTION}` and `{SECTION_END}`"
    world.forge.add_comment(number, world.forge.viewer, f"{MARKER}\n{hostile}\n{SECTION}\nold\n{SECTION_END}\nplan\n")
    world.one(number)

    [said] = world.forge.comments(number, MARKER)
    assert said.body == f"{MARKER}\n{hostile}\n{approvals_section(world.report(number))}\nplan\n"


def test_no_comment_is_made_where_the_gate_has_none(world: World) -> None:
    number = world.propose(RENEWED)
    world.forge.add_comment(number, world.people["mallory"], f"{MARKER}\n{SECTION}\n{SECTION_END}\n")
    world.one(number)

    assert world.forge.called("keep_comment") == 0


def test_a_conflict_is_a_failure_that_names_it(world: World) -> None:
    number = world.propose(RENEWED)
    world.edit("main", {PATH: manifest(expiry="2027-05-05")}, onto=None)
    world.one(number)

    assert world.status(number) == CommitStatus(APPROVALS, StatusState.FAILURE, f"does not merge into its base: {PATH}")


def test_a_draft_says_so(world: World) -> None:
    number = world.propose(RENEWED, is_draft=True)
    world.one(number)

    assert world.status(number).description.startswith("draft; missing: 1 approval of payments")


def test_of_what_is_closed_nothing_is_said(world: World) -> None:
    number = world.propose(RENEWED)
    world.forge.alter_pull(number, state=PullState.CLOSED)

    assert world.one(number).in_order
    assert world.forge.commit_statuses == {}


def test_what_is_merged_is_counted_for_the_record_and_nothing_is_said(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.merge(number)

    counted = world.one(number)

    assert counted.in_order
    assert isinstance(counted.result, ApprovalsReport)
    assert [one.person for held in counted.result.held for one in held.approvals] == ["carol"]
    assert world.forge.commit_statuses == {}


def test_a_fork_whose_branch_is_gone_is_read_all_the_same(world: World) -> None:
    number = world.propose(RENEWED, "mallory", own_branch=False)
    world.hub.git("branch", "-D", "change")
    world.approve(number, "carol")

    assert world.report(number).satisfied


def test_another_base_branch_is_an_error_and_no_status(world: World) -> None:
    number = world.propose(RENEWED, base="release")
    counted = world.one(number)

    assert isinstance(counted.result, InputError)
    assert world.forge.commit_statuses == {}


@pytest.mark.parametrize("call", [2, 3, 4, 5, 6, 7, 8])
def test_whatever_call_fails_the_status_is_never_a_success(world: World, call: int) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.forge.fail(call)
    counted = world.one(number)

    assert not counted.in_order
    assert world.status(number).state is StatusState.ERROR
    assert "could not be counted: GitHub did not answer" in world.status(number).description


def test_a_success_that_cannot_be_taken_back_is_a_failure_of_ours(world: World) -> None:
    number = world.propose(RENEWED)
    world.approve(number, "carol")
    world.one(number)
    world.approve(number, "carol", state=ReviewState.CHANGES_REQUESTED)
    world.forge.fail(6)

    assert isinstance(world.one(number).result, OutsideError)
    assert world.status(number).state is StatusState.ERROR


def test_two_pull_requests_of_one_head_get_the_worse_of_two_statuses(world: World) -> None:
    number = world.propose(RENEWED)
    head = world.forge.pulls[number].head
    other = world.forge.add_pull("again", author=world.people["carol"], head=head).number
    world.hub.git("update-ref", f"refs/pull/{other}/head", head)
    world.approve(number, "carol")
    expected = CommitStatus(APPROVALS, StatusState.PENDING, f"#{other}: missing: 1 approval of payments (alice, dave)")

    world.one(number)
    assert world.status(number) == expected
    tell_head(head, world.sources, Order("main", AS_OF))
    assert world.status(number) == expected
    world.approve(other, "alice")
    tell_head(head, world.sources, Order("main", AS_OF))
    assert world.status(number).state is StatusState.SUCCESS


def test_all_open_ones_are_counted_whatever_becomes_of_one(world: World) -> None:
    good = world.propose(RENEWED, branch="good")
    gone = world.forge.add_pull("gone", author=world.people["alice"]).number
    world.approve(good, "carol")

    tell_all(world.sources, Order("main", AS_OF))

    assert (world.status(good).state, world.status(gone).state) == (StatusState.SUCCESS, StatusState.ERROR)


# The emergency lane.

RESCUE = "identities/prod/rescue.yaml"
SHORT: dict[str, str | None] = {RESCUE: manifest(name="rescue", expiry="2026-11-20T20:00:00Z", scope=HIGH)}


def emergency(world: World, changes: dict[str, str | None] = SHORT, body: str = "Incident: INC-77") -> int:
    return world.propose(changes, "alice", labels=(EMERGENCY_LABEL,), body=body)


def test_in_an_emergency_security_is_enough_for_now(world: World) -> None:
    number = emergency(world)
    world.one(number)
    assert world.status(number).description == "missing: 1 approval of security (dave, erin, frank)"

    world.approve(number, "erin")
    world.one(number)
    assert world.status(number) == CommitStatus(
        APPROVALS, StatusState.SUCCESS, "emergency INC-77, approved by security: erin; due later: payments"
    )


def test_without_the_label_it_is_not(world: World) -> None:
    number = emergency(world)
    world.forge.alter_pull(number, labels=frozenset())
    world.approve(number, "erin")

    assert missing(world.report(number)) == ["payments"]


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        (SHORT, "no incident"),
        ({RESCUE: manifest(name="rescue", expiry="2026-11-30")}, "Incident: INC-77"),
        ({**SHORT, "nhi.yaml": SETTINGS_TEXT + "# x\n"}, "Incident: INC-77"),
        ({**SHORT, OTHER: None}, "Incident: INC-77"),
    ],
    ids=["no incident", "too long", "control plane", "a removal"],
)
def test_what_is_no_emergency_fails_whoever_approves(world: World, changes: dict[str, str | None], body: str) -> None:
    number = emergency(world, changes, body)
    world.approve(number, "carol", "dave", "erin", "frank")
    world.one(number)

    assert world.status(number).state is StatusState.FAILURE
    assert world.status(number).description.startswith("no emergency change: ")


def emergencies(world: World, hours: int) -> Counted:
    [one] = tell_emergencies(world.sources, Order("main", AS_OF + timedelta(hours=hours)))
    return one


def test_an_exception_waives_what_the_gate_finds_which_no_emergency_does(world: World) -> None:
    accepted = (
        "[{rule: wildcard-action, reason: it is down, compensating_control: watched, approver: security, "
        "expiry: 2026-11-20T20:00:00Z}]"
    )
    text = manifest(name="rescue", expiry="2026-11-20T20:00:00Z", scope=HIGH, exceptions=accepted)
    number = emergency(world, {RESCUE: text})
    world.approve(number, "erin")
    lane = world.report(number).emergency

    assert lane is not None
    assert "has a new accepted exception" in lane.problems[0]


def test_who_takes_the_label_away_after_the_merge_owes_no_less(world: World) -> None:
    number = emergency(world)
    world.approve(number, "erin")
    world.one(number)
    world.merge(number)
    world.forge.alter_pull(number, labels=frozenset())

    assert isinstance(world.one(number, AS_OF + timedelta(hours=25)).result, ApprovalsReport)
    assert world.forge.pulls[number].labels == {EMERGENCY_LABEL}
    assert not emergencies(world, 25).in_order


def test_the_label_of_what_was_approved_may_go(world: World) -> None:
    number = emergency(world)
    world.approve(number, "erin")
    world.one(number)
    world.merge(number)
    world.approve(number, "carol")
    world.forge.alter_pull(number, labels=frozenset())
    world.one(number)

    assert world.forge.pulls[number].labels == frozenset()


def test_a_squash_answers_for_its_own_commits_and_not_for_what_others_merged_before(world: World) -> None:
    world.edit("main", {OTHER: str(BASE[OTHER]) + "# checked\n"}, onto=None)
    number = emergency(world)
    world.push(number, world.edit("change", {RESCUE: str(SHORT[RESCUE]) + "# soon gone\n"}, onto=None))
    own = CommitMakers("c" * 40, world.people["alice"], world.people["alice"], "", "")
    world.made(number, own, own)
    world.approve(number, "carol", "erin")
    world.merge(number)

    assert emergencies(world, 25).in_order


@pytest.mark.parametrize("how", ["--squash", "--no-ff"])
def test_what_was_waived_is_due_after_the_merge(world: World, how: str) -> None:
    number = emergency(world)
    world.edit("main", {"README.md": "x\n"}, onto=None)
    world.approve(number, "erin")
    world.merge(number, how)

    assert emergencies(world, 1).in_order
    [said] = world.forge.comments(number, EMERGENCY_MARKER)
    assert "due `2026-11-21T10:00:00Z`: missing: 1 approval of payments" in said.body
    assert not emergencies(world, 24).in_order
    world.approve(number, "carol")
    assert emergencies(world, 25).in_order
    [said] = world.forge.comments(number, EMERGENCY_MARKER)
    assert "all that it waived was approved" in said.body


def test_a_rebase_of_several_commits_is_looked_at_as_a_whole(world: World) -> None:
    number = emergency(world)
    world.push(number, world.edit("change", {PATH: manifest(expiry="2026-11-20T21:00:00Z")}, onto=None))
    own = CommitMakers("c" * 40, world.people["alice"], world.people["alice"], "", "")
    world.made(number, own, own)
    world.approve(number, "erin")
    world.edit("main", {"README.md": "x\n"}, onto=None)
    world.hub.git("checkout", "--quiet", "-B", "rebased", world.forge.pulls[number].head)
    world.hub.git("rebase", "--quiet", "main")
    world.forge.now = AS_OF
    world.forge.merge_pull(number, world.hub.git("rev-parse", "HEAD"))

    result = emergencies(world, 1).result

    assert isinstance(result, ApprovalsReport)
    assert result.emergency is not None
    [waived] = result.emergency.waived
    assert waived.requirement.reasons == ("prod/ledger-writer is of low risk", "prod/rescue is of high risk")


def test_a_merge_of_something_else_is_never_approved(world: World) -> None:
    number = emergency(world)
    world.approve(number, "carol", "erin")
    world.merge(number)
    world.hub.git("checkout", "--quiet", "main")
    world.hub.write(PATH, manifest(expiry="2026-11-20T21:00:00Z"))
    world.hub.git("add", "--all")
    world.hub.git("commit", "--quiet", "--amend", "--no-edit")
    world.forge.alter_pull(number, merge_commit=world.hub.git("rev-parse", "HEAD"))

    assert not emergencies(world, 25).in_order
    [said] = world.forge.comments(number, EMERGENCY_MARKER)
    assert "is not what merging the head makes" in said.body.replace("`", "")


def test_a_merge_of_which_nobody_knows_the_commit_is_an_error(world: World) -> None:
    number = emergency(world)
    world.forge.merge_pull(number)
    world.forge.alter_pull(number, merge_commit=None)

    assert isinstance(emergencies(world, 1).result, InputError)


def test_more_emergencies_than_can_be_listed_are_an_error(world: World) -> None:
    for _ in range(500):
        world.forge.merge_pull(world.forge.add_pull(labels=(EMERGENCY_LABEL,)).number)

    with pytest.raises(OutsideError, match="more than 499"):
        tell_emergencies(world.sources, Order("main", AS_OF))


def test_where_everything_was_approved_before_nothing_is_said(world: World) -> None:
    number = emergency(world)
    world.approve(number, "carol", "erin")
    world.merge(number)

    assert emergencies(world, 25).in_order
    assert world.forge.called("keep_comment") == 0


# The command line.


@pytest.fixture
def nhi(world: World, call: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    monkeypatch.chdir(world.clone.root)
    for name, value in world.clone.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring_forge, "forge", lambda _settings: world.forge)
    monkeypatch.setattr(wiring_forge, "remote", lambda _root, _settings: world.remote)
    return lambda *arguments: call("approvals", *arguments, "--as-of", "2026-11-20T10:00:00Z")


def test_the_exit_code_says_whether_all_is_there(world: World, nhi: Callable[..., Said]) -> None:
    number = world.propose(RENEWED)
    said = nhi("--pr", str(number))
    assert (said.code, said.out.splitlines()[0]) == (
        1,
        f"#{number}  missing: 1 approval of payments (carol, dave)",
    )

    world.approve(number, "carol")
    assert nhi("--pr", str(number)).code == 0
    assert nhi("--head", world.forge.pulls[number].head).code == 0


def test_all_is_no_failure_because_somebody_waits(world: World, nhi: Callable[..., Said]) -> None:
    world.propose(RENEWED)

    assert nhi("--all").code == 0


def test_our_own_failure_is_told_in_the_status_and_the_exit_code(world: World, nhi: Callable[..., Said]) -> None:
    number = world.propose(RENEWED)
    world.forge.fail(3)
    said = nhi("--pr", str(number))

    assert (said.code, world.status(number).state) == (4, StatusState.ERROR)
    assert "could not be counted: GitHub did not answer" in said.out


def test_the_json_says_who_and_why_not(world: World, nhi: Callable[..., Said]) -> None:
    number = world.propose(RISKY)
    world.approve(number, "carol", "mallory")
    said = nhi("--pr", str(number), "--format", "json", "--dry-run")
    [one] = json.loads(said.out)["pull_requests"]

    assert (said.code, one["status"]) == (1, "pending")
    assert [(held["who"], held["met"]) for held in one["report"]["held"]] == [("payments", True), ("security", False)]
    assert one["report"]["held"][0]["approvals"][0]["account"] == 1003
    assert one["report"]["set_aside"][0]["reason"] == "is nobody of identities/owners.yaml"


def test_an_overdue_emergency_is_a_finding(world: World, nhi: Callable[..., Said]) -> None:
    number = emergency(world)
    world.approve(number, "erin")
    world.merge(number)
    world.forge.alter_pull(number, merged_at=AS_OF - timedelta(hours=25))
    said = nhi("--emergencies")

    assert (said.code, "overdue since 2026-11-20T09:00:00Z" in said.out) == (1, True)
    assert nhi("--pr", str(number)).code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--all", "--pr", "1"),
        ("--head", "main"),
        ("--head", "A" * 40),
        ("--all", "--before", "a" * 40),
        ("--pr", "1", "--before", "x"),
    ],
)
def test_one_thing_must_be_asked_for(nhi: Callable[..., Said], arguments: tuple[str, ...]) -> None:
    assert nhi(*arguments).code == 2


def test_a_moment_to_come_is_looked_at_and_never_written(world: World, call: Callable[..., Said]) -> None:
    number = str(world.propose(RENEWED))
    said = call("approvals", "--root", str(world.clone.root), "--pr", number, "--as-of", "2999-01-01")

    assert (said.code, "still to come" in said.err) == (2, True)


def test_an_unknown_number_is_an_error(nhi: Callable[..., Said]) -> None:
    assert nhi("--pr", "99").code == 3


def test_a_renamed_account_keeps_its_approval(world: World) -> None:
    number = world.propose(RENEWED)
    renamed = replace(world.people["carol"], login="carol-new")
    world.forge.accounts["carol-new"] = renamed
    world.forge.add_review(number, renamed)

    assert world.report(number).satisfied
