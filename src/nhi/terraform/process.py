"""The Terraform binary. This is the only module that starts it, and nothing it says is logged.

python-terraform builds the argument lists (.github/decisions/0002-terraform-behind-our-adapter.md says why no more).
Each run is a process group of its own, bounded in time. To end one, the group gets SIGINT, on which Terraform stops
starting work, saves the state and releases its lock; only what then does not end in time is killed.
"""

import json
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import python_terraform  # type: ignore[import-untyped]
from python_terraform import IsFlagged

from nhi.errors import MissingTool, OutsideError
from nhi.model.identity import Json
from nhi.terraform.environment import seen_by_terraform, without_secrets
from nhi.terraform.hearing import Pipes, Voice, Written, end, leave_nothing
from nhi.terraform.interrupts import Interruptible, never
from nhi.terraform.progress import in_words
from nhi.terraform.transcript import LONGEST_EVENT, LONGEST_LINE, Quotation, bounded, failure, line_sink, too_late

_OLDEST = (1, 11)
_LONGEST_ANSWER = 1024 * 1024 * 1024
"""Bytes of all that one command says. A plan of 10,000 identities has about 50 MB, and its apply says as much."""

_INSTALL = "install Terraform 1.11 or newer: scripts/setup does"
_NOT_TERRAFORM = "make sure that the `terraform` on the PATH is Terraform"
_NO_STATE = f"{os.devnull}/none"
"""A file that cannot exist: python-terraform reads the state file that it finds as soon as it is made."""

_CHANGES = 2
"""The exit code of `plan -detailed-exitcode` where the plan would change something."""

