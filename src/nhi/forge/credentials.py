"""Where GitHub is and with whose credentials it is asked, out of an environment that is handed in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed lacks it

from nhi.errors import InputError, UsageError

DEFAULT_API = "https://api.github.com"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", re.ASCII)
_LONGEST_REPOSITORY = 140
"""An owner's name has 39 characters at most, a repository's 100."""
_PEM = "-----BEGIN "


@dataclass(frozen=True, slots=True)
class AppKey:
    """A GitHub App: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app."""

    id: int
    private_key: str = field(repr=False)
    """PEM."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a person's, of a workflow's, or of an installation's."""

    value: str = field(repr=False)


def has_credentials(environment: Mapping[str, str]) -> bool:
    """Whether somebody gave credentials, be they whole or not."""
    return any(environment.get(one) for one in ("NHI_APP_ID", "NHI_APP_PRIVATE_KEY", "GITHUB_TOKEN", "GH_TOKEN"))


def credentials(environment: Mapping[str, str]) -> AppKey | Token:
    """The App of NHI_APP_ID and NHI_APP_PRIVATE_KEY, else the token of GITHUB_TOKEN, else that of GH_TOKEN.

    Raises:
        UsageError: there are none, or half an App.
    """
    app_id, key = environment.get("NHI_APP_ID", ""), environment.get("NHI_APP_PRIVATE_KEY", "")
    if app_id or key:
        # Secrets of one line have the line feeds of a PEM written as \n.
        key = key if "\n" in key else key.replace("\\n", "\n")
        if not (app_id.isascii() and app_id.isdigit() and int(app_id) > 0) or _PEM not in key:
            raise UsageError(
                "NHI_APP_ID and NHI_APP_PRIVATE_KEY are not both those of a GitHub App",
                hint="set the App's number and its private key (PEM), or neither and GITHUB_TOKEN",
            )
        return AppKey(int(app_id), key)
    token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or ""
    if not token:
        raise UsageError(
            "there are no credentials for GitHub",
            hint="set GITHUB_TOKEN, or NHI_APP_ID and NHI_APP_PRIVATE_KEY",
        )
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError("the token of GITHUB_TOKEN is none: it has spaces or line feeds", hint="set it again")
    return Token(token)


def api_address(environment: Mapping[str, str]) -> str:
    """The address of the API, without a slash at its end: GITHUB_API_URL, or GitHub's own.

    Raises:
        UsageError: it is none, or would carry the credentials without encryption over a network.
    """
    given = environment.get("GITHUB_API_URL") or DEFAULT_API
    hint = "give one such as https://api.github.com"
    parts = _parts(given)
    if parts is None or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise UsageError("GITHUB_API_URL is not the address of an API", hint=hint)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise UsageError("GITHUB_API_URL must be of https: credentials travel there", hint=hint)
    return given.rstrip("/")


def refuse_odd_repository(name: str) -> None:
    """It becomes a part of addresses.

    Raises:
        InputError: it is not of the form `owner/name`.
    """
    if len(name) > _LONGEST_REPOSITORY or not _REPOSITORY.fullmatch(name) or name.endswith(("/.", "/..")):
        raise InputError(
            f"{name[:_LONGEST_REPOSITORY]!r} is no repository on GitHub",
            hint="write github.repository in nhi.yaml, or GITHUB_REPOSITORY, as owner/name",
        )


def proxies(environment: Mapping[str, str], address: str) -> dict[str, str]:
    """The proxies for an address, by scheme, as the environment names them; none for this machine itself."""
    host = urlsplit(address).hostname or ""
    found = {
        scheme: environment.get(f"{scheme}_proxy") or environment.get(f"{scheme.upper()}_PROXY") or ""
        for scheme in ("http", "https", "no")
    }
    if host in LOOPBACK or (found["no"] and proxy_bypass_environment(host, found)):
        return {}
    return {scheme: proxy for scheme, proxy in found.items() if proxy and scheme != "no"}


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port  # reading it checks it
    except ValueError:
        return None
    return parts
