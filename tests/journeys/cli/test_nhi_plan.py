"""`nhi plan` of several stacks: at once, each with its own words, and ended together. With a Terraform that only acts.

The real Terraform is in tests/contract/test_plan.py.
"""

import json
import os
import re
import select
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.fixtures.command_line import NHI, Organisation, Said

_PATIENCE = 60
_TERRAFORM = """#!/bin/sh
case "$1" in
version) echo '{"terraform_version": "1.11.4"}'; exit ;;
show) echo '{"format_version": "1.2", "planned_values": {}, "resource_changes": []}'; exit ;;
init) echo "Initializing"; exit ;;
plan) ;;
esac
for argument in "$@"; do
  case "$argument" in -out=*) : > "${argument#-out=}" ;; esac
done
"""
"""Every plan of it is empty; what is added runs when it plans, in the stack's root."""


@dataclass(frozen=True, slots=True)
class Acting:
    """The example organisation with a Terraform that acts."""

    organisation: Organisation
    environment: Mapping[str, str]

    def __call__(self, *arguments: str) -> Said:
        """`nhi plan` as a process."""
        return self.organisation.process("plan", *arguments, environment=self.environment)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """The same, still at work."""
        return self.organisation.start("plan", *arguments, environment=self.environment)


@pytest.fixture
def acting(organisation: Organisation, tmp_path: Path) -> Callable[[str], Acting]:
    """Make a Terraform that does this when it plans."""

    def make(script: str = "") -> Acting:
        program = tmp_path / "tools" / "terraform"
        program.parent.mkdir()
        program.write_text(_TERRAFORM + script)
        program.chmod(0o700)
        return Acting(organisation, {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"})

    return make


def test_results_stand_in_the_order_of_the_stacks(acting: Callable[[str], Acting]) -> None:
    said = acting("")("--jobs", "2")

    assert said.code == 0
    lines = said.out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["production: no changes", "staging: no changes"]
    assert [re.sub(r"sha256:[0-9a-f]{64}", "DIGEST", line).split("/")[-1] for line in lines if line[0] == " "] == [
        "production, DIGEST",
        "staging, DIGEST",
    ]


def test_every_line_of_several_terraforms_names_its_stack(acting: Callable[[str], Acting]) -> None:
    lines = acting("echo Planning; echo; echo Refreshing")("--jobs", "2").err.splitlines()

    for stack in ("production", "staging"):
        own = [line for line in lines if line.startswith(f"{stack}:")]
        assert own[:4] == [f"{stack}: Initializing", f"{stack}: Planning", f"{stack}:", f"{stack}: Refreshing"]
        assert re.fullmatch(rf"{stack}: planned, no changes \(\d+ s\)", own[4])
    assert len(lines) == 10


def test_the_lines_of_one_terraform_are_its_own(acting: Callable[[str], Acting]) -> None:
    lines = acting("echo Planning")("--stack", "staging").err.splitlines()

    assert lines[:2] == ["Initializing", "Planning"]
    assert re.fullmatch(r"staging: planned, no changes \(\d+ s\)", lines[2])


def test_quiet_means_nothing_but_results(acting: Callable[[str], Acting]) -> None:
    said = acting("echo Planning")("--quiet")

    assert (said.code, said.err) == (0, "")
    assert said.out.count("no changes") == 2


@pytest.mark.parametrize("stacks", [(), ("--stack", "staging")])
def test_what_terraform_says_is_no_command_to_githubs_runner(
    acting: Callable[[str], Acting], stacks: tuple[str, ...]
) -> None:
    said = acting("echo ::error::x; echo '  ::add-mask::y'; echo '##[error]z'")(*stacks)

    assert "error" in said.err
    assert not re.search(r"^\s*::|##\[", said.err, re.MULTILINE)


@pytest.mark.parametrize("below", ["production/more.tf", "production/apply.json", "x"])
def test_where_terraform_works_nothing_comes_from_git(acting: Callable[[str], Acting], below: str) -> None:
    plan = acting("")
    place = plan.organisation.clone.write(f".nhi/terraform/{below}", "{}")
    plan.organisation.clone.git("add", "--force", ".nhi")
    plan.organisation.clone.commit("More than a manifest")

    said = plan("--stack", "production")

    assert said.code == 3, said
    assert f".nhi/terraform/{below} is committed" in said.err
    assert place.read_text() == "{}"


def test_the_folder_where_terraform_works_is_no_link_from_git(acting: Callable[[str], Acting], tmp_path: Path) -> None:
    plan = acting("")
    (tmp_path / "elsewhere").mkdir()
    (plan.organisation.clone.root / ".nhi").symlink_to(tmp_path / "elsewhere")
    plan.organisation.clone.git("add", "--force", ".nhi")
    plan.organisation.clone.commit("A link")

    said = plan("--stack", "production")

    assert said.code == 3, said
    assert "is a symbolic link" in said.err
    assert list((tmp_path / "elsewhere").iterdir()) == []


# --- one of them fails -----------------------------------------------------------------------------------------------

_FAILS = 'case "$PWD" in */production/*) echo "Error: the door is locked"; exit 1 ;; esac'


def test_a_stack_that_fails_stops_no_other_and_is_told_in_its_own_words(acting: Callable[[str], Acting]) -> None:
    said = acting(_FAILS)("--jobs", "1")

    assert said.code == 4
    assert said.out.startswith("staging: no changes\n")
    assert re.search(
        r"^nhi: production: terraform plan in .* failed:\nnhi: production: Error: the door is locked$",
        said.err,
        re.MULTILINE,
    )
    assert re.search(r"^production: failed \(\d+ s\)$", said.err, re.MULTILINE)


def test_a_stack_that_fails_is_in_the_document(acting: Callable[[str], Acting]) -> None:
    said = acting(_FAILS)("--format", "json", "--quiet")

    document = json.loads(said.out)
    assert said.code == 4
    assert [(one["stack"], one["outcome"]) for one in document["stacks"]] == [
        ("production", "failed"),
        ("staging", "planned"),
    ]
    assert "the door is locked" in document["stacks"][0]["message"]
    assert re.fullmatch("[0-9a-f]{40}", document["commit"])


def test_a_stack_that_fails_is_on_the_page(acting: Callable[[str], Acting]) -> None:
    said = acting(_FAILS)("--format", "markdown", "--quiet")

    assert said.code == 4
    assert said.out.startswith("### nhi plan: failed for 1 stack\n")
    assert "- `production` could not be planned: " in said.out


def test_a_manifest_that_cannot_be_read_is_bad_input_of_its_stack_alone(acting: Callable[[str], Acting]) -> None:
    one = acting("")
    one.organisation.clone.write("identities/production/broken.yaml", "- a\n")

    said = one("--quiet")
    assert said.code == 3
    assert said.out.startswith("staging: no changes\n")
    assert "nhi: production: identities/production/broken.yaml" in said.err


@pytest.mark.parametrize(("form", "start"), [("json", "{"), ("markdown", "### nhi plan: no changes\n")])
def test_a_change_that_touches_nothing_is_a_result_too(acting: Callable[[str], Acting], form: str, start: str) -> None:
    said = acting("exit 1")("--base", "HEAD", "--format", form)

    assert said.code == 0
    assert said.out.startswith(start)


# --- interrupted -----------------------------------------------------------------------------------------------------


FOUR = ("production", "staging", "third", "fourth")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe with a name."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def first_lines(pipe: int, number: int) -> list[str]:
    """Wait for so many lines."""
    text = b""
    while text.count(b"\n") < number:
        ready, _, _ = select.select([pipe], [], [], _PATIENCE)
        assert ready, text
        text += os.read(pipe, 1024)
    return text.decode().split("\n")[:number]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_no_terraform_behind_and_begins_none(
    acting: Callable[[str], Acting], pipe: Path, number: signal.Signals
) -> None:
    one = acting(f"echo $$ > {pipe}; exec sleep 600")
    stacks = "".join(f'  {name}: {{account: "111122223333", region: eu-west-1}}\n' for name in FOUR)
    one.organisation.clone.write("nhi.yaml", f"apiVersion: nhi/v1\nstacks:\n{stacks}")
    listening = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    held_open = os.open(pipe, os.O_WRONLY)
    with one.start("--jobs", "2") as nhi:
        running = [int(line) for line in first_lines(listening, 2)]
        nhi.send_signal(number)
        out, err = nhi.communicate(timeout=_PATIENCE)

    assert (nhi.returncode, out) == (130, b"")
    assert err.decode().splitlines()[-1] == "nhi: interrupted"
    assert b"Traceback" not in err
    assert [pid for pid in running if Path(f"/proc/{pid}").exists()] == []
    assert not select.select([listening], [], [], 0)[0], "another was begun"
    os.close(listening)
    os.close(held_open)


# --- on a terminal ---------------------------------------------------------------------------------------------------


def test_on_a_terminal_every_stack_has_a_line_that_lives(acting: Callable[[str], Acting]) -> None:
    one = acting("echo Planning; " + _FAILS)
    master, slave = os.openpty()
    with subprocess.Popen(
        [NHI, "plan"],
        cwd=one.organisation.clone.root,
        env={**one.organisation.clone.environment, **one.environment, "TERM": "xterm-256color", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
    ) as nhi:
        os.close(slave)
        seen = until_closed(master)
        out = nhi.stdout.read().decode() if nhi.stdout else ""

    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    assert nhi.returncode == 4
    assert "\x1b[?25l" in seen
    assert seen.count("\x1b[?25h") >= 1, "the cursor is not given back"
    assert re.search(r"production +failed +\d+ s", shown)
    assert re.search(r"staging +planned, no changes +\d+ s", shown)
    assert "staging: Planning" in shown
    assert out.startswith("staging: no changes\n")
    assert "\x1b" not in out


def until_closed(terminal: int) -> str:
    """All that is written to a terminal."""
    text = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody has the other end any more
            break
        if not chunk:
            break
        text += chunk
    os.close(terminal)
    return text.decode()
