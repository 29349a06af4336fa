"""The Terraform binary. This is the only module that starts it, and nothing it says is logged.

python-terraform builds the argument lists (.github/decisions/0002-terraform-behind-our-adapter.md says why no more).
Each run is a process group of its own, bounded in time. To end one, the group gets SIGINT, on which Terraform stops
starting work, saves the state and releases its lock; only what then does not end in time is killed.
"""

import contextlib
import json
import logging
import os
import selectors
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TypeAlias

import python_terraform  # type: ignore[import-untyped]
from python_terraform import IsFlagged

from nhi.errors import MissingTool, OutsideError
from nhi.model.identity import Json
from nhi.terraform.environment import seen_by_terraform
from nhi.terraform.transcript import Quotation, failure, line_sink, too_late

_OLDEST = (1, 11)
_LONGEST_ANSWER = 1024 * 1024 * 1024
"""Bytes of one JSON answer. A plan of 10,000 identities has about 50 MB."""

_CHUNK = 64 * 1024
_TICK = 0.5
"""Seconds between looks at a process that prints nothing."""

_INSTALL = "install Terraform 1.11 or newer: scripts/setup does"
_NOT_TERRAFORM = "make sure that the `terraform` on the PATH is Terraform"
_NO_STATE = f"{os.devnull}/none"
"""A file that cannot exist: python-terraform reads the state file that it finds as soon as it is made."""

_CHANGES = 2
"""The exit code of `plan -detailed-exitcode` where the plan would change something."""

