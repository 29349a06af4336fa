"""What reaching the repository on the forge promises: bounded, quiet, nothing leaked, and nothing touched here."""

import base64
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.fixtures.git import Clone, clean_environment

from nhi.errors import InputError, OutsideError
from nhi.repository.git import GitRepository
from nhi.repository.remote import GitRemote
from nhi.repository.remote_clone import remote_clone

Make = Callable[..., Clone]
SECRET = "ghs_sEkrit"  # noqa: S105  # of nobody
ABSENT = "0" * 39 + "1"


def reach(clone: Clone, forge: Clone, **others: str) -> GitRemote:
    """The repository `forge` as `clone` reaches it."""
    environment = {**clone.environment, **others}
    return GitRemote(clone.root, str(forge.root), lambda: SECRET, environment, may_be_a_path=True)


@pytest.fixture
def pair(git_repository: Make, tmp_path: Path) -> tuple[Clone, Clone]:
    """A clone and the bare repository of its forge."""
    clone = git_repository({"a.yaml": "a"}, name="clone")
    clone.git("clone", "--quiet", "--bare", ".", str(tmp_path / "forge.git"))
    return clone, Clone(tmp_path / "forge.git", clean_environment(tmp_path))


def commit_on(forge: Clone, reference: str, message: str = "Another") -> str:
    """A new commit upon main, under a reference of the bare repository."""
    tree = forge.git("rev-parse", "main^{tree}")
    commit = forge.git("commit-tree", tree, "-p", "main", "-m", message)
    forge.git("update-ref", reference, commit)
    return commit


def has(clone: Clone, commit: str) -> bool:
    return clone.git("cat-file", "--batch-check", stdin=commit.encode()).endswith("missing") is False


