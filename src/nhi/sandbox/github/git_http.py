"""Git over HTTP: the real `git http-backend` serves a bare repository, and the world says who may push what.

https://git-scm.com/docs/http-protocol and https://git-scm.com/docs/git-http-backend
"""

import gzip
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nhi.sandbox.github import pushing
from nhi.sandbox.github.call import Caller, Refusal
from nhi.sandbox.github.git_store import NO_COMMIT, Store, Update
from nhi.sandbox.github.things import Repository
from nhi.sandbox.github.world import World

_SECONDS = 120
_SERVICES = ("git-upload-pack", "git-receive-pack")
_CONFIG = {
    "http.receivepack": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.allowFilter": "true",
    "receive.denyDeleteCurrent": "ignore",
    "core.hooksPath": "",
}
"""Any commit can be fetched by its id, as on GitHub; what may be deleted is the world's to say."""
_HOOK = '#!/bin/sh\n[ -f "$NHI_REFUSED/$1.refused" ] || exit 0\ncat "$NHI_REFUSED/$1.refused" >&2\nexit 1\n'
"""Git runs it as its `update` hook, for each reference: https://git-scm.com/docs/githooks#update."""
_ANONYMOUS = Caller("")


@dataclass(frozen=True, slots=True)
class GitRequest:
    """A request to `/<owner>/<name>.git/...`."""

    method: str
    full_name: str
    rest: str
    """What follows `.git/`."""
    query: str
    body: bytes
    headers: Mapping[str, str]
    """In lower case."""
    caller: Caller | None
    """None: no credentials, or such as are nobody's."""

    @property
    def service(self) -> str:
        """`git-upload-pack` or `git-receive-pack`; else it is not git's protocol."""
        named = self.query.removeprefix("service=") if self.rest == "info/refs" else self.rest
        return named if named in _SERVICES else ""

    @property
    def is_push(self) -> bool:
        """Whether references may move by it."""
        return self.method == "POST" and self.rest == "git-receive-pack"


@dataclass(frozen=True, slots=True)
class GitReply:
    """What goes back over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def serve(world: World, request: GitRequest) -> GitReply:
    """Answer a clone, a fetch or a push."""
    if not request.service:
        return GitReply(404, body=b"Not Found")
    try:
        repository = world.found(request.full_name)
        refused = _refused(world, repository, request)
    except Refusal as refusal:
        refused = _unknown() if request.caller is None else GitReply(404, body=refusal.message.encode())
    if refused is not None:
        return refused
    if request.is_push and request.caller is not None:
        return _push(world, repository, request, request.caller)
    return _backend(repository.store, request, _content(request))


def _refused(world: World, repository: Repository, request: GitRequest) -> GitReply | None:
    if not pushing.may_read(world, repository, request.caller or _ANONYMOUS):
        return GitReply(404, body=b"Repository not found.")
    if request.service == "git-upload-pack":
        return None
    if request.caller is None:
        return _unknown()
    if pushing.may_write(world, repository, request.caller):
        return None
    words = f"Permission to {request.full_name}.git denied to {request.caller.login}."
    return GitReply(403, body=words.encode())


def updates_of(content: bytes) -> tuple[list[Update], bytes]:
    """What a push asks for, and the pack that follows: https://git-scm.com/docs/pack-protocol#_reference_update_request_and_packfile_transfer.

    Raises:
        ValueError: it is not such a request.
    """
    updates, place = [], 0
    while (size := int(content[place : place + 4], 16)) != 0:
        line = content[place + 4 : place + size].partition(b"\0")[0].decode().rstrip("\n")
        place += size
        if not line.startswith("shallow "):
            old, new, reference = line.split(" ", 2)
            updates.append(Update(reference, old, new))
    return updates, content[place + 4 :]


def _push(world: World, repository: Repository, request: GitRequest, caller: Caller) -> GitReply:
    content, store = _content(request), repository.store
    try:
        updates, pack = updates_of(content)
    except ValueError:
        return GitReply(400, body=b"not a push")
    if pack:  # so that what is pushed can be looked at before a reference moves
        store.git("index-pack", "--stdin", "--fix-thin", given=pack)
    before = store.refs()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for update in updates:
            words = pushing.may_push(world, repository, caller, update)
            if words:
                _note(place / "refused", update.reference, words)
        hooks = place / "hooks"
        hooks.mkdir()
        (hooks / "update").write_text(_HOOK, "utf-8")
        (hooks / "update").chmod(0o755)
        hooked = {"core.hooksPath": str(hooks)}
        reply = _backend(store, request, content, hooked, {"NHI_REFUSED": str(place / "refused")})
    after = store.refs()
    for update in updates:
        was, now = (refs.get(update.reference, NO_COMMIT) for refs in (before, after))
        if was != now and now == update.new:
            world.tick()
            pushing.pushed(world, repository, caller, Update(update.reference, was, now))
    return reply


def _note(folder: Path, reference: str, words: str) -> None:
    """Put down why a reference is refused. Git refuses names such as `refs/../x` itself, before it asks a hook."""
    note = folder / f"{reference}.refused"
    if note.resolve().is_relative_to(folder.resolve()):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(f"error: {words}\n", "utf-8")


def _content(request: GitRequest) -> bytes:
    return gzip.decompress(request.body) if request.headers.get("content-encoding") == "gzip" else request.body


def _backend(
    store: Store,
    request: GitRequest,
    content: bytes,
    config: Mapping[str, str] | None = None,
    extra: Mapping[str, str] | None = None,
) -> GitReply:
    settings = {**_CONFIG, **(config or {})}
    named = {f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(settings)}
    values = {f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(settings.values())}
    done = subprocess.run(
        ["git", "http-backend"],  # noqa: S607  # as on the user's PATH
        input=content,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
        env={
            **{key: value for key, value in store.environment.items() if not key.startswith("GIT_")},
            **named,
            **values,
            **(extra or {}),
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_PROJECT_ROOT": str(store.path),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{request.rest}",
            "QUERY_STRING": request.query,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(content)),
            "HTTP_GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "REMOTE_USER": "" if request.caller is None else request.caller.login,
            "REMOTE_ADDR": "127.0.0.1",
        },
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = [(name, value.strip()) for name, _, value in (one.partition(":") for one in head.decode().split("\r\n"))]
    status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200 if head else 500)
    return GitReply(status, tuple(one for one in headers if one[0] and one[0] != "Status"), body or done.stderr)


def _unknown() -> GitReply:
    """Who is nobody may not even know of a repository; `git` then sends the credentials that it has."""
    return GitReply(401, (("WWW-Authenticate", 'Basic realm="GitHub"'),), b"Authentication required")
