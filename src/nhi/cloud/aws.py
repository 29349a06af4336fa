"""IAM of one AWS account, read with boto3: present as declared, gone, or could not tell.

Nothing comes from the process's environment or from the files of the person who runs it: credentials, endpoint and
proxy come from the mapping that the adapter is given. The role behind them needs iam:GetAccountAuthorizationDetails,
iam:ListRoles, iam:GetRole, iam:ListPolicies, iam:GetPolicy, iam:ListInstanceProfiles and iam:GetInstanceProfile, and
nothing else.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed lacks it

import boto3
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError
from botocore.session import Session as CoreSession
from types_boto3_iam import IAMClient
from types_boto3_sts import STSClient

from nhi.cloud.compare import short
from nhi.cloud.expectation import expectation
from nhi.cloud.inventory import Holding, Inventory, OddAnswer, build, entries, holding, inner, text
from nhi.cloud.judge import judge_gone, judge_present
from nhi.cloud.policy_document import OddPolicy
from nhi.model.identity import Identity
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Answer, CouldNotTell

_FILTER = ("Role", "User")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PAGE_SIZE = 1000
"""The most that IAM gives at once."""
_MAX_PAGES = 10_000
# What botocore's parsers raise, undocumented, on an answer that is not of the shape that they expect.
_UNREADABLE = (ResponseParserError, ValueError, LookupError, AttributeError, TypeError)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long we insist before we say that we could not tell."""

    attempts: int = 6
    """Of each call, the first one included."""
    retry_mode: Literal["adaptive", "standard"] = "adaptive"
    """https://boto3.amazonaws.com/v1/documentation/api/latest/guide/retries.html"""
    connect_seconds: float = 5
    read_seconds: float = 60


DEFAULT_LIMITS = Limits()


class _Unknown(Exception):
    """We could not find out; the message says why. `code` is AWS's own, where AWS answered."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Account:
    """The account of one stack, once it is known to be the right one."""

    iam: IAMClient
    inventory: Inventory


class AwsCloud:
    """One look at the accounts behind one set of credentials.

    A stack is listed once, when it is first asked about, and every later answer about it rests on that listing, so a
    stack of thousands of identities costs a few dozen calls. Build another to look again.
    """

    def __init__(self, environment: Mapping[str, str], limits: Limits = DEFAULT_LIMITS) -> None:
        """Look with the credentials of `environment`.

        Args:
            environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and where there are any AWS_SESSION_TOKEN,
                AWS_ENDPOINT_URL, AWS_CA_BUNDLE, HTTPS_PROXY and NO_PROXY.
            limits: of each call.
        """
        self._environment = environment
        self._limits = limits
        self._accounts: dict[Stack, _Account | CouldNotTell] = {}

    def present(self, identity: Identity, kind: Kind, stack: Stack) -> Answer:
        """Whether the roles of an identity stand as its kind's expectation says.

        Another role or user that carries the identity's id is a difference too.

        Raises:
            InputError: the kind's expected.json.j2 does not render to an expectation.
        """
        wanted = expectation(identity, kind, stack)
        if wanted is None:
            return CouldNotTell(f"{kind.name} has no API that could be asked about {identity.id}")
        try:
            account = self._account(stack)
            get_role = partial(_get_role, account.iam)
            return judge_present(account.inventory, get_role, identity.id, identity.name, wanted.roles)
        except (_Unknown, OddAnswer, OddPolicy) as unknown:
            return CouldNotTell(short(f"{identity.id}: {unknown}"))

    def gone(self, name: str, stack: Stack) -> Answer:
        """Whether the identity `<stack>/<name>` is gone.

        Absent means: IAM itself says that there is no such role, no role or user of the account carries the id, and
        below `/nhi/<stack>/` no role, user, policy or instance profile carries the id or the name.

        A role of this name elsewhere, without the id, is somebody else's and does not count: the path of a role cannot
        be changed, and its ARN is another, so no permission that was given to the identity reaches it.
        """
        identity = f"{stack.name}/{name}"
        try:
            account = self._account(stack)
            return judge_gone(account.inventory, partial(_get_role, account.iam), identity, name)
        except (_Unknown, OddAnswer) as unknown:
            return CouldNotTell(short(f"{identity}: {unknown}"))

    def _account(self, stack: Stack) -> _Account:
        if stack not in self._accounts:
            try:
                self._accounts[stack] = _look(self._environment, self._limits, stack)
            except (_Unknown, OddAnswer) as unknown:
                self._accounts[stack] = CouldNotTell(str(unknown))
        account = self._accounts[stack]
        if isinstance(account, CouldNotTell):
            raise _Unknown(account.reason)
        return account


def _look(environment: Mapping[str, str], limits: Limits, stack: Stack) -> _Account:
    sts, iam = _clients(environment, limits, stack.region)
    account = text(_ask("sts:GetCallerIdentity", sts.get_caller_identity), "Account")
    if account != stack.account:
        raise _Unknown(
            f"the credentials are of the account {account}, but the stack {stack.name} is in {stack.account}"
        )
    path = f"/nhi/{stack.name}/"
    details = list(_pages("iam:GetAccountAuthorizationDetails", iam.get_account_authorization_details, Filter=_FILTER))
    pages = _pages("iam:ListRoles", iam.list_roles, PathPrefix=path)
    roles = [entry for page in pages for entry in entries(page, "Roles")]
    return _Account(iam, build(path, details, roles, [*_policies(iam, path), *_instance_profiles(iam, path)]))


def _policies(iam: IAMClient, path: str) -> Iterator[Holding]:
    for page in _pages("iam:ListPolicies", iam.list_policies, Scope="Local", PathPrefix=path):
        for listed in entries(page, "Policies"):
            answer = _ask("iam:GetPolicy", iam.get_policy, PolicyArn=text(listed, "Arn"))
            yield holding("policy", inner(answer, "Policy"))


def _instance_profiles(iam: IAMClient, path: str) -> Iterator[Holding]:
    for page in _pages("iam:ListInstanceProfiles", iam.list_instance_profiles, PathPrefix=path):
        for listed in entries(page, "InstanceProfiles"):
            if text(listed, "Path").startswith(path):
                name = text(listed, "InstanceProfileName")
                answer = _ask("iam:GetInstanceProfile", iam.get_instance_profile, InstanceProfileName=name)
                yield holding("instance profile", inner(answer, "InstanceProfile"))


def _get_role(iam: IAMClient, name: str) -> Mapping[str, object] | None:
    try:
        return inner(_ask("iam:GetRole", iam.get_role, RoleName=name), "Role")
    except _Unknown as unknown:
        if unknown.code == "NoSuchEntity":
            return None
        raise


def _pages(
    action: str, call: Callable[..., Mapping[str, object]], **parameters: object
) -> Iterator[Mapping[str, object]]:
    """Every page of a listing. botocore's own paginator ends quietly where a truncated page has no marker."""
    markers: list[str] = []
    for _ in range(_MAX_PAGES):
        page = _ask(action, call, MaxItems=_PAGE_SIZE, **parameters, **({"Marker": markers[-1]} if markers else {}))
        yield page
        truncated, marker = page.get("IsTruncated", False), page.get("Marker")
        if truncated is False and marker is None:
            return
        if truncated is not True or not isinstance(marker, str) or not marker or marker in markers:
            raise OddAnswer(f"{action} says that there is more, and not where")
        markers.append(marker)
    raise OddAnswer(f"{action} has more than {_MAX_PAGES} pages")


