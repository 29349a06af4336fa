"""What a snapshot promises, on both of them: the working tree, and the same files in a commit."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fixtures.git import Clone

from nhi.errors import InputError, OutsideError, UsageError
from nhi.model.source import MAX_MANIFEST_BYTES, FileType, SourceFile
from nhi.repository.interface import Snapshot
from nhi.repository.worktree import WorkingTree

HOSTILE_NAMES = [
    "-rf.yaml",
    "--output=x.yaml",
    ":(top)magic.yaml",
    "a b.yaml",
    "back\\slash.yaml",
    'quo"te.yaml',
    "two\nlines.yaml",
    "tab\there.yaml",
    "\x1b[31mred.yaml",
    "*.yaml",
    "größe.yaml",
    "\U0001f511.yaml",
    "~",
    "$(touch pwned).yaml",
]


@pytest.fixture(params=["working tree", "commit"])
def snapshot_of(request: pytest.FixtureRequest) -> Callable[[Clone], Snapshot]:
    """The snapshot of a clone whose files are all committed."""

    def make(clone: Clone) -> Snapshot:
        commit = clone.commit()
        return WorkingTree(clone.root) if request.param == "working tree" else clone.repository.snapshot(commit)

    return make


def test_files_come_with_path_type_and_content(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    clone = git_repository({"identities/prod/b.yaml": "b", "identities/owners.yaml": "o", "nhi.yaml": "n"})
    clone.write("identities/prod/a.yaml", "").chmod(0o755)
    assert list(snapshot_of(clone).files("identities")) == [
        SourceFile("identities/owners.yaml", FileType.REGULAR, b"o"),
        SourceFile("identities/prod/a.yaml", FileType.REGULAR, b""),
        SourceFile("identities/prod/b.yaml", FileType.REGULAR, b"b"),
    ]


def test_files_are_sorted_by_their_whole_path(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    clone = git_repository()
    for path in ("a/z", "a-b/z", "a.b", "a0", "a/b/c", "ab", "B", "a~/x", "é", "z"):
        clone.write(f"identities/{path}")
    snapshot = snapshot_of(clone)
    paths = [file.path for file in snapshot.files("identities")]
    assert paths == sorted(paths)
    assert len(paths) == 10
    assert list(snapshot.paths("identities")) == paths


def test_hostile_names_are_plain_data(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    clone = git_repository()
    for name in HOSTILE_NAMES:
        clone.write(f"identities/prod/{name}", name)
    snapshot = snapshot_of(clone)
    found = {file.path: file.data.decode() for file in snapshot.files("identities")}
    assert found == {f"identities/prod/{name}": name for name in HOSTILE_NAMES}
    for path, content in found.items():
        file = snapshot.file(path)
        assert file is not None
        assert file.data.decode() == content


def test_links_are_seen_and_never_followed(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot], tmp_path: Path
) -> None:
    (tmp_path / "secret.yaml").write_text("secret")
    clone = git_repository({"identities/prod/real.yaml": "real"})
    (clone.root / "identities/prod/file.yaml").symlink_to(tmp_path / "secret.yaml")
    (clone.root / "identities/prod/broken.yaml").symlink_to("nowhere")
    (clone.root / "identities/folder").symlink_to("prod")
    assert [(file.path, file.type, file.data) for file in snapshot_of(clone).files("identities")] == [
        ("identities/folder", FileType.SYMLINK, b""),
        ("identities/prod/broken.yaml", FileType.SYMLINK, b""),
        ("identities/prod/file.yaml", FileType.SYMLINK, b""),
        ("identities/prod/real.yaml", FileType.REGULAR, b"real"),
    ]


def test_a_link_in_place_of_the_folder_is_no_empty_folder(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    clone = git_repository({"elsewhere/a.yaml": "a"})
    (clone.root / "identities").symlink_to("elsewhere")
    assert list(snapshot_of(clone).files("identities")) == [SourceFile("identities", FileType.SYMLINK, b"")]


def test_what_stands_behind_a_link_is_not_absent(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    clone = git_repository({"elsewhere/prod/deep/a.yaml": "a"})
    (clone.root / "identities").symlink_to("elsewhere")
    snapshot = snapshot_of(clone)
    for folder in ("identities/prod", "identities/prod/deep", "identities/none"):
        with pytest.raises(InputError, match=r"^identities: cannot be read"):
            list(snapshot.files(folder))
        with pytest.raises(InputError, match=r"^identities: cannot be read"):
            list(snapshot.paths(folder))
    with pytest.raises(InputError, match=r"^identities: cannot be read"):
        snapshot.file("identities/prod/deep/a.yaml")
    with pytest.raises(InputError, match=r"^identities: cannot be read"):
        list(snapshot.read(["elsewhere/prod/deep/a.yaml", "identities/prod/b.yaml"]))


def test_a_repository_inside_of_this_one_is_one_special_file(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    other = git_repository({"inner.yaml": "inner"}, name="other")
    clone = git_repository({"identities/prod/a.yaml": "a"})
    clone.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "identities/sub")
    assert [(file.path, file.type) for file in snapshot_of(clone).files("identities")] == [
        ("identities/prod/a.yaml", FileType.REGULAR),
        ("identities/sub", FileType.OTHER),
    ]


@pytest.mark.parametrize(
    ("size", "held"),
    [
        (MAX_MANIFEST_BYTES - 1, MAX_MANIFEST_BYTES - 1),
        (MAX_MANIFEST_BYTES, MAX_MANIFEST_BYTES),
        (MAX_MANIFEST_BYTES + 1, MAX_MANIFEST_BYTES + 1),
        (MAX_MANIFEST_BYTES + 2, MAX_MANIFEST_BYTES + 1),
        (5_000_000, MAX_MANIFEST_BYTES + 1),
    ],
)
def test_of_an_oversized_file_one_byte_too_many_is_held(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot], size: int, held: int
) -> None:
    clone = git_repository({"identities/prod/a.yaml": b"x" * size, "identities/prod/b.yaml": "after it"})
    first, second = snapshot_of(clone).files("identities")
    assert len(first.data) == held
    assert second.data == b"after it"


def test_nothing_stands_where_nothing_stands(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    snapshot = snapshot_of(git_repository({"identities/prod/a.yaml": "a"}))
    assert list(snapshot.files("modules")) == []
    assert list(snapshot.files("identities/pro")) == []
    assert list(snapshot.paths("modules/a/b")) == []
    assert snapshot.file("identities/prod/b.yaml") is None
    assert snapshot.file("identities/prod/a.yaml/b") is None


def test_one_file_is_a_snapshot_of_itself(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    snapshot = snapshot_of(git_repository({"identities/prod/a.yaml": "a"}))
    assert list(snapshot.files("identities/prod/a.yaml")) == [snapshot.file("identities/prod/a.yaml")]


def test_a_folder_in_place_of_a_file_is_a_special_file(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    snapshot = snapshot_of(git_repository({"nhi.yaml/a": "a"}))
    assert snapshot.file("nhi.yaml") == SourceFile("nhi.yaml", FileType.OTHER, b"")


def test_the_whole_repository_is_a_folder_too(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    snapshot = snapshot_of(git_repository({"identities/prod/a.yaml": "a", "nhi.yaml": "n"}))
    assert list(snapshot.paths(".")) == ["identities/prod/a.yaml", "nhi.yaml"]
    assert list(snapshot.paths("")) == ["identities/prod/a.yaml", "nhi.yaml"]


def test_many_paths_are_read_at_once_and_in_order(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    clone = git_repository({f"identities/prod/{number}.yaml": str(number) for number in range(600)})
    wanted = [f"identities/prod/{number}.yaml" for number in range(1200)]
    found = list(snapshot_of(clone).read(wanted))
    assert [file.path for file in found] == sorted(wanted[:600])
    assert {file.path: file.data.decode() for file in found} == {wanted[number]: str(number) for number in range(600)}


def test_a_name_that_is_not_utf8_is_an_error_that_names_it_safely(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot]
) -> None:
    clone = git_repository({"identities/prod/a.yaml": "a"})
    (clone.root / os.fsdecode(b"identities/prod/b\xff\x1b.yaml")).write_bytes(b"b")
    snapshot = snapshot_of(clone)
    with pytest.raises(InputError, match="not UTF-8") as files:
        list(snapshot.files("identities"))
    with pytest.raises(InputError, match="not UTF-8"):
        list(snapshot.paths("identities"))
    assert r"identities/prod/b\xff\x1b.yaml" in files.value.message
    assert files.value.message.isprintable()


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../outside", "a/../../b", "a//b", "a/./b", "a/", "nul\0", "half\ud800"]
)
def test_no_path_leads_out_of_the_repository(
    git_repository: Callable[..., Clone], snapshot_of: Callable[[Clone], Snapshot], path: str
) -> None:
    snapshot = snapshot_of(git_repository())
    with pytest.raises(UsageError, match="not a path inside"):
        snapshot.file(path)
    with pytest.raises(UsageError, match="not a path inside"):
        list(snapshot.files(path))


def test_a_tree_that_names_a_file_twice_is_not_believed(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository()
    blobs = [clone.git("hash-object", "-w", "--stdin", stdin=content) for content in (b"one", b"two")]
    raw = b"".join(b"100644 twice.yaml\0" + bytes.fromhex(blob) for blob in blobs)
    tree = clone.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)
    commit = clone.git("commit-tree", tree, "-m", "Two faces")
    with pytest.raises(OutsideError, match=r"twice\.yaml stands there twice"):
        list(clone.repository.snapshot(commit).files("."))


def test_a_large_batch_neither_blocks_nor_mixes_up(git_repository: Callable[..., Clone]) -> None:
    blobs = {f"identities/prod/{number:05}.yaml": b"%d\n" % number * 300 for number in range(6000)}
    clone = git_repository()
    commit = clone.import_blobs(blobs.items())
    assert {file.path: file.data for file in clone.repository.snapshot(commit).files("identities")} == blobs


def test_leaving_a_snapshot_early_ends_git(
    git_repository: Callable[..., Clone], git_that: Callable[[str, str], str], tmp_path: Path
) -> None:
    clone = git_repository({f"identities/{number}.yaml": b"x" * 60_000 for number in range(40)})
    path = git_that("cat-file", f"echo $$ >> {tmp_path}/pids")
    repository = type(clone.repository)(clone.root, {**clone.environment, "PATH": path})
    files = iter(repository.snapshot(clone.git("rev-parse", "HEAD")).files("identities"))
    next(files)
    del files
    (process,) = (tmp_path / "pids").read_text().split()
    assert not Path("/proc", process).exists()


def test_a_lost_blob_is_an_error_and_no_empty_file(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"identities/prod/a.yaml": "lost"})
    blob = clone.git("rev-parse", "HEAD:identities/prod/a.yaml")
    (clone.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(OutsideError, match=r"identities/prod/a\.yaml: git cannot give the content"):
        list(clone.repository.snapshot(clone.git("rev-parse", "HEAD")).files("identities"))


def test_a_git_that_fails_after_its_last_answer_has_failed(
    git_repository: Callable[..., Clone], git_that: Callable[[str, str], str]
) -> None:
    clone = git_repository({"identities/prod/a.yaml": "a"})
    path = git_that("cat-file", '"$real" "$@"; exit 5')
    repository = type(clone.repository)(clone.root, {**clone.environment, "PATH": path})
    with pytest.raises(OutsideError, match="git cat-file failed with exit code 5"):
        list(repository.snapshot(clone.git("rev-parse", "HEAD")).files("identities"))


def test_a_partial_clone_is_not_completed_behind_our_back(git_repository: Callable[..., Clone], tmp_path: Path) -> None:
    origin = git_repository({"identities/prod/a.yaml": "far away"}, name="origin")
    origin.git("config", "uploadpack.allowFilter", "true")
    subprocess.run(
        ["git", "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{origin.root}", "partial"],
        cwd=tmp_path,
        env=dict(origin.environment),
        check=True,
    )
    partial = Clone(tmp_path / "partial", origin.environment)
    with pytest.raises(OutsideError):
        list(partial.repository.snapshot(partial.git("rev-parse", "HEAD")).files("identities"))


def test_a_replaced_object_is_not_believed(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"identities/prod/a.yaml": "true"})
    true = clone.git("rev-parse", "HEAD:identities/prod/a.yaml")
    clone.git("replace", true, clone.git("hash-object", "-w", "--stdin", stdin=b"false"))
    (file,) = clone.repository.snapshot(clone.git("rev-parse", "HEAD")).files("identities")
    assert file.data == b"true"


def test_a_repository_below_another_has_paths_of_its_own(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"team/identities/prod/a.yaml": "a", "identities/prod/not-ours.yaml": "b"})
    below = type(clone.repository)(clone.root / "team", clone.environment)
    snapshot = below.snapshot(below.commit_id("HEAD"))
    assert [file.path for file in snapshot.files(".")] == ["identities/prod/a.yaml"]
    assert [file.path for file in snapshot.read(["identities/prod/a.yaml"])] == ["identities/prod/a.yaml"]
