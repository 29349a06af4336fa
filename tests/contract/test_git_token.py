"""What git shows GitHub: whatever the environment has, and of an App a token of its installation, asked for once."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.fixtures.scripted_http import Scripted, ScriptedHttp, StandingClock

from nhi.errors import OutsideError, UsageError
from nhi.forge.git_token import GitToken

INSTALLATION = {"id": 7, "app_slug": "nhi", "permissions": {"contents": "write", "issues": "write"}}
TOKEN = {"token": "ghs_installation", "expires_at": "2999-01-01T00:00:00Z", "permissions": {"contents": "write"}}


def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def token_for(environment: dict[str, str], http: ScriptedHttp, clock: StandingClock) -> GitToken:
    return GitToken({**environment, "GITHUB_API_URL": http.address}, "acme/iam", clock)


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GH_TOKEN"])
def test_a_token_of_the_environment_is_shown_as_it_is(
    scripted_http: ScriptedHttp, standing_clock: StandingClock, name: str
) -> None:
    token = token_for({name: "ghp_mine"}, scripted_http, standing_clock)
    assert (token(), token()) == ("ghp_mine", "ghp_mine")
    assert scripted_http.seen == []
    assert "ghp_mine" not in repr(token)


def test_an_app_shows_the_token_of_its_installation_narrowed_to_contents(
    scripted_http: ScriptedHttp, standing_clock: StandingClock
) -> None:
    scripted_http.say(Scripted(body=INSTALLATION), Scripted(201, TOKEN), *[Scripted(body={"id": 1})] * 2)
    app = {"NHI_APP_ID": "12", "NHI_APP_PRIVATE_KEY": private_key()}
    token = token_for(app, scripted_http, standing_clock)
    assert (token(), token()) == ("ghs_installation", "ghs_installation")
    assert [(one.method, one.path) for one in scripted_http.seen] == [
        ("GET", "/repos/acme/iam/installation"),
        ("POST", "/app/installations/7/access_tokens"),
        ("GET", "/repos/acme/iam"),
        ("GET", "/repos/acme/iam"),
    ]
    asked = scripted_http.seen[1].body
    assert isinstance(asked, dict)
    assert asked["permissions"] == {"contents": "write"}


def test_an_app_that_is_not_installed_there_has_no_token(
    scripted_http: ScriptedHttp, standing_clock: StandingClock
) -> None:
    scripted_http.say(Scripted(404, {"message": "Not Found"}))
    app = {"NHI_APP_ID": "12", "NHI_APP_PRIVATE_KEY": private_key()}
    with pytest.raises(OutsideError, match="installation"):
        token_for(app, scripted_http, standing_clock)()


def test_half_an_app_is_told_before_anything_is_asked(
    scripted_http: ScriptedHttp, standing_clock: StandingClock
) -> None:
    with pytest.raises(UsageError, match="NHI_APP_PRIVATE_KEY"):
        token_for({"NHI_APP_ID": "12", "GITHUB_TOKEN": "x"}, scripted_http, standing_clock)
