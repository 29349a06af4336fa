"""The frame of the loopback GitHub: what is described, who is who, what goes wrong on demand, and git over HTTP."""

import importlib.util
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from datetime import timedelta
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import boto3
import jwt
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from github import Auth, Github, GithubException
from tests.fixtures.github import APP, REPOSITORY, client_of
from tests.fixtures.source import ROOT

from nhi.sandbox.aws import LoopbackAws
from nhi.sandbox.github import frontend, graphql
from nhi.sandbox.github.call import Answer, Call
from nhi.sandbox.github.description import Description, description
from nhi.sandbox.github.deviations import DEVIATIONS, Deviation
from nhi.sandbox.github.faults import Fault, limit_used_up, lost_answer, lost_request, server_error, too_many
from nhi.sandbox.github.oidc import ISSUER, KEYS_PATH, Job
from nhi.sandbox.github.operations import operations, resolvers
from nhi.sandbox.github.people import Site
from nhi.sandbox.github.server import LoopbackGitHub
from nhi.sandbox.github.world import World

REPO = f"/repos/{REPOSITORY}"


def ask(  # noqa: PLR0913  # what a request consists of
    github: LoopbackGitHub,
    method: str,
    path: str,
    body: object = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any, Mapping[str, str]]:
    """The status, body and headers of an answer; asked as alice, else with that token."""
    connection = HTTPConnection("127.0.0.1", github.port, timeout=10)
    try:
        credentials = {"Authorization": f"Bearer {github.token('alice') if token is None else token}"}
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {**credentials, **(headers or {})})
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None, dict(answer.headers)
    finally:
        connection.close()


