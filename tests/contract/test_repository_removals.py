"""Removing files in commits of their own: exactly those files, all branches or none, and nothing else touched."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fixtures.git import Clone

from nhi.errors import InputError, NhiError, OutsideError, UsageError
from nhi.repository.git import GitRepository
from nhi.repository.interface import Removal

AT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
A, B, C = "identities/prod/a.yaml", "identities/prod/b.yaml", "identities/test/c.yaml"
BRANCH = "nhi/sweep/prod/payments/0123456789abcdef"
OTHER_BRANCH = "nhi/sweep/test/security/0123456789abcdef"
NOT_BRANCHES = [
    "",
    "-x",
    "HEAD",
    "a b",
    "a..b",
    "a.lock",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
    "a.",
    "@{x}",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a\nb",
    "a\0b",
    "a\x7f",
    "\udcff",
    "x" * 300,
]


@pytest.fixture
def clone(git_repository: Callable[..., Clone]) -> Clone:
    """A repository with three manifests."""
    return git_repository({A: "a", B: "b", C: "c", "nhi.yaml": "n"})


def removal(*paths: str, branch: str = BRANCH, message: str = "Remove\n\nBody\n") -> Removal:
    return Removal(branch, paths or (A,), message, AT)


def sweep_branches(clone: Clone) -> list[str]:
    return clone.git("for-each-ref", "--format=%(refname)", "refs/heads/nhi", "refs/nhi").split()


def test_the_commit_removes_its_paths_and_nothing_else(clone: Clone) -> None:
    base = clone.git("rev-parse", "HEAD")
    made = clone.repository.commit_removals(base, [removal(A, B), removal(C, branch=OTHER_BRANCH)])
    assert made == {name: clone.git("rev-parse", name) for name in (BRANCH, OTHER_BRANCH)}
    assert clone.git("ls-tree", "-r", "--name-only", BRANCH).split() == [C, "nhi.yaml"]
    assert clone.git("ls-tree", "-r", "--name-only", OTHER_BRANCH).split() == [A, B, "nhi.yaml"]
    assert clone.git("rev-parse", f"{BRANCH}^") == base
    assert clone.git("fsck", "--strict") == ""


def test_the_commit_says_who_when_and_what(clone: Clone) -> None:
    message = "Entfernt: größe\n\ndata 3\nfrom HEAD\n# no comment\n  two  spaces  \n"
    clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), [removal(message=message)])
    assert clone.git("cat-file", "commit", BRANCH).split("\n", 2)[2] == (
        "author nhi <nhi@localhost.example> 1795136523 +0000\n"
        "committer nhi <nhi@localhost.example> 1795136523 +0000\n\n" + message.removesuffix("\n")
    )


def test_the_same_removals_upon_the_same_base_have_the_same_ids(
    git_repository: Callable[..., Clone], clone: Clone
) -> None:
    twin = git_repository({A: "a", B: "b", C: "c", "nhi.yaml": "n"}, name="twin")
    twin.git("config", "user.name", "somebody else")
    base = clone.git("rev-parse", "HEAD")
    first = clone.repository.commit_removals(base, [removal(A, B)])
    assert twin.repository.commit_removals(base, [removal(B, A, A)]) == first


def test_nothing_but_the_branch_is_touched(clone: Clone) -> None:
    clone.write(A, "edited and staged")
    clone.git("add", A)
    clone.write(B, "edited only")
    clone.write("untracked")
    before = clone.state()
    clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), [removal(A)])
    after = clone.state()
    assert {path for path in after if after[path] != before.get(path)} == {
        f".git/refs/heads/{BRANCH}",
        f".git/logs/refs/heads/{BRANCH}",
    }
    assert before.keys() <= after.keys()


@pytest.mark.parametrize("hook", ["reference-transaction", "post-commit", "pre-commit", "post-index-change", "update"])
def test_no_hook_runs(clone: Clone, hook: str, tmp_path: Path) -> None:
    script = clone.root / ".git/hooks" / hook
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
    script.chmod(0o755)
    clone.repository.commit_removals(clone.git("-c", "core.hooksPath=/dev/null", "rev-parse", "HEAD"), [removal()])
    assert sweep_branches(clone) == [f"refs/heads/{BRANCH}"]
    assert not (tmp_path / "ran").exists()


def test_hostile_paths_are_removed_as_they_are(git_repository: Callable[..., Clone]) -> None:
    names = ["-rf", ":(top)x", "two\nlines", 'quo"te', "back\\slash", "\x1b[31m", "größe", " a ", "M 100644", "\\056"]
    clone = git_repository({f"identities/{name}": name for name in names} | {"kept": "kept"})
    clone.repository.commit_removals(
        clone.git("rev-parse", "HEAD"), [removal(*(f"identities/{name}" for name in names))]
    )
    assert clone.git("ls-tree", "-r", "-z", "--name-only", BRANCH) == "kept\0"


def test_many_removals_on_many_branches(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    commit = clone.import_blobs((f"identities/s{number % 50}/{number}.yaml", b"%d" % number) for number in range(5000))
    removals = [
        removal(*(f"identities/s{stack}/{number}.yaml" for number in range(stack, 5000, 50)), branch=f"nhi/{stack}")
        for stack in range(50)
    ]
    made = clone.repository.commit_removals(commit, removals)
    assert len(set(made.values())) == 50
    assert clone.git("ls-tree", "-r", "--name-only", "nhi/7").count("\n") + 1 == 4900


def test_no_removal_makes_no_branch(clone: Clone) -> None:
    assert clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), []) == {}


@pytest.mark.parametrize("path", ["identities/prod/absent.yaml", "identities/prod/a.yaml/x", "identities/PROD/a.yaml"])
def test_a_path_that_the_base_does_not_have_is_an_error(clone: Clone, path: str) -> None:
    with pytest.raises(InputError, match=f"{path} is not a file of commit"):
        clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), [removal(A), removal(A, path, branch="other")])
    assert sweep_branches(clone) == []


def test_a_missing_path_is_seen_where_two_commits_are_the_same(clone: Clone) -> None:
    removals = [removal(A, "identities/prod/absent.yaml"), removal(A, branch="other")]
    for order in (removals, removals[::-1]):
        with pytest.raises(InputError, match="absent"):
            clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), order)
    assert sweep_branches(clone) == []


def test_a_folder_is_not_a_file_to_remove(clone: Clone) -> None:
    with pytest.raises(InputError, match="identities/prod is not a file of commit"):
        clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), [removal("identities/prod")])
    assert sweep_branches(clone) == []


@pytest.mark.parametrize("path", ["", ".", "..", "../outside", "/etc/passwd", "identities/../nhi.yaml"])
def test_no_path_leads_elsewhere(clone: Clone, path: str) -> None:
    with pytest.raises((InputError, UsageError)):
        clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), [removal(path)])
    assert sweep_branches(clone) == []


@pytest.mark.parametrize("branch", NOT_BRANCHES)
def test_what_is_no_name_for_a_branch_is_refused(clone: Clone, branch: str) -> None:
    before = clone.state()
    with pytest.raises(NhiError) as found:
        clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), [removal(C), removal(A, branch=branch)])
    assert found.value.message.replace("\n", "").isprintable()
    assert clone.state() == before


@pytest.mark.parametrize("existing", [OTHER_BRANCH, OTHER_BRANCH.rpartition("/")[0], f"{OTHER_BRANCH}/below"])
def test_where_one_branch_cannot_be_made_none_is(clone: Clone, existing: str) -> None:
    clone.git("branch", existing)
    before = clone.state()
    with pytest.raises(OutsideError, match="exists"):
        clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), [removal(A), removal(C, branch=OTHER_BRANCH)])
    assert clone.state() == before


def test_a_branch_that_is_checked_out_and_not_born_yet_is_refused(clone: Clone, tmp_path: Path) -> None:
    base = clone.git("rev-parse", "HEAD")
    clone.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    Clone(tmp_path / "linked", clone.environment).git("symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
    with pytest.raises(OutsideError, match=f"branch {BRANCH} is checked out"):
        clone.repository.commit_removals(base, [removal()])
    assert sweep_branches(clone) == []


@pytest.mark.parametrize(
    "removals", [[Removal(BRANCH, (), "x", AT)], [removal(A), removal(B)], [removal(message="a\0b")]]
)
def test_what_cannot_become_a_commit_is_bad_input(clone: Clone, removals: list[Removal]) -> None:
    with pytest.raises(InputError, match=BRANCH):
        clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), removals)
    assert sweep_branches(clone) == []


@pytest.mark.parametrize("base", ["HEAD", "a" * 40])
def test_the_base_must_be_a_commit(clone: Clone, base: str) -> None:
    with pytest.raises(InputError, match="no commit"):
        clone.repository.commit_removals(base, [removal()])
    assert not list((clone.root / ".git").glob("fast_import_crash*"))


def test_the_base_may_not_be_a_tag_or_a_tree(clone: Clone) -> None:
    clone.git("tag", "--annotate", "--message", "x", "v1")
    for name in ("v1", "HEAD^{tree}"):
        with pytest.raises(InputError, match="no commit"):
            clone.repository.commit_removals(clone.git("rev-parse", name), [removal()])


def test_a_detached_head_and_a_linked_working_tree_are_no_matter(clone: Clone, tmp_path: Path) -> None:
    base = clone.git("rev-parse", "HEAD")
    clone.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    linked = Clone(tmp_path / "linked", clone.environment)
    made = linked.repository.commit_removals(base, [removal()])
    assert clone.git("rev-parse", BRANCH) == made[BRANCH]
    assert linked.git("status", "--porcelain") == ""


def test_in_a_repository_below_another_the_right_file_is_removed(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({f"team/{A}": "ours", A: "not ours"})
    below = GitRepository(clone.root / "team", clone.environment)
    below.commit_removals(clone.git("rev-parse", "HEAD"), [removal(A)])
    assert clone.git("ls-tree", "-r", "--name-only", BRANCH) == A


def test_in_a_repository_of_sha256_ids_files_are_removed_as_well(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({A: "a", B: "b"}, object_format="sha256")
    made = clone.repository.commit_removals(clone.git("rev-parse", "HEAD"), [removal(A)])
    assert made == {BRANCH: clone.git("rev-parse", BRANCH)}
    assert sweep_branches(clone) == [f"refs/heads/{BRANCH}"]


def test_variables_of_git_from_outside_change_nothing(clone: Clone, git_repository: Callable[..., Clone]) -> None:
    other = git_repository({"x": "x"}, name="other")
    misled = {**clone.environment, "GIT_DIR": str(other.root / ".git"), "GIT_COMMITTER_NAME": "mallory"}
    GitRepository(clone.root, misled).commit_removals(clone.git("rev-parse", "HEAD"), [removal()])
    assert sweep_branches(other) == []
    assert "mallory" not in clone.git("cat-file", "commit", BRANCH) + clone.git(
        "reflog", "show", "--format=%gn", BRANCH
    )


@pytest.mark.parametrize("stage", ["worktree", "fast-import", "diff-tree", "update-ref"])
def test_killed_at_any_stage_it_leaves_no_branch_and_can_run_again(
    clone: Clone, git_that: Callable[[str, str], str], stage: str
) -> None:
    base = clone.git("rev-parse", "HEAD")
    path = git_that(stage, "kill -9 $PPID; exit 1")
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from nhi.repository.git import GitRepository; from nhi.repository.interface import Removal\n"
        f"at = datetime.fromisoformat({AT.isoformat()!r})\n"
        f"environment = {{**{dict(clone.environment)!r}, 'PATH': {path!r}}}\n"
        f"GitRepository(Path({str(clone.root)!r}), environment).commit_removals(\n"
        f"    {base!r}, [Removal({BRANCH!r}, ({A!r},), 'x', at), Removal({OTHER_BRANCH!r}, ({C!r},), 'x', at)])\n"
    )
    killed = subprocess.run([sys.executable, "-c", program], env=dict(os.environ), check=False)
    assert killed.returncode == -9
    assert sweep_branches(clone) == []
    assert len(clone.repository.commit_removals(base, [removal(A), removal(C, branch=OTHER_BRANCH)])) == 2


@pytest.mark.parametrize(
    ("stage", "snippet"),
    [
        ("fast-import", "exit 1"),
        ("fast-import", 'head -c 300 | "$real" "$@" 2>/dev/null; exit $?'),
        ("diff-tree", "exit 0"),
        ("diff-tree", "kill -9 $$"),
        ("update-ref", 'head -c 100 | "$real" "$@"; exit 1'),
        ("update-ref", "kill -15 $$"),
    ],
)
def test_a_git_that_breaks_off_leaves_no_branch(
    clone: Clone, git_that: Callable[[str, str], str], stage: str, snippet: str
) -> None:
    repository = GitRepository(clone.root, {**clone.environment, "PATH": git_that(stage, snippet)})
    with pytest.raises(NhiError):
        repository.commit_removals(clone.git("rev-parse", "HEAD"), [removal(A), removal(C, branch=OTHER_BRANCH)])
    assert sweep_branches(clone) == []


def test_a_commit_that_does_more_than_it_should_gets_no_branch(
    clone: Clone, git_that: Callable[[str, str], str]
) -> None:
    snippet = f"""sed 's|^D "{A}"|&\\nD "{B}"|' | "$real" "$@"; exit $?"""
    repository = GitRepository(clone.root, {**clone.environment, "PATH": git_that("fast-import", snippet)})
    with pytest.raises(OutsideError, match="does more than remove 1 file"):
        repository.commit_removals(clone.git("rev-parse", "HEAD"), [removal(A)])
    assert sweep_branches(clone) == []
