"""Which paths differ: between two commits, and between a commit and the working tree."""

import os
from collections.abc import Callable, Sequence

import pytest
from tests.fixtures.git import Clone

from nhi.errors import InputError, OutsideError
from nhi.model.source import ChangeType, PathChange
from nhi.repository.git import GitRepository

ADDED, EDITED, REMOVED = ChangeType.ADDED, ChangeType.EDITED, ChangeType.REMOVED
EVERYTHING = (".",)
Changes = Callable[..., list[tuple[str, ChangeType]]]


@pytest.fixture(params=["working tree", "index", "commit"])
def changes(request: pytest.FixtureRequest) -> Changes:
    """The changes from a base to what stands in the working tree: untracked, staged, or committed."""

    def find(clone: Clone, base: str, under: Sequence[str] = EVERYTHING) -> list[tuple[str, ChangeType]]:
        head = None
        if request.param == "index":
            clone.git("add", "--all")
        if request.param == "commit":
            head = clone.commit()
        return [(change.path, change.type) for change in clone.repository.changes(base, head, under)]

    return find


def test_paths_are_added_edited_and_removed(git_repository: Callable[..., Clone], changes: Changes) -> None:
    clone = git_repository({"identities/a.yaml": "a", "identities/b.yaml": "b", "identities/c.yaml": "c"})
    base = clone.git("rev-parse", "HEAD")
    clone.write("identities/b.yaml", "edited")
    (clone.root / "identities/c.yaml").unlink()
    clone.write("identities/d/e.yaml")
    assert changes(clone, base) == [
        ("identities/b.yaml", EDITED),
        ("identities/c.yaml", REMOVED),
        ("identities/d/e.yaml", ADDED),
    ]


def test_nothing_differs_where_nothing_was_changed(git_repository: Callable[..., Clone], changes: Changes) -> None:
    clone = git_repository({"identities/a.yaml": "a"})
    os.utime(clone.root / "identities/a.yaml")
    assert changes(clone, clone.git("rev-parse", "HEAD")) == []


def test_only_paths_below_what_was_asked_for_are_told(git_repository: Callable[..., Clone], changes: Changes) -> None:
    clone = git_repository()
    base = clone.git("rev-parse", "HEAD")
    for path in ("identities/a.yaml", "identities-old/b.yaml", "nhi.yaml", "nhi.yaml.bak", "*", "src/nhi.yaml"):
        clone.write(path)
    assert changes(clone, base, ("identities", "nhi.yaml", "*")) == [
        ("*", ADDED),
        ("identities/a.yaml", ADDED),
        ("nhi.yaml", ADDED),
    ]


def test_below_no_folder_nothing_differs(git_repository: Callable[..., Clone], changes: Changes) -> None:
    clone = git_repository()
    clone.write("identities/a.yaml")
    assert changes(clone, clone.git("rev-parse", "HEAD"), ()) == []


def test_a_rename_is_a_removal_and_an_addition(git_repository: Callable[..., Clone], changes: Changes) -> None:
    clone = git_repository({"identities/old.yaml": "the same\n" * 50})
    base = clone.git("rev-parse", "HEAD")
    (clone.root / "identities/old.yaml").rename(clone.root / "identities/new.yaml")
    assert changes(clone, base) == [("identities/new.yaml", ADDED), ("identities/old.yaml", REMOVED)]


def test_a_file_that_becomes_a_link_is_edited(git_repository: Callable[..., Clone], changes: Changes) -> None:
    clone = git_repository({"identities/a.yaml": "a"})
    base = clone.git("rev-parse", "HEAD")
    (clone.root / "identities/a.yaml").unlink()
    (clone.root / "identities/a.yaml").symlink_to("/etc/passwd")
    assert changes(clone, base) == [("identities/a.yaml", EDITED)]


def test_a_folder_that_becomes_a_link_loses_its_files(git_repository: Callable[..., Clone], changes: Changes) -> None:
    clone = git_repository({"identities/prod/a.yaml": "a", "elsewhere/a.yaml": "a"})
    base = clone.git("rev-parse", "HEAD")
    (clone.root / "identities/prod/a.yaml").unlink()
    (clone.root / "identities/prod").rmdir()
    (clone.root / "identities/prod").symlink_to("../elsewhere")
    assert changes(clone, base) == [("identities/prod", ADDED), ("identities/prod/a.yaml", REMOVED)]