_PRIVATE = 0o600
_ANEW = os.O_RDWR | os.O_CREAT | os.O_TRUNC
_IN_JSON = "-json"


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds after which a command is ended."""

    version: float = 30
    init: float = 600
    validate: float = 300
    plan: float = 3600
    show: float = 600
    apply: float = 4 * 3600
    grace: float = 300
    """For saving the state after an interrupt, before the process is killed."""
    lock: int = 120
    """How long Terraform waits for a state that another run has locked."""


@dataclass(frozen=True, slots=True)
class TerraformBinary:
    """`nhi.terraform.interface.Terraform` by the real binary.

    `environment` holds the credentials and the PATH; `nhi.terraform.environment` says what Terraform sees of it.
    """

    environment: Mapping[str, str] = field(repr=False)
    binary: str = "terraform"
    """A name on the environment's PATH, or a path."""
    limits: TimeLimits = field(default_factory=TimeLimits)
    interrupts: Callable[[], int] = never
    """How often somebody has interrupted, for what is run in another thread than the main one."""
    installing: Lock = field(default_factory=Lock, repr=False, compare=False)
    """Held by whoever installs providers: what several do to one cache of plugins at once is undefined, says
    https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache."""

    def version(self) -> str:
        """Such as "1.11.4".

        Raises:
            MissingTool: there is no such binary, or it is too old.
        """
        arguments = self._arguments("version", json=IsFlagged)
        answer = _object(self._answer(arguments, None, self.limits.version), "version").get("terraform_version")
        version = answer if isinstance(answer, str) else ""
        numbers = version.split("-", maxsplit=1)[0].split(".")
        if not all(number.isdecimal() for number in numbers):
            raise OutsideError(f"terraform gives {answer!r} as its version", hint=_INSTALL)
        if tuple(map(int, numbers)) < _OLDEST:
            raise MissingTool(f"terraform is {version}, and 1.11 or newer is needed", hint=_INSTALL)
        return version

    def init(self, root: Path, on_line: Callable[[str], None], *, holding: Sequence[int] = ()) -> None:
        """Prepare a root: providers, modules, backend. A state is never moved or left behind for another one."""
        self.version()
        arguments = self._arguments("init", input=False, no_color=IsFlagged, lock_timeout=self._lock_timeout())
        with self.installing:
            self._spoken(arguments, root, self.limits.init, on_line, holding)

    def validate(self, root: Path) -> None:
        """Raise where the root is not valid Terraform."""
        self._spoken(self._arguments("validate", no_color=IsFlagged), root, self.limits.validate, _nobody)

    def plan(
        self,
        root: Path,
        plan_file: Path,
        on_line: Callable[[str], None],
        *,
        replace: Sequence[str] = (),
        holding: Sequence[int] = (),
    ) -> bool:
        """Save a plan. True where it would change something. The resources at `replace` are made anew."""
        arguments = self._arguments(
            "plan",
            input=False,
            no_color=IsFlagged,
            detailed_exitcode=IsFlagged,
            lock_timeout=self._lock_timeout(),
            replace=list(replace),
            out=plan_file.absolute(),
        )
        accepted = (0, _CHANGES)
        return self._spoken(arguments, root, self.limits.plan, on_line, holding, accepted=accepted) == _CHANGES

    def show(self, root: Path, plan_file: Path) -> dict[str, Json]:
        """A saved plan as JSON. It holds every value in clear, secrets too."""
        arguments = self._arguments("show", str(plan_file.absolute()), json=IsFlagged, no_color=IsFlagged)
        return _object(self._answer(arguments, root, self.limits.show), "show")

    def apply(
        self,
        root: Path,
        plan_file: Path,
        on_line: Callable[[str], None],
        *,
        transcript: Path,
        holding: Sequence[int] = (),
    ) -> None:
        """Apply a saved plan, and only that. What happens stands in the file `transcript`, as it happens."""
        if not plan_file.is_file():
            raise OutsideError(f"there is no saved plan at {plan_file}", hint="plan first")
        arguments = self._arguments(
            "apply", str(plan_file.absolute()), input=False, json=IsFlagged, lock_timeout=self._lock_timeout()
        )
        with os.fdopen(os.open(transcript, _ANEW, _PRIVATE), "wb") as file:
            self._heard(arguments, root, self.limits.apply, on_line, file, holding=holding)

    def push_state(self, root: Path, state: Path, on_line: Callable[[str], None]) -> None:
        """Make a file the root's state. Terraform refuses one of another lineage, or older than what is there."""
        arguments = self._arguments("state push", str(state.absolute()), lock_timeout=self._lock_timeout())
        self._spoken(arguments, root, self.limits.show, on_line)

    def unlock(self, root: Path, lock: str, on_line: Callable[[str], None]) -> None:
        """Take away the state's lock of this id, whose holder is dead."""
        arguments = self._arguments("force-unlock", lock, force=IsFlagged)
        self._spoken(arguments, root, self.limits.show, on_line)

    def _arguments(self, command: str, *positional: str, **options: object) -> list[str]:
        logging.getLogger("python_terraform").setLevel(logging.CRITICAL)
        builder = python_terraform.Terraform(
            terraform_bin_path=self._path(), state=_NO_STATE, is_env_vars_included=False
        )
        return list(builder.generate_cmd_string(command, *positional, **options))

    def _path(self) -> str:
        path = shutil.which(self.binary, path=self.environment.get("PATH", ""))
        if path is None:
            raise MissingTool(f"{self.binary} is not installed", hint=_INSTALL)
        return str(Path(path).absolute())  # Terraform runs in the root, where a relative path means something else

    def _lock_timeout(self) -> str:
        return f"{self.limits.lock}s"

    def _spoken(  # noqa: PLR0913  # what is run, where, how long, who listens, and what ends well
        self,
        arguments: list[str],
        root: Path,
        seconds: float,
        on_line: Callable[[str], None],
        holding: Sequence[int] = (),
        *,
        accepted: tuple[int, ...] = (0,),
    ) -> int:
        with tempfile.TemporaryFile() as file:
            return self._heard(arguments, root, seconds, on_line, file, holding=holding, accepted=accepted)

    def _heard(  # noqa: PLR0913  # as _spoken
        self,
        arguments: list[str],
        root: Path,
        seconds: float,
        on_line: Callable[[str], None],
        file: BinaryIO,
        *,
        holding: Sequence[int],
        accepted: tuple[int, ...] = (0,),
    ) -> int:
        """Run with all that is said in a file, and hand it on in words."""
        quotation = Quotation()
        hide = without_secrets(self.environment)
        in_json = _IN_JSON in arguments
        words, longest = (in_words, LONGEST_EVENT) if in_json else (_as_said, LONGEST_LINE)

        def take(line: str) -> None:
            for one in map(hide, words(line)):
                quotation.add(one)
                on_line(one)

        lines = line_sink(take, longest, in_pieces=not in_json)
        written = Written(file.fileno(), bounded(lines, _LONGEST_ANSWER, arguments[1]))
        with self._started(arguments, root, file.fileno(), file.fileno(), holding) as process:
            code = self._until_the_end(process, written, arguments, root, seconds)
        if code not in accepted:
            raise failure(_what(arguments, root), code, quotation)
        return code

    def _answer(self, arguments: list[str], root: Path | None, seconds: float) -> Json:
        quotation = Quotation()
        hide = without_secrets(self.environment)
        answer = bytearray()
        with self._started(arguments, root, subprocess.PIPE, subprocess.PIPE) as process:
            errors = line_sink(lambda line: quotation.add(hide(line)))
            taken = (process.stdout, bounded(answer.extend, _LONGEST_ANSWER, arguments[1])), (process.stderr, errors)
            pipes = Pipes({pipe.fileno(): sink for pipe, sink in taken if pipe})
            code = self._until_the_end(process, pipes, arguments, root, seconds)
        if code != 0:
            raise failure(_what(arguments, root), code, quotation)
        try:
            value: Json = json.loads(answer)
        except ValueError as cause:
            raise OutsideError(f"terraform {arguments[1]} did not answer in JSON", hint=_NOT_TERRAFORM) from cause
        return value

    def _started(
        self, arguments: list[str], root: Path | None, out: int, errors: int, holding: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        if root is not None and not root.is_dir():
            raise OutsideError(f"there is no folder {root} to run terraform in", hint="render the stack first")
        try:
            return subprocess.Popen(  # noqa: S603 - a list, no shell, and a path that was looked up
                arguments,
                cwd=root,
                env=seen_by_terraform(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                pass_fds=holding,
                start_new_session=True,  # a group of its own, and no terminal to ask questions on
                umask=0o077,  # plans and local states hold secrets
            )
        except OSError as cause:
            raise OutsideError(f"{arguments[0]} could not be started: {cause.strerror}", hint=_INSTALL) from cause

    def _until_the_end(
        self, process: subprocess.Popen[bytes], voice: Voice, arguments: list[str], root: Path | None, seconds: float
    ) -> int:
        """Hear the process out and return its exit code."""
        voice = voice if self.interrupts is never else Interruptible(voice, self.interrupts)
        try:
            if not voice.heard_out(process, seconds):
                by_itself = end(process, voice, self.limits.grace)
                raise too_late(_what(arguments, root), seconds, by_itself=by_itself)
        except KeyboardInterrupt:
            end(process, voice, self.limits.grace)
            raise
        finally:
            leave_nothing(process, voice, self.limits.grace)
        return process.returncode


def _as_said(line: str) -> tuple[str, ...]:
    return (line,)


def _nobody(_: object) -> None:
    pass


def _object(answer: Json, command: str) -> dict[str, Json]:
    if not isinstance(answer, dict):
        raise OutsideError(f"terraform {command} did not answer with a JSON object", hint=_NOT_TERRAFORM)
    return answer


def _what(arguments: list[str], root: Path | None) -> str:
    return f"terraform {arguments[1]} in {root}" if root else f"terraform {arguments[1]}"
