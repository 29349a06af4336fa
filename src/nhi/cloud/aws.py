"""The door to AWS: every call, with whose credentials and for how long, and how it fails. Only here is boto3.

Nothing comes from the process's environment or from the files of the person who runs it: credentials, endpoint and
proxy come from the mapping that the door is given.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed lacks it

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError
from botocore.session import Session as CoreSession

from nhi.cloud.inventory import OddAnswer, text

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PAGE_SIZE = 1000
"""The most that IAM gives at once."""
_MAX_PAGES = 10_000
# What botocore's parsers raise, undocumented, on an answer that is not of the shape that they expect.
_UNREADABLE = (ResponseParserError, ValueError, LookupError, AttributeError, TypeError, RuntimeError, NameError)
_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_IN_A_HEADER = re.compile(r"[!-~]*")
"""What a credential is made of. Of anything else, a line break say, the HTTP client repeats the whole header."""
_LONG = frozenset({"iam:GetAccountAuthorizationDetails", "iam:ListRoles", "iam:ListUsers", "iam:ListPolicies"})
"""Listings of a whole account: one that does not say whether it goes on is half an answer, not the end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long we insist before we say that we could not tell."""

    attempts: int = 6
    """Of each call, the first one included."""
    retry_mode: Literal["adaptive", "standard"] = "adaptive"
    """https://boto3.amazonaws.com/v1/documentation/api/latest/guide/retries.html"""
    connect_seconds: float = 5
    read_seconds: float = 60
    unanswered: int | None = 3
    """After so many calls in a row that a service of a region leaves without an answer, it is not asked any more:
    minutes for each of many questions are no answer either. None: each call is made, whatever became of the others."""


DEFAULT_LIMITS = Limits()


