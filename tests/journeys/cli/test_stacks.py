"""`nhi render`, `nhi plan`, `nhi apply`, `nhi verify`: what they refuse, and how their answers end.

Terraform and the cloud themselves are in the contract tests.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.fixtures.command_line import Organisation

from nhi.model.identity import Identity
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Absent, Answer, CouldNotTell, Present

LEDGER = "identities/production/payments/ledger-writer.yaml"


def test_a_rendered_stack_is_the_same_bytes_each_time(organisation: Organisation, tmp_path: Path) -> None:
    first = organisation("render", "--stack", "production", "--out", str(tmp_path / "one"))
    second = organisation("render", "--stack", "production", "--out", str(tmp_path / "two"))

    assert first.code == second.code == 0
    assert first.out.split()[-1] == second.out.split()[-1]
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.tf")]
    assert Path("identities.tf") in files
    same = [path for path in files if (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()]
    assert [path for path in files if path not in same] in (
        [],
        [Path("main.tf")],
    )  # where the state is, as seen from it


@pytest.mark.parametrize("path", ["identities/production/broken.yaml", "identities/broken.yaml", "identities/x/a.yaml"])
def test_an_unreadable_manifest_blocks_it_and_nothing_is_written(
    organisation: Organisation, tmp_path: Path, path: str
) -> None:
    organisation.clone.write(path, "- a\n")

    said = organisation("render", "--stack", "production", "--out", str(tmp_path / "out"))

    assert (said.code, said.out) == (3, "")
    assert path in said.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [("render", "--out", "x", "--stack"), ("plan", "--stack"), ("apply", "--stack"), ("verify", "--stack")],
)
def test_a_stack_that_is_not_there_is_bad_input_with_the_list(
    organisation: Organisation, arguments: tuple[str, ...]
) -> None:
    said = organisation(*arguments, "nowhere")

    assert (said.code, said.out) == (3, "")
    assert "stacks: production, staging" in said.err


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_stacks_are_chosen_in_one_way(organisation: Organisation, command: str) -> None:
    assert organisation(command, "--stack", "production", "--base", "HEAD").code == 2


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_where_no_stack_is_touched_nothing_is_done(organisation: Organisation, command: str) -> None:
    organisation.clone.write("identities/README.md", "# x\n")

    said = organisation(command, "--base", "HEAD")

    assert (said.code, said.out) == (0, f"no stack is touched: nothing to {command}\n")


@pytest.fixture
def only_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH with git and nothing else."""
    git = shutil.which("git")
    assert git is not None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(git)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.mark.usefixtures("only_git")
def test_without_terraform_a_plan_is_a_failure_outside(organisation: Organisation) -> None:
    said = organisation("plan", "--stack", "staging")

    assert (said.code, said.out) == (4, "")
    assert said.err.startswith("nhi: terraform is not installed")


@pytest.mark.usefixtures("only_git")
def test_a_plan_needs_no_repository_of_git(organisation: Organisation, tmp_path: Path) -> None:
    (organisation.clone.root / ".git").rename(tmp_path / "elsewhere")

    assert organisation("plan", "--stack", "staging").err.startswith("nhi: terraform is not installed")


def test_what_is_in_no_commit_is_applied_only_on_demand(organisation: Organisation) -> None:
    """A record that names a commit has to be about what that commit holds."""
    path = organisation.clone.root / LEDGER
    path.write_text(path.read_text("utf-8").replace("dynamodb:PutItem", "dynamodb:DeleteItem"), "utf-8")

    refused = organisation("apply", "--stack", "production")
    insisted = organisation("apply", "--stack", "production", "--uncommitted")

    assert (refused.code, insisted.code) == (3, 3)
    assert refused.err.startswith(f"nhi: {LEDGER}: what stands here is not what the commit ")
    assert "holds no saved plan" in insisted.err


HIDDEN = "identities/production/hidden.yaml"


@pytest.mark.parametrize("how", [".gitignore", "info/exclude", "--assume-unchanged", "--skip-worktree"])
def test_what_git_is_told_not_to_look_at_is_in_no_commit_all_the_same(organisation: Organisation, how: str) -> None:
    clone = organisation.clone
    ledger = clone.root / LEDGER
    if how.startswith("--"):
        clone.git("update-index", how, LEDGER)
        ledger.write_text(ledger.read_text().replace("dynamodb:PutItem", "dynamodb:DeleteItem"))
    else:
        clone.write(HIDDEN, ledger.read_text().replace("ledger-writer", "hidden"))
    match how:
        case ".gitignore":
            clone.write(how, f".nhi/\n/{HIDDEN}\n")
            clone.commit("Ignore it")
        case "info/exclude":
            (clone.root / ".git" / how).write_text(HIDDEN)
        case _:
            pass
    assert clone.git("status", "--porcelain") == ""

    refused = organisation("apply", "--stack", "production")

    assert refused.code == 3
    assert refused.err.startswith(f"nhi: {LEDGER if how.startswith('--') else HIDDEN}: what stands here is not what")


