"""`nhi approvals` on the loopback GitHub: people review on the web, an App counts; nothing else is believed."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.github import APP, REPOSITORY
from tests.fixtures.manifests import FILES, manifest
from tests.fixtures.scripted_http import StandingClock

from nhi.flows.approvals import Sources
from nhi.flows.tell_approvals import Order, tell_all, tell_emergencies, tell_head, tell_one
from nhi.forge.github_forge import GitHubForge
from nhi.model.forge import APPROVALS, EMERGENCY_LABEL
from nhi.model.instant import parse_instant
from nhi.output.approvals import EMERGENCY_MARKER
from nhi.repository.remote import GitRemote
from nhi.sandbox.github.call import Refusal
from nhi.sandbox.github.git_store import Signature
from nhi.sandbox.github.people import Site
from nhi.sandbox.github.server import LoopbackGitHub

NOT_ALLOWED = 405
NOW = parse_instant("2026-11-20T10:00:00Z")
PEOPLE = ("alice", "carol", "dave", "erin", "frank", "mallory")
NUMBERS = {name: 1001 + place for place, name in enumerate(PEOPLE)}
OWNERS = (
    "people:\n"
    + "".join(
        f"  {name}: {{github: {name}, github_id: {NUMBERS[name]}, email: {name}@acme.example}}\n"
        for name in PEOPLE
        if name != "mallory"
    )
    + """\
teams:
  payments: {accountable: alice, deputy: carol, members: [alice, carol, dave]}
  security: {accountable: erin, deputy: frank, members: [erin, frank]}
