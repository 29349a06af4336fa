"""The request that the README tells from end to end, told again by the program: what it prints there, it prints."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fixtures.source import ROOT, project_files

README = (ROOT / "README.md").read_text("utf-8")
MANIFEST = "identities/staging/payments/report-writer.yaml"


def told(name: str) -> str:
    """The block of code below a marker of the story."""
    found = re.search(rf"<!-- story: {name} -->\n```\w+\n(.*?)```\n", README, re.DOTALL)
    assert found, name
    return found[1]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with the example organisation on main, and the request on a branch."""
    for path in project_files():
        if path.startswith(("identities/", "modules/")) or path == "nhi.yaml":
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, tmp_path / path)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "-b", "request")
    (tmp_path / MANIFEST).write_text(told("request"), "utf-8")
    commit(tmp_path)
    return tmp_path


ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "dave@acme.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT, check=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "A change")


def mend(folder: Path) -> None:
    """What the README says was changed."""
    text = (folder / MANIFEST).read_text("utf-8")
    for line in ("owner: payments", "expiry: 2026-12-31", "actions: [dynamodb:PutItem]"):
        assert f"`{line}`" in README
    text = text.replace("purpose:", "owner: payments\nexpiry: 2026-12-31\npurpose:")
    (folder / MANIFEST).write_text(text.replace('actions: ["dynamodb:*"]', "actions: [dynamodb:PutItem]"), "utf-8")
    commit(folder)


def prints(folder: Path, name: str) -> tuple[str, int]:
    """What the story's command prints, in the form of the README, and its exit code."""
    command = told(name).split("\n", 1)[0]
    done = subprocess.run(
        [sys.executable, "-m", *command.removeprefix("$ ").split()],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{command}\n{done.stdout}{done.stderr}", done.returncode


def test_the_request_in_a_hurry_is_blocked_in_the_words_of_the_readme(clone: Path) -> None:
    assert prints(clone, "blocked") == (told("blocked"), 1)


def test_the_mended_request_passes_in_the_words_of_the_readme(clone: Path) -> None:
    mend(clone)

    assert prints(clone, "mended") == (told("mended"), 0)


def test_the_sweep_removes_it_in_the_words_of_the_readme_and_only_once(clone: Path) -> None:
    mend(clone)

    assert prints(clone, "swept") == (told("swept"), 0)
    again, code = prints(clone, "swept")
    assert code == 0
    assert "already  nhi/sweep/staging/payments/" in again