def test_hostile_names_are_plain_data(git_repository: Callable[..., Clone], changes: Changes) -> None:
    names = sorted(
        ["-rf", "--", ":(top)x", "two\nlines", "tab\t", 'quo"te', "back\\slash", "\x1b[31m", "größe", "M", "D"]
    )
    clone = git_repository()
    base = clone.git("rev-parse", "HEAD")
    for name in names:
        clone.write(f"identities/{name}")
    assert changes(clone, base) == [(f"identities/{name}", ADDED) for name in names]


def test_a_name_that_is_not_utf8_is_an_error(git_repository: Callable[..., Clone], changes: Changes) -> None:
    clone = git_repository()
    base = clone.git("rev-parse", "HEAD")
    (clone.root / os.fsdecode(b"\xff.yaml")).write_bytes(b"x")
    with pytest.raises(InputError, match=r"^\\xff\.yaml: the file's name is not UTF-8"):
        changes(clone, base)


def test_ignored_files_are_no_change(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({".gitignore": "*.bak\n"})
    clone.write("identities/a.bak")
    assert clone.repository.changes(clone.git("rev-parse", "HEAD"), None, EVERYTHING) == ()


def test_a_file_taken_out_of_the_index_that_still_stands_is_edited(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"identities/a.yaml": "a"})
    clone.git("rm", "--quiet", "--cached", "identities/a.yaml")
    assert clone.repository.changes(clone.git("rev-parse", "HEAD"), None, EVERYTHING) == (
        PathChange("identities/a.yaml", EDITED),
    )


def test_a_file_in_conflict_is_compared_as_it_stands(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"a.yaml": "base", "b.yaml": "base"})
    base = clone.git("rev-parse", "HEAD")
    clone.write("a.yaml", "theirs")
    clone.write("b.yaml", "theirs")
    theirs = clone.commit()
    clone.git("switch", "--quiet", "--create", "ours", base)
    clone.write("a.yaml", "ours")
    clone.write("b.yaml", "ours")
    ours = clone.commit()
    clone.git("read-tree", "-m", base, ours, theirs)
    clone.write("a.yaml", "<<<<<<<")
    assert clone.git("ls-files", "--unmerged") != ""
    assert clone.repository.changes(ours, None, EVERYTHING) == (PathChange("a.yaml", EDITED),)


def test_a_file_that_was_only_touched_is_no_change(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"a.yaml": "a", "b.yaml": b"x" * 200_000, "c.yaml": "c"})
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        os.utime(clone.root / name, (1_000_000_000, 1_000_000_000))
    (clone.root / "c.yaml").chmod(0o755)
    assert clone.repository.changes(clone.git("rev-parse", "HEAD"), None, EVERYTHING) == (PathChange("c.yaml", EDITED),)


@pytest.mark.parametrize("swap", ["rm a.yaml", "rm a.yaml; mkfifo a.yaml", "rm a.yaml; ln -s b.yaml a.yaml"])
def test_a_file_that_is_swapped_under_our_eyes_is_edited(
    git_repository: Callable[..., Clone], git_that: Callable[[str, str], str], swap: str
) -> None:
    clone = git_repository({"a.yaml": "same", "b.yaml": "same"})
    os.utime(clone.root / "a.yaml", (1_000_000_000, 1_000_000_000))
    path = git_that("diff-index", f'"$real" "$@"; cd {clone.root}; {swap}; exit 0')
    repository = GitRepository(clone.root, {**clone.environment, "PATH": path})
    changes = repository.changes(clone.git("rev-parse", "HEAD"), None, ("a.yaml",))
    assert changes == (PathChange("a.yaml", EDITED),)


def test_a_file_of_the_same_size_and_time_with_another_content_is_edited(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"a.yaml": "aaaa"})
    times = (clone.root / "a.yaml").stat()
    clone.write("a.yaml", "bbbb")
    os.utime(clone.root / "a.yaml", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert clone.repository.changes(clone.git("rev-parse", "HEAD"), None, EVERYTHING) == (PathChange("a.yaml", EDITED),)


def test_a_repository_of_sha256_ids_is_read_as_well(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"a.yaml": "a", "b.yaml": "b"}, object_format="sha256")
    base = clone.git("rev-parse", "HEAD")
    os.utime(clone.root / "a.yaml", (1_000_000_000, 1_000_000_000))
    clone.write("b.yaml", "c")
    assert len(base) == 64
    assert [change.path for change in clone.repository.changes(base, None, EVERYTHING)] == ["b.yaml"]
    assert [file.data for file in clone.repository.snapshot(base).files(".")] == [b"a", b"b"]