def _ask(action: str, call: Callable[..., Mapping[str, object]], **parameters: object) -> Mapping[str, object]:
    try:
        return call(**parameters)
    except ClientError as cause:
        error = cause.response.get("Error", {})
        code = error.get("Code", "no code")
        raise _Unknown(f"AWS answered {action} with {code}: {error.get('Message', '')}", code) from cause
    except BotoCoreError as cause:
        raise _Unknown(f"AWS could not be asked for {action}: {cause}") from cause
    except _UNREADABLE as cause:
        raise _Unknown(f"AWS's answer to {action} cannot be read: {cause}") from cause


def _session(environment: Mapping[str, str]) -> boto3.session.Session:
    """A session that reads neither the process's environment nor any file but botocore's own data."""
    if not environment.get("AWS_ACCESS_KEY_ID") or not environment.get("AWS_SECRET_ACCESS_KEY"):
        raise _Unknown("there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
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


def _clients(environment: Mapping[str, str], limits: Limits, region: str) -> tuple[STSClient, IAMClient]:
    session = _session(environment)
    endpoint = environment.get("AWS_ENDPOINT_URL") or None
    verify = environment.get("AWS_CA_BUNDLE") or True
    try:
        config = Config(
            proxies=_proxies(environment, endpoint),
            retries={"mode": limits.retry_mode, "total_max_attempts": limits.attempts},
            connect_timeout=limits.connect_seconds,
            read_timeout=limits.read_seconds,
        )
        sts = session.client("sts", region, endpoint_url=endpoint, verify=verify, config=config)
        iam = session.client("iam", region, endpoint_url=endpoint, verify=verify, config=config)
    except (BotoCoreError, ValueError) as cause:
        raise _Unknown(f"AWS cannot be asked with these settings: {cause}") from cause
    return sts, iam


def _proxies(environment: Mapping[str, str], endpoint: str | None) -> dict[str, str]:
    host = (urlsplit(endpoint).hostname if endpoint else None) or "iam.amazonaws.com"
    found = {
        scheme: environment.get(f"{scheme}_proxy") or environment.get(f"{scheme.upper()}_PROXY") or ""
        for scheme in ("http", "https", "no")
    }
    if host in _LOOPBACK or (found["no"] and proxy_bypass_environment(host, found)):
        return {}
    return {scheme: proxy for scheme, proxy in found.items() if proxy and scheme != "no"}
