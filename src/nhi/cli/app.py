"""Find the command's own file, run it, and turn errors into words and exit codes.

Every file of `nhi.cli.commands` is a command of that name; its function is `command`, which returns an ExitCode.
"""

import importlib
import os
import pkgutil
import signal
import sys
from collections.abc import Sequence

import click

from nhi.cli import commands
from nhi.errors import ExitCode, NhiError
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
            click.Option(["--version"], is_flag=True, expose_value=False, help="Print the version (stands alone).")
        ],
    )
    for name in names:
        module = importlib.import_module(f"nhi.cli.commands.{name.replace('-', '_')}")
        group.add_command(module.command, name)
    return group


def run(arguments: list[str]) -> int:
    """Run one call and give its exit code."""
    # As an interrupt from the keyboard, so that Terraform is ended with its state saved and its lock released.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    names = command_names()
    asked = [arguments[0]] if arguments and arguments[0] in names else names
    try:
        return int(application(asked).main(args=arguments, prog_name="nhi", standalone_mode=False) or 0)
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


def _say(error: NhiError) -> ExitCode:
    for line in error.message.splitlines() or [""]:
        sys.stderr.write(f"nhi: {one_line(line, 2000)}\n")
    if error.hint:
        sys.stderr.write(f"     {one_line(error.hint, 2000)}\n")
    return error.exit_code
