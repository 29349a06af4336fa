"""Rewriting files in commits of their own: exactly those files and bytes, all branches or none."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from tests.fixtures.git import Clone

from nhi.errors import InputError, NhiError, OutsideError, UsageError
from nhi.repository.git import GitRepository
from nhi.repository.interface import Edit

AT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
A, B, LINK = "identities/prod/a.yaml", "identities/prod/b.yaml", "identities/prod/link.yaml"
BRANCH, OTHER_BRANCH = "nhi/rotate/prod/a/0123456789abcdef", "nhi/rotate/prod/b/0123456789abcdef"
BYTES = b"\x00\xff two\r\nlines\rdata 3\nM 100644 inline x\n"


@pytest.fixture
def clone(git_repository: Callable[..., Clone]) -> Clone:
    """Two manifests, one of them executable, a link, and attributes that would turn line ends."""
    made = git_repository({A: "a\n", B: "b\n", ".gitattributes": "* text eol=crlf\n"})
    (made.root / B).chmod(0o755)
    (made.root / LINK).symlink_to("a.yaml")
    made.commit()
    return made


def edit(path: str = A, content: bytes = BYTES, branch: str = BRANCH) -> Edit:
    return Edit(branch, {path: content}, "Rotate\n", AT)


def commit(clone: Clone, *edits: Edit) -> dict[str, str]:
    return clone.repository.commit_edits(clone.git("rev-parse", "HEAD"), edits)


def branches(clone: Clone) -> list[str]:
    return clone.git("for-each-ref", "--format=%(refname:short)", "refs/heads/nhi", "refs/nhi").split()


def held(clone: Clone, revision: str, path: str) -> bytes:
    file = clone.repository.snapshot(clone.git("rev-parse", revision)).file(path)
    assert file is not None
    return file.data


def test_the_commit_writes_its_bytes_and_nothing_else(clone: Clone) -> None:
    made = commit(clone, edit(), edit(B, b"", OTHER_BRANCH))
    assert made == {name: clone.git("rev-parse", name) for name in (BRANCH, OTHER_BRANCH)}
    assert (held(clone, BRANCH, A), held(clone, OTHER_BRANCH, B)) == (BYTES, b"")
    assert clone.git("diff", "--name-status", "HEAD", BRANCH) == f"M\t{A}"
    assert clone.git("rev-parse", f"{BRANCH}^") == clone.git("rev-parse", "HEAD")
    assert clone.git("fsck", "--strict") == ""


def test_a_files_mode_stays(clone: Clone) -> None:
    commit(clone, edit(B))
    assert clone.git("ls-tree", BRANCH, B).startswith("100755 ")


def test_nothing_but_the_branch_is_touched(clone: Clone) -> None:
    clone.write(A, "edited and staged")
    clone.git("add", A)
    clone.write(B, "edited only")
    before = clone.state()
    commit(clone, edit())
    after = clone.state()
    assert {path for path in after if after[path] != before.get(path)} == {
        f".git/refs/heads/{BRANCH}",
        f".git/logs/refs/heads/{BRANCH}",
    }
    assert before.keys() <= after.keys()


def test_the_same_edits_upon_the_same_base_have_the_same_ids(clone: Clone) -> None:
    first = commit(clone, edit())
    clone.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    clone.git("config", "user.name", "somebody else")
    assert commit(clone, edit()) == first


@pytest.mark.parametrize("path", ["identities/prod/absent.yaml", "identities/prod", LINK, f"{A}/x"])
def test_only_a_regular_file_of_the_base_is_edited(clone: Clone, path: str) -> None:
    with pytest.raises(InputError, match=f"{path} is not a regular file of commit"):
        commit(clone, edit(B, branch=OTHER_BRANCH), edit(path))
    assert branches(clone) == []


@pytest.mark.parametrize("path", ["", ".", "..", "../outside", "/etc/passwd", "identities/../nhi.yaml"])
def test_no_path_leads_elsewhere(clone: Clone, path: str) -> None:
    with pytest.raises((InputError, UsageError)):
        commit(clone, edit(path))
    assert branches(clone) == []


def test_what_would_change_nothing_is_bad_input(clone: Clone) -> None:
    with pytest.raises(InputError, match=f"{B} has that content already"):
        commit(clone, edit(), edit(B, b"b\n", OTHER_BRANCH))
    assert branches(clone) == []


@pytest.mark.parametrize("edits", [[Edit(BRANCH, {}, "x", AT)], [edit(), edit(B)], [Edit(BRANCH, {A: b""}, "\0", AT)]])
def test_what_cannot_become_a_commit_is_bad_input(clone: Clone, edits: list[Edit]) -> None:
    with pytest.raises(InputError, match=BRANCH):
        commit(clone, *edits)
    assert branches(clone) == []


def test_where_one_branch_cannot_be_made_none_is(clone: Clone) -> None:
    clone.git("branch", OTHER_BRANCH)
    before = clone.state()
    with pytest.raises(OutsideError, match="exists"):
        commit(clone, edit(), edit(B, branch=OTHER_BRANCH))
    assert clone.state() == before


def test_in_a_repository_below_another_the_right_file_is_edited(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({f"team/{A}": "ours", A: "not ours"})
    below = GitRepository(clone.root / "team", clone.environment)
    below.commit_edits(clone.git("rev-parse", "HEAD"), [edit()])
    assert clone.git("diff", "--name-only", "HEAD", BRANCH) == f"team/{A}"


def test_in_a_repository_of_sha256_ids_files_are_edited_as_well(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({A: "a"}, name="long", object_format="sha256")
    commit(clone, edit())
    assert held(clone, BRANCH, A) == BYTES


def test_many_files_in_one_commit(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    base = clone.import_blobs((f"identities/s/{number}.yaml", b"%d" % number) for number in range(1200))
    contents = {f"identities/s/{number}.yaml": b"new" for number in range(1200)}
    clone.repository.commit_edits(base, [Edit(BRANCH, contents, "x", AT)])
    assert clone.git("diff", "--name-only", base, BRANCH).count("\n") + 1 == 1200


@pytest.mark.parametrize(
    ("stage", "snippet"),
    [
        ("ls-tree", "exit 0"),
        ("fast-import", "exit 1"),
        ("diff-tree", "exit 0"),
        ("update-ref", "kill -15 $$"),
        ("fast-import", 'sed "s|two|owt|" | "$real" "$@"; exit $?'),
    ],
)
def test_a_git_that_breaks_off_or_lies_leaves_no_branch(
    clone: Clone, git_that: Callable[[str, str], str], stage: str, snippet: str
) -> None:
    repository = GitRepository(clone.root, {**clone.environment, "PATH": git_that(stage, snippet)})
    with pytest.raises(NhiError):
        repository.commit_edits(clone.git("rev-parse", "HEAD"), [edit(), edit(B, branch=OTHER_BRANCH)])
    assert branches(clone) == []


def test_hostile_paths_are_edited_as_they_are(git_repository: Callable[..., Clone]) -> None:
    names = ["-rf", ":(top)x", "two\nlines", 'quo"te', "back\\slash", "größe", " a ", "M 100644"]
    clone = git_repository({f"identities/{name}": name for name in names})
    commit(clone, Edit(BRANCH, {f"identities/{name}": BYTES for name in names}, "x", AT))
    assert {held(clone, BRANCH, f"identities/{name}") for name in names} == {BYTES}
