"""How a process is started, heard and ended: with small programs in Terraform's place that behave badly on command."""

import contextlib
import json
import logging
import os
import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from nhi.errors import MissingTool, OutsideError
from nhi.terraform import hearing, process
from nhi.terraform.interface import Terraform
from nhi.terraform.process import TerraformBinary, TimeLimits

_PLENTY = 60.0
_PATH = {"PATH": "/usr/bin:/bin"}
Program = Callable[[str], TerraformBinary]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Puts a shell script in Terraform's place."""

    def write(script: str) -> TerraformBinary:
        path = tmp_path / "terraform"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        limits = TimeLimits(_PLENTY, _PLENTY, _PLENTY, _PLENTY, _PLENTY, _PLENTY, _PLENTY)
        return TerraformBinary(_PATH, str(path), limits)

    return write


def _plan(terraform: Terraform, root: Path, on_line: Callable[[str], None]) -> bool:
    return terraform.plan(root, root / "plan", on_line)


@pytest.fixture
def let_time_pass(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A listener for whom every limit has passed as soon as the process has said something."""
    passed = [0.0]

    def take(_: str) -> None:
        passed[0] = 10 * _PLENTY

    monkeypatch.setattr(hearing, "monotonic", lambda: monotonic() + passed[0])
    return take


def test_a_missing_binary_says_how_to_install_it() -> None:
    with pytest.raises(MissingTool, match="terraform is not installed") as error:
        TerraformBinary({"PATH": "/nowhere"}).version()
    assert "scripts/setup" in error.value.hint


def test_without_a_path_the_callers_own_is_not_searched() -> None:
    with pytest.raises(MissingTool):
        TerraformBinary({}).version()


@pytest.mark.parametrize("version", ["1.11.0", "1.11.4", "1.12.0-rc1", "2.0.0", "1.100.0"])
def test_a_version_that_is_new_enough_is_told(program: Program, version: str) -> None:
    assert program(f"""echo '{{"terraform_version": "{version}"}}'""").version() == version


@pytest.mark.parametrize("version", ["1.10.5", "0.12.31", "1.9.0", "1"])
def test_a_version_that_is_too_old_is_refused(program: Program, version: str) -> None:
    with pytest.raises(MissingTool, match=f"terraform is {version}, and 1.11 or newer is needed"):
        program(f"""echo '{{"terraform_version": "{version}"}}'""").version()


def test_nothing_is_prepared_with_a_version_that_is_too_old(program: Program, tmp_path: Path) -> None:
    with pytest.raises(MissingTool):
        program(f"""echo $1 >> {tmp_path}/calls; echo '{{"terraform_version": "1.5.7"}}'""").init(tmp_path, print)
    assert (tmp_path / "calls").read_text() == "version\n"


def test_providers_are_installed_by_one_at_a_time(program: Program, tmp_path: Path) -> None:
    terraform = program(
        f"""[ "$1" = version ] && {{ echo '{{"terraform_version": "1.11.4"}}'; exit; }}
mkdir {tmp_path}/cache || exit 1
sleep 0.1
rmdir {tmp_path}/cache"""
    )
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(terraform.init, tmp_path, print) for _ in range(3)]:
            done.result()


@pytest.mark.parametrize(
    "answer", ["", "Terraform v1.11.4", "[]", "{}", '{"terraform_version": "new"}', "\\0377\\0376"]
)
def test_an_answer_that_is_no_version_is_not_believed(program: Program, answer: str) -> None:
    with pytest.raises(OutsideError):
        program(f"printf '{answer}'").version()


def test_a_plan_that_cannot_be_shown_is_a_failure(program: Program, tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"terraform show in .* failed:\nError: bad"):
        program("echo '{}'; echo 'Error: bad' >&2; exit 1").show(tmp_path, tmp_path / "plan")


def test_an_endless_answer_ends_the_process(
    program: Program, tmp_path: Path, fifo: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_LONGEST_ANSWER", 1_000_000)
    with pytest.raises(OutsideError, match="terraform show said more than 1000000 bytes"):
        program(f"exec 9>{tmp_path}/fifo\nwhile :; do echo 0123456789; done").show(tmp_path, tmp_path / "plan")
    _assert_that_every_writer_is_gone(fifo)


def test_endless_words_end_the_process_before_they_fill_the_disk(
    program: Program, tmp_path: Path, fifo: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_LONGEST_ANSWER", 1_000_000)
    endless = program(f"exec 9>{tmp_path}/fifo\nwhile :; do echo 0123456789; done")
    with pytest.raises(OutsideError, match="terraform plan said more than 1000000 bytes, and was ended"):
        _plan(endless, tmp_path, lambda _: None)
    _assert_that_every_writer_is_gone(fifo)


@pytest.mark.parametrize("command", ["show", "plan", "apply"])
def test_a_secret_of_the_environment_is_in_nothing_that_is_passed_on(
    program: Program, tmp_path: Path, command: str
) -> None:
    said = {"@level": "error", "@message": "No", "diagnostic": {"severity": "error", "summary": "No: x/y+secret<z>"}}
    (tmp_path / "said").write_text("Error: no: x/y+secret<z>" if command != "apply" else json.dumps(said))
    (tmp_path / "plan").write_text("")
    terraform = replace(
        program(f"cat {tmp_path}/said >&2; exit 1"), environment=_PATH | {"AWS_SESSION_TOKEN": "x/y+secret<z>"}
    )
    heard: list[str] = []

    commands: dict[str, Callable[[], object]] = {
        "show": lambda: terraform.show(tmp_path, tmp_path / "plan"),
        "plan": lambda: _plan(terraform, tmp_path, heard.append),
        "apply": lambda: terraform.apply(tmp_path, tmp_path / "plan", heard.append, transcript=tmp_path / "transcript"),
    }

    with pytest.raises(OutsideError) as error:
        commands[command]()

    told = "\n".join([error.value.message, *heard])
    assert "(secret)" in told
    assert "x/y" not in told


def test_warnings_beside_an_answer_do_not_spoil_it(program: Program) -> None:
    terraform = program("""echo 'Warning: odd' >&2; echo '{"terraform_version": "1.11.4"}'""")
    assert terraform.version() == "1.11.4"


@pytest.mark.parametrize(("code", "changes"), [(0, False), (2, True)])
def test_the_exit_code_of_a_plan_says_whether_it_changes_something(
    program: Program,
    tmp_path: Path,
    code: int,
    changes: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert _plan(program(f"exit {code}"), tmp_path, print) is changes


@pytest.mark.parametrize("code", [1, 3, 127])
def test_any_other_exit_code_is_a_failure(program: Program, tmp_path: Path, code: int) -> None:
    with pytest.raises(OutsideError, match=r"terraform plan in .* failed:\nError: bad"):
        _plan(program(f"echo 'Error: bad' >&2; exit {code}"), tmp_path, print)


def test_two_is_a_failure_of_everything_but_a_plan(program: Program, tmp_path: Path) -> None:
    with pytest.raises(OutsideError):
        program("exit 2").validate(tmp_path)


def test_a_process_that_was_killed_is_a_failure(program: Program, tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="was killed by signal 9"):
        _plan(program("kill -9 $$"), tmp_path, print)


def test_a_file_that_is_no_program_is_a_failure_of_ours_to_start_it(tmp_path: Path) -> None:
    (tmp_path / "terraform").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "terraform").chmod(0o700)
    with pytest.raises(OutsideError, match="could not be started"):
        TerraformBinary({"PATH": str(tmp_path)}).version()


def test_a_root_that_is_not_there_is_named(program: Program, tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"there is no folder .*/none") as error:
        program("exit 0").validate(tmp_path / "none")
    assert error.value.hint == "render the stack first"


@pytest.mark.parametrize("name", ["none", ".", "-destroy"])
def test_only_a_saved_plan_is_applied(program: Program, tmp_path: Path, name: str) -> None:
    with pytest.raises(OutsideError, match="there is no saved plan"):
        program(f"touch {tmp_path}/started").apply(tmp_path, tmp_path / name, print, transcript=tmp_path / "said")
    assert not (tmp_path / "started").exists()


def test_arguments_are_a_saved_plan_and_never_a_variable(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terraform = program("""[ "$1" = version ] && echo '{"terraform_version": "1.11.4"}' || echo "$@" """)
    (tmp_path / "-plan ${x}").touch()
    monkeypatch.chdir(tmp_path)
    lines: list[str] = []
    terraform.init(tmp_path, lines.append)
    terraform.plan(tmp_path, Path("-plan ${x}"), lines.append)
    terraform.apply(tmp_path, Path("-plan ${x}"), lines.append, transcript=tmp_path / "said")
    terraform.plan(tmp_path, Path("plan"), lines.append, replace=["a.b", 'a.c["d"]'])
    terraform.push_state(tmp_path, Path("errored.tfstate"), lines.append)
    terraform.unlock(tmp_path, "6c3f", lines.append)
    assert lines == [
        "init -input=false -no-color -lock-timeout=120s",
        f"plan -input=false -no-color -detailed-exitcode -lock-timeout=120s -out={tmp_path}/-plan ${{x}}",
        f"apply -input=false -json -lock-timeout=120s {tmp_path}/-plan ${{x}}",
        (
            'plan -input=false -no-color -detailed-exitcode -lock-timeout=120s -replace=a.b -replace=a.c["d"] '
            f"-out={tmp_path}/plan"
        ),
        f"state push -lock-timeout=120s {tmp_path}/errored.tfstate",
        "force-unlock -force 6c3f",
    ]


def test_terraform_runs_in_the_root_even_where_its_own_path_is_relative(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("pwd")
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.chdir(tmp_path)
    lines: list[str] = []
    _plan(TerraformBinary({"PATH": "."}), root, lines.append)
    assert lines == [str(root)]


def test_a_state_that_lies_about_is_not_even_read(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "terraform.tfstate").write_text("no JSON: python-terraform would stumble over it")
    monkeypatch.chdir(tmp_path)
    program("exit 0").validate(tmp_path)


def test_both_outputs_are_streamed_in_order(program: Program, tmp_path: Path) -> None:
    lines: list[str] = []
    _plan(program("echo one; echo two >&2; echo three; printf four"), tmp_path, lines.append)
    assert lines == ["one", "two", "three", "four"]


def test_a_line_is_handed_on_before_the_process_ends(program: Program, tmp_path: Path) -> None:
    (tmp_path / "go").unlink(missing_ok=True)
    os.mkfifo(tmp_path / "go")
    terraform = program(f"echo started; read word < {tmp_path}/go; echo $word")
    lines: list[str] = []

    def answer(line: str) -> None:
        lines.append(line)
        if line == "started":
            (tmp_path / "go").write_text("heard\n")

    _plan(terraform, tmp_path, answer)
    assert lines == ["started", "heard"]


def test_questions_get_no_answer(program: Program, tmp_path: Path) -> None:
    lines: list[str] = []
    _plan(program("read word || echo nobody; [ -t 0 ] || echo no terminal"), tmp_path, lines.append)
    assert lines == ["nobody", "no terminal"]


def test_what_terraform_writes_is_for_its_owner_only(program: Program, tmp_path: Path) -> None:
    _plan(program("touch secret"), tmp_path, print)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_only_the_given_environment_is_seen(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NHI_TEST_AMBIENT", "seen")
    lines: list[str] = []
    terraform = replace(program("env"), environment=_PATH | {"TF_LOG": "trace", "AWS_PROFILE": "plan"})
    _plan(terraform, tmp_path, lines.append)
    seen = {line.split("=", 1)[0] for line in lines}
    assert seen - {"PWD", "SHLVL", "_", "OLDPWD"} == {
        "PATH",
        "AWS_PROFILE",
        "TF_IN_AUTOMATION",
        "TF_INPUT",
        "CHECKPOINT_DISABLE",
        "GOGC",
        "GOMEMLIMIT",
    }


def test_nothing_is_logged(program: Program, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(OutsideError):
        _plan(program("echo hunter2; echo hunter2 >&2; exit 1"), tmp_path, print)
    assert caplog.records == []


# They look for the signal every 50 ms: a shell that waits for one long child can miss what came just before it.
_SAVES = """trap 'echo "saving the state"; exit 1' INT
echo started
while :; do sleep 0.05; done"""

_SAVES_TWICE = """n=0
trap 'n=$((n+1)); if [ $n -eq 1 ]; then echo "shutting down"; else echo "at once"; exit 1; fi' INT
echo started
while :; do sleep 0.05; done"""

_DEAF = """exec 9>{fifo}
trap '' INT
sleep 600 &
echo started
wait"""


def test_a_late_process_is_interrupted_and_heard_out(
    program: Program, tmp_path: Path, let_time_pass: Callable[[str], None]
) -> None:
    lines: list[str] = []
    with pytest.raises(OutsideError, match=r"did not end within 60 s") as error:
        _plan(program(_SAVES), tmp_path, _both(lines.append, let_time_pass))
    assert lines == ["started", "saving the state"]
    assert "has saved its state" in error.value.hint


def test_a_process_that_does_not_end_is_killed_with_its_children(
    program: Program, tmp_path: Path, fifo: int, let_time_pass: Callable[[str], None]
) -> None:
    deaf = program(_DEAF.format(fifo=tmp_path / "fifo"))
    impatient = replace(deaf, limits=replace(deaf.limits, grace=0.05))
    with pytest.raises(OutsideError) as error:
        _plan(impatient, tmp_path, let_time_pass)
    assert "was killed" in error.value.hint
    _assert_that_every_writer_is_gone(fifo)


def test_a_process_that_has_closed_its_output_is_still_bounded(program: Program, tmp_path: Path) -> None:
    silent = program("exec >&- 2>&-\nwhile :; do sleep 0.05; done")
    with pytest.raises(OutsideError, match=r"did not end within 0.3 s"):
        _plan(replace(silent, limits=replace(silent.limits, plan=0.3)), tmp_path, print)


def test_a_child_that_outlives_the_process_is_killed(program: Program, tmp_path: Path, fifo: int) -> None:
    lines: list[str] = []
    _plan(program(f"exec 9>{tmp_path}/fifo\nsleep 600 &\necho started"), tmp_path, lines.append)
    assert lines == ["started"]
    _assert_that_every_writer_is_gone(fifo)


def test_ctrl_c_reaches_the_process_once_and_it_is_heard_out(program: Program, tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        _plan(program(_SAVES), tmp_path, _interrupting(lines, {"started"}))
    assert lines == ["started", "saving the state"]


def test_a_second_ctrl_c_reaches_it_too(program: Program, tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        _plan(program(_SAVES_TWICE), tmp_path, _interrupting(lines, {"started", "shutting down"}))
    assert lines == ["started", "shutting down", "at once"]


def test_a_listener_that_fails_ends_the_process_and_hears_no_more(program: Program, tmp_path: Path, fifo: int) -> None:
    lines: list[str] = []

    def fail(line: str) -> None:
        lines.append(line)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _plan(program(f"exec 9>{tmp_path}/fifo\n{_SAVES}"), tmp_path, fail)
    assert lines == ["started"]
    _assert_that_every_writer_is_gone(fifo)


@pytest.mark.parametrize("script", ["exit 0", _SAVES, _DEAF.format(fifo="/dev/null")])
def test_no_process_is_left_as_a_zombie(
    program: Program, tmp_path: Path, let_time_pass: Callable[[str], None], script: str
) -> None:
    lines: list[str] = []
    terraform = program(f"echo $$\n{script}")
    impatient = replace(terraform, limits=replace(terraform.limits, grace=0.05))
    with contextlib.suppress(OutsideError):
        _plan(impatient, tmp_path, _both(lines.append, let_time_pass))
    with pytest.raises(ChildProcessError):
        os.waitpid(int(lines[0]), os.WNOHANG)


@pytest.fixture
def fifo(tmp_path: Path) -> int:
    """A pipe that stays open as long as any process that the program started is alive."""
    os.mkfifo(tmp_path / "fifo")
    return os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)


def _assert_that_every_writer_is_gone(fifo: int) -> None:
    try:
        ready, _, _ = select.select([fifo], [], [], _PLENTY)
        assert ready
        assert os.read(fifo, 1) == b""
    finally:
        os.close(fifo)


def _interrupting(lines: list[str], at: set[str]) -> Callable[[str], None]:
    def take(line: str) -> None:
        lines.append(line)
        if line in at:
            raise KeyboardInterrupt

    return take


def _both(one: Callable[[str], None], other: Callable[[str], None]) -> Callable[[str], None]:
    def take(line: str) -> None:
        one(line)
        other(line)

    return take


def test_a_long_message_of_an_apply_is_read_whole_and_not_shown_as_it_is(program: Program, tmp_path: Path) -> None:
    diagnostic = {
        "severity": "error",
        "summary": "No",
        "detail": "why " * 50_000,
        "snippet": {"values": [{"statement": "is hunter2"}]},
    }
    (tmp_path / "said").write_text(json.dumps({"@level": "error", "@message": "No", "diagnostic": diagnostic}) + "\n")
    (tmp_path / "plan").write_text("")
    heard: list[str] = []

    with pytest.raises(OutsideError, match="Error: No"):
        program(f"cat {tmp_path}/said; exit 1").apply(
            tmp_path, tmp_path / "plan", heard.append, transcript=tmp_path / "transcript"
        )

    assert heard[0] == "Error: No"
    assert "hunter2" not in "".join(heard)


def test_what_is_too_long_to_be_a_message_of_an_apply_is_not_shown_in_pieces(program: Program, tmp_path: Path) -> None:
    """Such as the state, which Terraform prints where it can save it nowhere."""
    state = "hunter2 " * 300_000
    dump = json.dumps({"@level": "info", "@message": "Emergency state dump", "state": {"secret": state}})
    (tmp_path / "said").write_text(f"{dump}\nafterwards\n")
    (tmp_path / "plan").write_text("")
    heard: list[str] = []

    program(f"cat {tmp_path}/said").apply(tmp_path, tmp_path / "plan", heard.append, transcript=tmp_path / "transcript")

    assert heard == ["(a line of more than 1048576 bytes is left out here)", "afterwards"]
    assert state in (tmp_path / "transcript").read_text()
