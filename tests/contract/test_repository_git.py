"""What starting git promises: bounded, quiet, and not misled by anything outside of the repository."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.fixtures.git import Clone

from nhi.errors import InputError, MissingTool, OutsideError
from nhi.repository.git import GitRepository

NOT_COMMITS = [
    "",
    "nowhere",
    "--all",
    "-n1",
    "--output=pwned",
    "HEAD..HEAD",
    "^HEAD",
    "HEAD^{tree}",
    "HEAD:a.yaml",
    "HEAD\nHEAD",
    "HEAD\0",
    "half\udcff",
    "x" * 100_000,
    "@{upstream}",
    "0" * 40,
]


def test_a_revision_names_its_commit(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"a.yaml": "a"})
    clone.git("tag", "--annotate", "--message", "A tag", "v1")
    first = clone.git("rev-parse", "HEAD")
    second = clone.commit("Second")
    names = ["HEAD", "main", "HEAD~1", "v1", second[:10], "@"]
    assert [clone.repository.commit_id(name) for name in names] == [second, second, first, first, second, second]


@pytest.mark.parametrize("revision", NOT_COMMITS)
def test_what_is_no_commit_is_an_error_and_never_an_option(git_repository: Callable[..., Clone], revision: str) -> None:
    clone = git_repository({"a.yaml": "a"})
    with pytest.raises(InputError, match="there is no commit") as found:
        clone.repository.commit_id(revision)
    assert found.value.message.isprintable()
    assert len(found.value.message) < 1100
    assert sorted(one.name for one in clone.root.iterdir()) == [".git", "a.yaml"]


@pytest.mark.parametrize("commit", ["HEAD", "main", "--all", "a" * 39, "A" * 40, "HEAD\n", ""])
def test_where_a_commit_is_asked_for_only_a_full_id_is_taken(git_repository: Callable[..., Clone], commit: str) -> None:
    repository = git_repository().repository
    with pytest.raises(InputError, match="not a full commit id"):
        repository.snapshot(commit)
    with pytest.raises(InputError, match="not a full commit id"):
        repository.changes(commit, None, (".",))
    with pytest.raises(InputError, match="not a full commit id"):
        repository.merge_base(commit, commit)


def test_the_merge_base_is_where_two_histories_part(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    base = clone.git("rev-parse", "HEAD")
    ours = clone.commit("Ours")
    clone.git("switch", "--quiet", "--create", "theirs", base)
    theirs = clone.commit("Theirs")
    assert clone.repository.merge_base(ours, theirs) == base


def test_histories_without_a_common_commit_have_no_merge_base(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    one = clone.git("rev-parse", "HEAD")
    clone.git("switch", "--quiet", "--orphan", "other")
    with pytest.raises(InputError, match="no history in common"):
        clone.repository.merge_base(one, clone.commit("Other"))


def test_a_graft_is_not_believed(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    base = clone.git("rev-parse", "HEAD")
    ours = clone.commit("Ours")
    clone.git("switch", "--quiet", "--create", "theirs", base)
    theirs = clone.commit("Theirs")
    (clone.root / ".git/info").mkdir(exist_ok=True)
    (clone.root / ".git/info/grafts").write_text(f"{theirs} {ours}\n")
    assert clone.repository.merge_base(ours, theirs) == base


def test_branches_are_found_by_how_their_name_starts(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    head = clone.git("rev-parse", "HEAD")
    for name in ("nhi/sweep/prod/a/1", "nhi/sweep/product/a/1", "nhi/sweeper", "other/nhi/sweep/prod"):
        clone.git("branch", name)
    clone.git("tag", "nhi/sweep/prod/tag")
    repository = clone.repository
    assert repository.branches("nhi/sweep/") == {"nhi/sweep/prod/a/1": head, "nhi/sweep/product/a/1": head}
    assert list(repository.branches("nhi/sweep/prod")) == ["nhi/sweep/prod/a/1", "nhi/sweep/product/a/1"]
    assert list(repository.branches("nhi/sweep/prod/")) == ["nhi/sweep/prod/a/1"]
    assert list(repository.branches("")) == [
        "main",
        *sorted(set(repository.branches("nhi/")) | {"other/nhi/sweep/prod"}),
    ]
    assert repository.branches("nhi/*/") == {}
    assert repository.branches("--") == {}


def test_a_detached_head_has_no_branch(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    assert clone.repository.checked_out_branch() == "main"
    clone.git("tag", "main")  # a tag of the same name makes git's short name longer
    assert clone.repository.checked_out_branch() == "main"
    clone.git("checkout", "--quiet", "--detach")
    assert clone.repository.checked_out_branch() is None


def test_the_git_folder_is_absolute_and_each_working_trees_own(
    git_repository: Callable[..., Clone], tmp_path: Path
) -> None:
    clone = git_repository()
    clone.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    linked = GitRepository(tmp_path / "linked", clone.environment)
    assert clone.repository.git_dir() == clone.root / ".git"
    assert linked.git_dir() == clone.root / ".git/worktrees/linked"
    assert linked.checked_out_branch() == "linked"


def test_a_folder_outside_of_git_is_bad_input(tmp_path: Path, git_repository: Callable[..., Clone]) -> None:
    environment = {**git_repository().environment, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    outside = GitRepository(tmp_path / "outside", environment)
    outside.root.mkdir()
    calls: Sequence[Callable[[], object]] = [
        lambda: outside.commit_id("HEAD"),
        lambda: outside.changes("a" * 40, None, (".",)),
        lambda: outside.changes("a" * 40, "b" * 40, (".",)),
        lambda: outside.branches(""),
        lambda: list(outside.snapshot("a" * 40).files(".")),
        outside.git_dir,
    ]
    for call in calls:
        with pytest.raises(InputError, match="not inside of a Git repository") as found:
            call()
        assert "git init" in found.value.hint


def test_without_git_the_error_says_how_to_install_it(git_repository: Callable[..., Clone], tmp_path: Path) -> None:
    repository = GitRepository(git_repository().root, {"PATH": str(tmp_path)})
    with pytest.raises(MissingTool) as found:
        repository.commit_id("HEAD")
    assert "apt-get install git" in found.value.hint


def test_a_git_that_cannot_be_started_is_an_outside_error(git_repository: Callable[..., Clone], tmp_path: Path) -> None:
    (tmp_path / "git").write_text("not a program")
    (tmp_path / "git").chmod(0o755)
    with pytest.raises(OutsideError, match="git cannot be started: Exec format error"):
        GitRepository(git_repository().root, {"PATH": str(tmp_path)}).commit_id("HEAD")


@pytest.mark.parametrize("snippet", ["exec tail -f /dev/null", "exec >&- 2>&-; trap '' TERM; while :; do :; done"])
def test_a_git_that_hangs_is_ended(
    git_repository: Callable[..., Clone],
    git_that: Callable[[str, str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    snippet: str,
) -> None:
    monkeypatch.setattr("nhi.repository.conversation._GRACE", 0.1)
    monkeypatch.setattr("nhi.repository.conversation._LEAST", 0.1)
    clone = git_repository()
    path = git_that("rev-parse", f"echo $$ > {tmp_path}/pid; {snippet}")
    repository = GitRepository(clone.root, {**clone.environment, "PATH": path}, patience=1.0)
    with pytest.raises(OutsideError, match=r"git rev-parse did not finish within 1 seconds"):
        repository.commit_id("HEAD")
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()


def test_a_git_that_is_ended_can_remove_its_locks(
    git_repository: Callable[..., Clone], git_that: Callable[[str, str], str], tmp_path: Path
) -> None:
    clone = git_repository()
    path = git_that("rev-parse", f"trap 'touch {tmp_path}/removed; exit 1' TERM; while :; do :; done")
    repository = GitRepository(clone.root, {**clone.environment, "PATH": path}, patience=1.0)
    with pytest.raises(OutsideError, match="did not finish"):
        repository.commit_id("HEAD")
    assert (tmp_path / "removed").exists()


def test_the_time_that_the_reader_takes_is_not_gits(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    commit = clone.import_blobs((f"{number:04}", b"x" * 2000) for number in range(2000))
    repository = GitRepository(clone.root, clone.environment, patience=1.0)
    files = iter(repository.snapshot(commit).files("."))
    next(files)
    waited = _spin(1.1)
    assert waited > repository.patience
    assert sum(1 for _ in files) == 1999


def _spin(seconds: float) -> float:
    """Be busy, as a reader that parses."""
    start = os.times().elapsed
    while (passed := os.times().elapsed - start) < seconds:
        pass
    return passed


def test_an_error_quotes_git_within_bounds_and_without_control_characters(
    git_repository: Callable[..., Clone], git_that: Callable[[str, str], str]
) -> None:
    clone = git_repository()
    loud = "printf 'fatal: \\033[31mred\\377' >&2; head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 7"
    repository = GitRepository(clone.root, {**clone.environment, "PATH": git_that("for-each-ref", loud)})
    with pytest.raises(
        OutsideError, match=r"git for-each-ref failed with exit code 7: fatal: \\x1b\[31mred\\xff"
    ) as found:
        repository.branches("")
    assert len(found.value.message) < 2200
    assert found.value.message.isprintable()


def test_a_git_that_is_killed_is_an_error(
    git_repository: Callable[..., Clone], git_that: Callable[[str, str], str]
) -> None:
    clone = git_repository()
    repository = GitRepository(clone.root, {**clone.environment, "PATH": git_that("for-each-ref", "kill -9 $$")})
    with pytest.raises(OutsideError, match="git for-each-ref was ended by signal 9: it said nothing"):
        repository.branches("")


def test_variables_of_git_from_outside_do_not_mislead_it(git_repository: Callable[..., Clone], tmp_path: Path) -> None:
    clone = git_repository({"identities/prod/a.yaml": "ours"})
    other = git_repository({"identities/prod/b.yaml": "theirs"}, name="other")
    misled = {
        **clone.environment,
        "GIT_DIR": str(other.root / ".git"),
        "GIT_WORK_TREE": str(other.root),
        "GIT_INDEX_FILE": str(other.root / ".git/index"),
        "GIT_OBJECT_DIRECTORY": str(other.root / ".git/objects"),
        "GIT_COMMON_DIR": str(other.root / ".git"),
        "GIT_NAMESPACE": "elsewhere",
        "GIT_PREFIX": "identities/",
        "GIT_LITERAL_PATHSPECS": "0",
        "GIT_GLOB_PATHSPECS": "1",
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_EXTERNAL_DIFF": f"touch {tmp_path}/trace",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "diff.relative",
        "GIT_CONFIG_VALUE_0": "identities",
    }
    repository = GitRepository(clone.root, misled)
    head = repository.commit_id("HEAD")
    clone.write("identities/prod/new.yaml")
    assert head == clone.git("rev-parse", "HEAD")
    assert [file.data for file in repository.snapshot(head).files("identities")] == [b"ours"]
    assert [change.path for change in repository.changes(head, None, (".",))] == ["identities/prod/new.yaml"]
    assert repository.git_dir() == clone.root / ".git"
    assert not (tmp_path / "trace").exists()


def test_git_is_told_no_secret_of_the_environment(
    git_repository: Callable[..., Clone], git_that: Callable[[str, str], str], tmp_path: Path
) -> None:
    clone = git_repository()
    path = git_that("rev-parse", f"env > {tmp_path}/told")
    GitRepository(clone.root, {**clone.environment, "PATH": path, "AWS_SECRET_ACCESS_KEY": "x"}).commit_id("HEAD")
    told = (tmp_path / "told").read_text()
    assert "AWS_" not in told
    assert "LC_ALL=C" in told


def test_a_repository_of_somebody_else_is_not_trusted_and_the_error_says_what_to_do(
    git_repository: Callable[..., Clone], git_that: Callable[[str, str], str]
) -> None:
    clone = git_repository()
    words = "fatal: detected dubious ownership in repository at x"
    repository = GitRepository(
        clone.root, {**clone.environment, "PATH": git_that("rev-parse", f"echo '{words}' >&2; exit 128")}
    )
    with pytest.raises(InputError, match="dubious ownership"):
        repository.commit_id("HEAD")


def test_no_program_of_the_repositorys_configuration_is_run(
    git_repository: Callable[..., Clone], tmp_path: Path
) -> None:
    clone = git_repository({"identities/prod/a.yaml": "a", ".gitattributes": "*.yaml diff=loud\n"})
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
    program.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "diff.loud.textconv",
        "diff.loud.command",
    ):
        clone.git("config", key, str(program))
    base = clone.git("-c", "core.fsmonitor=", "rev-parse", "HEAD")
    clone.write("identities/prod/a.yaml", "changed")
    repository = clone.repository
    assert len(repository.changes(base, None, (".",))) == 1
    assert repository.changes(base, base, (".",)) == ()
    assert len(list(repository.snapshot(base).files("."))) == 2
    assert not (tmp_path / "pwned").exists()
