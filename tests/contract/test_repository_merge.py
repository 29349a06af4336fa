"""What merging makes: the same commit everywhere, and nothing but objects."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fixtures.git import Clone

from nhi.errors import InputError, MissingTool
from nhi.repository.git import GitRepository
from nhi.repository.interface import Merge
from nhi.repository.merge import MOST_CONFLICTS, date_of

Make = Callable[..., Clone]
LINES = "one\ntwo\nthree\n"


def branch(clone: Clone, name: str, base: str, files: dict[str, str | None]) -> str:
    """Commit a change of files (None removes one) on a new branch of `base`."""
    clone.git("switch", "--quiet", "--create", name, base)
    for path, content in files.items():
        if content is None:
            clone.git("rm", "--quiet", path)
        else:
            clone.write(path, content)
    return clone.commit(name)


def parted(clone: Clone, ours: dict[str, str | None], theirs: dict[str, str | None]) -> tuple[str, str]:
    """Two branches of the same commit."""
    base = clone.git("rev-parse", "main")
    return branch(clone, "ours", base, ours), branch(clone, "theirs", base, theirs)


def test_a_merge_is_a_commit_of_both_and_nothing_else_moves(git_repository: Make) -> None:
    clone = git_repository({"a.yaml": LINES, "b.yaml": LINES})
    ours, theirs = parted(clone, {"a.yaml": "changed\n"}, {"b.yaml": None, "new/c.yaml": "c"})
    before = clone.state()

    merge = clone.repository.merge(ours, theirs)

    assert merge.commit is not None
    assert merge.conflicts == ()
    assert clone.git("log", "-1", "--format=%P", merge.commit) == f"{ours} {theirs}"
    assert clone.git("log", "-1", "--format=%an <%ae> %cn <%ce>", merge.commit) == (
        "nhi <nhi@localhost.example> nhi <nhi@localhost.example>"
    )
    assert (
        clone.git("log", "-1", "--format=%ct %at", merge.commit).split()
        == [clone.git("log", "-1", "--format=%ct", theirs)] * 2
    )
    found = {one.path: one.data for one in clone.repository.snapshot(merge.commit).files(".")}
    assert found == {"a.yaml": b"changed\n", "new/c.yaml": b"c"}
    assert clone.state() == before
    clone.git("fsck", "--strict")


def test_the_same_two_commits_give_the_same_merge_anywhere(git_repository: Make, tmp_path: Path) -> None:
    clone = git_repository({"a.yaml": LINES, "b.yaml": LINES})
    ours, theirs = parted(clone, {"a.yaml": "changed\n"}, {"b.yaml": "changed\n"})
    clone.git("clone", "--quiet", "--bare", ".", str(tmp_path / "other.git"))
    other = GitRepository(tmp_path / "other.git", {**clone.environment, "GIT_COMMITTER_NAME": "eve"})

    assert other.merge(ours, theirs) == clone.repository.merge(ours, theirs)


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_where_one_is_the_others_ancestor_the_later_one_is_the_merge(git_repository: Make, object_format: str) -> None:
    clone = git_repository({"a.yaml": LINES}, object_format=object_format)
    base = clone.git("rev-parse", "HEAD")
    clone.write("a.yaml", "later\n")
    later = clone.commit("Later")

    assert clone.repository.merge(base, later) == Merge(later)
    assert clone.repository.merge(later, base) == Merge(later)
    assert clone.repository.merge(later, later) == Merge(later)


def test_a_repository_of_sha256_merges_too(git_repository: Make) -> None:
    clone = git_repository({"a.yaml": LINES, "b.yaml": LINES}, object_format="sha256")
    ours, theirs = parted(clone, {"a.yaml": "changed\n"}, {"b.yaml": "changed\n"})

    merge = clone.repository.merge(ours, theirs)

    assert len(merge.commit or "") == 64
    clone.git("fsck", "--strict")


def test_a_linked_working_tree_merges_with_its_repositorys_objects(git_repository: Make, tmp_path: Path) -> None:
    clone = git_repository({"a.yaml": LINES, "b.yaml": LINES})
    ours, theirs = parted(clone, {"a.yaml": "changed\n"}, {"b.yaml": "changed\n"})
    clone.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    linked = GitRepository(tmp_path / "linked", clone.environment)

    assert linked.merge(ours, theirs) == clone.repository.merge(ours, theirs)


def test_conflicts_are_named_in_one_printable_line_each(git_repository: Make) -> None:
    clone = git_repository({"a.yaml": LINES, "b\n::error::.yaml": LINES, "gone.yaml": LINES, "fine.yaml": LINES})
    ours, theirs = parted(
        clone,
        {"a.yaml": "ours\n", "b\n::error::.yaml": "ours\n", "gone.yaml": None, "fine.yaml": "ours\n"},
        {"a.yaml": "theirs\n", "b\n::error::.yaml": "theirs\n", "gone.yaml": "theirs\n"},
    )

    assert clone.repository.merge(ours, theirs) == Merge(None, ("a.yaml", "b\\n::error::.yaml", "gone.yaml"))


def test_conflicts_without_end_are_not_told_without_end(git_repository: Make) -> None:
    paths = [f"{number:03}{'x' * 200}/{'y' * 200}.yaml" for number in range(MOST_CONFLICTS + 5)]
    clone = git_repository(dict.fromkeys(paths, LINES))
    ours, theirs = parted(clone, dict.fromkeys(paths, "ours\n"), dict.fromkeys(paths, "theirs\n"))

    merge = clone.repository.merge(ours, theirs)

    assert merge.commit is None
    assert len(merge.conflicts) == MOST_CONFLICTS
    assert max(map(len, merge.conflicts)) <= 301


@pytest.mark.parametrize("driver", ["loud", "union", "ours"])
def test_no_attribute_and_no_configuration_says_how_files_merge(
    git_repository: Make, tmp_path: Path, driver: str
) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\nexit 0\n")
    program.chmod(0o755)
    clone = git_repository({"a.yaml": LINES, ".gitattributes": f"*.yaml merge={driver} filter=loud\n"})
    ours, theirs = parted(clone, {"a.yaml": "ours\n"}, {"a.yaml": "theirs\n"})
    (clone.root / ".git/info").mkdir(exist_ok=True)
    (clone.root / ".git/info/attributes").write_text(f"* merge={driver}\n")
    (tmp_path / ".config/git").mkdir(parents=True)
    (tmp_path / ".config/git/attributes").write_text(f"* merge={driver}\n")
    for key in ("merge.loud.driver", "merge.ours.driver", "filter.loud.smudge", "filter.loud.clean", "gpg.program"):
        clone.git("config", key, str(program))
    clone.git("config", "commit.gpgSign", "true")

    assert clone.repository.merge(ours, theirs) == Merge(None, ("a.yaml",))
    assert not (tmp_path / "pwned").exists()


def test_a_file_that_was_renamed_on_one_side_is_merged_with_its_change(git_repository: Make) -> None:
    clone = git_repository({"identities/prod/a.yaml": LINES * 20})
    ours, theirs = parted(
        clone,
        {"identities/prod/a.yaml": LINES * 20 + "more\n"},
        {"identities/prod/a.yaml": None, "identities/prod/team/a.yaml": LINES * 20},
    )

    commit = clone.repository.merge(ours, theirs).commit

    assert commit is not None
    found = {one.path: one.data.decode() for one in clone.repository.snapshot(commit).files(".")}
    assert found == {"identities/prod/team/a.yaml": LINES * 20 + "more\n"}


def test_folders_that_conflict_are_no_merge_although_no_file_does(git_repository: Make) -> None:
    clone = git_repository({"z/b.yaml": "b\n" * 50, "z/c.yaml": "c\n" * 50})
    ours, theirs = parted(
        clone,
        {"z/b.yaml": None, "z/c.yaml": None, "y/b.yaml": "b\n" * 50, "w/c.yaml": "c\n" * 50},
        {"z/d.yaml": "d\n" * 50},
    )

    assert clone.repository.merge(ours, theirs) == Merge(None, ())


def test_lines_that_merged_both_ways_before_merge_again(git_repository: Make) -> None:
    clone = git_repository({"a.yaml": LINES, "b.yaml": LINES})
    ours, theirs = parted(clone, {"a.yaml": "ours\n"}, {"b.yaml": "theirs\n"})
    crossed = [clone.repository.merge(*both).commit or "" for both in ((ours, theirs), (theirs, ours))]
    one, other = branch(clone, "one", crossed[0], {"c": "c"}), branch(clone, "other", crossed[1], {"d": "d"})

    commit = clone.repository.merge(one, other).commit

    assert commit is not None
    found = {each.path: each.data for each in clone.repository.snapshot(commit).files(".")}
    assert found == {"a.yaml": b"ours\n", "b.yaml": b"theirs\n", "c": b"c", "d": b"d"}


def test_histories_that_have_nothing_in_common_are_no_merge(git_repository: Make) -> None:
    clone = git_repository({"a.yaml": LINES})
    ours = clone.git("rev-parse", "HEAD")
    clone.git("switch", "--quiet", "--orphan", "other")

    with pytest.raises(InputError, match="no history in common"):
        clone.repository.merge(ours, clone.commit("Other"))


def test_a_shallow_clone_merges_what_parts_within_it(git_repository: Make, tmp_path: Path) -> None:
    clone = git_repository({"a.yaml": LINES, "b.yaml": LINES})
    clone.commit("Second")
    ours, theirs = parted(clone, {"a.yaml": "changed\n"}, {"b.yaml": "changed\n"})
    clone.git("clone", "--quiet", "--depth=2", "--no-single-branch", f"file://{clone.root}", str(tmp_path / "shallow"))
    shallow = GitRepository(tmp_path / "shallow", clone.environment)

    assert shallow.is_shallow()
    assert shallow.merge(ours, theirs) == clone.repository.merge(ours, theirs)


def test_an_old_git_is_told_from_a_failure(git_repository: Make, git_that: Callable[[str, str], str]) -> None:
    clone = git_repository({"a.yaml": LINES, "b.yaml": LINES})
    ours, theirs = parted(clone, {"a.yaml": "changed\n"}, {"b.yaml": "changed\n"})
    path = git_that("merge-tree", "echo 'usage: git merge-tree <base-tree> <branch1> <branch2>' >&2; exit 129")
    repository = GitRepository(clone.root, {**clone.environment, "PATH": path})

    with pytest.raises(MissingTool) as found:
        repository.merge(ours, theirs)
    assert "git 2.38 or newer" in found.value.hint


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"tree x\ncommitter a <a@a.example> 1000 +0200\n\ncommitter b <b> 5 +0000", 1000),
        (b"tree x\ncommitter a <a@a.example> 99999999999999999999 +0200\n\n", 4294967295),
        (b"tree x\ncommitter a <a@a.example> -5 +0200\n\n", 0),
        (b"tree x\n\ncommitter b <b> 5 +0000", 0),
        (b"tree x\ncommitter without a date\n\n", 0),
    ],
)
def test_a_date_that_cannot_be_believed_is_none(text: bytes, seconds: int) -> None:
    assert date_of(text) == seconds
