"""A loopback AWS for `nhi demo` and the tests: moto in a child process, many accounts, writes recorded as CloudTrail.

Never a judge of access: moto evaluates no condition. Ask `nhi.sandbox.evaluator` whether a call is allowed.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO
from urllib.parse import urlencode

from nhi.errors import MissingTool, OutsideError
from nhi.sandbox.aws_frontend import CONTROL
from nhi.sandbox.faults import Fault, to_wire
from nhi.sandbox.history import Habits, habits_to_wire

REGION = "us-east-1"
_START_SECONDS = 60
_CALL_SECONDS = 10
_END_SECONDS = 5
_OUR_SOURCE = str(Path(__file__).parents[2])
"""So that the child runs this very package, wherever it was imported from."""
_HELD = "/moto-api/data.json"
_NEEDED = ("moto", "flask", "flask_cors")


@dataclass(frozen=True, slots=True)
class LoopbackAws:
    """A running loopback AWS."""

    port: int
    pid: int

    @property
    def endpoint(self) -> str:
        """Where it answers, for every service."""
        return f"http://127.0.0.1:{self.port}"

    def credentials_for(
        self, account: str, *, role: str = "nhi-sandbox", session: str = "nhi-sandbox"
    ) -> dict[str, str]:
        """The environment in which boto3 and Terraform act in that account, as a session of that role.

        Everything that such a program would look for elsewhere (a person's own files, the metadata service of an
        EC2 instance) is switched off. Add PATH and the like to it for a program that needs them.
        """
        query = urlencode({"account": account, "role": role, "session": session})
        issued = json.loads(_control(self.port, "GET", f"credentials?{query}"))
        return {
            **issued,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def add_fault(self, fault: Fault) -> None:
        """From now on, calls that match fail so."""
        _control(self.port, "POST", "faults", json.dumps(to_wire(fault)))

    def set_habits(self, habits: Habits) -> None:
        """From now on, CloudTrail behaves so: late, twice, or not too often."""
        _control(self.port, "POST", "habits", json.dumps(habits_to_wire(habits)))

    def secrets_of_access_keys(self) -> dict[str, str]:
        """Id → secret of the access keys of users, to be searched for where no secret may be.

        The real AWS tells nobody. It is moto's own account of what it holds: https://docs.getmoto.org/en/latest/docs/moto_apis.html
        """
        held = json.loads(_call(self.port, "GET", _HELD))["iam"].get("AccessKey", ())
        return {one["access_key_id"]: one["secret_access_key"] for one in held if one["user_name"] is not None}

    def clear_faults(self) -> None:
        """Everything works again, and CloudTrail knows everything."""
        _control(self.port, "DELETE", "faults")


@contextmanager
def loopback_aws(environment: Mapping[str, str]) -> Iterator[LoopbackAws]:
    """Run a loopback AWS for as long as the block lasts. Nothing it holds is kept.

    Args:
        environment: of the child process; what is AWS's own in it is not handed on.

    Raises:
        MissingTool: the extra `sandbox` is not installed.
        OutsideError: it did not start.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise MissingTool(f"The loopback AWS needs {', '.join(missing)}.", hint="scripts/setup")
    own = {key: value for key, value in environment.items() if not key.startswith(("AWS_", "MOTO_"))}
    own["PYTHONPATH"] = os.pathsep.join(filter(None, [_OUR_SOURCE, own.get("PYTHONPATH")]))
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "nhi.sandbox.aws_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=own,
            start_new_session=True,
        )
        try:
            aws = LoopbackAws(_read_port(child, log), child.pid)
            _control(aws.port, "GET", "ready")
            yield aws
        finally:
            _end(child)


def _control(port: int, method: str, path: str, body: str | None = None) -> bytes:
    return _call(port, method, CONTROL + path, body)


def _call(port: int, method: str, path: str, body: str | None = None) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=_CALL_SECONDS)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        content = response.read()
    except (OSError, HTTPException) as cause:
        raise OutsideError(f"The loopback AWS does not answer: {cause}.", hint="Start it again.") from cause
    finally:
        connection.close()
    if response.status not in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}:
        raise OutsideError(f"The loopback AWS refused {method} {path}: HTTP {response.status}.")
    return content


def _read_port(child: subprocess.Popen[bytes], log: IO[bytes]) -> int:
    lines: Queue[bytes] = Queue()
    reader = Thread(target=lambda: lines.put(child.stdout.readline() if child.stdout else b""), daemon=True)
    reader.start()
    try:
        return int(lines.get(timeout=_START_SECONDS))
    except (Empty, ValueError) as cause:
        _end(child)
        log.seek(0)
        last = log.read()[-500:].decode(errors="replace").strip()
        raise OutsideError(
            f"The loopback AWS did not start: {last or 'it said nothing'}.", hint="scripts/setup"
        ) from cause


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
