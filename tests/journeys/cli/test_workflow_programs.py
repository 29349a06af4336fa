"""The programs of `.github/nhi`, run as a job of GitHub Actions runs them: with its files, tokens, and an AWS."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.fixtures.command_line import NHI, Organisation
from tests.fixtures.git import Clone
from tests.fixtures.source import ROOT

from nhi.cloud.aws import Aws
from nhi.sandbox.aws import LoopbackAws

PROGRAMS = ROOT / ".github/nhi"
STAGING = "444455556666"
TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyZXBvOmFjbWUifQ.c2lnbmVk"  # noqa: S105  # nobody's
REQUEST_TOKEN = "request-token-of-the-job"  # noqa: S105  # nobody's


@dataclass(frozen=True, slots=True)
class Job:
    """A job's own files, and what its programs are given."""

    folder: Path
    environment: dict[str, str]

    def run(self, program: str, *arguments: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAMS / program, *arguments],
            cwd=cwd,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def handed_on(self) -> dict[str, str]:
        """The environment of the steps that follow."""
        return dict(line.split("=", 1) for line in (self.folder / "env").read_text("utf-8").splitlines())


@pytest.fixture
def job(tmp_path: Path) -> Job:
    folder = tmp_path / "job"
    folder.mkdir()
    for name in ("env", "path"):
        (folder / name).touch()
    path = f"{NHI.parent}{os.pathsep}{os.environ['PATH']}"
    files = {"GITHUB_ENV": str(folder / "env"), "GITHUB_PATH": str(folder / "path"), "RUNNER_TEMP": str(folder)}
    return Job(folder, {"PATH": path, "HOME": str(tmp_path), "GITHUB_RUN_ID": "77", **files})


Asked = list[Mapping[str, str]]


@pytest.fixture
def tokens() -> Iterator[tuple[str, Asked]]:
    """GitHub's token service: its address, and how it was asked."""
    asked: Asked = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # http.server's name
            query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            asked.append({**query, "authorization": self.headers["Authorization"]})
            if self.path.startswith("/moved"):
                self.send_response(302)
                self.send_header("Location", "/token")
                self.end_headers()
                return
            answer = json.dumps({"count": 1, "value": TOKEN}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/token?api-version=2", asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def oidc(tokens: tuple[str, Asked], loopback: LoopbackAws) -> dict[str, str]:
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": tokens[0],
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        "AWS_ENDPOINT_URL": loopback.endpoint,
    }


def test_a_role_is_taken_with_the_jobs_own_token(
    job: Job, organisation: Organisation, oidc: dict[str, str], tokens: tuple[str, Asked]
) -> None:
    done = job.run("aws-role", "nhi-apply", "staging", cwd=organisation.clone.root, **oidc)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.splitlines()[-1] == f"aws-role: arn:aws:iam::{STAGING}:role/nhi-apply"
    assert tokens[1] == [
        {"api-version": "2", "audience": "sts.amazonaws.com", "authorization": f"bearer {REQUEST_TOKEN}"}
    ]
    handed_on = job.handed_on()
    assert handed_on.keys() == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    aws = Aws({**handed_on, "AWS_ENDPOINT_URL": oidc["AWS_ENDPOINT_URL"]})
    who = aws.ask("sts:GetCallerIdentity", "eu-west-1")
    assert who["Arn"] == f"arn:aws:sts::{STAGING}:assumed-role/nhi-apply/nhi-77"


def test_every_key_is_masked_before_it_is_handed_on(job: Job, organisation: Organisation, oidc: dict[str, str]) -> None:
    done = job.run("aws-role", "nhi-apply", "staging", cwd=organisation.clone.root, **oidc)

    said = done.stdout.splitlines()
    assert said[:3] == [f"::add-mask::{value}" for value in job.handed_on().values()]
    assert not any(value in "\n".join(said[3:]) for value in job.handed_on().values())
    assert TOKEN not in done.stdout + done.stderr


def test_an_identity_says_whose_role_it_is(job: Job, organisation: Organisation, oidc: dict[str, str]) -> None:
    done = job.run("aws-role", "ci/nhi-revoke", "production/ledger-writer", cwd=organisation.clone.root, **oidc)

    assert done.stdout.splitlines()[-1] == "aws-role: arn:aws:iam::111122223333:role/ci/nhi-revoke"


