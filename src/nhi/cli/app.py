"""Find the command's own file, run it, and turn errors into words and exit codes.

Every file of `nhi.cli.commands` is a command of that name; its function is `command`, which returns an ExitCode.
"""

import importlib
import os
import pkgutil
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import click

from nhi.cli import commands
from nhi.errors import ExitCode, NhiError, OutsideError, UsageError
from nhi.output.plain import one_line

_INTERRUPTED = 128 + signal.SIGINT


def command_names() -> list[str]:
    """All commands, sorted."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))


def application(names: Sequence[str]) -> click.Group:
    """The command line with these commands. A command's file is only imported when it is named here."""
    group = click.Group(
        "nhi",
        help="A lifecycle control plane for non-human identities, run entirely from Git.",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        params=[
            click.Option(
                ["--version"],
                is_flag=True,
                expose_value=False,
                callback=_refuse_version,
                help="Print the version (stands alone).",
            )
        ],
    )
    for name in names:
        module = importlib.import_module(f"nhi.cli.commands.{name.replace('-', '_')}")
        group.add_command(module.command, name)
    return group


def run(arguments: list[str]) -> int:
    """Run one call and give its exit code."""
    _be_interruptible()
    try:
        code = _call(arguments)
        sys.stdout.flush()  # here, where it is noticed when the reader has gone
    except NhiError as error:
        return _say(error)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("nhi: interrupted\n")
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; point it elsewhere, so that Python's own exit does not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OUTSIDE
    except OSError as error:
        what = error.strerror or str(error)
        return _say(OutsideError(what if error.filename is None else f"{error.filename}: {what}"))
    return code


def _be_interruptible() -> None:
    """Have SIGTERM do what Ctrl-C does: Terraform is ended with its state saved and its lock released.

    Done twice, Terraform waits for nothing any more. Only a person means that: GitHub's runner, for one, sends SIGTERM
    7.5 seconds after SIGINT, whatever is being done meanwhile
    (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation).
    """
    asked = False

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked and number == signal.SIGTERM:
            return
        asked = True
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)


def _call(arguments: list[str]) -> int:
    for argument in arguments:
        if not _is_utf8(argument):
            raise UsageError(f"{argument!a} is not UTF-8", hint="write it in UTF-8")
    names = command_names()
    group = application([arguments[0]] if arguments and arguments[0] in names else names)
    try:
        # Not `group.main`: it turns a broken pipe into exit code 1, which means findings here.
        with group.make_context("nhi", list(arguments)) as context:
            return int(group.invoke(context) or 0)
    except click.exceptions.Exit as ended:
        return ended.exit_code


def _refuse_version(_context: click.Context, _option: click.Parameter, given: bool) -> None:  # noqa: FBT001  # click's
    if given:
        raise UsageError("--version stands alone", hint="nhi --version")


def _is_utf8(argument: str) -> bool:
    """Whether none of it was undecodable: Python stands half a character in for each such byte."""
    return all(not 0xD800 <= ord(one) <= 0xDFFF for one in argument)  # noqa: PLR2004  # the surrogates


def _say(error: NhiError) -> ExitCode:
    for line in error.message.splitlines() or [""]:
        sys.stderr.write(f"nhi: {one_line(line, 2000)}\n")
    if error.hint:
        sys.stderr.write(f"     {one_line(error.hint, 2000)}\n")
    return error.exit_code
