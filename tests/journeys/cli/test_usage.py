"""Help, wrong usage, errors and their exit codes, pipes and interrupts."""

import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from tests.fixtures.command_line import AS_OF, Organisation

from nhi.cli.app import application, command_names

COMMANDS = command_names()


def test_the_version_stands_alone(organisation: Organisation) -> None:
    said = organisation.process("--version")

    assert (said.code, said.err) == (0, "")
    assert said.out == f"nhi {version('nhi-control-plane')}\n"


def test_the_version_beside_something_else_is_wrong_usage(organisation: Organisation) -> None:
    said = organisation("--version", "kinds")

    assert (said.code, said.out) == (2, "")
    assert "stands alone" in said.err


def test_nothing_asked_is_wrong_usage_and_helped(organisation: Organisation) -> None:
    said = organisation()

    assert (said.code, said.out) == (2, "")
    assert "Commands:" in said.err


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_every_command(organisation: Organisation, option: str) -> None:
    said = organisation(option)

    assert (said.code, said.err) == (0, "")
    assert all(f"\n  {name} " in said.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_and_each_of_its_options(organisation: Organisation, name: str) -> None:
    said = organisation(name, "--help")

    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: nhi {name} ")
    command = application([name]).commands[name]
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert command.help
    assert all(one.help for one in options)
    assert all(one.opts[-1] in said.out for one in options)


def test_a_command_that_is_not_there_is_wrong_usage_with_the_one_that_was_meant(organisation: Organisation) -> None:
    said = organisation("chek")

    assert (said.code, said.out) == (2, "")
    assert "'check'" in said.err


@pytest.mark.parametrize(
    "arguments", [("check", "--nope"), ("check", "--format", "xml"), ("new", "manual"), ("explain",), ("render",)]
)
def test_what_cannot_be_understood_is_wrong_usage(organisation: Organisation, arguments: tuple[str, ...]) -> None:
    said = organisation(*arguments)

    assert (said.code, said.out) == (2, "")
    assert "Usage: nhi" in said.err


def test_an_argument_that_is_no_text_is_wrong_usage(organisation: Organisation) -> None:
    said = organisation.process("check", b"identities/\xff")

    assert (said.code, said.out) == (2, "")
    assert "is not UTF-8" in said.err
    assert "Traceback" not in said.err


def test_each_exit_code_by_a_real_case(organisation: Organisation, tmp_path: Path) -> None:
    (tmp_path / "no programs").mkdir()
    nothing_on_the_path = {"PATH": str(tmp_path / "no programs")}

    assert organisation.process("check", *AS_OF).code == 0
    assert organisation.process("check", "--base", "HEAD", environment=nothing_on_the_path).code == 4
    assert organisation.process("check", "--nope").code == 2
    organisation.clone.write("identities/production/broken.yaml", "- a\n")
    assert organisation.process("check", *AS_OF).code == 1
    organisation.clone.write("nhi.yaml", "- a\n")
    assert organisation.process("check", *AS_OF).code == 3


def test_a_tool_that_is_missing_is_named_with_the_line_that_installs_it(
    organisation: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "no programs"))

    said = organisation("check", "--base", "HEAD")

    assert (said.code, said.out) == (4, "")
    assert said.err.startswith("nhi: git is not on the PATH\n     install it: ")


def test_every_line_of_an_error_says_who_speaks(organisation: Organisation) -> None:
    organisation.clone.write("nhi.yaml", "apiVersion: nhi/v2\nstakcs: {}\n")

    err = organisation("check").err.splitlines()

    assert len(err) == 3
    assert [line[:5] for line in err] == ["nhi: ", "nhi: ", "     "]


def test_an_error_cannot_steer_a_terminal(organisation: Organisation) -> None:
    said = organisation("check", "identities/\x1b]0;owned\x07")

    assert said.code == 3
    assert "\x1b" not in said.err


def test_a_place_that_cannot_be_written_is_an_error_and_no_traceback(organisation: Organisation) -> None:
    organisation.clone.write("file", "")

    said = organisation("schema", "--out", "file/schema.json")

    assert said.code == 4
    assert said.err.startswith("nhi: file")
    assert "Traceback" not in said.err


@pytest.mark.parametrize("arguments", [("rules",), ("schema",), ("--help",), ("check", "--as-of", "2036-01-01")])
def test_a_reader_who_has_gone_is_no_traceback(organisation: Organisation, arguments: tuple[str, ...]) -> None:
    with organisation.start(*arguments) as started:
        assert started.stdout is not None
        assert started.stderr is not None
        started.stdout.close()

        assert started.stderr.read() == b""
        assert started.wait(60) == 4


def test_the_first_line_can_be_had_alone(organisation: Organisation) -> None:
    started = organisation.start("rules")
    done = subprocess.run(["head", "-1"], stdin=started.stdout, capture_output=True, check=True)
    started.communicate()

    assert done.stdout.startswith(b"NHI001")
    assert started.returncode in {0, 4}


def test_an_interrupt_ends_it_with_a_word(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_given: str | None) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr("nhi.cli.wiring.root_folder", interrupted)

    said = organisation("kinds")

    assert (said.code, said.err) == (128 + signal.SIGINT, "nhi: interrupted\n")


def test_a_request_to_end_is_an_interrupt(organisation: Organisation) -> None:
    organisation("kinds")

    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_mistake_of_our_own_is_told_from_findings(organisation: Organisation) -> None:
    broken = (
        "import nhi.cli.app as app, nhi.cli.main as main; app._call = lambda _: print('so far') or 1 // 0; main.main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", broken],
        cwd=organisation.clone.root,
        env=dict(organisation.clone.environment),
        capture_output=True,
        check=False,
        text=True,
    )

    assert (done.returncode, done.stdout) == (70, "so far\n")
    assert "ZeroDivisionError" in done.stderr
    assert "nhi: this is a mistake in nhi itself, and no answer to what was asked\n" in done.stderr


def test_python_can_run_the_package(organisation: Organisation) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nhi", "--version"],
        cwd=organisation.clone.root,
        env=dict(organisation.clone.environment),
        capture_output=True,
        check=True,
    )

    assert done.stdout.startswith(b"nhi ")
