"""The WSGI application that is the loopback GitHub: REST, GraphQL, git, and the identities of Actions.

What does not fit GitHub's description, in a request or in our own answer, is noted as a violation and answered with
599, a status that GitHub does not have, so that nobody overlooks it.
"""

import json
import re
import socket
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import NoReturn
from urllib.parse import parse_qs, unquote
from wsgiref.types import StartResponse, WSGIEnvironment

from nhi.model.identity import Json
from nhi.sandbox.github import graphql
from nhi.sandbox.github.call import Answer, Call, Caller, Refusal
from nhi.sandbox.github.description import Operation, description
from nhi.sandbox.github.faults import Cut, Fault, FaultList
from nhi.sandbox.github.git_http import GitRequest, serve
from nhi.sandbox.github.oidc import KEYS_PATH, TOKEN_PATH, Jobs, key_set
from nhi.sandbox.github.operations import operations, resolvers
from nhi.sandbox.github.paging import page_of
from nhi.sandbox.github.world import World

VIOLATION = 599
_DOCUMENTATION = "https://docs.github.com/rest"
_LIMIT = 5000
"""Calls an hour: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api"""
_SHOWN = 5
_GIT = re.compile(r"/(?P<full_name>[^/]+/[^/]+?)\.git/(?P<rest>.+)")


@dataclass(frozen=True, slots=True)
class Done:
    """One call, as it was answered."""

    method: str
    path: str
    operation: str
    """The description's `operationId`; `graphql`, `git/fetch`, `git/push`, `oidc`; "" where it is none."""
    status: int
    """0: the connection ended without an answer."""
    login: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request."""

    method: str
    path: str
    """As it was sent, quoted."""
    query: str
    body: bytes
    headers: Mapping[str, str]
    """In lower case."""
    origin: str

    @property
    def git(self) -> re.Match[str] | None:
        """What is asked of git, where it is."""
        return _GIT.fullmatch(self.path)

    @property
    def changes_or_reads(self) -> bool:
        """Whether it counts as a call: REST, GraphQL and a push do, what git does around it does not."""
        return not self.path.startswith("/_actions/") and (self.git is None or self.path.endswith("/git-receive-pack"))


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over the wire."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    operation: str = ""
    login: str = ""


@dataclass(slots=True)
class Hosted:
    """One world, and what happened in it."""

    world: World
    faults: FaultList = field(default_factory=FaultList)
    jobs: Jobs = field(default_factory=Jobs)
    calls: list[Done] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


class Frontend:
    """The application. It can be given another world at any time."""

    def __init__(self) -> None:
        self._lock = RLock()  # one call at a time: the world is not made for several threads
        self.hosted: Hosted | None = None

    def host(self, hosted: Hosted | None) -> None:
        """From now on, serve this world."""
        with self._lock:
            self.hosted = hosted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = _read(environ)
        with self._lock:
            hosted = self.hosted
            if hosted is None or hosted.faults.is_silent:
                _hang_up(environ)
            fault = hosted.faults.take(request.method, request.path) if request.changes_or_reads else None
            with _crashes_noted(hosted, request):
                reply = _faulty(fault, request) or _reply(hosted, request)
            is_told = fault is None or fault.cut is Cut.NEVER
            status = reply.status if is_told else 0
            hosted.calls.append(Done(request.method, request.path, reply.operation, status, reply.login))
        if not is_told:
            _hang_up(environ)
        start_response(f"{reply.status} -", [*reply.headers.items(), ("Content-Length", str(len(reply.body)))])
        return [reply.body]


def _read(environ: WSGIEnvironment) -> Request:
    path, _, query = str(environ["REQUEST_URI"]).partition("?")
    length = -1 if environ.get("wsgi.input_terminated") else int(environ.get("CONTENT_LENGTH") or 0)
    headers = {key[5:].lower().replace("_", "-"): str(value) for key, value in environ.items() if key[:5] == "HTTP_"}
    headers["content-type"] = str(environ.get("CONTENT_TYPE", ""))
    body = environ["wsgi.input"].read(length)
    return Request(
        str(environ["REQUEST_METHOD"]), path, query, body, headers, f"http://{headers.get('host', 'localhost')}"
    )


def _hang_up(environ: WSGIEnvironment) -> NoReturn:
    """End the connection without a word."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


@contextmanager
def _crashes_noted(hosted: Hosted, request: Request) -> Iterator[None]:
    is_well = False
    try:
        yield
        is_well = True
    finally:
        if not is_well:
            hosted.violations.append(f"{request.method} {request.path}: {traceback.format_exc(limit=-5)}")


def _faulty(fault: Fault | None, request: Request) -> Reply | None:
    if fault is None or fault.cut is Cut.AFTER:
        return None
    found = description().route(request.method, request.path)
    headers = {"Content-Type": "application/json", **fault.headers}
    return Reply(fault.status, fault.body.encode(), headers, "" if found is None else found[0].id)