"""
)
PATH, EXPIRED = "identities/prod/ledger-writer.yaml", "identities/prod/old-job.yaml"
RENEWED, FURTHER = (manifest(expiry=day) for day in ("2027-06-30", "2027-07-31"))
RESCUE = manifest(name="rescue", expiry="2026-11-20T20:00:00Z")
BASE = {
    **FILES,
    "identities/owners.yaml": OWNERS,
    PATH: manifest(),
    EXPIRED: manifest(name="old-job", expiry="2026-11-20"),
}


@dataclass(frozen=True)
class Acme:
    """The repository on GitHub, and the clone in which the App counts."""

    github: LoopbackGitHub
    site: Site
    sources: Sources

    def asks(self, login: str, files: Mapping[str, str | None], body: str = "", branch: str = "change") -> int:
        """Somebody pushes a branch and opens a pull request."""
        self.site.push(login, branch, files, start=str(self.site.repository.tip("main")))
        return self.site.open_pull(login, branch, "A change", body=body)

    def count(self, number: int, before: str | None = None) -> str:
        """What the status of the head says then."""
        tell_one(number, self.sources, Order("main", NOW), before)
        return self.status(self.head(number))

    def head(self, number: int) -> str:
        return self.site.repository.pulls[number].head

    def status(self, commit: str) -> str:
        said = self.sources.forge.statuses(commit)[APPROVALS]
        return f"{said.state}: {said.description}"

    def merges(self, number: int, login: str, method: str = "merge") -> bool:
        """Somebody presses the button; whether GitHub does it."""
        try:
            self.site.merge(number, login, method)
        except Refusal as refusal:
            if refusal.status != NOT_ALLOWED:
                raise
            return False
        return True


@pytest.fixture
def acme(
    github: LoopbackGitHub,
    git_repository: Callable[..., Clone],
    standing_clock: StandingClock,
    tmp_path: Path,
) -> Acme:
    """Merging needs nhi/approvals from the App, and no review."""
    (tmp_path / "github").mkdir()
    world = github.host(tmp_path / "github", os.environ)
    world.clock = NOW
    for name in PEOPLE:
        world.person(name, id=NUMBERS[name], email=f"{name}@acme.example", permission="write")
    world.person("root", id=2001, permission="admin")
    world.repository(REPOSITORY)
    world.app("nhi", id=APP)
    site = github.site(REPOSITORY)
    clone = git_repository(BASE)
    clone.git("push", "--quiet", str(site.repository.store.path), "main")
    required = {"context": APPROVALS, "integration_id": APP}
    rules = {"required_status_checks": [required], "strict_required_status_checks_policy": False}
    site.protect("root", [{"type": "required_status_checks", "parameters": rules}])
    given = {
        "GITHUB_API_URL": github.origin,
        "NHI_APP_ID": str(APP),
        "NHI_APP_PRIVATE_KEY": github.private_key(APP),
    }
    token = github.token("root")
    remote = GitRemote(clone.root, f"{github.origin}/{REPOSITORY}.git", lambda: token, clone.environment)
    forge = GitHubForge(given, REPOSITORY, standing_clock)
    return Acme(github, site, Sources(forge, clone.repository, remote))


MISSING = "pending: missing: 1 approval of payments (carol, dave)"


def test_the_life_of_an_approval(acme: Acme) -> None:
    number = acme.asks("alice", {PATH: RENEWED})
    assert acme.count(number) == MISSING
    assert not acme.merges(number, "alice")

    acme.site.approve(number, "mallory")
    acme.site.approve(number, "frank")
    assert acme.count(number) == MISSING
    acme.site.approve(number, "carol")
    assert acme.count(number) == "success: approved by payments: carol"

    approved = acme.head(number)
    acme.site.push("alice", "change", {PATH: FURTHER})
    assert acme.count(number, approved) == MISSING
    assert acme.status(approved).startswith("pending: is not the head")
    acme.site.push_commit("alice", "change", approved)
    assert not acme.merges(number, "alice")
    assert acme.count(number) == "success: approved by payments: carol"

    objection = acme.site.request_changes(number, "carol")
    assert acme.count(number) == "failure: changes are requested by carol"
    assert not acme.merges(number, "alice")
    acme.site.dismiss(number, objection, "root")
    assert acme.count(number) == MISSING

    acme.site.approve(number, "dave")
    assert acme.count(number) == "success: approved by payments: dave"
    assert acme.merges(number, "alice", "squash")


def test_what_others_say_in_its_name_is_not_what_the_app_says(acme: Acme) -> None:
    number = acme.asks("alice", {PATH: RENEWED})
    acme.count(number)
    acme.site.say(acme.head(number), "alice", APPROVALS, "success", "approved by payments: carol")
    assert not acme.merges(number, "alice")

    acme.site.approve(number, "carol")
    acme.count(number)
    assert acme.merges(number, "alice")


def test_an_emergency_is_approved_by_security_and_then_by_all_the_others(acme: Acme) -> None:
    number = acme.asks("alice", {"identities/prod/rescue.yaml": RESCUE}, "All is down.\n\nIncident: INC-77\n")
    acme.site.label(number, "alice", EMERGENCY_LABEL)
    assert acme.count(number) == "pending: missing: 1 approval of security (erin, frank)"
    acme.site.approve(number, "erin")
    assert acme.count(number) == "success: emergency INC-77, approved by security: erin; due later: payments"

    acme.site.unlabel(number, "alice", EMERGENCY_LABEL)
    assert acme.merges(number, "alice", "squash")
    tell_one(number, acme.sources, Order("main", NOW))
    assert EMERGENCY_LABEL in acme.site.repository.pulls[number].issue.labels
    later = Order("main", NOW + timedelta(hours=25))
    assert [one.in_order for one in tell_emergencies(acme.sources, later)] == [False]
    acme.site.approve(number, "carol")
    assert [one.in_order for one in tell_emergencies(acme.sources, later)] == [True]
    [said] = acme.sources.forge.comments(number, EMERGENCY_MARKER)
    assert "all that it waived was approved" in said.body


def test_removing_what_expired_needs_nobody_and_a_removal_beside_needs_somebody(acme: Acme) -> None:
    number = acme.asks("mallory", {EXPIRED: None})
    assert acme.count(number).startswith("success: nobody needs to approve: all it does is to remove prod/old-job")

    before = acme.head(number)
    acme.site.push("mallory", "change", {PATH: None})
    assert acme.count(number, before) == "pending: missing: 1 approval of payments (alice, carol, dave)"


def test_an_account_is_its_number_whatever_it_is_called(acme: Acme) -> None:
    number = acme.asks("alice", {PATH: RENEWED})
    acme.site.world.rename("carol", "carol-new")
    acme.site.world.person("carol", id=7777, permission="write")
    acme.site.approve(number, "carol")
    assert acme.count(number) == MISSING

    acme.site.approve(number, "carol-new")
    assert acme.count(number) == "success: approved by payments: carol"


def test_who_is_no_collaborator_any_more_does_not_count_the_next_night(acme: Acme) -> None:
    number = acme.asks("alice", {PATH: RENEWED})
    acme.site.approve(number, "carol")
    assert acme.count(number) == "success: approved by payments: carol"

    acme.site.world.collaborator(REPOSITORY, "carol", None)
    tell_all(acme.sources, Order("main", NOW))
    assert acme.status(acme.head(number)) == MISSING


def test_a_deleted_account_approves_nothing(acme: Acme) -> None:
    number = acme.asks("alice", {PATH: RENEWED})
    acme.site.approve(number, "carol")
    acme.site.world.remove_account("carol")

    assert acme.count(number) == MISSING


@pytest.mark.parametrize(
    ("message", "email"),
    [
        ("A change", f"{NUMBERS['carol']}+x@users.noreply.github.com"),
        ("A change\n\nCo-authored-by: Carol <carol@acme.example>\n", "alice@acme.example"),
    ],
    ids=["private address", "co-author"],
)
def test_who_made_a_commit_of_it_does_not_approve_it(acme: Acme, message: str, email: str) -> None:
    number = acme.asks("alice", {PATH: RENEWED})
    by = replace(acme.site.signature("alice"), email=email)
    acme.site.push("alice", "change", {PATH: FURTHER}, message=message, author=by)
    acme.site.approve(number, "carol")

    assert acme.count(number) == MISSING


@pytest.mark.parametrize(
    "email", ["noreply@github.com", "41898282+github-actions[bot]@users.noreply.github.com"], ids=["GitHub", "Actions"]
)
def test_an_address_that_is_nobodys_hides_nobody(acme: Acme, email: str) -> None:
    number = acme.asks("alice", {PATH: RENEWED})
    acme.site.push("carol", "change", {PATH: FURTHER}, author=Signature("Somebody", email, NOW))
    acme.site.approve(number, "carol")

    assert acme.count(number).startswith("failure: nobody knows who made commit")


def test_a_head_that_is_two_pull_requests_is_approved_when_both_are(acme: Acme) -> None:
    first = acme.asks("alice", {PATH: RENEWED})
    acme.site.push_commit("carol", "again", acme.head(first))
    second = acme.site.open_pull("carol", "again", "The same")
    acme.site.approve(first, "carol")
    assert acme.count(first).startswith(f"pending: #{second}: missing")

    acme.site.approve(second, "dave")
    tell_head(acme.head(first), acme.sources, Order("main", NOW))
    assert acme.status(acme.head(first)).startswith("success: #")


def test_what_was_closed_and_is_opened_again_waits(acme: Acme) -> None:
    number = acme.asks("alice", {PATH: RENEWED})
    acme.site.approve(number, "carol")
    acme.count(number)
    acme.site.close(number, "alice")
    acme.count(number)
    acme.site.call("alice", "pulls/update", {"state": "open"}, pull_number=number)

    assert not acme.merges(number, "alice")
