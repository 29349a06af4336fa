"""What is not as GitHub describes it fails the test that caused it, and the whole run, also where nobody noticed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fixtures.source import ROOT

from nhi.sandbox.github.server import LoopbackGitHub, Violated, loopback_github

TESTS = """
import os
from contextlib import suppress
from http.client import HTTPConnection

from nhi.sandbox.github.call import Call


def ask(github, path):
    with suppress(Exception):  # whatever went wrong is taken for bad luck
        connection = HTTPConnection("127.0.0.1", github.port, timeout=10)
        connection.request("GET", path, headers={"Authorization": f"token {github.token('alice')}"})
        connection.getresponse().read()


def test_asks_for_what_there_is_not(github):
    ask(github, "/repos/acme/iam/nowhere")


def test_goes_on_in_another_world(github, tmp_path):
    ask(github, "/repos/acme/iam/nowhere/else")
    github.host(tmp_path, os.environ)


def test_is_in_order(github):
    ask(github, "/rate_limit")


def test_is_told_what_is_not_described(site):
    site.answered(Call("pulls/get", {}, {}, None, site.caller("alice"), site.origin), Odd())


class Odd:
    status, body = 200, {"number": "seven"}
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_they_are_counted_and_no_run_passes_with_one(tmp_path: Path, workers: str) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    plugins = [f"-ptests.fixtures.{name}" for name in ("contract_violations", "github", "github_world")]
    options = ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "-pno:cacheprovider", "-q", f"-n{workers}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *options, str(tmp_path / "test_some.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    lines = done.stdout.splitlines()
    (line,) = (one for one in lines if one.startswith("contract violations of GitHub: "))
    shown = lines[lines.index(line) + 1 :]
    number = int(line.partition(": ")[2].partition(",")[0])
    assert line.endswith(", in 4 tests with the loopback GitHub")
    assert number >= 3
    assert len([one for one in shown if one.startswith("  ")]) == number
    assert done.returncode == 1
    failed = set(re.findall(r"^ERROR \S*::(\w+)", done.stdout, re.MULTILINE))
    assert failed == set(re.findall(r"def (test_\w+)", TESTS)) - {"test_is_in_order"}


def test_who_runs_one_of_their_own_is_told_at_its_end() -> None:
    def runs() -> None:
        with loopback_github() as github:
            github.violations.append("GET /nowhere")

    with pytest.raises(Violated, match="GET /nowhere"):
        runs()


def test_what_was_looked_at_is_not_told_again(github: LoopbackGitHub) -> None:
    github.violations.append("GET /nowhere")
    with pytest.raises(Violated):
        github.refuse_violations()

    github.refuse_violations()
