"""Renewals, suspensions and revocations on the loopback GitHub: the command line, its adapter, and git over HTTP."""

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.manifests import FILES, PATH, manifest
from tests.fixtures.scripted_http import StandingClock
from tests.fixtures.swept import NAME, Swept, copied, seen, swept

from nhi.cli import wiring
from nhi.cli.app import run as run_nhi
from nhi.errors import ExitCode
from nhi.sandbox.github.frontend import Done
from nhi.sandbox.github.server import LoopbackGitHub

ID = "prod/ledger-writer"
COMMENTED = manifest(expiry="2027-03-31   # the end of the contract").replace("\n", "\r\n")
RENEW = ("renew", ID, "--until", "2027-06-30")
SUSPEND = ("suspend", ID, "--reason", 'leak suspected: "INC-77" # not a comment')
REVOKE = ("revoke", ID, "--reason", "the service is gone")
WISHES = pytest.mark.parametrize("wish", [RENEW, SUSPEND, REVOKE], ids=lambda wish: wish[0])
_PREFIXES = ("GIT_", "GITHUB_", "GH_", "NHI_")


@pytest.fixture
def world(
    github: LoopbackGitHub, git_repository: Callable[..., Clone], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Swept:
    """A repository, a clone of it, and an environment with which the command line reaches both."""
    world = swept(github, git_repository({**FILES, PATH: COMMENTED}), tmp_path / "github")
    for name in [name for name in os.environ if name.startswith(_PREFIXES)]:
        monkeypatch.delenv(name)
    for name, value in world.clone.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GITHUB_API_URL", github.origin)
    monkeypatch.setenv("GITHUB_SERVER_URL", github.origin)
    monkeypatch.setattr(wiring, "clock", StandingClock)
    return world


@pytest.fixture
def nhi(world: Swept, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Calls the command line in a clone, or anywhere, on the third day; what it says on both streams."""

    def call(*arguments: str, here: Path = world.clone.root, code: int = 0) -> str:
        monkeypatch.chdir(here)
        monkeypatch.setenv("GITHUB_REPOSITORY", NAME)
        monkeypatch.setenv("GITHUB_TOKEN", world.server.token("nhi-machine"))
        capsys.readouterr()
        found = run_nhi([*arguments, "--as-of", "2026-11-20T09:00:00Z"])
        told = "".join(capsys.readouterr())
        assert found == code, told
        return told

    return call


def shown(world: Swept, branch: str) -> bytes | None:
    """The manifest on a branch of the repository on GitHub."""
    store = str(world.site.repository.store.path)
    if not world.clone.git("--git-dir", store, "ls-tree", branch, "--", PATH):
        return None
    return world.clone.git("--git-dir", store, "show", f"{branch}:{PATH}").encode()


@WISHES
def test_a_wish_is_one_branch_and_one_pull_request_however_often_it_is_made(
    world: Swept, nhi: Callable[..., str], wish: tuple[str, ...]
) -> None:
    before = world.clone.state()
    first = nhi(*wish)
    once = seen(world)
    assert first.splitlines()[-2].startswith("pull request 1: ")
    assert first.splitlines()[-1] == "asked for a review: alice-acme, carol-acme"
    assert nhi(*wish, "--author", "alice").splitlines()[-2] == first.splitlines()[-2]
    assert seen(world) == once
    (pull,) = world.site.repository.pulls.values()
    assert pull.issue.author.login == "nhi-machine"
    assert world.clone.state() == before


def test_what_is_written_keeps_comments_and_line_ends_and_nothing_else_changes(
    world: Swept, nhi: Callable[..., str]
) -> None:
    for wish in (RENEW, SUSPEND, REVOKE):
        nhi(*wish)
    contents = {branch.split("/")[1]: shown(world, branch) for branch in world.remote().branches("nhi/")}
    old = COMMENTED.encode().removesuffix(b"\n")
    assert contents["revoke"] is None
    assert contents["renew"] == old.replace(b"expiry: 2027-03-31 ", b"expiry: 2027-06-30 ")
    suspended = contents["suspend"]
    assert suspended is not None
    assert suspended.startswith(old.rstrip(b"\r"))
    assert b"\n" not in suspended.replace(b"\r\n", b"")
    assert b'reason: "leak suspected: \\"INC-77\\" # not a comment"' in suspended


def counted(calls: list[Done]) -> list[int]:
    """The requests that a fault counts (git's questions are none), from 1."""
    those = [one for one in calls if ".git/" not in one.path or one.path.endswith("/git-receive-pack")]
    return list(range(1, len(those) + 1))


@pytest.mark.parametrize("wish", [SUSPEND, REVOKE], ids=lambda wish: wish[0])
def test_killed_after_any_request_and_made_again_it_ends_as_undisturbed(
    world: Swept, github: LoopbackGitHub, nhi: Callable[..., str], tmp_path: Path, wish: tuple[str, ...]
) -> None:
    begun = len(github.calls)
    nhi(*wish)
    points, wanted = counted(github.calls[begun:]), seen(world)
    violations = list(github.violations)
    assert len(points) >= 4
    for most in points:
        again = swept(github, copied(world, tmp_path / f"clone-{most}"), tmp_path / f"github-{most}")
        github.faults.refuse_after(most)
        told = nhi(*wish, here=again.clone.root, code=ExitCode.OUTSIDE)
        assert "pull request 1" not in told
        github.faults.clear()
        nhi(*wish, here=again.clone.root)
        assert seen(again) == wanted, f"killed after request {most} of {points}"
        violations += github.violations
    assert violations == []


def test_from_anywhere_it_is_the_same_and_leaves_nothing_behind(
    world: Swept, nhi: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nhi(*REVOKE)
    wanted = seen(world)
    elsewhere, scratch = tmp_path / "elsewhere", tmp_path / "scratch"
    elsewhere.mkdir()
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    nhi(*REVOKE, "--repository", NAME, here=elsewhere)
    assert seen(world) == wanted
    nhi(*RENEW, "--repository", NAME, here=elsewhere)
    assert len(world.site.repository.pulls) == 2
    assert [*elsewhere.iterdir(), *scratch.iterdir()] == []


def test_a_pull_request_that_somebody_closed_is_asked_for_anew_and_the_old_one_stays(
    world: Swept, nhi: Callable[..., str]
) -> None:
    nhi(*SUSPEND)
    world.site.call("root", "pulls/update", {"state": "closed"}, pull_number=1)
    nhi(*SUSPEND)
    states = {number: pull.issue.state for number, pull in world.site.repository.pulls.items()}
    assert states == {1: "closed", 2: "open"}
    assert len(world.remote().branches("nhi/")) == 1


def test_where_main_moved_the_branch_stands_and_where_the_manifest_moved_there_is_another(
    world: Swept, nhi: Callable[..., str]
) -> None:
    nhi(*RENEW)
    (first,) = world.remote().branches("nhi/")
    world.change({"README.md": "Moved.\n"})
    nhi(*RENEW)
    assert list(world.remote().branches("nhi/")) == [first]
    world.change({PATH: manifest(expiry="2027-03-31", purpose="Another purpose, which is as clear.")})
    nhi(*RENEW)
    assert len(world.remote().branches("nhi/")) == 2


def test_what_stands_in_the_working_tree_is_no_part_of_it(world: Swept, nhi: Callable[..., str]) -> None:
    world.clone.write("nhi.yaml", "apiVersion: nhi/v1\ngithub: {repository: eve/iam}\nstacks: {}\n")
    world.clone.write(PATH, manifest(expiry="2030-01-01"))
    nhi(*REVOKE)
    assert len(world.site.repository.pulls) == 1
    assert shown(world, next(iter(world.remote().branches("nhi/")))) is None


def test_who_may_not_push_is_told_and_no_token_is_told(
    world: Swept, nhi: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.site.world.person("rita", id=3001, permission="read")
    token = world.server.token("rita")
    monkeypatch.setattr(type(world.server), "token", lambda _self, _login: token)
    for name in ("GIT_TRACE", "GIT_CURL_VERBOSE", "GIT_TRACE_CURL"):
        monkeypatch.setenv(name, "1")
    told = nhi(*REVOKE, code=ExitCode.OUTSIDE)
    assert "nhi: " in told
    for secret in (token, base64.b64encode(f"x-access-token:{token}".encode()).decode()):
        assert secret not in told
        for file in world.clone.root.rglob("*"):
            assert not file.is_file() or secret.encode() not in file.read_bytes()
    assert world.site.repository.pulls == {}