def test_what_is_fetched_stands_in_the_objects_and_nowhere_else(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    head = commit_on(forge, "refs/pull/7/head")
    hidden = commit_on(forge, "refs/heads/gone", "Hidden")
    forge.git("tag", "--annotate", "--message", "A tag", "v1", "main")
    main = forge.git("rev-parse", "main")
    before = clone.state()

    found = reach(clone, forge).fetch(["refs/heads/main", "refs/pull/7/head", hidden, "HEAD", "refs/tags/v1"])

    assert found == {
        "refs/heads/main": main,
        "refs/pull/7/head": head,
        hidden: hidden,
        "HEAD": main,
        "refs/tags/v1": main,
    }
    assert has(clone, head)
    assert has(clone, hidden)
    assert clone.state() == before
    assert reach(clone, forge).fetch([]) == {}


@pytest.mark.parametrize(
    ("reference", "words"),
    [("refs/heads/nowhere", "has no refs/heads/nowhere"), (ABSENT, f"has no commit {ABSENT}")],
)
def test_a_reference_that_the_remote_lacks_is_named(pair: tuple[Clone, Clone], reference: str, words: str) -> None:
    clone, forge = pair
    with pytest.raises(InputError, match=words):
        reach(clone, forge).fetch(["refs/heads/main", reference])


def test_a_reference_to_what_is_no_commit_is_an_error(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    forge.git("tag", "tree", "main^{tree}")
    with pytest.raises(InputError, match=r"refs/tags/tree of .* is no commit"):
        reach(clone, forge).fetch(["refs/tags/tree"])


@pytest.mark.parametrize(
    "name",
    [
        "--upload-pack=touch pwned",
        "main",
        "refs/heads/a b",
        "refs/heads/a\nb",
        "refs/heads/a..b",
        "refs/heads/*",
        "refs/heads/a:refs/heads/b",
        "refs/heads/a^{}",
        "refs/heads/\u2028",
        "refs/heads/" + "x" * 2000,
        "refs/heads/.a",
        "refs/heads/a.lock",
        "refs/heads/a/",
        "+refs/heads/a",
        "",
    ],
)
def test_what_is_no_name_never_reaches_git(pair: tuple[Clone, Clone], name: str) -> None:
    clone, forge = pair
    with pytest.raises(InputError, match="not the name of a reference") as found:
        reach(clone, forge).fetch([name])
    assert found.value.message.isprintable()
    assert len(found.value.message) < 1100


def test_branches_of_the_remote_are_found_by_how_their_name_starts(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    main = forge.git("rev-parse", "main")
    for name in ("nhi/sweep/b", "nhi/sweep/a", "nhi/sweeper", "other/nhi/sweep/a"):
        forge.git("branch", name)
    forge.git("tag", "nhi/sweep/tag")
    assert list(reach(clone, forge).branches("nhi/sweep/").items()) == [("nhi/sweep/a", main), ("nhi/sweep/b", main)]
    assert len(reach(clone, forge).branches("")) == 5


def test_new_branches_are_made_and_no_branch_is_ever_moved(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    first = clone.git("rev-parse", "main")
    second = clone.commit("Second")
    forge.git("branch", "taken")
    wanted = {"nhi/a": second, "nhi/b": first, "taken": second, "main": first}

    refused = reach(clone, forge).push(wanted)

    assert refused == {"taken": "it is there already, with another commit"}
    assert reach(clone, forge).branches("") == {"main": first, "nhi/a": second, "nhi/b": first, "taken": first}
    assert reach(clone, forge).push(wanted) == refused
    assert reach(clone, forge).push({}) == {}


def test_a_branch_that_the_remote_refuses_does_not_stop_the_others(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    hook = forge.root / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncase "$1" in *bad*) printf "\\033[31mno\\n" >&2; exit 1;; esac\n')
    hook.chmod(0o755)
    main = clone.git("rev-parse", "main")

    refused = reach(clone, forge).push({"nhi/bad": main, "nhi/good": main})

    assert list(refused) == ["nhi/bad"]
    assert "hook declined" in refused["nhi/bad"]
    assert reach(clone, forge).branches("nhi/") == {"nhi/good": main}


def test_many_branches_go_in_one_push(
    pair: tuple[Clone, Clone], git_that: Callable[[str, str], str], tmp_path: Path
) -> None:
    clone, forge = pair
    main = clone.git("rev-parse", "main")
    counted = git_that("push", f"echo x >> {tmp_path}/pushes")
    remote = reach(clone, forge, PATH=counted)

    assert remote.push({f"nhi/sweep/prod/{number}": main for number in range(120)}) == {}
    assert (tmp_path / "pushes").read_text() == "x\n"
    assert len(remote.branches("nhi/sweep/")) == 120


def test_a_branch_is_deleted_only_with_the_commit_that_it_was_seen_with(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    main = forge.git("rev-parse", "main")
    for name in ("nhi/a", "nhi/b"):
        forge.git("branch", name)
    moved = commit_on(forge, "refs/heads/nhi/b")

    refused = reach(clone, forge).delete({"nhi/a": main, "nhi/b": main, "nhi/gone": main})

    assert refused == {"nhi/b": "it has another commit by now"}
    assert reach(clone, forge).branches("nhi/") == {"nhi/b": moved}


def test_a_branch_that_moves_meanwhile_is_not_deleted(
    pair: tuple[Clone, Clone], git_that: Callable[[str, str], str]
) -> None:
    clone, forge = pair
    main = forge.git("rev-parse", "main")
    forge.git("branch", "nhi/a")
    moved = commit_on(forge, "refs/heads/elsewhere")
    path = git_that("push", f"$real -C {forge.root} update-ref refs/heads/nhi/a {moved}")

    refused = reach(clone, forge, PATH=path).delete({"nhi/a": main})

    assert list(refused) == ["nhi/a"]
    assert reach(clone, forge).branches("nhi/") == {"nhi/a": moved}


def test_a_branch_that_somebody_makes_meanwhile_with_the_same_commit_is_as_wanted(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    main = clone.git("rev-parse", "main")
    hook = forge.root / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f'#!/bin/sh\ngit update-ref "$1" {main}\nexit 1\n')
    hook.chmod(0o755)

    assert reach(clone, forge).push({"nhi/a": main}) == {}


def test_no_program_that_is_configured_is_run(pair: tuple[Clone, Clone], tmp_path: Path) -> None:
    clone, forge = pair
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\nexit 1\n")
    program.chmod(0o755)
    for name in ("pre-push", "post-update", "reference-transaction", "post-index-change", "pre-auto-gc"):
        hook = clone.root / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_bytes(program.read_bytes())
        hook.chmod(0o755)
    for key in ("core.askPass", "credential.helper", "core.sshCommand", "core.fsmonitor", "gpg.program"):
        clone.git("config", key, str(program))
    clone.git("config", "push.gpgSign", "true")
    main = clone.git("-c", "core.fsmonitor=", "rev-parse", "main")

    assert reach(clone, forge).push({"nhi/a": main}) == {}
    assert reach(clone, forge).fetch(["refs/heads/nhi/a"]) == {"refs/heads/nhi/a": main}
    assert reach(clone, forge).delete({"nhi/a": main}) == {}
    assert not (tmp_path / "pwned").exists()


def test_what_git_would_call_damaged_is_not_taken(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    blob = forge.git("hash-object", "-w", "--stdin", stdin=b"x")
    inner = forge.git("mktree", stdin=f"100644 blob {blob}\tconfig\n".encode())
    tree = forge.git("mktree", stdin=f"040000 tree {inner}\t.git\n".encode())
    commit = forge.git("commit-tree", tree, "-p", "main", "-m", "Hostile")
    forge.git("update-ref", "refs/heads/hostile", commit)

    with pytest.raises(InputError, match=rf"does not take: {tree}: hasDotgit"):
        reach(clone, forge).fetch(["refs/heads/hostile"])


def test_what_git_warns_of_before_does_not_hide_what_it_calls_damaged(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    blob = bytes.fromhex(forge.git("hash-object", "-w", "--stdin", stdin=b"x"))
    write = ("hash-object", "-w", "-t", "tree", "--literally", "--stdin")
    odd = [forge.git(*write, stdin=b"100777 odd-%02d\0%s" % (number, blob)) for number in range(60)]
    folders = b"".join(b"40000 d%02d\0%s" % (number, bytes.fromhex(one)) for number, one in enumerate(odd))
    damaged = forge.git(*write, stdin=b"40000 .git\0" + bytes.fromhex(odd[0]))
    tree = forge.git(*write, stdin=folders + b"40000 z\0" + bytes.fromhex(damaged))
    forge.git("update-ref", "refs/heads/hostile", forge.git("commit-tree", tree, "-p", "main", "-m", "Hostile"))

    with pytest.raises(InputError, match=rf"does not take: {damaged}: hasDotgit"):
        reach(clone, forge).fetch(["refs/heads/hostile"])


@pytest.mark.parametrize(
    "url",
    [
        "http://github.example/acme/iam.git",
        "https://alice:secret@github.example/acme/iam.git",
        "https://github.example/acme/iam.git?x=1",
        "https://github.example/",
        "ssh://git@github.example/acme/iam.git",
        "git@github.example:acme/iam.git",
        "ext::sh -c touch% pwned",
        "file:///etc",
        "/etc",
        "--upload-pack=x",
        "https://github.example:x/acme/iam.git",
        "https://[::1/acme/iam.git",
        "https://github.example/acme\n/iam.git",
    ],
)
def test_credentials_go_to_https_addresses_alone(git_repository: Make, url: str) -> None:
    clone = git_repository()
    remote = GitRemote(clone.root, url, lambda: SECRET, clone.environment)
    with pytest.raises(InputError, match="not an address") as found:
        remote.branches("")
    assert found.value.message.isprintable()


Answer = tuple[int, Mapping[str, str], bytes]


@contextmanager
def answering(answer: Callable[[str], Answer]) -> Generator[tuple[str, list[tuple[str, list[str]]]]]:
    """A server on this machine, and what it was asked: path and Authorization headers."""
    asked: list[tuple[str, list[str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get_all("Authorization") or []))
            status, headers, body = answer(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with _serving(Handler) as address:
        yield address, asked


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "wants other credentials"), (403, "may not do that"), (404, "no such repository"), (500, "status page")],
)
def test_a_refusal_says_what_to_do_and_keeps_the_credentials(git_repository: Make, status: int, hint: str) -> None:
    clone = git_repository()
    with answering(lambda _path: (status, {"WWW-Authenticate": 'Basic realm="x"'}, SECRET.encode())) as (url, asked):
        remote = GitRemote(clone.root, f"{url}/acme/iam.git", lambda: SECRET, clone.environment)
        with pytest.raises(OutsideError) as found:
            remote.branches("")
    encoded = base64.b64encode(f"x-access-token:{SECRET}".encode()).decode()
    assert hint in found.value.hint
    assert asked[0][1] == [f"Basic {encoded}"]
    for secret in (SECRET, encoded):
        assert secret not in str(found.value.args) + found.value.hint
        assert secret not in repr(remote)
        assert all(secret.encode() not in content for content in clone.state().values())


def test_no_redirect_is_followed(git_repository: Make) -> None:
    clone = git_repository()
    with (
        answering(lambda _path: (200, {}, b"")) as (elsewhere, stolen),
        answering(lambda path: (302, {"Location": elsewhere + path}, b"")) as (url, _),
        pytest.raises(OutsideError) as found,
    ):
        GitRemote(clone.root, f"{url}/acme/iam.git", lambda: SECRET, clone.environment).branches("")
    assert stolen == []
    assert "another address" in found.value.hint


def test_the_clones_own_configuration_neither_adds_credentials_nor_leads_elsewhere(git_repository: Make) -> None:
    clone = git_repository()
    with (
        answering(lambda _path: (404, {}, b"")) as (elsewhere, stolen),
        answering(lambda _path: (404, {}, b"")) as (url, asked),
    ):
        address = f"{url}/acme/iam.git"
        for key in (f"http.{url}/.extraHeader", "http.extraHeader", f"http.{address}.extraHeader"):
            clone.git("config", key, "Authorization: Basic b3RoZXI=")
        clone.git("config", f"url.{elsewhere}/.insteadOf", f"{url}/")
        clone.git("config", f"url.{elsewhere}/x/.pushInsteadOf", f"{url}/")
        clone.git("config", f"url.{elsewhere}/y.insteadOf", address)
        clone.git("config", f"url.{elsewhere}/z.insteadOf", "nhi-")
        clone.git("config", f"remote.{address}.url", f"{elsewhere}/remote.git")
        clone.git("config", f"remote.{address}.pushUrl", f"{elsewhere}/remote.git")
        clone.git("config", f"http.{url}.followRedirects", "true")
        remote = GitRemote(clone.root, address, lambda: SECRET, clone.environment)
        with pytest.raises(OutsideError):
            remote.branches("")
        with pytest.raises(OutsideError):
            remote.push({"a": clone.git("rev-parse", "HEAD")})
    assert stolen == []
    assert {len(headers) for _, headers in asked} == {1}


def test_a_token_that_no_header_can_hold_is_refused(git_repository: Make) -> None:
    clone = git_repository()
    remote = GitRemote(clone.root, "https://github.example/acme/iam.git", lambda: "a\nb", clone.environment)
    with pytest.raises(InputError, match="no header can"):
        remote.branches("")


def test_credentials_stand_on_no_command_line(
    git_repository: Make, git_that: Callable[[str, str], str], tmp_path: Path
) -> None:
    clone = git_repository()
    path = git_that("ls-remote", f'echo "$@" > {tmp_path}/told; exit 0')
    remote = GitRemote(
        clone.root, "https://github.example/acme/iam.git", lambda: SECRET, {**clone.environment, "PATH": path}
    )
    assert remote.branches("") == {}
    told = (tmp_path / "told").read_text()
    assert "ls-remote" in told
    assert SECRET not in told
    assert "Basic" not in told


def test_a_remote_that_says_nothing_is_given_up_and_no_process_stays(git_repository: Make) -> None:
    clone = git_repository()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/acme/iam.git"
        remote = GitRemote(clone.root, address, lambda: SECRET, clone.environment, patience=1.0)
        with pytest.raises(OutsideError, match="did not finish git ls-remote within 1 seconds"):
            remote.branches("")
    start = time.monotonic()
    while left := _running(address):  # a program that was told to end takes its moment
        assert time.monotonic() - start < 10, left


def _running(words: str) -> list[str]:
    """The processes whose command line has these words."""
    return [one.name for one in Path("/proc").iterdir() if one.name.isdigit() and words in _command_line(one)]


def _command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def test_what_git_is_configured_to_tell_of_itself_does_not_tell_the_token(git_repository: Make, tmp_path: Path) -> None:
    clone = git_repository()
    (tmp_path / "configuration").write_text(
        f"[trace2]\n\teventTarget = {tmp_path}/told\n\tnormalTarget = {tmp_path}/told\n"
        "\tconfigParams = http.*.extraheader\n\tenvVars = GIT_CONFIG_VALUE_24\n"
    )
    configured = {**clone.environment, "GIT_CONFIG_GLOBAL": str(tmp_path / "configuration")}
    with answering(lambda _path: (404, {}, b"")) as (url, asked):
        remote = GitRemote(clone.root, f"{url}/acme/iam.git", lambda: SECRET, configured)
        with pytest.raises(OutsideError):
            remote.branches("")
    assert asked
    assert not (tmp_path / "told").exists()


def test_neither_a_repository_nor_a_remote_shows_its_environment(git_repository: Make) -> None:
    environment = {"GITHUB_TOKEN": SECRET}
    clone = git_repository()
    remote = GitRemote(clone.root, "https://github.example/acme/iam.git", lambda: SECRET, environment)
    assert SECRET not in repr([remote, GitRepository(clone.root, environment)])


# Over HTTP, with git's own server


@contextmanager
def git_server(bare: Path) -> Generator[str]:
    """The address of a bare repository behind `git http-backend`, for those with the token: /acme/iam.git."""
    wanted = "Basic " + base64.b64encode(f"x-access-token:{SECRET}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if self.headers["Authorization"] != wanted or not path.startswith("/acme/iam.git/"):
                self.send_error(401)
                return
            content = self.rfile.read(int(self.headers["Content-Length"] or 0))
            environment = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(bare),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "http.receivepack",
                "GIT_CONFIG_VALUE_0": "true",
                "PATH_INFO": path.removeprefix("/acme/iam.git"),
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers["Content-Type"] or "",
                "CONTENT_LENGTH": str(len(content)),
                "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
                "GIT_PROTOCOL": self.headers["Git-Protocol"] or "",
            }
            done = subprocess.run(
                ["git", "http-backend"], input=content, env=environment, capture_output=True, check=False
            )
            head, _, body = done.stdout.partition(b"\r\n\r\n")
            self.send_response(200)
            for line in head.decode().split("\r\n"):
                self.send_header(*line.split(": ", 1))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  # as http.server calls it

        def log_message(self, *_: object) -> None:
            pass

    with _serving(Handler) as address:
        yield f"{address}/acme/iam.git"


def test_over_http_it_is_the_same(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    main, head = forge.git("rev-parse", "main"), commit_on(forge, "refs/pull/7/head")
    second = clone.commit("Second")
    before = clone.state()
    with git_server(forge.root) as address:
        remote = GitRemote(clone.root, address, lambda: SECRET, clone.environment)
        wanted = ["refs/heads/main", "refs/pull/7/head"]
        assert remote.fetch(wanted) == {"refs/heads/main": main, "refs/pull/7/head": head}
        assert remote.fetch([head]) == {head: head}
        with pytest.raises(InputError, match=f"has no commit {ABSENT}"):
            remote.fetch([ABSENT])
        assert remote.push({"nhi/a": second, "main": second, "nhi/b": main}) == {
            "main": "it is there already, with another commit"
        }
        assert remote.branches("") == {"main": main, "nhi/a": second, "nhi/b": main}
        assert remote.delete({"nhi/a": second, "nhi/b": second}) == {"nhi/b": "it has another commit by now"}
        assert remote.branches("nhi/") == {"nhi/b": main}
        stranger = GitRemote(clone.root, address, lambda: "another", clone.environment)
        with pytest.raises(OutsideError) as found:
            stranger.fetch(["refs/heads/main"])
        assert "other credentials" in found.value.hint
    assert has(clone, head)
    assert clone.state() == before


def test_a_clone_for_one_command_has_the_whole_history_and_goes(pair: tuple[Clone, Clone]) -> None:
    clone, forge = pair
    clone.commit("Second")
    clone.git("push", "--quiet", str(forge.root), "main")
    environment = clone.environment

    def remote(root: Path) -> GitRemote:
        return GitRemote(root, str(forge.root), lambda: "", environment, may_be_a_path=True)

    with remote_clone(environment, lambda root: GitRepository(root, environment), remote) as made:
        assert isinstance(made.repository, GitRepository)
        head = made.remote.fetch(["HEAD"])["HEAD"]
        assert head == clone.git("rev-parse", "main")
        assert made.repository.commit_id(f"{head}~1") == clone.git("rev-parse", "main~1")
        assert [file.path for file in made.repository.snapshot(head).files(".")] == ["a.yaml"]
        assert not made.repository.is_shallow()
        folder = made.repository.root
    assert not os.path.lexists(folder)


def test_a_clone_for_one_command_is_of_githubs_format_whatever_the_user_prefers(
    pair: tuple[Clone, Clone], git_that: Callable[[str, str], str]
) -> None:
    clone, forge = pair
    preferring = git_that("init", 'GIT_DEFAULT_HASH=sha256 exec $real "$@"')
    environment = {**clone.environment, "PATH": preferring}

    def remote(root: Path) -> GitRemote:
        return GitRemote(root, str(forge.root), lambda: "", clone.environment, may_be_a_path=True)

    with remote_clone(environment, lambda root: GitRepository(root, environment), remote) as made:
        assert made.remote.fetch(["HEAD"]) == {"HEAD": clone.git("rev-parse", "main")}
