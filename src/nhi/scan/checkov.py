"""checkov, as a program of its own, in a private folder that is gone afterwards. No other module starts it.

Nothing of the person's or of the repository's decides what it looks for: no configuration file (it reads
`.checkov.yaml` of the working folder and of HOME), no variable (`CKV_*`, `BC_*`), no key of a platform, no checks of
somebody else's. It is told not to call out, and is given a proxy that refuses.
"""

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from nhi.errors import MissingTool, OutsideError
from nhi.model.identity import Json
from nhi.scan.answer import read_answer
from nhi.scan.interface import ScanResult
from nhi.scan.prepare import prepare

PROGRAM = "NHI_CHECKOV"
"""The environment's variable that names the program, where it is not `checkov` on the PATH."""

_PLAN = "plan.json"
ARGUMENTS = ("--framework", "terraform_plan", "--skip-download", "--compact", "--output", "json", "--file", _PLAN)
_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "PATH", "SYSTEMROOT")
_NOBODY = "http://127.0.0.1:9"
"""The port of the discard service (RFC 863), which hardly anything listens on: a call through it fails at once."""
_SET = {
    "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true",
    "HTTP_PROXY": _NOBODY,
    "HTTPS_PROXY": _NOBODY,
    "LOG_LEVEL": "ERROR",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
    "http_proxy": _NOBODY,
    "https_proxy": _NOBODY,
}
_FOUND_SOMETHING = 1
"""The exit code where something failed; since something is planted, 0 is no answer."""
_QUOTED = 2000
_CHUNK = 256 * 1024
_TICK = 0.5
_INSTALL = f"install checkov 3.3.30 in an environment of its own (scripts/setup does), and name it with {PROGRAM}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What checkov may take."""

    seconds: float = 1800
    """A plan of 1,000 identities takes it 15 seconds."""
    answer_bytes: int = 1024 * 1024 * 1024
    """A plan of 1,000 identities gives 30 MB."""


@dataclass(frozen=True, slots=True)
class Checkov:
    """`nhi.scan.interface.Scanner` by the real program."""

    environment: Mapping[str, str] = field(repr=False)
    fallback: Path | None = None
    """Where it may be, if the environment does not say."""
    limits: Limits = field(default_factory=Limits)

    def scan(self, plan: Mapping[str, Json]) -> ScanResult:
        """Scan a plan.

        Raises:
            MissingTool: there is no checkov.
            OutsideError: it failed, took too long, or its answer does not show that it looked at everything.
        """
        program = self.program()
        prepared = prepare(plan)
        with tempfile.TemporaryDirectory(prefix="nhi-scan-") as name:  # 0700
            folder = Path(name).resolve()
            with open(folder / _PLAN, "x", encoding="utf-8", opener=_private) as file:
                json.dump(prepared.document, file)
            answer = self._answer(program, folder)
        return read_answer(answer, prepared)

    def program(self) -> str:
        """Where it is.

        Raises:
            MissingTool: it is not there.
        """
        named = self.environment.get(PROGRAM)
        path = shutil.which(named or "checkov", path=self.environment.get("PATH", ""))
        if path is None and not named and self.fallback is not None:
            path = shutil.which(self.fallback)
        if path is None:
            raise MissingTool(f"{named or 'checkov'} is not installed", hint=_INSTALL)
        return str(Path(path).absolute())

    def _answer(self, program: str, folder: Path) -> Json:
        code, answer, errors = self._run(program, folder)
        if code != _FOUND_SOMETHING:
            said = errors.decode("utf-8", "replace").strip().splitlines()
            raise OutsideError(
                f"checkov ended with exit code {code}" + (f": {said[-1]}" if said else ", and said nothing of why"),
                hint="nothing is known of what it would have found; run it again, or install it anew (scripts/setup)",
            )
        try:
            value: Json = json.loads(answer)
        except (ValueError, RecursionError) as cause:
            raise OutsideError("checkov did not answer in JSON", hint=_INSTALL) from cause
        return value

    def _run(self, program: str, folder: Path) -> tuple[int, bytes, bytes]:
        """Run to the end: the exit code, the answer, and the end of what it said meanwhile."""
        try:
            process = subprocess.Popen(  # noqa: S603  # a list, no shell, and a path that was looked up
                [program, *ARGUMENTS],
                cwd=folder,
                env=seen_by_checkov(self.environment, folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # a group of its own, ended as a whole
                umask=0o077,
            )
        except OSError as cause:
            raise OutsideError(f"{program} could not be started: {cause.strerror}", hint=_INSTALL) from cause
        with _ended(process):
            answer, errors = bytearray(), bytearray()
            for chunk, is_answer in _heard(process, monotonic() + self.limits.seconds, self.limits.seconds):
                if is_answer:
                    answer += chunk
                    if len(answer) > self.limits.answer_bytes:
                        raise OutsideError(
                            f"checkov answered with more than {self.limits.answer_bytes} bytes",
                            hint="split the stack: a plan of this size cannot be reviewed",
                        )
                else:
                    errors = (errors + chunk)[-_QUOTED:]
            return process.wait(), bytes(answer), bytes(errors)


def seen_by_checkov(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment that checkov runs in: of the person's, next to nothing."""
    own = {"HOME": str(folder), "TMPDIR": str(folder)}
    return {name: environment[name] for name in _KEPT if name in environment} | own | _SET


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _heard(process: subprocess.Popen[bytes], deadline: float, seconds: float) -> Iterator[tuple[bytes, bool]]:
    """What the program writes, and whether it is the answer, until it ends both.

    Raises:
        OutsideError: the time is up before.
    """
    with selectors.DefaultSelector() as pipes:
        for pipe, is_answer in ((process.stdout, True), (process.stderr, False)):
            if pipe:
                pipes.register(pipe, selectors.EVENT_READ, is_answer)
        while pipes.get_map() or process.poll() is None:
            left = deadline - monotonic()
            if left <= 0:
                raise OutsideError(f"checkov took more than {seconds:g} seconds", hint="scan fewer stacks at once")
            ready = pipes.select(min(left, _TICK))
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    pipes.unregister(key.fileobj)
                yield chunk, key.data
            if not ready and process.poll() is not None:
                _kill(process)  # a child that it left behind holds a pipe
                return


@contextlib.contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whatever happens within, nothing of the program is left running."""
    try:
        yield
    finally:
        if process.poll() is None:
            _kill(process)
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