def git(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    named = {"GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "alice@acme.example"}
    named |= {"GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "alice@acme.example"}
    environment = {**os.environ, **quiet, **named}
    return subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def clone(github: LoopbackGitHub, tmp_path: Path) -> Path:
    """Alice's clone, with a commit that is not pushed yet."""
    folder = tmp_path / "clone"
    assert git("clone", github.clone_url(REPOSITORY, github.token("alice")), str(folder)).returncode == 0
    (folder / "new.txt").write_text("new\n", "utf-8")
    git("add", ".", folder=folder)
    git("commit", "-qm", "new", folder=folder)
    return folder


@pytest.fixture
def pull(acme: Site) -> int:
    """A pull request of alice."""
    acme.push("alice", "topic", {"a.txt": "1\n"})
    return acme.open_pull("alice", "topic", "A topic")


class TestDescription:
    @pytest.fixture
    def script(self) -> ModuleType:
        """scripts/github_api.py."""
        spec = importlib.util.spec_from_file_location("github_api", ROOT / "scripts/github_api.py")
        assert spec is not None
        assert spec.loader is not None
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        return script

    def test_the_files_are_what_the_script_writes(self, script: ModuleType) -> None:
        script.check()

        assert script.operations() == description().operations.keys()

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("api.json", ('"maximum": 100', '"maximum": 101')),
            ("api.json", ('"operationId": "pulls/get"', '"operationId": "pulls/got"')),
            ("schema.graphql", ("number: Int!", "number: Int")),
        ],
    )
    def test_a_file_that_was_changed_by_hand_is_found(
        self, script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: tuple[str, str]
    ) -> None:
        for each in (script.API, script.SCHEMA):
            (tmp_path / each).write_bytes((script.OUT / each).read_bytes())
        monkeypatch.setattr(script, "OUT", tmp_path)
        text = (tmp_path / name).read_text("utf-8")
        assert change[0] in text
        (tmp_path / name).write_text(text.replace(*change, 1), "utf-8")

        with pytest.raises(script.Stale, match=f"{name} is not what this script writes now"):
            script.check()

    def test_what_is_described_is_built_and_what_is_built_is_described(self, tmp_path: Path) -> None:
        assert operations(World(tmp_path, os.environ)).keys() == description().operations.keys()

    def test_every_query_and_mutation_of_the_schema_is_built(self, tmp_path: Path) -> None:
        roots = graphql.schema().query_type, graphql.schema().mutation_type

        assert resolvers(World(tmp_path, os.environ)).keys() == {
            f"{root.name}.{name}" for root in roots if root is not None for name in root.fields
        }

    @pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda one: one.operation)
    def test_a_deviation_is_one_for_an_operation_that_is_served(self, deviation: Deviation) -> None:
        operation = description().operations[deviation.operation]

        assert not set(deviation.queries) & operation.queries.keys()
        assert not set(deviation.statuses) & operation.answers.keys()
        assert deviation.bodies or deviation.queries or deviation.statuses or deviation.nulls

    def test_a_bare_array_of_labels_is_a_deviation_and_becomes_labels(self, monkeypatch: pytest.MonkeyPatch) -> None:
        operation = description().operations["issues/add-labels"]

        assert description().read(operation, "", b'["bug"]').body == {"labels": ["bug"]}
        monkeypatch.setattr("nhi.sandbox.github.description.deviations_of", lambda _: ())
        assert description().read(operation, "", b'["bug"]').misfits != ()

    def test_a_path_goes_to_the_operation_that_names_most_of_it(self) -> None:
        found = [
            description().route("PATCH", f"{REPO}/issues/comments/7"),
            description().route("GET", f"{REPO}/git/ref/heads/nhi/sweep/payments%23x"),
            description().route("GET", f"{REPO}/pulls/seven"),
        ]

        assert [None if one is None else (one[0].id, list(one[1].values())[2:]) for one in found] == [
            ("issues/update-comment", ["7"]),
            ("git/get-ref", ["heads/nhi/sweep/payments#x"]),
            None,
        ]

    def test_what_an_answer_lacks_is_filled_in_a_neutral_way(self) -> None:
        operation = description().operations["repos/get-branch"]

        filled = cast("dict[str, Any]", description().fill(operation, 200, {"name": "main"}, "http://here.example"))

        assert filled["protected"] is False
        assert filled["protection_url"] == "http://here.example/"
        assert filled["commit"]["parents"] == []

    def test_an_enumeration_is_never_guessed(self) -> None:
        schema = {"type": "object", "required": ["state"], "properties": {"state": {"enum": ["open", "closed"]}}}
        made = Description(
            {
                "components": {"schemas": {"basic-error": {}}},
                "paths": {
                    "/x": {
                        "get": {
                            "operationId": "x/get",
                            "responses": {"200": {"content": {"application/json": {"schema": schema}}}},
                        }
                    }
                },
            }
        )
        operation = made.operations["x/get"]

        filled = made.fill(operation, 200, {}, "http://here.example")

        assert made.misfits(operation, 200, filled) == ('the whole: "state" is a required property',)


