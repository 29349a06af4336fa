"""The entry point. Only what a call needs is imported: importing everything takes longer than most commands do."""

import contextlib
import gc
import importlib
import io
import os
import sys
from types import TracebackType

_BROKEN = 70
"""EX_SOFTWARE of sysexits(3): nhi itself is wrong. Python would end with 1, which says here that there are findings."""


def main() -> None:
    """Run `nhi` with this process's arguments, and exit with its code."""
    sys.excepthook = _broken
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to fail
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        version = importlib.import_module("importlib.metadata").version("nhi-control-plane")
        sys.stdout.write(f"nhi {version}\n")
        return
    gc.disable()  # a command is short and builds many values: collecting takes half of a large check's time
    sys.exit(importlib.import_module("nhi.cli.app").run(arguments))


def _broken(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Tell a mistake of our own from an answer, in words and by the exit code."""
    sys.__excepthook__(kind, error, trace)
    if issubclass(kind, KeyboardInterrupt):
        return  # before anything was begun: Python ends as interrupted
    with contextlib.suppress(OSError):
        sys.stderr.write("nhi: this is a mistake in nhi itself, and no answer to what was asked\n")
        sys.stderr.write("     please report it, with the lines above and `nhi --version`\n")
        sys.stderr.flush()
        sys.stdout.flush()
    os._exit(_BROKEN)