def test_an_arn_is_taken_as_it_is(job: Job, organisation: Organisation, oidc: dict[str, str]) -> None:
    role = "arn:aws:iam::123456789012:role/nhi-plan"

    assert job.run("aws-role", role, cwd=organisation.clone.root, **oidc).stdout.splitlines()[-1] == f"aws-role: {role}"


def test_without_a_role_the_environments_own_credentials_are_used(job: Job, organisation: Organisation) -> None:
    done = job.run("aws-role", "", "staging", cwd=organisation.clone.root)

    assert (done.returncode, job.handed_on()) == (0, {})
    assert "no role is set up" in done.stdout


REFUSED: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "no right to a token": (("nhi-apply", "staging"), {"ACTIONS_ID_TOKEN_REQUEST_URL": ""}, "id-token: write"),
    "a stack that is none": (("nhi-apply", "nowhere/x"), {}, "'nowhere' is not a stack"),
    "a command as stack": (("nhi-apply", "$(touch x);\n::set-env name=A::b"), {}, "is not a stack"),
    "a role that is none": (("nhi apply\nA=b", "staging"), {}, "neither the ARN of a role nor a name"),
    "two accounts": (("nhi-plan",), {}, "the stacks are in 2 accounts"),
    "a token service without TLS": (
        ("nhi-apply", "staging"),
        {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://tokens.example/?a=b"},
        "GitHub is not asked without TLS",
    ),
    "an AWS without TLS": (
        ("nhi-apply", "staging"),
        {"AWS_ENDPOINT_URL": "http://aws.example"},
        "AWS is not asked without TLS",
    ),
    "an AWS that is not there": (
        ("nhi-apply", "staging"),
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
        "did not answer",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_role_that_cannot_be_taken_fails_the_step(
    job: Job, organisation: Organisation, oidc: dict[str, str], fault: str
) -> None:
    arguments, more, reason = REFUSED[fault]
    done = job.run("aws-role", *arguments, cwd=organisation.clone.root, **(oidc | more))

    assert (done.returncode, job.handed_on()) == (4, {})
    assert reason in done.stdout
    (line,) = done.stdout.splitlines()
    assert line.startswith("::error::aws-role: ")


def test_the_jobs_right_to_a_token_is_shown_nowhere_else(
    job: Job, organisation: Organisation, oidc: dict[str, str], tokens: tuple[str, Asked]
) -> None:
    moved = {"ACTIONS_ID_TOKEN_REQUEST_URL": tokens[0].replace("/token", "/moved")}
    done = job.run("aws-role", "nhi-apply", "staging", cwd=organisation.clone.root, **(oidc | moved))

    assert (done.returncode, len(tokens[1])) == (4, 1)
    assert "GitHub answered 302" in done.stdout


def test_an_answer_of_aws_that_is_no_session_is_refused(
    job: Job, organisation: Organisation, tokens: tuple[str, Asked]
) -> None:
    oidc = {"ACTIONS_ID_TOKEN_REQUEST_URL": tokens[0], "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN}
    address = tokens[0].partition("?")[0]  # which does not take a POST
    done = job.run("aws-role", "nhi-apply", "staging", cwd=organisation.clone.root, AWS_ENDPOINT_URL=address, **oidc)

    assert (done.returncode, job.handed_on()) == (4, {})
    assert "AWS answered 501" in done.stdout


def test_what_is_there_in_the_right_version_is_used(job: Job, tmp_path: Path) -> None:
    checkov = tmp_path / "bin/checkov"
    checkov.parent.mkdir()
    checkov.write_text("#!/bin/sh\n")
    checkov.chmod(0o755)
    path = f"{checkov.parent}{os.pathsep}{job.environment['PATH']}"
    done = job.run("install", "terraform", "checkov", cwd=tmp_path, PATH=path)

    assert done.returncode == 0, done.stderr
    assert re.findall(r"^install: (.*) is there$", done.stderr, re.MULTILINE) == ["nhi 0.1.0", "terraform", "checkov"]
    assert (job.folder / "path").read_text("utf-8") == f"{job.folder}/nhi-tools/bin\n"


def test_a_tool_that_nothing_is_pinned_for_is_refused(job: Job, tmp_path: Path) -> None:
    done = job.run("install", "helm-of-nobody", cwd=tmp_path)

    assert (done.returncode, (job.folder / "path").read_text("utf-8")) == (2, "")


@pytest.fixture
def made_repository(tmp_path: Path, call: Callable[..., object]) -> Path:
    """What `nhi init` makes; its `install` is asked for another version than the one that is there."""
    folder = tmp_path / "made"
    call("init", str(folder))
    (folder / ".github/nhi/requirements/version").write_text("9.9.9\n", "utf-8")
    return folder


def test_another_version_is_not_used_but_installed_by_its_pins(job: Job, made_repository: Path, tmp_path: Path) -> None:
    python = tmp_path / "fake/python3"
    python.parent.mkdir()
    calls = tmp_path / "calls"
    # Stands in for Python's own `venv`, and that for pip: nothing is fetched, and what would be is written down.
    python.write_text(
        "#!/bin/sh\n"
        f'[ "$2" = venv ] && {{ mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; exit 0; }}\necho "$*" >>"{calls}"\n'
    )
    python.chmod(0o755)
    path = f"{python.parent}{os.pathsep}{job.environment['PATH']}"
    done = subprocess.run(
        [made_repository / ".github/nhi/install"],
        env=job.environment | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    pip = "-m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation"
    pins = made_repository / ".github/nhi/requirements"
    assert calls.read_text("utf-8").splitlines() == [
        f"{pip} --require-hashes -r {pins}/build.txt",
        f"{pip} --require-hashes -r {pins}/run.txt",
        f"{pip} -r {pins}/nhi.txt",
    ]


def dated(clone: Clone, date: str) -> str:
    """A commit of that date."""
    environment = {**clone.environment, "GIT_COMMITTER_DATE": date}
    return Clone(clone.root, environment).commit(f"of {date}")


def test_one_looks_back_to_where_the_branch_stood_then(job: Job, organisation: Organisation) -> None:
    clone = organisation.clone
    first = clone.git("rev-list", "--max-parents=0", "HEAD")  # of the example, with its nhi.yaml
    dated(clone, "2021-01-01T00:00:00Z")
    old = dated(clone, "2022-01-01T00:00:00Z")
    dated(clone, "2099-01-01T00:00:00Z")

    assert job.run("look-back", "7", cwd=clone.root).stdout == f"base={old}\n"
    assert job.run("look-back", "9999", cwd=clone.root).stdout == f"base={first}\n"


def test_one_does_not_look_back_to_before_there_was_a_configuration(
    job: Job, git_repository: Callable[..., Clone]
) -> None:
    clone = git_repository({"README.md": "Initial commit\n"})
    dated(clone, "2021-01-01T00:00:00Z")
    none = job.run("look-back", "7", cwd=clone.root)
    clone.write("nhi.yaml", "apiVersion: nhi/v1\n")
    first = dated(clone, "2099-01-01T00:00:00Z")
    clone.write("nhi.yaml", "apiVersion: nhi/v1\nstacks: {}\n")
    dated(clone, "2099-01-02T00:00:00Z")

    assert (none.returncode, none.stdout) == (3, "")
    assert job.run("look-back", "7", cwd=clone.root).stdout == f"base={first}\n"


@pytest.mark.parametrize("days", ["", "-1", "7 days", "1;id", "--exec=x", "36500"])
def test_what_is_no_number_of_days_is_refused(job: Job, organisation: Organisation, days: str) -> None:
    done = job.run("look-back", days, cwd=organisation.clone.root)

    assert (done.returncode, done.stdout) == (2, "")


def test_the_programs_need_nothing_but_the_standard_library() -> None:
    imported = re.findall(r"^(?:from|import) ([\w.]+)", (PROGRAMS / "aws-role").read_text("utf-8"), re.MULTILINE)

    assert imported
    assert [one for one in imported if one.split(".")[0] not in sys.stdlib_module_names] == []
