"""The adapter's scenario against github.com itself: is the loopback GitHub like it? Opt-in, a few minutes, real writes.

It needs NHI_LIVE_GITHUB=owner/repo and a token in NHI_LIVE_GITHUB_TOKEN (or GITHUB_TOKEN), and runs by itself alone:

    NHI_LIVE_GITHUB=owner/repo NHI_LIVE_GITHUB_TOKEN=… python -m pytest tests/live

The repository is a throw-away one, of nobody else's: branches, issues and pull requests are made in it and left closed.
It needs a commit on `main`; *Allow auto-merge* switched on (Settings, General); and a ruleset for `main` that requires
the status check `nhi/gate` and nothing else. The token is a fine-grained one for this repository alone, with write
access to contents, issues, pull requests and commit statuses; it expires soon.
"""

import os
from datetime import UTC, datetime
from functools import partial
from time import monotonic, sleep
from uuid import uuid4

import pytest
from tests.fixtures.forge_story import STORIES, Stage

from nhi.cloud.pace import Clock
from nhi.forge.github import GitHub
from nhi.forge.github_forge import PERMISSIONS, GitHubForge
from nhi.forge.reading import commit, entry, inner, text
from nhi.model.identity import Json

REPOSITORY = os.environ.get("NHI_LIVE_GITHUB", "")
TOKEN = os.environ.get("NHI_LIVE_GITHUB_TOKEN") or os.environ.get("GITHUB_TOKEN", "")
MISSING = [
    name
    for name, value in (("NHI_LIVE_GITHUB", REPOSITORY), ("NHI_LIVE_GITHUB_TOKEN or GITHUB_TOKEN", TOKEN))
    if not value
]
CLOCK = Clock(lambda: datetime.now(UTC), monotonic, sleep)

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"the live suite needs a throw-away repository on github.com: set {' and '.join(MISSING)}"
)


@pytest.fixture
def stage() -> Stage:
    environment = {"GITHUB_TOKEN": TOKEN}
    door = GitHub(environment, REPOSITORY, PERMISSIONS, CLOCK)
    run = uuid4().hex[:12]
    return Stage(
        run=run,
        forge=GitHubForge(environment, REPOSITORY, CLOCK),
        again=lambda: GitHubForge(environment, REPOSITORY, CLOCK),
        push=partial(_push, door, run),
        move=lambda branch: door.ask(
            "PATCH", f"/git/refs/heads/{branch}", {"sha": _push(door, run, f"{branch}-2"), "force": True}
        ),
        twin=lambda number, body: door.ask("POST", f"/issues/{number}/comments", {"body": body}),
        wait=lambda: sleep(3),
        wait_until_mergeable=partial(_wait_until_mergeable, door),
    )


@pytest.mark.parametrize("part", STORIES)
def test_github_is_as_the_loopback_github(part: str, stage: Stage) -> None:
    STORIES[part](stage)


def _push(door: GitHub, run: str, branch: str) -> str:
    tip = commit(inner(entry(door.ask("GET", "/git/ref/heads/main"), "main"), "object"), "sha")
    tree = text(inner(entry(door.ask("GET", f"/git/commits/{tip}"), "the commit"), "tree"), "sha")
    blob: Json = {"path": f"live/{uuid4()}.txt", "mode": "100644", "type": "blob", "content": run}
    made = text(entry(door.ask("POST", "/git/trees", {"base_tree": tree, "tree": [blob]}), "the tree"), "sha")
    wish: Json = {"message": "A live test", "tree": made, "parents": [tip]}
    new = commit(entry(door.ask("POST", "/git/commits", wish), "the commit"), "sha")
    door.ask("POST", "/git/refs", {"ref": f"refs/heads/{branch}", "sha": new})
    return new


def _wait_until_mergeable(door: GitHub, number: int) -> None:
    until = monotonic() + 60
    while entry(door.ask("GET", f"/pulls/{number}"), "it").get("mergeable_state") == "unknown":
        assert monotonic() < until, "GitHub does not find out whether it can be merged"
        sleep(2)