def test_what_decides_nothing_need_not_be_committed(organisation: Organisation) -> None:
    clone = organisation.clone
    clone.write("modules/manual/.terraform/providers/large", "x")
    clone.write("identities/README.md", "# mine\n")
    clone.write("identities/staging/.DS_Store", "of another stack")
    ledger = clone.root / LEDGER
    ledger.write_bytes(ledger.read_bytes().replace(b"\n", b"\r\n"))  # as git writes it with core.autocrlf

    assert "holds no saved plan" in organisation("apply", "--stack", "production").err


@pytest.mark.parametrize("command", ["plan", "apply", "scan"])
@pytest.mark.parametrize("configured", [None, "states/production.tfstate"])
def test_a_state_that_is_committed_is_not_believed(
    organisation: Organisation, command: str, configured: str | None
) -> None:
    """Whoever proposes a change could write into it which role of the account an identity is."""
    clone = organisation.clone
    if configured:
        settings = clone.root / "nhi.yaml"
        path = f"    backend: {{local: {{path: {configured}}}}}\n"
        settings.write_text(settings.read_text().replace("  production:\n", f"  production:\n{path}", 1))
    state = configured or ".nhi/state/production/terraform.tfstate"
    clone.write(state, "{}")
    clone.git("add", "--force", state)
    clone.commit("A state")

    said = organisation(command, "--stack", "production")

    assert said.code == 3
    assert f"{state} is committed, and {state} is where the state of production is" in said.err


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_the_state_of_a_part_is_never_one_that_was_committed(organisation: Organisation, command: str) -> None:
    clone = organisation.clone
    settings = clone.root / "nhi.yaml"
    settings.write_text(settings.read_text().replace("  production:\n", "  production:\n    parts: 2\n", 1))
    state = ".nhi/state/production/terraform.tfstate.part-02-of-02"
    clone.write(state, "{}")
    clone.git("add", "--force", state)
    clone.commit("A state")

    said = organisation(command, "--stack", "production")

    assert said.code == 3
    assert f"{state} is committed, and {state} is where the state of production is" in said.err


def test_without_a_plan_there_is_nothing_to_apply(organisation: Organisation) -> None:
    said = organisation("apply", "--stack", "staging")

    assert (said.code, said.out) == (3, "")
    assert "holds no saved plan" in said.err


class Aws:
    """A cloud with prepared answers."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = answers

    def present(self, identity: Identity, kind: Kind, stack: Stack) -> Answer:
        assert kind.name == identity.kind
        assert stack.name == identity.stack
        return self._answers.get(identity.id, Present())

    def gone(self, name: str, stack: Stack) -> Answer:
        return self._answers.get(f"{stack.name}/{name}", Absent())


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, 0),
        ({"production/ledger-writer": Absent()}, 1),
        ({"production/ledger-writer": CouldNotTell("timeout"), "production/refund-worker": Absent()}, 4),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_answers_decide_the_exit_code_and_the_format_does_not(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Answer], code: int, form: str
) -> None:
    monkeypatch.setattr("nhi.cli.wiring.cloud", lambda: Aws(answers))

    assert organisation("verify", "--format", form).code == code


def test_a_verification_names_who_only_people_can_tell_of(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nhi.cli.wiring.cloud", lambda: Aws({}))

    document = json.loads(organisation("verify", "--format", "json", "--as-of", "2026-11-20").out)

    assert (document["schema"], document["as_of"]) == ("nhi/verification/v1", "2026-11-20T00:00:00Z")
    assert "production/clearing-house-sftp" in document["needs_attestation"]


def test_what_was_removed_since_a_revision_must_be_gone(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nhi.cli.wiring.cloud", lambda: Aws({}))
    (organisation.clone.root / LEDGER).unlink()
    organisation.clone.commit("Retire it")

    said = organisation("verify", "--base", "HEAD~1", "--stack", "production")

    assert said.code == 0
    assert "ok       production/ledger-writer: absent, and not declared\n" in said.out


def test_what_was_added_there_meanwhile_was_never_here_to_be_removed(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = organisation.clone
    clone.git("switch", "--quiet", "--create", "behind")
    clone.git("switch", "--quiet", "main")
    clone.write("identities/production/newer.yaml", (clone.root / LEDGER).read_text().replace("ledger-writer", "newer"))
    clone.commit("A newer one")
    clone.git("switch", "--quiet", "behind")
    monkeypatch.setattr("nhi.cli.wiring.cloud", lambda: Aws({"production/newer": Present()}))

    assert organisation("verify", "--base", "main").code == 0


def test_a_name_that_is_none_is_wrong_usage(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nhi.cli.wiring.cloud", lambda: Aws({}))

    assert organisation("verify", "ledger-writer").code == 2
