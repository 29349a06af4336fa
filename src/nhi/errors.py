"""The one error tree. Every error speaks to a person: what is wrong, and what to do next.

NhiError
├── UsageError      exit 2   the command was called in a way that cannot work
├── InputError      exit 3   a file of the user's cannot be read, or is not valid configuration
└── OutsideError    exit 4   git, Terraform, a cloud or a forge failed or did not answer in time
    └── MissingTool          a program that we need is not installed

Findings (exit 1) are not errors: they are the answer. Only `nhi.cli` turns an error into an exit code.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What every command's exit code means."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INPUT = 3
    OUTSIDE = 4


class NhiError(Exception):
    """Something that stops a command. `message` says what and where, `hint` what to do next."""

    exit_code = ExitCode.OUTSIDE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(NhiError):
    """The command was called in a way that cannot work."""

    exit_code = ExitCode.USAGE


class InputError(NhiError):
    """A file of the user's cannot be read, or is not valid configuration."""

    exit_code = ExitCode.INPUT


class OutsideError(NhiError):
    """Something outside of this program failed, or did not answer in time."""

    exit_code = ExitCode.OUTSIDE


class MissingTool(OutsideError):
    """A program that we need is not installed; `hint` is the line that installs it."""