def test_an_untracked_repository_is_one_added_path(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    git_repository({"b.yaml": "b"}, name="repository/inner")
    assert clone.repository.changes(clone.git("rev-parse", "HEAD"), None, EVERYTHING) == (PathChange("inner", ADDED),)


def test_a_submodule_that_asks_to_be_ignored_is_not(git_repository: Callable[..., Clone]) -> None:
    other = git_repository({"b.yaml": "b"}, name="other")
    clone = git_repository()
    clone.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "sub")
    clone.git("config", "--file", ".gitmodules", "submodule.sub.ignore", "all")
    base = clone.commit()
    Clone(clone.root / "sub", clone.environment).commit("Moved")
    assert clone.repository.changes(base, None, EVERYTHING) == (PathChange("sub", EDITED),)
    assert clone.repository.changes(base, clone.commit(), EVERYTHING) == (PathChange("sub", EDITED),)


def test_a_repository_below_another_has_paths_of_its_own(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"team/nhi.yaml": "n"})
    base = clone.git("rev-parse", "HEAD")
    clone.write("team/identities/a.yaml")
    clone.write("identities/b.yaml")
    below = GitRepository(clone.root / "team", clone.environment)
    expected = (PathChange("identities/a.yaml", ADDED),)
    assert below.changes(base, None, ("identities", "nhi.yaml")) == expected
    assert below.changes(base, None, EVERYTHING) == expected
    assert below.changes(base, clone.commit(), ("identities", "nhi.yaml")) == expected


def test_the_users_taste_in_diffs_changes_nothing(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"identities/old.yaml": "the same\n" * 50})
    for key, value in {"diff.renames": "copies", "diff.relative": "true", "diff.noprefix": "true"}.items():
        clone.git("config", key, value)
    clone.git("config", "status.showUntrackedFiles", "no")
    base = clone.git("rev-parse", "HEAD")
    (clone.root / "identities/old.yaml").rename(clone.root / "identities/new.yaml")
    assert [change.path for change in clone.repository.changes(base, None, ("identities",))] == [
        "identities/new.yaml",
        "identities/old.yaml",
    ]


def test_looking_writes_nothing(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"identities/a.yaml": "a"})
    base = clone.git("rev-parse", "HEAD")
    os.utime(clone.root / "identities/a.yaml", (1_000_000_000, 1_000_000_000))
    clone.write("identities/b.yaml")
    before = clone.state()
    clone.repository.changes(base, None, EVERYTHING)
    assert clone.state() == before


def test_a_pending_look_can_be_given_up(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    pending = clone.repository.start_changes(clone.git("rev-parse", "HEAD"), None, EVERYTHING)
    pending.stop()
    pending.stop()


def test_a_pending_look_sees_what_stood_when_it_was_started_or_later(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    clone.write("a.yaml")
    pending = clone.repository.start_changes(clone.git("rev-parse", "HEAD"), None, EVERYTHING)
    assert pending.collect() == (PathChange("a.yaml", ADDED),)


def test_a_commit_that_is_not_there_is_an_error(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    for head in (None, clone.git("rev-parse", "HEAD")):
        with pytest.raises(OutsideError, match="bad object"):
            clone.repository.changes("a" * 40, head, EVERYTHING)


def test_a_change_that_git_names_otherwise_is_an_error(
    git_repository: Callable[..., Clone], git_that: Callable[[str, str], str]
) -> None:
    clone = git_repository()
    path = git_that("diff-tree", "printf ':100644 100644 a b X\\0old\\0'; exit 0")
    repository = GitRepository(clone.root, {**clone.environment, "PATH": path})
    head = clone.git("rev-parse", "HEAD")
    with pytest.raises(OutsideError, match="which nhi does not know"):
        repository.changes(head, head, EVERYTHING)