def _reply(hosted: Hosted, request: Request) -> Reply:
    if request.path.startswith("/_actions/"):
        return _identity(hosted, request)
    credentials = request.headers.get("authorization", "")
    caller = hosted.world.tokens.identify(credentials)
    if request.git is not None:
        return _git(hosted.world, request, request.git, caller)
    if caller is None:
        return _json(401, _told(401, "Bad credentials" if credentials else "Requires authentication"))
    if request.path == "/graphql":
        return _graphql(hosted, request, caller)
    return _rest(hosted, request, caller)


def _identity(hosted: Hosted, request: Request) -> Reply:
    if request.path == KEYS_PATH:
        return _json(200, key_set(), "oidc")
    audience = parse_qs(request.query).get("audience", [None])[0]
    token = hosted.jobs.token(request.headers.get("authorization", ""), audience, hosted.world.tokens.clock())
    if request.path != TOKEN_PATH or token is None:
        return _json(401, {"message": "Unauthorized"}, "oidc")
    return _json(200, {"value": token, "count": len(token)}, "oidc")


def _git(world: World, request: Request, found: re.Match[str], caller: Caller | None) -> Reply:
    asked = GitRequest(
        request.method,
        unquote(found["full_name"]),
        found["rest"],
        request.query,
        request.body,
        request.headers,
        caller,
    )
    said = serve(world, asked)
    name = "git/push" if asked.is_push else "git/fetch"
    return Reply(said.status, said.body, dict(said.headers), name, "" if caller is None else caller.login)


def _graphql(hosted: Hosted, request: Request, caller: Caller) -> Reply:
    asked = graphql.Asked(caller, request.origin, resolvers(hosted.world))
    try:
        said = graphql.answer(asked, json.loads(request.body or b"null"))
    except (graphql.NotDescribed, ValueError) as cause:
        return _violated(hosted, request, "graphql", [str(cause)])
    return _json(200, said, "graphql", caller.login, _limits(hosted))


def _rest(hosted: Hosted, request: Request, caller: Caller) -> Reply:
    found = description().route(request.method, request.path)
    if found is None:
        return _violated(hosted, request, "", ["no operation of api.json"])
    operation, parameters = found
    asked = description().read(operation, request.query, request.body)
    if asked.misfits:
        return _violated(hosted, request, operation.id, asked.misfits)
    perform = operations(hosted.world).get(operation.id)
    if perform is None:
        return _violated(hosted, request, operation.id, ["not built"])
    call = Call(operation.id, parameters, asked.query, asked.body, caller, request.origin, request.headers)
    answer = page_of(operation, _performed(perform, call), asked.query, request.origin + request.path)
    return _checked(hosted, request, operation, answer, caller)


def _performed(perform: Callable[[Call], Answer], call: Call) -> Answer:
    try:
        return perform(call)
    except Refusal as refusal:
        told = _told(refusal.status, refusal.message)
        return Answer(refusal.status, told if refusal.errors is None else {**told, "errors": refusal.errors})


def _checked(hosted: Hosted, request: Request, operation: Operation, answer: Answer, caller: Caller) -> Reply:
    body = description().fill(operation, answer.status, answer.body, request.origin)
    misfits = description().misfits(operation, answer.status, body)
    if misfits:
        return _violated(hosted, request, operation.id, [f"answer {answer.status}: {one}" for one in misfits])
    headers = {**_limits(hosted), **answer.headers}
    if body is None:
        return Reply(answer.status, b"", headers, operation.id, caller.login)
    return _json(answer.status, body, operation.id, caller.login, headers)


def _violated(hosted: Hosted, request: Request, operation: str, misfits: Iterable[str]) -> Reply:
    said = [f"{request.method} {request.path} ({operation or 'unknown'}): {one}" for one in list(misfits)[:_SHOWN]]
    hosted.violations += said
    return _json(VIOLATION, {"message": "\n".join(said)}, operation)


def _told(status: int, message: str) -> dict[str, Json]:
    return {"message": message, "documentation_url": _DOCUMENTATION, "status": str(status)}


def _limits(hosted: Hosted) -> dict[str, str]:
    used = min(len(hosted.calls) + 1, _LIMIT - 1)
    resets = int(hosted.world.tokens.clock().timestamp()) + 3600
    return {
        "X-RateLimit-Limit": str(_LIMIT),
        "X-RateLimit-Remaining": str(_LIMIT - used),
        "X-RateLimit-Used": str(used),
        "X-RateLimit-Reset": str(resets),
        "X-RateLimit-Resource": "core",
    }


def _json(
    status: int, body: Json, operation: str = "", login: str = "", headers: Mapping[str, str] | None = None
) -> Reply:
    named = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    return Reply(status, json.dumps(body).encode(), named, operation, login)
