"""A loopback GitHub for tests: a server of this process on a free port of 127.0.0.1, over a world of a test's own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.serving import WSGIRequestHandler, make_server

from nhi.errors import OutsideError
from nhi.sandbox.github import tokens
from nhi.sandbox.github.faults import FaultList
from nhi.sandbox.github.frontend import Done, Frontend, Hosted
from nhi.sandbox.github.oidc import TOKEN_PATH, Job
from nhi.sandbox.github.people import Site
from nhi.sandbox.github.world import World


class _Handler(WSGIRequestHandler):
    """Says nothing, and does not wait for more to send."""

    disable_nagle_algorithm = True

    def log(self, _kind: str, _message: str, *_arguments: object) -> None:
        """A crash is a violation, the rest is in `calls`."""


class Violated(Exception):
    """Something was asked, or answered by us, that is not as GitHub describes it."""

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__("\n".join(violations))
        self.violations = tuple(violations)


class LoopbackGitHub:
    """A running loopback GitHub. It serves one world at a time."""

    def __init__(self, port: int, frontend: Frontend) -> None:
        self.port = port
        self.violations: list[str] = []
        """What was not as GitHub describes it, of requests and of our own answers, in every world so far."""
        self._frontend = frontend

    @property
    def origin(self) -> str:
        """Where everything is: the API (`GITHUB_API_URL`), the repositories (`GITHUB_SERVER_URL`)."""
        return f"http://127.0.0.1:{self.port}"

    def host(self, folder: Path, environment: Mapping[str, str]) -> World:
        """Start over with a new world.

        Args:
            folder: an empty one, for its repositories.
            environment: PATH and the like, for git.
        """
        world = World(folder, environment)
        self._frontend.host(Hosted(world, violations=self.violations))
        return world

    def close(self) -> None:
        """Serve nothing any more."""
        self._frontend.host(None)

    @property
    def world(self) -> World:
        """What it serves."""
        return self._hosted.world

    @property
    def faults(self) -> FaultList:
        """What goes wrong on demand."""
        return self._hosted.faults

    @property
    def calls(self) -> list[Done]:
        """Every call, in the order they were answered."""
        return self._hosted.calls

    def refuse_violations(self) -> None:
        """Forget the violations.

        Raises:
            Violated: there were some. Whoever was answered with one may have taken it for any other failure.
        """
        found = tuple(self.violations)
        self.violations.clear()
        if found:
            raise Violated(found)

    def count(self, *names: str) -> int:
        """How many calls there were of these operations; of none named, of the whole API."""
        api = [one.operation for one in self.calls if one.operation not in {"oidc", "git/fetch", "git/push"}]
        return sum(1 for one in api if not names or one in names)

    def site(self, full_name: str) -> Site:
        """A repository, for what people do in it."""
        return Site(self.world, full_name, self.origin)

    def token(self, login: str) -> str:
        """A new token of a person."""
        return self.world.tokens.of_person(login)

    def private_key(self, app_id: int) -> str:
        """The key that an App signs with, as PEM."""
        app, key = self.world.apps[app_id], _key(app_id)
        self.world.tokens.add_app(tokens.App(app.id, app.slug, key.public_key()))
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ).decode()

    def clone_url(self, full_name: str, token: str) -> str:
        """What `git clone` takes, with credentials."""
        return f"http://x-access-token:{token}@127.0.0.1:{self.port}/{full_name}.git"

    def actions_token(self, job: Job) -> dict[str, str]:
        """The environment in which a job asks for its identity: `permissions: id-token: write`."""
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.origin}{TOKEN_PATH}?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self._hosted.jobs.start(job),
        }

    @property
    def _hosted(self) -> Hosted:
        hosted = self._frontend.hosted
        if hosted is None:
            raise OutsideError("The loopback GitHub serves no world.", hint="Give it one with `host`.")
        return hosted


@contextmanager
def loopback_github() -> Iterator[LoopbackGitHub]:
    """Run a loopback GitHub for as long as the block lasts. It answers once it has a world to serve.

    Raises:
        Violated: at the end of the block, for what nobody looked at before.
    """
    frontend = Frontend()
    server = make_server("127.0.0.1", 0, frontend, threaded=True, request_handler=_Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    running = LoopbackGitHub(server.server_port, frontend)
    try:
        yield running
        running.refuse_violations()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@cache
def _key(_app_id: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
