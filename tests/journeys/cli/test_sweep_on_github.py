"""`nhi sweep`: where it works, and what it says."""

import json
from collections.abc import Callable

import pytest
from tests.fixtures.command_line import Said
from tests.fixtures.git import Clone
from tests.fixtures.sweeps import SOON, Stage, declare, stage

from nhi.cli import on_github, wiring_forge
from nhi.model.instant import parse_instant

AT = ("--as-of", "2027-04-01")


@pytest.fixture
def world(git_repository: Callable[..., Clone], monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Two ended identities, one that ends soon; GitHub stood in for."""
    found = stage(git_repository, declare("prod/ledger", "prod/refunds") | declare("prod/soon", expiry=SOON))
    monkeypatch.chdir(found.clone.root)
    for name in ("NHI_APP_ID", "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in found.clone.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(on_github, "now", lambda: parse_instant(AT[1]))
    monkeypatch.setattr(wiring_forge, "remote", lambda _folder, _settings: found.remote)
    monkeypatch.setattr(wiring_forge, "forge", lambda _settings: found.forge)
    return found


@pytest.fixture
def hub(world: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The same with credentials."""
    monkeypatch.setenv("GITHUB_TOKEN", "token")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/iam")
    return world


def test_without_credentials_a_look_is_at_this_clone_and_says_so(world: Stage, call: Callable[..., Said]) -> None:
    said = call("sweep", "--dry-run", *AT)
    assert said.code == 0
    assert "2 removals on 1 branch to make" in said.out
    assert "this clone is looked at, and not GitHub" in said.err
    assert world.forge.calls == []


def test_without_credentials_nothing_is_swept(world: Stage, call: Callable[..., Said]) -> None:
    said = call("sweep", *AT)
    assert (said.code, said.out) == (2, "")
    assert "no credentials for GitHub" in said.err
    assert world.branches() == {}


@pytest.mark.parametrize("given", [("--base", "main"), ("--local", "--reopen"), ("--local", "--last-use")])
def test_what_does_not_go_together_is_refused(hub: Stage, call: Callable[..., Said], given: tuple[str, ...]) -> None:
    assert call("sweep", *given, *AT).code == 2
    assert hub.forge.calls == []


def test_local_never_asks_github(hub: Stage, call: Callable[..., Said]) -> None:
    assert call("sweep", "--local", "--dry-run", *AT).code == 0
    assert call("sweep", "--local", *AT).code == 0
    assert hub.forge.calls == []
    assert hub.branches() == {}
    assert len(hub.clone.repository.branches("nhi/")) == 1


def test_on_github_the_report_says_what_was_written(hub: Stage, call: Callable[..., Said]) -> None:
    looked = call("sweep", "--dry-run", *AT)
    swept = call("sweep", *AT)
    (pull,) = hub.pulls
    assert (looked.code, swept.code) == (0, 0)
    assert swept.out.splitlines() == [
        f"pull     {pull.head_branch} (#{pull.number}) removes 2 identities: opened, labelled, set to merge by itself",
        "           prod/ledger, expired 2027-03-31T00:00:00Z",
        "           prod/refunds, expired 2027-03-31T00:00:00Z",
        f"notice   payments #{pull.number + 1}: opened (1 to end soon)",
        "2 removals in 1 pull request of acme/iam open or merged, as of 2027-04-01T00:00:00Z",
    ]
    assert looked.out.splitlines()[0] == swept.out.splitlines()[0].replace(f" (#{pull.number})", "")
    assert "would be open" in looked.out


def test_a_moment_that_is_still_to_come_is_looked_at_and_never_asked_for(hub: Stage, call: Callable[..., Said]) -> None:
    said = call("sweep", "--as-of", "2027-04-01T00:00:01Z")
    assert (said.code, said.out, hub.forge.calls, hub.branches()) == (2, "", [], {})
    assert "2027-04-01T00:00:01Z is still to come" in said.err
    assert call("sweep", "--as-of", "2027-04-11", "--dry-run").code == 0


def test_the_report_as_json(hub: Stage, call: Callable[..., Said]) -> None:
    said = json.loads(call("sweep", "--format", "json", *AT).out)
    (pull,) = hub.pulls
    assert said["schema"] == "nhi/sweep-requests/v1"
    assert said["repository"] == "acme/iam"
    (found,) = said["pull_requests"]
    assert (found["number"], found["merging"], found["writes"]) == (
        pull.number,
        "waiting",
        ["opened", "labelled", "auto_merge"],
    )
    assert [one["told"] for one in said["notices"]] == [["opened"]]


def test_every_obstacle_is_said_and_exits_1(hub: Stage, call: Callable[..., Said]) -> None:
    hub.change(declare("prod/audit", owner="security") | declare("staging/other"))
    call("sweep", *AT, "--max-removals", "4")
    payments, security, staging = hub.pulls
    hub.forge.close_pull_request(payments.number)
    hub.push_to(security.head_branch)
    hub.change({"identities/staging/odd.yaml": "kind: [\n"})
    said = call("sweep", *AT)
    assert said.code == 1
    assert f"REFUSED  {payments.head_branch} (#{payments.number}): a person closed it" in said.out
    assert f"occupied {security.head_branch} (#{security.number}): the branch was changed" in said.out
    assert "BLOCKED  staging: not swept" in said.out
    document = json.loads(call("sweep", "--format", "json", *AT).out)
    assert [one["number"] for one in document["refused"]] == [payments.number]
    assert [one["number"] for one in document["occupied"]] == [security.number]
    assert [one["stack"] for one in document["blocked"]] == ["staging"]
    assert staging.number == hub.pulls[-1].number


def test_a_tripped_breaker_says_what_it_held_back(hub: Stage, call: Callable[..., Said]) -> None:
    hub.change(declare("prod/one", "prod/two"))
    said = call("sweep", *AT, "--no-notices")
    assert said.code == 1
    assert "STOPPED  prod: 4 of 5 identities: 1 more than circuit_breaker.percent allows (3)" in said.out
    assert "would remove 4 identities" in said.out
    assert len(json.loads(call("sweep", "--format", "json", *AT).out)["not_opened"]) == 1
    assert hub.pulls == []


def test_what_was_withdrawn_is_said_with_the_reason(hub: Stage, call: Callable[..., Said]) -> None:
    call("sweep", *AT, "--no-notices")
    (pull,) = hub.pulls
    hub.change(declare("prod/ledger", "prod/refunds", expiry="2027-12-31"))
    said = call("sweep", *AT, "--no-notices")
    assert said.code == 0
    assert said.out.splitlines()[:2] == [
        f"closed   {pull.head_branch} (#{pull.number})",
        "           identities/prod/ledger.yaml: not due: it ends on 2027-12-31T00:00:00Z",
    ]
