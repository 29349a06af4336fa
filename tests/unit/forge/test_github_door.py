"""The door to GitHub: credentials, repetition, waiting, odd answers, and that no secret leaves it."""

import logging
from collections.abc import Callable

import pytest
from tests.fixtures.scripted_http import Scripted, ScriptedHttp, StandingClock

from nhi.errors import InputError, OutsideError, UsageError
from nhi.forge.github import GitHub, part
from nhi.forge.refusal import Lost, Refused
from nhi.forge.waiting import Limits

TOKEN = "ghp_secretsecretsecretsecretsecret"  # noqa: S105  # a made-up one, so that a test can look for it
RATE = {"message": "API rate limit exceeded for user ID 1."}

Door = Callable[..., GitHub]


@pytest.fixture
def door(scripted_http: ScriptedHttp, standing_clock: StandingClock) -> Door:
    def make(limits: Limits | None = None, **environment: str) -> GitHub:
        given = {"GITHUB_API_URL": scripted_http.address, "GITHUB_TOKEN": TOKEN} | environment
        return GitHub(given, "acme/iam", {}, standing_clock, limits or Limits())

    return make


def test_a_call_carries_the_token_and_the_version_and_nothing_of_the_process(
    door: Door, scripted_http: ScriptedHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    scripted_http.say(Scripted(body={"number": 7}))

    door().ask("GET", "/pulls/7")

    (seen,) = scripted_http.seen
    assert seen.path == "/repos/acme/iam/pulls/7"
    assert seen.headers["authorization"] == f"token {TOKEN}"
    assert seen.headers["x-github-api-version"] == "2022-11-28"


def test_a_proxy_of_the_environment_is_used(
    scripted_http: ScriptedHttp, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    environment = {
        "GITHUB_API_URL": "https://github.acme.example/api/v3",
        "GITHUB_TOKEN": TOKEN,
        "HTTPS_PROXY": scripted_http.address,
    }
    scripted_http.say(Scripted(403, b""))

    with pytest.raises(OutsideError, match="403"):
        GitHub(environment, "acme/iam", {}, standing_clock, Limits(attempts=1)).ask("GET", "/pulls/7")

    assert scripted_http.seen[0].path == "github.acme.example:443"


def test_what_passes_is_waited_for(door: Door, scripted_http: ScriptedHttp, standing_clock: StandingClock) -> None:
    scripted_http.say(Scripted(502, b"<html>"), Scripted(drop=True), Scripted(500, {"message": "x"}), Scripted(body={}))

    door().ask("GET", "/pulls/7")

    assert standing_clock.pauses == [1, 2, 4]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
def test_every_method_is_repeated_where_that_is_harmless(door: Door, scripted_http: ScriptedHttp, method: str) -> None:
    scripted_http.say(Scripted(502, {}), Scripted(body={"a": 1}))

    door().ask(method, "/pulls/7", {"title": "x"})

    assert [one.method for one in scripted_http.seen] == [method, method]


def test_trouble_that_does_not_pass_is_an_error(
    door: Door, scripted_http: ScriptedHttp, standing_clock: StandingClock
) -> None:
    scripted_http.say(*[Scripted(503, {"message": "Unavailable"})] * 5)

    with pytest.raises(Refused, match="GET /repos/acme/iam/pulls/7 with 503: Unavailable") as caught:
        door().ask("GET", "/pulls/7")

    assert "githubstatus" in caught.value.hint
    assert len(standing_clock.pauses) == 4


@pytest.mark.parametrize(
    ("answer", "waited"),
    [
        (Scripted(429, {"message": "slow"}, {"Retry-After": "17"}), 17),
        (Scripted(403, {"message": "You have exceeded a secondary rate limit."}), 60),
        (Scripted(403, {"message": "wait"}, {"Retry-After": "5"}), 5),
        (Scripted(403, RATE, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795165230"}), 31),
        (Scripted(429, {"message": "slow"}, {"Retry-After": "0"}), 1),
        (Scripted(429, {"message": "slow"}, {"Retry-After": "²"}), 60),
    ],
)
def test_a_rate_limit_is_waited_for_as_long_as_github_says(
    door: Door, scripted_http: ScriptedHttp, standing_clock: StandingClock, answer: Scripted, waited: float
) -> None:
    scripted_http.say(answer, Scripted(body={}))

    door().ask("POST", "/issues/7/comments", {}, again=False)

    assert standing_clock.pauses == [waited]


@pytest.mark.parametrize(
    "answer",
    [
        Scripted(429, {"message": "slow"}, {"Retry-After": "3600"}),
        Scripted(403, RATE, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795168800"}),
    ],
)
def test_a_rate_limit_of_an_hour_is_said_and_not_slept_through(
    door: Door, scripted_http: ScriptedHttp, standing_clock: StandingClock, answer: Scripted
) -> None:
    scripted_http.say(answer)

    with pytest.raises(Refused) as caught:
        door().ask("GET", "/pulls/7")

    assert "run it again later" in caught.value.hint
    assert standing_clock.pauses == []


def test_all_attempts_of_a_call_have_one_bound(
    door: Door, scripted_http: ScriptedHttp, standing_clock: StandingClock
) -> None:
    scripted_http.say(*[Scripted(429, {}, {"Retry-After": "100"})] * 3)

    with pytest.raises(Refused):
        door(Limits(total_seconds=250)).ask("GET", "/pulls/7")

    assert standing_clock.pauses == [100, 100]


@pytest.mark.parametrize(
    "answer",
    [Scripted(502, {}), Scripted(drop=True), Scripted(201, b'{"id": 1', cut=8), Scripted(201, {"id": 1}, cut=3)],
)
def test_a_write_that_may_not_be_made_twice_is_not(door: Door, scripted_http: ScriptedHttp, answer: Scripted) -> None:
    scripted_http.say(answer)

    with pytest.raises(Lost):
        door().ask("POST", "/issues/7/comments", {"body": "x"}, again=False)

    assert len(scripted_http.seen) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 409, 410, 422])
def test_a_refusal_is_an_error_at_once(
    door: Door, scripted_http: ScriptedHttp, standing_clock: StandingClock, status: int
) -> None:
    scripted_http.say(Scripted(status, {"message": "No", "errors": [{"message": "Because"}, "so"]}))

    with pytest.raises(Refused) as caught:
        door().ask("POST", "/pulls", {}, again=False)

    assert caught.value.status == status
    assert caught.value.words == "No: Because: so"
    assert standing_clock.pauses == []


def test_a_missing_permission_is_named(door: Door, scripted_http: ScriptedHttp) -> None:
    headers = {"X-Accepted-GitHub-Permissions": "issues=write; pull_requests=write"}
    scripted_http.say(Scripted(403, {"message": "Resource not accessible by integration"}, headers))

    with pytest.raises(Refused) as caught:
        door().ask("POST", "/issues", {})

    assert "issues=write; pull_requests=write" in caught.value.hint


@pytest.mark.parametrize(
    "answer",
    [
        Scripted(200, b"{garbage"),
        Scripted(200, b"[" * 100_000),
        Scripted(200, b"\xff\xfe"),
        Scripted(202, {}),
        Scripted(200, {"a": 1}, {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "few"}),
        Scripted(400, [{"message": "x"}]),
        Scripted(400, {"message": 7}),
    ],
)
def test_what_cannot_be_read_is_an_error(door: Door, scripted_http: ScriptedHttp, answer: Scripted) -> None:
    scripted_http.say(answer)

    with pytest.raises(OutsideError):
        door().ask("GET", "/pulls/7")


def test_a_repository_that_moved_is_not_followed(door: Door, scripted_http: ScriptedHttp) -> None:
    location = {"Location": f"{scripted_http.address}/repositories/7/pulls/7"}
    scripted_http.say(Scripted(301, {"message": "Moved Permanently"}, location))

    with pytest.raises(OutsideError, match=r"github\.repository"):
        door().ask("POST", "/pulls", {})


def test_an_answer_has_a_bound(door: Door, scripted_http: ScriptedHttp) -> None:
    scripted_http.say(Scripted(200, {"a": "x" * 300_000}))

    with pytest.raises(OutsideError, match="too long"):
        door(Limits(answer_bytes=200_000)).ask("GET", "/pulls/7")


def test_the_words_of_others_are_one_line_without_controls(door: Door, scripted_http: ScriptedHttp) -> None:
    scripted_http.say(Scripted(422, {"message": "a\x1b[2J\nb\u202ec" + "d" * 1000}))

    with pytest.raises(Refused) as caught:
        door().ask("POST", "/pulls", {})

    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


def test_no_secret_is_said(door: Door, scripted_http: ScriptedHttp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    scripted_http.say(Scripted(401, {"message": "Bad credentials"}))
    github = door(Limits(attempts=1))

    with pytest.raises(Refused) as caught:
        github.ask("GET", "/pulls/7")

    assert TOKEN not in caplog.text + repr(github) + repr(github.credentials) + repr(caught.value) + caught.value.hint


def test_a_listing_is_all_pages(door: Door, scripted_http: ScriptedHttp) -> None:
    following = f"{scripted_http.address}/repositories/7/issues?after=x"
    scripted_http.say(
        Scripted(body=[1, 2], headers={"Link": f'<{following}>; rel="next", <{following}>; rel="last"'}),
        Scripted(body=[3], headers={"Link": f'<{following}>; rel="prev"'}),
    )

    assert list(door().pages("/issues", state="open")) == [[1, 2], [3]]
    first, second = scripted_http.seen
    assert first.path == "/repos/acme/iam/issues?per_page=100&state=open"
    assert second.path == "/repositories/7/issues?after=x"


@pytest.mark.parametrize("following", ["https://evil.example/x", "{address}/repos/acme/iam/issues?same=1"])
def test_a_listing_that_leads_astray_is_an_error(door: Door, scripted_http: ScriptedHttp, following: str) -> None:
    link = {"Link": f'<{following.format(address=scripted_http.address)}>; rel="next"'}
    same = following.startswith("{")
    scripted_http.say(*[Scripted(body=[1], headers=link)] * (2 if same else 1))

    with pytest.raises(OutsideError, match="does not say where"):
        list(door().pages("/issues"))


def test_half_a_listing_is_an_error(door: Door, scripted_http: ScriptedHttp) -> None:
    link = {"Link": f'<{scripted_http.address}/repos/acme/iam/issues?page=2>; rel="next"'}
    scripted_http.say(Scripted(body=[1], headers=link), Scripted(404, {"message": "Not Found"}))

    with pytest.raises(Refused):
        list(door().pages("/issues"))


@pytest.mark.parametrize("body", [{"data": "text"}, "text", 7, None])
def test_a_listing_that_is_none_is_an_error(door: Door, scripted_http: ScriptedHttp, body: str) -> None:
    scripted_http.say(Scripted(body=body))

    with pytest.raises(OutsideError, match="no list"):
        list(door().pages("/issues"))


@pytest.mark.parametrize("body", [{}, {"data": None}, [], {"errors": [{"type": "X"}]}, {"errors": "no"}])
def test_graphql_that_says_nothing_is_an_error(door: Door, scripted_http: ScriptedHttp, body: str) -> None:
    scripted_http.say(Scripted(body=body))

    with pytest.raises(OutsideError):
        door().query("query { viewer { login } }")


def test_parts_of_a_path_stay_parts() -> None:
    assert part("../../user?x#y z") == "..%2F..%2Fuser%3Fx%23y%20z"


@pytest.mark.parametrize(
    ("environment", "error"),
    [
        ({"GITHUB_TOKEN": ""}, UsageError),
        ({"GITHUB_TOKEN": "a\nb"}, UsageError),
        ({"NHI_APP_ID": "7"}, UsageError),
        ({"NHI_APP_PRIVATE_KEY": "-----BEGIN RSA PRIVATE KEY-----"}, UsageError),
        ({"NHI_APP_ID": "x", "NHI_APP_PRIVATE_KEY": "-----BEGIN RSA PRIVATE KEY-----"}, UsageError),
        ({"GITHUB_API_URL": "http://github.acme.example"}, UsageError),
        ({"GITHUB_API_URL": "http://127.0.0.1.acme.example"}, UsageError),
        ({"GITHUB_API_URL": "https://user:pass@github.acme.example"}, UsageError),
        ({"GITHUB_API_URL": "https://github.acme.example:x"}, UsageError),
        ({"GITHUB_API_URL": "ftp://127.0.0.1"}, UsageError),
        ({"GITHUB_API_URL": "https://github.acme.example/?x=1"}, UsageError),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_sent(
    door: Door, environment: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        door(**environment)


@pytest.mark.parametrize("name", ["acme", "acme/..", "acme/iam/x", "acme/i am", "", "acme/" + "x" * 200, "../iam"])
def test_an_odd_repository_is_refused(standing_clock: StandingClock, name: str) -> None:
    with pytest.raises(InputError):
        GitHub({"GITHUB_TOKEN": TOKEN}, name, {}, standing_clock)


def test_a_key_that_is_none_is_said_without_quoting_it(door: Door) -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nsecretsecret\n-----END RSA PRIVATE KEY-----"
    github = door(NHI_APP_ID="7", NHI_APP_PRIVATE_KEY=key)

    with pytest.raises(UsageError, match="NHI_APP_PRIVATE_KEY") as caught:
        github.ask("GET", "/pulls/7")

    assert "secretsecret" not in str(caught.value) + repr(github.credentials)
    assert caught.value.__cause__ is None
