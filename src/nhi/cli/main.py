"""The entry point. Only what a call needs is imported: importing everything takes longer than most commands do."""

import gc
import importlib
import io
import sys


def main() -> None:
    """Run `nhi` with this process's arguments, and exit with its code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to fail
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        version = importlib.import_module("importlib.metadata").version("nhi-control-plane")
        sys.stdout.write(f"nhi {version}\n")
        return
    gc.disable()  # a command is short and builds many values: collecting takes half of a large check's time
    sys.exit(importlib.import_module("nhi.cli.app").run(arguments))
