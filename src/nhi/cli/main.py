"""The entry point. Only what a call needs is imported: importing everything takes longer than most commands do."""

import gc
import importlib
import importlib.metadata
import sys


def main() -> None:
    """Run `nhi` with this process's arguments, and exit with its code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        sys.stdout.write(f"nhi {importlib.metadata.version('nhi-control-plane')}\n")
        return
    gc.disable()  # a command is short and builds many values: collecting takes half of a large check's time
    sys.exit(importlib.import_module("nhi.cli.app").run(arguments))