class TestTripwires:
    """Each makes a violation, sees that it is loud, and takes it away again."""

    def violated(self, github: LoopbackGitHub, status: int) -> str:
        found = "\n".join(github.violations)
        github.violations.clear()
        assert status == frontend.VIOLATION
        return found

    @pytest.fixture
    def spoilt(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], Answer]], None]:
        """`pulls/get` answers what a function makes of the right body."""

        def spoil(change: Callable[[Any], Answer]) -> None:
            def patched(world: World) -> Mapping[str, Callable[[Call], Answer]]:
                right = operations(world)
                return {**right, "pulls/get": lambda call: change(right["pulls/get"](call).body)}

            monkeypatch.setattr(frontend, "operations", patched)

        return spoil

    def test_an_answer_with_a_wrong_type(
        self, github: LoopbackGitHub, pull: int, spoilt: Callable[[Callable[[Any], Answer]], None]
    ) -> None:
        spoilt(lambda body: Answer(200, {**body, "number": str(body["number"])}))

        status, _, _ = ask(github, "GET", f"{REPO}/pulls/{pull}")

        assert 'answer 200: number: "1" is not of type "integer"' in self.violated(github, status)

    def test_a_client_is_told_so(
        self, github: LoopbackGitHub, pull: int, spoilt: Callable[[Callable[[Any], Answer]], None]
    ) -> None:
        spoilt(lambda body: Answer(200, {**body, "number": str(body["number"])}))
        client = client_of(github, github.token("alice"))

        with pytest.raises(GithubException) as caught:
            client.get_repo(REPOSITORY).get_pull(pull)

        assert "number" in self.violated(github, caught.value.status)

    def test_an_undocumented_status(
        self, github: LoopbackGitHub, pull: int, spoilt: Callable[[Callable[[Any], Answer]], None]
    ) -> None:
        spoilt(lambda body: Answer(202, body))

        status, _, _ = ask(github, "GET", f"{REPO}/pulls/{pull}")

        assert "the status 202 is not described" in self.violated(github, status)

    def test_an_operation_that_crashes(
        self, github: LoopbackGitHub, pull: int, spoilt: Callable[[Callable[[Any], Answer]], None]
    ) -> None:
        spoilt(lambda body: Answer(200, body["no such key"]))

        connection = HTTPConnection("127.0.0.1", github.port, timeout=10)
        connection.request("GET", f"{REPO}/pulls/{pull}", headers={"Authorization": f"token {github.token('alice')}"})
        status = connection.getresponse().status
        connection.close()

        assert status == 500
        assert "KeyError: 'no such key'" in self.violated(github, frontend.VIOLATION)

    @pytest.mark.parametrize(
        ("method", "path", "body", "words"),
        [
            ("GET", f"{REPO}/stargazers", None, "no operation of api.json"),
            ("DELETE", REPO, None, "no operation of api.json"),
            ("POST", f"{REPO}/issues", {"title": 7, "labels": "x"}, "body: "),
            ("POST", f"{REPO}/issues", {"body": "without a title"}, 'body: the whole: "title" is a required property'),
            ("POST", f"{REPO}/issues", None, "body: there is none"),
            ("POST", f"{REPO}/issues", {"title": "x", "asignees": []}, "body: no such property: asignees"),
            ("GET", f"{REPO}/pulls?state=merged", None, "query state"),
            ("GET", f"{REPO}/pulls?per_page=many", None, "query per_page"),
            ("GET", f"{REPO}/pulls?branch=main", None, "query branch: no such parameter"),
            ("POST", "/graphql", {"query": "{ viewer { loginn } }"}, "Cannot query field 'loginn'"),
            ("POST", "/graphql", {"query": "{ node(id: 1) { id } }"}, "Cannot query field 'node'"),
            ("POST", "/graphql", {"query": "mutation {"}, "Syntax Error"),
        ],
    )
    def test_a_request_that_does_not_fit(
        self, github: LoopbackGitHub, method: str, path: str, body: object, words: str
    ) -> None:
        status, _, _ = ask(github, method, path, body)

        assert words in self.violated(github, status)

    def test_an_operation_that_is_not_built(self, github: LoopbackGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(frontend, "operations", lambda _: {})

        status, _, _ = ask(github, "GET", REPO)

        assert "(repos/get): not built" in self.violated(github, status)

    def test_a_query_that_is_not_built(self, github: LoopbackGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(frontend, "resolvers", lambda _: {})

        status, _, _ = ask(github, "POST", "/graphql", {"query": "{ viewer { login } }"})

        assert "Query.viewer is not built" in self.violated(github, status)


class TestCallers:
    def test_nobody_is_told_nothing(self, github: LoopbackGitHub) -> None:
        status, body, _ = ask(github, "GET", REPO, token="ghp_nobody")  # noqa: S106  # nobody's

        assert (status, body["message"]) == (401, "Bad credentials")

    def test_a_revoked_token_is_nobodys(self, github: LoopbackGitHub) -> None:
        token = github.token("alice")
        github.world.tokens.revoke(token)

        assert ask(github, "GET", "/user", token=token)[0] == 401

    def test_a_token_is_a_persons(self, github: LoopbackGitHub) -> None:
        client = client_of(github, github.token("bob"))

        assert client.get_user().login == "bob"

    def test_an_app_signs_and_gets_a_token_that_ends(self, github: LoopbackGitHub) -> None:
        app = Auth.AppAuth(APP, github.private_key(APP))
        installation = github.world.apps[APP].installation_id
        client = Github(auth=app.get_installation_auth(installation), base_url=github.origin, retry=None)
        token = client.requester.auth.token if client.requester.auth else ""

        assert client.get_repo(REPOSITORY).full_name == REPOSITORY
        real = github.world.tokens.clock
        github.world.tokens.clock = lambda: real() + timedelta(hours=1)
        assert ask(github, "GET", REPO, token=token)[0] == 401

    @pytest.mark.parametrize(
        ("claims", "app"),
        [
            ({"exp": 900}, APP),
            ({"exp": -1}, APP),
            ({"iat": 60}, APP),
            ({"iss": "7"}, APP),
            ({"iss": "no number"}, APP),
        ],
    )
    def test_a_jwt_that_github_would_not_take(
        self, github: LoopbackGitHub, claims: Mapping[str, Any], app: int
    ) -> None:
        now = int(github.world.tokens.clock().timestamp())
        right: dict[str, Any] = {"iat": now - 60, "exp": now + 300, "iss": str(app)}
        wrong = {key: now + value if isinstance(value, int) else value for key, value in claims.items()}
        key = github.private_key(app)

        assert ask(github, "GET", "/app", token=jwt.encode(right, key, algorithm="RS256"))[0] == 200
        assert ask(github, "GET", "/app", token=jwt.encode({**right, **wrong}, key, algorithm="RS256"))[0] == 401

    def test_a_jwt_signed_by_somebody_else(self, github: LoopbackGitHub) -> None:
        github.private_key(APP)
        now = int(github.world.tokens.clock().timestamp())
        claims = {"iat": now - 60, "exp": now + 300, "iss": str(APP)}
        github.world.app("other", id=77)

        assert ask(github, "GET", "/app", token=jwt.encode(claims, github.private_key(77), algorithm="RS256"))[0] == 401

    def test_every_url_is_of_the_host_that_was_asked(self, github: LoopbackGitHub) -> None:
        _, body, _ = ask(github, "GET", REPO, headers={"Host": f"localhost:{github.port}"})

        assert body["url"] == f"http://localhost:{github.port}{REPO}"

    def test_the_rate_limit_is_told(self, github: LoopbackGitHub) -> None:
        first, second = (ask(github, "GET", REPO)[2]["X-RateLimit-Remaining"] for _ in range(2))

        assert int(second) == int(first) - 1


class TestPages:
    @pytest.fixture(autouse=True)
    def issues(self, acme: Site) -> None:
        for number in range(5):
            acme.call("alice", "issues/create", {"title": f"issue {number}"})

    def test_a_list_comes_in_pages(self, github: LoopbackGitHub) -> None:
        _, body, headers = ask(github, "GET", f"{REPO}/issues?per_page=2&page=2&state=all")
        place = f"{github.origin}{REPO}/issues?per_page=2&page="

        assert len(body) == 2
        assert headers["Link"] == (
            f'<{place}1&state=all>; rel="prev", <{place}1&state=all>; rel="first", '
            f'<{place}3&state=all>; rel="next", <{place}3&state=all>; rel="last"'
        )

    def test_the_last_page_names_no_next(self, github: LoopbackGitHub) -> None:
        _, body, headers = ask(github, "GET", f"{REPO}/issues?per_page=2&page=3")

        assert len(body) == 1
        assert 'rel="next"' not in headers["Link"]

    def test_one_page_has_no_link(self, github: LoopbackGitHub) -> None:
        assert "Link" not in ask(github, "GET", f"{REPO}/issues")[2]

    def test_a_page_has_a_hundred_at_most(self, github: LoopbackGitHub, acme: Site) -> None:
        for number in range(98):
            acme.call("alice", "issues/create", {"title": f"more {number}"})

        assert len(ask(github, "GET", f"{REPO}/issues?per_page=1000")[1]) == 100

    def test_a_client_follows_the_pages(self, github: LoopbackGitHub) -> None:
        client = client_of(github, github.token("alice"))
        client.per_page = 2

        assert [one.number for one in client.get_repo(REPOSITORY).get_issues()] == [5, 4, 3, 2, 1]

    def test_a_list_in_an_object_comes_in_pages_too(self, github: LoopbackGitHub, acme: Site) -> None:
        commit = acme.repository.tip("main") or ""
        for name in ("one", "two", "three"):
            acme.say(commit, "alice", name, "success")

        _, body, headers = ask(github, "GET", f"{REPO}/commits/{commit}/status?per_page=2")

        assert (len(body["statuses"]), body["total_count"]) == (2, 3)
        assert 'rel="next"' in headers["Link"]

    def test_activities_go_by_cursor(self, github: LoopbackGitHub, acme: Site) -> None:
        for number in range(3):
            acme.push("alice", f"topic-{number}", {"a.txt": f"{number}\n"})

        _, first, headers = ask(github, "GET", f"{REPO}/activity?per_page=3")
        place = headers["Link"].partition(">")[0].removeprefix(f"<{github.origin}")
        _, rest, _ = ask(github, "GET", place)

        assert len({one["id"] for one in (*first, *rest)}) == len(first) + len(rest) == 4


class TestFaults:
    def test_a_fault_is_met_once_by_the_call_that_it_names(self, github: LoopbackGitHub) -> None:
        github.faults.add(server_error("POST", ".*/issues", 503))
        body = {"title": "x"}

        assert ask(github, "GET", f"{REPO}/issues")[0] == 200
        assert ask(github, "POST", f"{REPO}/issues", body)[0] == 503
        assert ask(github, "POST", f"{REPO}/issues", body)[0] == 201
        assert [one.operation for one in github.calls if one.status == 503] == ["issues/create"]

    @pytest.mark.parametrize(
        ("fault", "status", "header"),
        [
            (too_many("GET", ".*", retry_after=7), 429, ("Retry-After", "7")),
            (limit_used_up("GET", ".*", reset=1900000000), 403, ("X-RateLimit-Reset", "1900000000")),
        ],
    )
    def test_a_rate_limit_looks_like_one(
        self, github: LoopbackGitHub, fault: Fault, status: int, header: tuple[str, str]
    ) -> None:
        github.faults.add(fault)

        found, _, headers = ask(github, "GET", REPO)

        assert (found, headers[header[0]]) == (status, header[1])

    def test_a_lost_answer_is_of_something_done(self, github: LoopbackGitHub, acme: Site) -> None:
        github.faults.add(lost_answer("POST", ".*/issues"))

        with pytest.raises(RemoteDisconnected):
            ask(github, "POST", f"{REPO}/issues", {"title": "x"})

        assert len(acme.repository.issues) == 1
        assert (github.calls[-1].operation, github.calls[-1].status) == ("issues/create", 0)

    def test_a_lost_request_is_of_nothing_done(self, github: LoopbackGitHub, acme: Site) -> None:
        github.faults.add(lost_request("POST", ".*/issues"))

        with pytest.raises(RemoteDisconnected):
            ask(github, "POST", f"{REPO}/issues", {"title": "x"})

        assert acme.repository.issues == {}

    def test_a_client_that_tries_again_after_a_lost_answer_writes_twice(
        self, github: LoopbackGitHub, pull: int
    ) -> None:
        github.faults.add(lost_answer("POST", ".*/comments"))
        client = client_of(github, github.token("alice"), tries=2)

        client.get_repo(REPOSITORY).get_issue(pull).create_comment("once?")

        assert len(github.world.found(REPOSITORY).comments) == 2

    def test_after_so_many_calls_nobody_is_answered(self, github: LoopbackGitHub, acme: Site) -> None:
        github.faults.refuse_after(2)

        assert ask(github, "GET", REPO)[0] == 200
        for _ in range(3):
            with pytest.raises(RemoteDisconnected):
                ask(github, "POST", f"{REPO}/issues", {"title": "x"})
        github.faults.clear()

        assert len(acme.repository.issues) == 1
        assert ask(github, "GET", REPO)[0] == 200

    def test_what_a_test_planted_and_nobody_met_is_known(self, github: LoopbackGitHub) -> None:
        github.faults.add(server_error("GET", "/nowhere"))

        assert [one.path for one in github.faults.waiting] == ["/nowhere"]
        github.faults.clear()

    def test_a_push_counts_as_a_call_and_can_be_lost(self, github: LoopbackGitHub, clone: Path) -> None:
        github.faults.refuse_after(1)

        assert git("push", "origin", "HEAD:refs/heads/topic", folder=clone).returncode != 0
        github.faults.clear()

        assert github.world.found(REPOSITORY).tip("topic") == git("rev-parse", "HEAD", folder=clone).stdout.strip()


class TestGit:
    def test_nobody_may_clone_a_private_repository(self, github: LoopbackGitHub, tmp_path: Path) -> None:
        done = git("clone", f"{github.origin}/{REPOSITORY}.git", str(tmp_path / "x"))

        assert done.returncode != 0
        assert "could not read Username" in done.stderr

    def test_everybody_may_clone_a_public_one(self, github: LoopbackGitHub, acme: Site, tmp_path: Path) -> None:
        acme.repository.settings.visibility = "public"

        assert git("clone", f"{github.origin}/{REPOSITORY}.git", str(tmp_path / "x")).returncode == 0

    def test_a_stranger_is_told_of_nothing(self, github: LoopbackGitHub, tmp_path: Path) -> None:
        done = git("clone", github.clone_url(REPOSITORY, github.token("eve")), str(tmp_path / "x"))

        assert "not found" in done.stderr

    def test_a_clone_has_what_was_pushed(self, clone: Path) -> None:
        assert (clone / "README.md").read_text("utf-8") == "Hello.\n"

    def test_a_push_opens_the_way_to_a_pull_request(self, github: LoopbackGitHub, clone: Path, acme: Site) -> None:
        assert git("push", "origin", "HEAD:refs/heads/topic", folder=clone).returncode == 0
        number = acme.open_pull("alice", "topic", "A topic")
        git("commit", "-q", "--allow-empty", "-m", "more", folder=clone)
        git("push", "origin", "HEAD:refs/heads/topic", folder=clone)
        head = git("rev-parse", "HEAD", folder=clone).stdout.strip()

        assert acme.pull(number, "alice")["head"]["sha"] == head
        assert git("ls-remote", "origin", f"refs/pull/{number}/head", folder=clone).stdout.split()[0] == head
        assert [one.operation for one in github.calls].count("git/push") == 2

    def test_the_head_of_a_pull_request_and_any_commit_can_be_fetched(self, clone: Path, acme: Site, pull: int) -> None:
        older = acme.repository.pulls[pull].head
        acme.push("alice", "topic", {"a.txt": "2\n"}, start="main")

        assert git("fetch", "-q", "origin", f"refs/pull/{pull}/head", folder=clone).returncode == 0
        assert git("fetch", "-q", "origin", older, folder=clone).returncode == 0
        assert git("cat-file", "-e", older, folder=clone).returncode == 0

    def test_a_reader_may_not_push(self, github: LoopbackGitHub, clone: Path) -> None:
        place = github.clone_url(REPOSITORY, github.token("rita"))

        done = git("push", place, "HEAD:refs/heads/topic", folder=clone)

        assert "403" in done.stderr

    def test_a_rule_refuses_one_reference_in_githubs_words_and_lets_the_other_pass(
        self, clone: Path, acme: Site
    ) -> None:
        acme.protect("root", [{"type": "pull_request", "parameters": pull_request_rule()}])

        done = git("push", "origin", "HEAD:refs/heads/main", "HEAD:refs/heads/topic", folder=clone)

        assert "GH013: Repository rule violations found for refs/heads/main" in done.stderr
        assert "[remote rejected] HEAD -> main" in done.stderr
        assert acme.repository.tip("topic") == git("rev-parse", "HEAD", folder=clone).stdout.strip()
        assert acme.repository.tip("main") != acme.repository.tip("topic")

    def test_nobody_writes_the_references_of_pull_requests(self, clone: Path, acme: Site, pull: int) -> None:
        done = git("push", "--force", "origin", f"HEAD:refs/pull/{pull}/head", folder=clone)

        assert "deny updating a hidden ref" in done.stderr
        assert acme.repository.tip("topic") == acme.repository.store.resolve(f"refs/pull/{pull}/head")

    def test_a_forced_push_wants_the_commit_it_knew(self, clone: Path, acme: Site) -> None:
        acme.push("bob", "topic", {"b.txt": "1\n"})
        theirs = acme.repository.tip("topic")

        done = git("push", "--force-with-lease=topic:", "origin", "HEAD:refs/heads/topic", folder=clone)

        assert "stale info" in done.stderr
        assert acme.repository.tip("topic") == theirs

    def test_a_branch_can_be_deleted(self, clone: Path, acme: Site) -> None:
        git("push", "origin", "HEAD:refs/heads/topic", folder=clone)

        assert git("push", "origin", ":refs/heads/topic", folder=clone).returncode == 0
        assert acme.repository.tip("topic") is None

    def test_a_large_push_arrives_whole(self, clone: Path, acme: Site) -> None:
        (clone / "large.bin").write_bytes(os.urandom(3_000_000))
        git("add", ".", folder=clone)
        git("commit", "-qm", "large", folder=clone)

        assert git("push", "origin", "HEAD:refs/heads/large", folder=clone).returncode == 0
        assert acme.repository.tip("large") == git("rev-parse", "HEAD", folder=clone).stdout.strip()


class TestGraphQL:
    def test_a_mutation_is_executed(self, github: LoopbackGitHub, acme: Site, pull: int) -> None:
        acme.repository.settings.allow_auto_merge = True
        rule = pull_request_rule(required_approving_review_count=1)
        acme.protect("root", [{"type": "pull_request", "parameters": rule}])
        client = client_of(github, github.token("alice"))

        said = client.get_repo(REPOSITORY).get_pull(pull).enable_automerge("SQUASH", client_mutation_id="once")

        assert (said["actor"]["login"], said["clientMutationId"]) == ("alice", "once")
        assert acme.repository.pulls[pull].auto_merge is not None

    def test_a_refusal_is_an_error_in_an_answer_of_200(self, github: LoopbackGitHub, pull: int) -> None:
        mutation = (
            "mutation($i: EnablePullRequestAutoMergeInput!) {enablePullRequestAutoMerge(input: $i) {clientMutationId}}"
        )
        node = client_of(github, github.token("alice")).get_repo(REPOSITORY).get_pull(pull).node_id

        status, body, _ = ask(
            github, "POST", "/graphql", {"query": mutation, "variables": {"i": {"pullRequestId": node}}}
        )

        assert status == 200
        assert body["data"] == {"enablePullRequestAutoMerge": None}
        assert body["errors"][0]["type"] in {"UNPROCESSABLE", "FORBIDDEN"}


class TestIdentityOfActions:
    def fetched(self, github: LoopbackGitHub, job: Job) -> str:
        asked = github.actions_token(job)
        path = asked["ACTIONS_ID_TOKEN_REQUEST_URL"].removeprefix(github.origin)
        status, body, _ = ask(
            github, "GET", f"{path}&audience=sts.amazonaws.com", token=asked["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
        )
        assert status == 200
        return str(body["value"])

    def read(self, github: LoopbackGitHub, token: str) -> dict[str, Any]:
        keys = jwt.PyJWKSet.from_dict(ask(github, "GET", KEYS_PATH)[1])
        return jwt.decode(
            token,
            keys[jwt.get_unverified_header(token)["kid"]],
            algorithms=["RS256"],
            audience="sts.amazonaws.com",
            issuer=ISSUER,
        )

    @pytest.mark.parametrize(
        ("environment", "event", "immutable", "subject"),
        [
            ("apply", "push", False, "repo:acme/iam:environment:apply"),
            (None, "push", False, "repo:acme/iam:ref:refs/heads/main"),
            (None, "pull_request_target", False, "repo:acme/iam:ref:refs/heads/main"),
            (None, "pull_request", False, "repo:acme/iam:pull_request"),
            ("apply", "push", True, "repo:acme@{owner}/iam@{repository}:environment:apply"),
        ],
    )
    def test_a_job_proves_what_it_is(  # noqa: PLR0913, PLR0917  # one row of the table
        self,
        github: LoopbackGitHub,
        acme: Site,
        environment: str | None,
        event: str,
        immutable: bool,  # noqa: FBT001  # of the table
        subject: str,
    ) -> None:
        acme.repository.settings.oidc_immutable = immutable
        job = Job(acme.repository, acme.world.actor(acme.caller("alice")), environment, event=event)
        numbers = {"owner": acme.repository.owner.id, "repository": acme.repository.id}

        said = self.read(github, self.fetched(github, job))

        assert said["sub"] == subject.format(**numbers)
        assert said["repository_id"] == str(acme.repository.id)
        assert said["job_workflow_ref"] == "acme/iam/.github/workflows/apply.yml@refs/heads/main"
        assert said.get("environment") == environment

    def test_a_repository_may_choose_its_claims(self, github: LoopbackGitHub, acme: Site) -> None:
        settings = acme.repository.settings
        settings.oidc_default, settings.oidc_immutable = False, False
        settings.oidc_claims = ["repo", "context", "job_workflow_ref"]
        job = Job(acme.repository, acme.world.actor(acme.caller("alice")), "apply")

        assert self.read(github, self.fetched(github, job))["sub"] == (
            "repo:acme/iam:environment:apply:job_workflow_ref:acme/iam/.github/workflows/apply.yml@refs/heads/main"
        )

    def test_only_a_job_may_ask(self, github: LoopbackGitHub) -> None:
        assert ask(github, "GET", "/_actions/oidc/token")[0] == 401

    def test_aws_takes_it(self, github: LoopbackGitHub, acme: Site, loopback: LoopbackAws, fresh_account: str) -> None:
        job = Job(acme.repository, acme.world.actor(acme.caller("alice")), "apply")
        client = boto3.client(
            "sts",
            region_name="us-east-1",
            endpoint_url=loopback.endpoint,
            config=Config(signature_version=UNSIGNED),
        )

        said = client.assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{fresh_account}:role/nhi-apply",
            RoleSessionName="apply",
            WebIdentityToken=self.fetched(github, job),
        )

        assert said["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{fresh_account}:assumed-role/nhi-apply/apply"


def pull_request_rule(**more: object) -> dict[str, object]:
    """The parameters of a rule that wants a pull request, and by itself no more."""
    return {
        "dismiss_stale_reviews_on_push": False,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_approving_review_count": 0,
        "required_review_thread_resolution": False,
        **more,
    }
