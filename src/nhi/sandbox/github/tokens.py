"""Whose a token is: of people, of workflows, of installations of an App, and the JWT of an App itself."""

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from nhi.sandbox.github.call import Caller

INSTALLATION_LASTS = timedelta(hours=1)
"""https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app"""
JWT_LASTS = timedelta(minutes=10)
"""At most: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app"""
ACTIONS_APP = 15368
"""The App that is GitHub Actions: https://api.github.com/apps/github-actions"""
ACTIONS_BOT = "github-actions[bot]"


@dataclass(frozen=True, slots=True)
class Token:
    """Something that is accepted, and until when."""

    caller: Caller
    expires_at: datetime | None = None
    """None is never."""


@dataclass(frozen=True, slots=True)
class App:
    """An App that may sign for itself."""

    id: int
    slug: str
    public_key: RSAPublicKey


class Tokens:
    """What was issued and is not yet revoked."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Issue by this clock, which clients must share: they refresh a token by the time that it is told to end."""
        self.clock = clock
        self._issued: dict[str, Token] = {}
        self._apps: dict[int, App] = {}

    def add_app(self, app: App) -> None:
        """From now on, what is signed with the App's private key is the App's."""
        self._apps[app.id] = app

    def of_person(self, login: str) -> str:
        """A classic personal access token."""
        return self._issue("ghp_", Token(Caller(login)))

    def of_installation(
        self, app_id: int, slug: str, permissions: Mapping[str, str] | None = None
    ) -> tuple[str, datetime]:
        """A token for what an App does in the repository it is installed in, and when it ends."""
        until = (self.clock() + INSTALLATION_LASTS).replace(microsecond=0)
        return self._issue("ghs_", Token(Caller(f"{slug}[bot]", app_id, permissions=permissions), until)), until

    def of_workflow(self, permissions: Mapping[str, str] | None = None) -> str:
        """The `GITHUB_TOKEN` of a workflow's job, with what its `permissions:` say: `{"pull_requests": "write"}`."""
        caller = Caller(ACTIONS_BOT, ACTIONS_APP, permissions=permissions)
        return self._issue("ghs_", Token(caller, self.clock() + timedelta(hours=24)))

    def revoke(self, token: str) -> None:
        """Accept it no longer."""
        self._issued.pop(token, None)

    def identify(self, authorization: str) -> Caller | None:
        """Whose the value of an `Authorization` header is. None: nobody's, or no longer.

        A header of `git` has the token as the password: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
        """
        scheme, _, value = authorization.strip().partition(" ")
        match scheme.lower():
            case "bearer" if value.count(".") == 2:  # noqa: PLR2004  # header.claims.signature
                return self._app_itself(value)
            case "bearer" | "token":
                return self._holder(value.strip())
            case "basic":
                return self._holder(_password(value))
            case _:
                return None

    def _issue(self, prefix: str, token: Token) -> str:
        text = prefix + secrets.token_hex(18)
        self._issued[text] = token
        return text

    def _holder(self, text: str) -> Caller | None:
        token = self._issued.get(text)
        if token is None or (token.expires_at is not None and token.expires_at <= self.clock()):
            return None
        return token.caller

    def _app_itself(self, text: str) -> Caller | None:
        try:
            app = self._apps[int(jwt.decode(text, options={"verify_signature": False})["iss"])]
            claims = jwt.decode(
                text,
                app.public_key,
                algorithms=["RS256"],
                options={"require": ["iat", "exp", "iss"], "verify_exp": False, "verify_iat": False},
            )
            issued, expires = (datetime.fromtimestamp(float(claims[name]), UTC) for name in ("iat", "exp"))
        except (jwt.PyJWTError, KeyError, ValueError, TypeError):
            return None
        now = self.clock()
        if not issued <= now < expires or expires - now > JWT_LASTS:
            return None
        return Caller(app.slug, app.id, is_app_itself=True)


def _password(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
