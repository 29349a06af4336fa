"""The door to GitHub: every call, with whose credentials, how often, and how it fails. Only here is PyGithub.

Its objects are not used: reading an attribute of theirs may ask GitHub once more. It signs for the App, keeps its token
fresh, keeps requests apart and speaks HTTP; what is said there, and when it is said again, is ours.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import jwt
from github import Auth, Github, GithubException
from github.Requester import HTTPSRequestsConnectionClass, Requester, RequestsResponse

from nhi.errors import OutsideError, UsageError
from nhi.forge.credentials import LOOPBACK, AppKey, Token, api_address, credentials, proxies, refuse_odd_repository
from nhi.forge.reading import entries, entry, following, inner, name, number, odd, text
from nhi.forge.refusal import Lost, Refused, one_line, refused, unanswered, words
from nhi.forge.waiting import DEFAULT_LIMITS, Clock, Limits, backoff, wait_before_next
from nhi.model.identity import Json

T = TypeVar("T")

_API_VERSION = "2022-11-28"
"""https://docs.github.com/en/rest/about-the-rest-api/api-versions"""
_PAGE_SIZE = 100
_MAX_PAGES = 200
_CHUNK = 1 << 16
_MOVED = (301, 302, 303, 307, 308)
# What PyGithub raises, undocumented, on an answer that is not of the shape that it expects.
_UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError)


