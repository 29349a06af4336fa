"""What stands before moto: it knows the callers, records their writes, answers LookupEvents, and fails on demand."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from threading import Event, Lock
from urllib.parse import parse_qsl
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from xml.sax.saxutils import escape

from nhi.sandbox.cloudtrail import RefusedLookup
from nhi.sandbox.faults import Fault, FaultList, cut_out, from_wire
from nhi.sandbox.history import Habits, History, habits_from_wire
from nhi.sandbox.recording import Call, Caller, form_parameters, is_recorded, json_parameters

CONTROL = "/nhi-sandbox/"
"""Paths under this one are the sandbox's own: `ready`, `faults`, `habits`, `credentials`."""
_MAX_BODY = 64 * 1024 * 1024
_SCOPE = re.compile(r"Credential=(?P<key>\w+)/\d{8}/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request")
_NOBODY = Caller("", {"type": "Unknown"}, "")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer over HTTP."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One call, as far as the frontend needs to understand it."""

    path: str
    service: str
    action: str
    region: str
    access_key: str | None
    form: Mapping[str, str]
    body: bytes
    environ: WSGIEnvironment
    id: str = field(default_factory=lambda: str(uuid4()))


class Frontend:
    """The WSGI application. `aws` answers what the frontend does not."""

    def __init__(
        self,
        aws: WSGIApplication,
        identify: Callable[[str], Caller | None],
        issue: Callable[[str, str, str], Mapping[str, str]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Stand before `aws`.

        Args:
            aws: what answers.
            identify: the caller that an access key belongs to, or None for a key that was never issued or is inactive.
            issue: makes credentials, from an account, a role's name and a session's name.
            clock: the cloud's own time, aware UTC.
        """
        self._aws = aws
        self._one_by_one = Lock()  # moto's stores are not made for several threads
        self._identify = identify
        self._issue = issue
        self._clock = clock
        self._faults = FaultList()
        self._history = History()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = _read(environ)
        if request is None:
            reply = Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif request.path.startswith(CONTROL):
            reply = self._control(request)
        else:
            reply = self._answer(request)
        start_response(f"{reply.status} -", [*reply.headers])
        return [reply.body]

    def _control(self, request: Request) -> Reply:
        query = dict(parse_qsl(str(request.environ.get("QUERY_STRING", ""))))
        match request.environ["REQUEST_METHOD"], request.path.removeprefix(CONTROL):
            case "GET", "ready":
                return Reply(200, b"ready")
            case "GET", "credentials":
                issued = dict(self._issue(query["account"], query["role"], query["session"]))
                self._identify(issued["AWS_ACCESS_KEY_ID"])
                return _json(200, issued)
            case "POST", "faults":
                self._faults.add(from_wire(json.loads(request.body)))
                return Reply(204)
            case "POST", "habits":
                self._history.behave(habits_from_wire(json.loads(request.body)))
                return Reply(204)
            case "DELETE", "faults":
                self._faults.clear()
                self._history.behave(Habits())
                return Reply(204)
            case _:
                return Reply(404)

    def _answer(self, request: Request) -> Reply:
        at = self._clock()
        caller = _NOBODY if request.access_key is None else self._identify(request.access_key)
        if caller is None:
            return _error(
                request, 403, "InvalidClientTokenId", "The security token included in the request is invalid."
            )
        fault = self._faults.take(f"{request.service}:{request.action}", caller.account)
        if fault is not None and fault.delay_seconds:
            Event().wait(fault.delay_seconds)
        reply = self._faulty(request, fault) or self._real(request, caller, at)
        if fault is not None and fault.without is not None:
            reply = _cut(reply, fault.without)
        if is_recorded(request.service, request.action):
            self._record(request, caller, at, reply)
        return reply

    def _faulty(self, request: Request, fault: Fault | None) -> Reply | None:
        if fault is None or (fault.code is None and fault.body is None):
            return None
        if fault.body is not None:
            return _reply(fault.status, fault.body, "text/xml")
        return _error(request, fault.status, fault.code or "", fault.message)

    def _real(self, request: Request, caller: Caller, at: datetime) -> Reply:
        if (request.service, request.action) == ("cloudtrail", "LookupEvents"):
            try:
                wanted = json.loads(request.body or b"{}")
                return _json(200, self._history.lookup(wanted, caller.account, request.region, at))
            except RefusedLookup as refused:
                return _error(request, 400, refused.code, refused.message)
        if (request.service, request.action) == ("iam", "ListServiceSpecificCredentials"):
            return _no_service_credentials(request)
        with self._one_by_one:
            return _forward(self._aws, request)

    def _record(self, request: Request, caller: Caller, at: datetime, reply: Reply) -> None:
        answer = reply.body.decode(errors="replace")
        failed = reply.status >= HTTPStatus.BAD_REQUEST
        session = _element(answer, "AccessKeyId") if request.service == "sts" and not failed else None
        if session is not None:
            self._identify(session)  # while its role is there: a session outlives the role, and keeps the role's id
        self._history.keep(
            Call(
                at=at,
                service=request.service,
                action=request.action,
                region=request.region,
                caller=caller,
                parameters=form_parameters(request.form) if request.form else json_parameters(request.body),
                answer=answer,
                request_id=_element(answer, "RequestId") or request.id,
                source_address=str(request.environ.get("REMOTE_ADDR", "")),
                user_agent=str(request.environ.get("HTTP_USER_AGENT", "")),
                error_code=_error_code(answer) if failed else None,
                error_message=_element(answer, "Message") if failed else None,
            )
        )


def _read(environ: WSGIEnvironment) -> Request | None:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if environ.get("wsgi.input_terminated"):  # sent in chunks: the length is not announced
        length = _MAX_BODY + 1
    body = environ["wsgi.input"].read(min(length, _MAX_BODY + 1))
    if len(body) > _MAX_BODY:
        return None
    environ["wsgi.input"] = BytesIO(body)
    scope = _SCOPE.search(str(environ.get("HTTP_AUTHORIZATION", "")))
    form = {}
    if str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    unsigned_session = scope is None and form.get("Action", "").startswith("AssumeRoleWith")
    return Request(
        path=str(environ.get("PATH_INFO", "")),
        service=scope["service"] if scope else "sts" * unsigned_session,
        action=form.get("Action") or str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2],
        region=scope["region"] if scope else "us-east-1",
        access_key=scope["key"] if scope else None,
        form=form,
        body=body,
        environ=environ,
    )


def _forward(aws: WSGIApplication, request: Request) -> Reply:
    answered: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _info: object = None, /
    ) -> Callable[[bytes], object]:
        answered.append((status, headers))
        return lambda _data: None

    parts = aws(request.environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    status, headers = answered[-1]
    return Reply(int(status.split()[0]), body, tuple(headers))


def _error(request: Request, status: int, code: str, message: str) -> Reply:
    if not request.form:
        return _json(status, {"__type": code, "message": message})
    kind = "Sender" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
    body = (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        f"<RequestId>{request.id}</RequestId></ErrorResponse>"
    )
    return _reply(status, body, "text/xml")


def _no_service_credentials(request: Request) -> Reply:
    """Terraform's provider asks before it deletes a user, and moto knows no such credentials: nobody has one."""
    name = request.action
    body = (
        f"<{name}Response><{name}Result><ServiceSpecificCredentials/></{name}Result>"
        f"<ResponseMetadata><RequestId>{request.id}</RequestId></ResponseMetadata></{name}Response>"
    )
    return _reply(200, body, "text/xml")


def _json(status: int, value: object) -> Reply:
    return _reply(status, json.dumps(value), "application/x-amz-json-1.1")


def _reply(status: int, body: str, content_type: str) -> Reply:
    content = body.encode()
    return Reply(status, content, (("Content-Type", content_type), ("Content-Length", str(len(content)))))


def _element(xml: str, name: str) -> str | None:
    found = re.search(rf"<{name}>([^<]*)</{name}>", xml)
    return found[1] if found else None


def _error_code(answer: str) -> str:
    in_json = re.search(r'"__type":\s*"(?:[^"]*#)?([^"]+)"', answer)
    return _element(answer, "Code") or (in_json[1] if in_json else "InternalFailure")


def _cut(reply: Reply, element: str) -> Reply:
    body = cut_out(reply.body, element)
    others = tuple((key, value) for key, value in reply.headers if key.lower() != "content-length")
    return Reply(reply.status, body, (*others, ("Content-Length", str(len(body)))))