_Sink: TypeAlias = Callable[[bytes], None]
"""Takes what a pipe gives; the empty chunk is its end."""


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

    def init(self, root: Path, on_line: Callable[[str], None]) -> None:
        """Prepare a root: providers, modules, backend. A state is never moved or left behind for another one."""
        self.version()
        arguments = self._arguments("init", input=False, no_color=IsFlagged, lock_timeout=self._lock_timeout())
        self._checked(arguments, root, self.limits.init, on_line)

    def validate(self, root: Path) -> None:
        """Raise where the root is not valid Terraform."""
        self._checked(self._arguments("validate", no_color=IsFlagged), root, self.limits.validate, _nobody)

    def plan(self, root: Path, plan_file: Path, on_line: Callable[[str], None]) -> bool:
        """Save a plan. True where it would change something."""
        arguments = self._arguments(
            "plan",
            input=False,
            no_color=IsFlagged,
            detailed_exitcode=IsFlagged,
            lock_timeout=self._lock_timeout(),
            out=plan_file.absolute(),
        )
        return self._checked(arguments, root, self.limits.plan, on_line, accepted=(0, _CHANGES)) == _CHANGES

    def show(self, root: Path, plan_file: Path) -> dict[str, Json]:
        """A saved plan as JSON. It holds every value in clear, secrets too."""
        arguments = self._arguments("show", str(plan_file.absolute()), json=IsFlagged, no_color=IsFlagged)
        return _object(self._answer(arguments, root, self.limits.show), "show")

    def apply(self, root: Path, plan_file: Path, on_line: Callable[[str], None]) -> None:
        """Apply a saved plan, and only that."""
        if not plan_file.is_file():
            raise OutsideError(f"there is no saved plan at {plan_file}", hint="plan first")
        arguments = self._arguments(
            "apply", str(plan_file.absolute()), input=False, no_color=IsFlagged, lock_timeout=self._lock_timeout()
        )
        self._checked(arguments, root, self.limits.apply, on_line)

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

    def _checked(
        self,
        arguments: list[str],
        root: Path,
        seconds: float,
        on_line: Callable[[str], None],
        *,
        accepted: tuple[int, ...] = (0,),
    ) -> int:
        quotation = Quotation()

        def take(line: str) -> None:
            quotation.add(line)
            on_line(line)

        code = self._run(arguments, root, seconds, line_sink(take), None)
        if code not in accepted:
            raise failure(_what(arguments, root), code, quotation)
        return code

    def _answer(self, arguments: list[str], root: Path | None, seconds: float) -> Json:
        quotation = Quotation()
        answer = bytearray()

        def collect(chunk: bytes) -> None:
            answer.extend(chunk)
            if len(answer) > _LONGEST_ANSWER:
                raise OutsideError(
                    f"terraform {arguments[1]} answered with more than {_LONGEST_ANSWER} bytes",
                    hint="split the stack: a plan of this size cannot be reviewed",
                )

        code = self._run(arguments, root, seconds, collect, line_sink(quotation.add))
        if code != 0:
            raise failure(_what(arguments, root), code, quotation)
        try:
            value: Json = json.loads(answer)
        except ValueError as cause:
            raise OutsideError(f"terraform {arguments[1]} did not answer in JSON", hint=_NOT_TERRAFORM) from cause
        return value

    def _run(self, arguments: list[str], root: Path | None, seconds: float, out: _Sink, errors: _Sink | None) -> int:
        """Run to the end and return the exit code. Where `errors` is None, standard error goes to `out` too."""
        if root is not None and not root.is_dir():
            raise OutsideError(f"there is no folder {root} to run terraform in", hint="render the stack first")
        try:
            process = subprocess.Popen(  # noqa: S603 - a list, no shell, and a path that was looked up
                arguments,
                cwd=root,
                env=seen_by_terraform(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if errors is None else subprocess.PIPE,
                start_new_session=True,  # a group of its own, and no terminal to ask questions on
                umask=0o077,  # plans and local states hold secrets
            )
        except OSError as cause:
            raise OutsideError(f"{arguments[0]} could not be started: {cause.strerror}", hint=_INSTALL) from cause
        with selectors.DefaultSelector() as pipes:
            try:
                for pipe, sink in ((process.stdout, out), (process.stderr, errors)):
                    if pipe and sink:
                        pipes.register(pipe, selectors.EVENT_READ, sink)
                if not _heard_out(process, pipes, seconds):
                    by_itself = _end(process, pipes, self.limits.grace)
                    raise too_late(_what(arguments, root), seconds, by_itself=by_itself)
            except KeyboardInterrupt:
                _end(process, pipes, self.limits.grace)
                raise
            finally:
                _leave_nothing(process, pipes, self.limits.grace)
        return process.returncode


def _heard_out(process: subprocess.Popen[bytes], pipes: selectors.BaseSelector, seconds: float) -> bool:
    """Hand on what the process prints until it has ended. False where the time is up before."""
    deadline = monotonic() + seconds
    while pipes.get_map():
        left = deadline - monotonic()
        if left <= 0:
            return False
        ready = pipes.select(min(left, _TICK))
        for key, _ in ready:
            chunk = os.read(key.fd, _CHUNK)
            if not chunk:
                pipes.unregister(key.fileobj)
            key.data(chunk)
        if not ready and process.poll() is not None:
            _signal(process, signal.SIGKILL)  # a child that it left behind holds the pipe
            return True
    try:
        process.wait(max(0, deadline - monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: subprocess.Popen[bytes], pipes: selectors.BaseSelector, grace: float) -> bool:
    """Interrupt the process, and kill it where it does not end in time. Whether it ended by itself."""
    deadline = monotonic() + grace
    while True:
        _signal(process, signal.SIGINT)
        try:
            by_itself = _heard_out(process, pipes, max(0, deadline - monotonic()))
        except KeyboardInterrupt:
            continue  # the person insists: Terraform ends at once on a second SIGINT
        if not by_itself:
            _signal(process, signal.SIGKILL)
            process.wait()
        return by_itself


def _leave_nothing(process: subprocess.Popen[bytes], pipes: selectors.BaseSelector, grace: float) -> None:
    """End a process that still runs because whoever listened to it failed, and close its pipes."""
    if process.poll() is None:
        for key in list(pipes.get_map().values()):
            pipes.modify(key.fileobj, key.events, _nobody)
        _end(process, pipes, grace)
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _nobody(_: object) -> None:
    pass


def _object(answer: Json, command: str) -> dict[str, Json]:
    if not isinstance(answer, dict):
        raise OutsideError(f"terraform {command} did not answer with a JSON object", hint=_NOT_TERRAFORM)
    return answer


def _what(arguments: list[str], root: Path | None) -> str:
    return f"terraform {arguments[1]} in {root}" if root else f"terraform {arguments[1]}"