class GitHub:
    """Calls about one repository with one set of credentials."""

    def __init__(
        self,
        environment: Mapping[str, str],
        repository: str,
        permissions: Mapping[str, str],
        clock: Clock,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Nothing is asked yet.

        Args:
            environment: GITHUB_API_URL, the credentials (`nhi.forge.credentials`), and where there are any HTTPS_PROXY,
                NO_PROXY and REQUESTS_CA_BUNDLE. Nothing is read from the process's own.
            repository: `owner/name`.
            permissions: the most that a token of an App should have: `{"issues": "write"}`. It gets what the App's
                installation has of these.
            clock: to wait by.
            limits: of each call.

        Raises:
            UsageError: the address or the credentials are none.
            InputError: the repository has no such name.
        """
        refuse_odd_repository(repository)
        self.repository = repository
        self.calls = 0
        """How many requests were sent, for those who count them."""
        self.bot = ""
        """The login of the App that we are, from the first call on; "" with a token."""
        self._address = api_address(environment)
        self._environment = environment
        self.credentials = credentials(environment)
        self._permissions = permissions
        self._clock = clock
        self._limits = limits

    def __repr__(self) -> str:
        """Without what it knows of secrets."""
        return f"GitHub({self.repository!r} at {self._address})"

    def ask(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        again: bool = True,
    ) -> Json:
        """The answer to one call below the repository, such as `POST /pulls`.

        Args:
            method: of HTTP.
            path: below `/repos/<repository>`; what is not ours in it is quoted (`part`).
            body: sent as JSON.
            again: whether the call may be made twice. If not, it is only made again where GitHub surely did nothing.

        Raises:
            Refused: GitHub answered with an error.
            Lost: the answer to a call that may not be made twice was lost.
            OutsideError: there is no answer, or one that cannot be read.
        """
        return self._ask(self._requester, method, f"/repos/{self.repository}{path}", body, again=again)[1]

    @property
    def token(self) -> str:
        """What the last call showed, which git may show as well."""
        auth = self._requester.auth
        return "" if auth is None else auth.token

    def user(self) -> Json:
        """Whose the token is.

        Raises:
            OutsideError: as `ask`.
        """
        return self._ask(self._requester, "GET", "/user")[1]

    def pages(self, path: str, **query: str | int) -> Iterator[list[Json]]:
        """Every page of a listing below the repository.

        Raises:
            OutsideError: as `ask`, or a page says that there is more, and not where.
        """
        url = f"/repos/{self.repository}{path}?{urlencode({'per_page': _PAGE_SIZE, **query})}"
        seen: set[str] = set()
        for _ in range(_MAX_PAGES):
            headers, page = self._ask(self._requester, "GET", url)
            if not isinstance(page, list):
                raise odd(f"{path} is no list")
            yield page
            more = following(headers.get("link", ""))
            if more is None:
                return
            if more in seen or not more.startswith(f"{self._address}/"):
                raise odd(f"{path} has more, and does not say where")
            seen.add(more)
            url = more
        raise odd(f"{path} has more than {_MAX_PAGES} pages")

    def query(self, query: str, **variables: Json) -> tuple[Mapping[str, Json], tuple[tuple[str, str], ...]]:
        """GraphQL's data, and its errors as their types and words.

        Raises:
            OutsideError: as `ask`.
        """
        body: Json = {"query": query, "variables": dict(variables)}
        found = entry(self._ask(self._requester, "POST", self._requester.graphql_url, body)[1], "GraphQL")
        listed = [] if found.get("errors") is None else entries(found["errors"], "errors")
        errors = tuple((str(one.get("type", "")), one_line(text(one, "message"))) for one in listed)
        data = found.get("data")
        if data is None and not errors:
            raise odd("GraphQL says nothing")
        return ({} if data is None else entry(data, "data")), errors

    @cached_property
    def _requester(self) -> Requester:
        match self.credentials:
            case AppKey() as key:
                return self._of_app(Auth.AppAuth(key.id, key.private_key))
            case Token() as token:
                return self._connected(Auth.Token(token.value))

    def _count(self) -> None:
        self.calls += 1

    def _of_app(self, auth: Auth.AppAuth) -> Requester:
        """With the permissions that we need and the installation has; GitHub refuses to give others."""
        try:
            auth.create_jwt()
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            hint = "set it to the PEM text that GitHub gave"
            # What they say could quote the key.
            raise UsageError("NHI_APP_PRIVATE_KEY is no private key of an App", hint=hint) from None
        path, own = f"/repos/{self.repository}/installation", self._connected(auth)
        installation = entry(self._signed(lambda: self._ask(own, "GET", path))[1], "the installation")
        self.bot = f"{name(installation, 'app_slug')}[bot]"
        granted = inner(installation, "permissions")
        asked = {
            what: level if text(granted, what) in ("write", "admin") else "read"
            for what, level in self._permissions.items()
            if what in granted
        }
        return self._connected(auth.get_installation_auth(number(installation, "id"), asked))

    def _connected(self, auth: Auth.Auth) -> Requester:
        address = urlsplit(self._address)
        local = address.hostname in LOOPBACK
        via = proxies(self._environment, self._address)
        kind = _connection(self._address, via, self._limits, self._clock.elapsed, self._count)
        Requester.injectConnectionClasses(kind, kind)  # type: ignore[arg-type]  # it serves both protocols
        try:
            return Github(
                auth=auth,
                base_url=self._address,
                timeout=self._limits.read_seconds,
                user_agent="nhi",
                per_page=_PAGE_SIZE,
                verify=self._environment.get("REQUESTS_CA_BUNDLE") or True,
                retry=0,
                api_version=_API_VERSION,
                seconds_between_requests=0 if local else 0.25,
                seconds_between_writes=0 if local else 1.0,
            ).requester
        finally:
            Requester.resetConnectionClasses()

    def _ask(
        self, requester: Requester, method: str, url: str, body: Json = None, *, again: bool = True
    ) -> tuple[Mapping[str, str], Json]:
        auth, asked = requester.auth, f"{method} {urlsplit(url).path}"
        if isinstance(auth, Auth.AppInstallationAuth):
            self._signed(lambda: self._tried("a request for a token", lambda: auth.token, again=True))
        return self._tried(asked, lambda: requester.requestJsonAndCheck(method, url, input=body), again=again)

    def _signed(self, step: Callable[[], T]) -> T:
        """A refusal of our credentials is none of what they are to ask for: its 404 does not say that that is missing.

        So it is no Refused, which callers may understand.
        """
        try:
            return step()
        except Refused as refusal:
            hint = "are NHI_APP_ID and NHI_APP_PRIVATE_KEY of one App, and is it installed on the repository?"
            raise OutsideError(refusal.message, hint=hint) from refusal

    def _tried(self, asked: str, call: Callable[[], T], *, again: bool) -> T:
        began = self._clock.elapsed()
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return call()
            except GithubException as cause:
                headers, data = cause.headers or {}, cause.data
                failure: OutsideError = refused(asked, cause.status, data, headers)
                now = self._clock.now().timestamp()
                wait = wait_before_next(attempt, cause.status, words(data), headers, now)
                undone = cause.status < 500  # noqa: PLR2004  # the server's own errors begin there
            except OSError as cause:  # all errors of HTTP and below are of this kind
                failure, wait, undone = unanswered(asked, cause), backoff(attempt), False
            except _UNREADABLE as cause:
                failure, wait, undone = odd(f"{asked}: {one_line(str(cause))}"), None, False
            if not again and not undone:
                raise Lost(failure.message, hint=failure.hint)
            ends = self._clock.elapsed() - began + (wait or 0) > self._limits.total_seconds
            if wait is None or wait > self._limits.longest_wait or ends or attempt == self._limits.attempts:
                raise failure
            self._clock.pause(wait)
        raise AssertionError  # the last attempt returns or raises


def part(text_of_others: str | int) -> str:
    """A piece of a path."""
    return quote(str(text_of_others), safe="")


class _Read(RequestsResponse):
    """An answer that was read already."""

    def __init__(self, response: Any, content: str) -> None:  # noqa: ANN401  # requests has no types here
        super().__init__(response)
        self._content = content

    def read(self) -> str:
        return self._content


def _connection(
    address: str, via: dict[str, str], limits: Limits, elapsed: Callable[[], float], sent: Callable[[], None]
) -> type[HTTPSRequestsConnectionClass]:
    """PyGithub's own connections have no bound on the answer, and take proxies from the process's environment."""
    split = urlsplit(address)

    class Connection(HTTPSRequestsConnectionClass):
        def __init__(self, host: str, port: int | None = None, **settings: Any) -> None:  # noqa: ANN401  # as above
            super().__init__(host, port, **settings)
            self.session.trust_env = False
            self.session.proxies = via

        def getresponse(self) -> RequestsResponse:
            sent()
            until = elapsed() + limits.answer_seconds
            response = self.session.request(
                self.verb,
                f"{split.scheme}://{split.netloc}{self.url}",
                headers=self.headers,
                data=self.input,
                timeout=self.timeout,
                verify=self.verify,
                allow_redirects=False,
                stream=True,
            )
            content = bytearray()
            for chunk in response.iter_content(_CHUNK):
                content += chunk
                if len(content) > limits.answer_bytes or elapsed() > until:
                    response.close()
                    raise ValueError("it is too long, or comes too slowly")
            if response.status_code in _MOVED:
                raise ValueError("the repository is somewhere else by now: correct github.repository")
            if response.status_code == 202 and self.verb == "GET":  # noqa: PLR2004  # PyGithub would ask for ever
                raise ValueError("it is not there yet")
            return _Read(response, content.decode())

    return Connection