class Unknown(Exception):
    """We could not find out; the message says why. `code` is AWS's own, where AWS answered."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Aws:
    """Calls to AWS with one set of credentials."""

    def __init__(self, environment: Mapping[str, str], limits: Limits = DEFAULT_LIMITS) -> None:
        """Call with the credentials of `environment`.

        Args:
            environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and where there are any AWS_SESSION_TOKEN,
                AWS_ENDPOINT_URL, AWS_CA_BUNDLE, HTTPS_PROXY and NO_PROXY.
            limits: of each call.
        """
        self._environment = environment
        self._limits = limits
        self._clients: dict[tuple[str, str], Any] = {}
        self._unanswered: Counter[tuple[str, str]] = Counter()

    def ask(self, action: str, region: str, **parameters: object) -> Mapping[str, object]:
        """The answer to one call, such as `iam:GetRole`.

        Raises:
            Unknown: there is none, or AWS answered with an error, or with what cannot be read.
        """
        service, _, operation = action.partition(":")
        call: Callable[..., Mapping[str, object]] = getattr(self._client(service, region), xform_name(operation))
        asked, most = self._unanswered[service, region], self._limits.unanswered
        if most is not None and asked >= most:
            raise Unknown(f"AWS was not asked for {action}: it left the {asked} calls before without an answer")
        self._unanswered[service, region] = 0
        try:
            return call(**parameters)
        except (HTTPClientError, NoConnection) as cause:
            self._unanswered[service, region] = asked + 1
            raise Unknown(f"AWS could not be asked for {action}: {cause}") from cause
        except ClientError as cause:
            error = cause.response.get("Error", {})
            code = error.get("Code", "no code")
            raise Unknown(f"AWS answered {action} with {code}: {error.get('Message', '')}", code) from cause
        except BotoCoreError as cause:
            raise Unknown(f"AWS could not be asked for {action}: {cause}") from cause
        except _UNREADABLE as cause:
            raise Unknown(f"AWS's answer to {action} cannot be read: {cause}") from cause

    def pages(self, action: str, region: str, **parameters: object) -> Iterator[Mapping[str, object]]:
        """Every page of one of IAM's listings. botocore's own paginator ends quietly where a marker is missing.

        Raises:
            Unknown: as `ask`.
            OddAnswer: a page does not say whether there is more, or that there is, and not where.
        """
        markers: list[str] = []
        for _ in range(_MAX_PAGES):
            page = self.ask(
                action, region, MaxItems=_PAGE_SIZE, **parameters, **({"Marker": markers[-1]} if markers else {})
            )
            yield page
            if action in _LONG and "IsTruncated" not in page:
                raise OddAnswer(f"{action} does not say whether there is more")
            truncated, marker = page.get("IsTruncated", False), page.get("Marker")
            if truncated is False and marker is None:
                return
            if truncated is not True or not isinstance(marker, str) or not marker or marker in markers:
                raise OddAnswer(f"{action} says that there is more, and not where")
            markers.append(marker)
        raise OddAnswer(f"{action} has more than {_MAX_PAGES} pages")

    def token_pages(self, action: str, region: str, **parameters: object) -> Iterator[Mapping[str, object]]:
        """Every page of a listing of those services that go on with a `NextToken`.

        Raises:
            Unknown: as `ask`.
            OddAnswer: a page says that there is more, and not where.
        """
        tokens: list[str] = []
        for _ in range(_MAX_PAGES):
            page = self.ask(action, region, **parameters, **({"NextToken": tokens[-1]} if tokens else {}))
            yield page
            token = page.get("NextToken")
            if token is None:
                return
            if not isinstance(token, str) or not token or token in tokens:
                raise OddAnswer(f"{action} says that there is more, and not where")
            tokens.append(token)
        raise OddAnswer(f"{action} has more than {_MAX_PAGES} pages")

    def refuse_other_account(self, account: str, region: str, stack: str) -> None:
        """Believe nothing with credentials of another account than the stack's.

        Raises:
            Unknown: they are of another, or it could not be found out.
            OddAnswer: AWS did not say whose they are.
        """
        found = text(self.ask("sts:GetCallerIdentity", region), "Account")
        if found != account:
            raise Unknown(f"the credentials are of the account {found}, but the stack {stack} is in {account}")

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401  # boto3 makes the class of each client
        if (service, region) not in self._clients:
            try:
                client = self._new_client(service, region, {})
                proxies = _proxies(self._environment, client.meta.endpoint_url)
                self._clients[service, region] = self._new_client(service, region, proxies) if proxies else client
            except (BotoCoreError, ValueError) as cause:
                raise Unknown(f"AWS cannot be asked with these settings: {cause}") from cause
        return self._clients[service, region]

    def _new_client(self, service: str, region: str, proxies: Mapping[str, str]) -> Any:  # noqa: ANN401  # as above
        config = Config(
            proxies=dict(proxies),
            retries={"mode": self._limits.retry_mode, "total_max_attempts": self._limits.attempts},
            connect_timeout=self._limits.connect_seconds,
            read_timeout=self._limits.read_seconds,
        )
        return self._session.client(  # type: ignore[call-overload]  # it knows literals
            service,
            region,
            endpoint_url=self._environment.get("AWS_ENDPOINT_URL") or None,
            verify=self._environment.get("AWS_CA_BUNDLE") or True,
            config=config,
        )

    @cached_property
    def _session(self) -> boto3.session.Session:
        return _session(self._environment)


def _session(environment: Mapping[str, str]) -> boto3.session.Session:
    """A session that reads neither the process's environment nor any file but botocore's own data."""
    if not environment.get("AWS_ACCESS_KEY_ID") or not environment.get("AWS_SECRET_ACCESS_KEY"):
        raise Unknown("there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    for name in _SECRETS:
        if not _IN_A_HEADER.fullmatch(environment.get(name, "")):
            raise Unknown(f"{name} holds a space, a line break or another sign that no credential has: set it again")
    core = CoreSession()
    defaults = {name: default for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    settings = {
        **defaults,
        "config_file": None,
        "credentials_file": os.devnull,
        "ignore_configured_endpoint_urls": True,
        "proxies_config": None,
        "s3": None,
    }
    store = ConfigValueStore({name: ConstantProvider(value) for name, value in settings.items()})
    core.register_component("config_store", store)
    data = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    core.register_component("data_loader", data)
    return boto3.session.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment.get("AWS_SESSION_TOKEN"),
        botocore_session=core,
    )


def _proxies(environment: Mapping[str, str], endpoint: str) -> dict[str, str]:
    host = urlsplit(endpoint).hostname or ""
    found = {
        scheme: environment.get(f"{scheme}_proxy") or environment.get(f"{scheme.upper()}_PROXY") or ""
        for scheme in ("http", "https", "no")
    }
    if host in _LOOPBACK or (found["no"] and proxy_bypass_environment(host, found)):
        return {}
    return {scheme: proxy for scheme, proxy in found.items() if proxy and scheme != "no"}
