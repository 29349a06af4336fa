"""The child process that is the loopback AWS: moto's server behind our frontend, on a free port of 127.0.0.1.

It writes its port as one line to standard output, and ends when its standard input does: also a parent that was killed
leaves nothing running.
"""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from threading import Thread

from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sts.models import AssumedRole, sts_backends
from werkzeug.serving import make_server

from nhi.model.identity import Json
from nhi.sandbox.aws_frontend import Frontend
from nhi.sandbox.recording import Caller

_PARTITION = "aws"
_SESSION_SECONDS = 12 * 3600


class WholeAnswers(MotoRequestHandler):
    """Sends an answer's head and body in one piece.

    The AWS SDK for Go closes a request's body once it has the answer's head. Where that is before Go has looked whether
    the body ends there, Go drops the connection; without the answer's body the SDK sends the call again, and a loaded
    machine creates a key twice. AWS is too far away to be that quick. What came with the head (4 KiB) is not lost.
    """

    wbufsize = 1024 * 1024


def issue(account: str, role: str, session: str) -> dict[str, str]:
    """Credentials of a session of a role of that account. The role need not exist."""
    assumed = sts_backends[account][_PARTITION].assume_role(
        region_name="us-east-1",
        role_session_name=session,
        role_arn=f"arn:aws:iam::{account}:role/{role}",
        policy="",
        duration=_SESSION_SECONDS,
        external_id="",
    )
    return {
        "AWS_ACCESS_KEY_ID": assumed.access_key_id,
        "AWS_SECRET_ACCESS_KEY": str(assumed.secret_access_key),
        "AWS_SESSION_TOKEN": str(assumed.session_token),
    }


def callers() -> Callable[[str], Caller | None]:
    """A function that finds who an access key belongs to, and remembers sessions: their ids never change."""
    known: dict[str, Caller] = {}

    def identify(access_key: str) -> Caller | None:
        caller = known.get(access_key) or _session(access_key)
        if caller is None:
            return _user(access_key)
        known[access_key] = caller
        return caller

    return identify


def _session(access_key: str) -> Caller | None:
    for account in list(sts_backends):
        assumed = sts_backends[account][_PARTITION].get_assumed_role_from_access_key(access_key)
        if assumed is not None:
            return Caller(account, _session_identity(assumed), assumed.session_name)
    return None


def _session_identity(assumed: AssumedRole) -> Mapping[str, Json]:
    principal = assumed.user_id
    return {
        "type": "AssumedRole",
        "principalId": principal,
        "arn": assumed.arn,
        "accountId": assumed.account_id,
        "accessKeyId": assumed.access_key_id,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal.partition(":")[0],
                "arn": assumed.role_arn,
                "accountId": assumed.account_id,
                "userName": assumed.role_arn.rpartition("/")[2],
            },
            "attributes": {"mfaAuthenticated": "false"},
        },
    }


def _user(access_key: str) -> Caller | None:
    for account in list(iam_backends):
        user = iam_backends[account][_PARTITION].get_user_from_access_key_id(access_key)
        if user is not None:
            if not any(key.access_key_id == access_key and key.status == "Active" for key in user.access_keys):
                return None
            identity = {
                "type": "IAMUser",
                "principalId": user.id,
                "arn": user.arn,
                "accountId": account,
                "accessKeyId": access_key,
                "userName": user.name,
            }
            return Caller(account, identity, user.name)
    return None


def main() -> None:
    """Serve until standard input ends."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    frontend = Frontend(DomainDispatcherApplication(create_backend_app), callers(), issue)
    server = make_server("127.0.0.1", 0, frontend, threaded=True, request_handler=WholeAnswers)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
