"""What only a working tree can meet: special files, unreadable files, files that change while they are read."""

import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import pytest
from tests.fixtures.git import Clone

from nhi.errors import InputError
from nhi.model.source import FileType, SourceFile
from nhi.repository import worktree
from nhi.repository.worktree import WorkingTree

NOBODY = 65534


def _descriptors() -> list[str]:
    """The files that this process has open."""
    return sorted(one.name for one in Path("/proc/self/fd").iterdir())


@contextmanager
def nobody() -> Iterator[None]:
    """As a user who is not the superuser, whom no permission stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that nobody can look into; pytest's own are private."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "identities/prod").mkdir(parents=True)
        (Path(folder) / "identities/prod/a.yaml").write_text("a")
        yield Path(folder)


def test_a_pipe_and_a_socket_are_special_files_and_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "identities").mkdir()
    os.mkfifo(tmp_path / "identities/pipe.yaml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "identities/socket.yaml"))
        assert list(WorkingTree(tmp_path).files("identities")) == [
            SourceFile("identities/pipe.yaml", FileType.OTHER, b""),
            SourceFile("identities/socket.yaml", FileType.OTHER, b""),
        ]
    assert WorkingTree(tmp_path).file("identities/pipe.yaml") == SourceFile("identities/pipe.yaml", FileType.OTHER, b"")


def test_an_unreadable_file_is_an_error_that_names_it(open_to_all: Path) -> None:
    (open_to_all / "identities/prod/a.yaml").chmod(0)
    with nobody(), pytest.raises(InputError, match=r"^identities/prod/a\.yaml: cannot be read: Permission denied"):
        list(WorkingTree(open_to_all).files("identities"))


def test_an_unreadable_folder_is_an_error_that_names_it(open_to_all: Path) -> None:
    (open_to_all / "identities/prod").chmod(0)
    with nobody(), pytest.raises(InputError, match=r"^identities/prod: cannot be read: Permission denied"):
        list(WorkingTree(open_to_all).paths("identities"))
    (open_to_all / "identities/prod").chmod(0o700)


@pytest.mark.parametrize("mode", [0, 0o400, 0o100])
def test_a_file_below_an_unreadable_folder_is_not_absent(open_to_all: Path, mode: int) -> None:
    (open_to_all / "identities").chmod(mode)
    if os.geteuid() == 0:
        os.chown(open_to_all / "identities", NOBODY, -1)
    with nobody(), pytest.raises(InputError, match="Permission denied"):
        WorkingTree(open_to_all).file("identities/prod/a.yaml")
    (open_to_all / "identities").chmod(0o700)


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> NoReturn:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    (tmp_path / "identities").mkdir()
    monkeypatch.setattr(os, "scandir", fail)
    with pytest.raises(InputError, match=r"^identities: cannot be read: Input/output error"):
        list(WorkingTree(tmp_path).files("identities"))


def test_a_name_that_no_disk_can_hold_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="File name too long"):
        WorkingTree(tmp_path).file("x" * 300)


def test_a_disk_that_fails_is_an_error_that_names_the_file() -> None:
    with pytest.raises(InputError, match=r"^mem: cannot be read: Input/output error"):
        WorkingTree(Path("/proc/self")).file("mem")


def test_a_file_that_says_it_is_empty_and_is_not_is_read_in_full() -> None:
    file = WorkingTree(Path("/proc/self")).file("cmdline")
    assert file is not None
    assert b"python" in file.data


def test_a_missing_root_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file or directory"):
        list(WorkingTree(tmp_path / "nowhere").files("identities"))


def test_a_file_that_becomes_a_link_before_it_is_read_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "identities").mkdir()
    (tmp_path / "secret").write_text("secret")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / "identities" / name).write_text(name)
    files = iter(WorkingTree(tmp_path).files("identities"))
    assert next(files).data == b"a.yaml"
    (tmp_path / "identities/b.yaml").unlink()
    (tmp_path / "identities/b.yaml").symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match=r"^identities/b\.yaml: cannot be read"):
        next(files)


def test_a_file_that_becomes_a_pipe_before_it_is_read_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / "identities").mkdir()
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / "identities" / name).write_text(name)
    files = iter(WorkingTree(tmp_path).files("identities"))
    next(files)
    (tmp_path / "identities/b.yaml").unlink()
    os.mkfifo(tmp_path / "identities/b.yaml")
    assert next(files) == SourceFile("identities/b.yaml", FileType.OTHER, b"")


def test_a_folder_that_becomes_a_link_before_it_is_walked_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret.yaml").write_text("secret")
    for name in ("a", "b"):
        (tmp_path / "identities" / name).mkdir(parents=True)
        (tmp_path / "identities" / name / "one.yaml").write_text(name)
    files = iter(WorkingTree(tmp_path).files("identities"))
    next(files)
    (tmp_path / "identities/b/one.yaml").unlink()
    (tmp_path / "identities/b").rmdir()
    (tmp_path / "identities/b").symlink_to("../elsewhere")
    with pytest.raises(InputError, match=r"^identities/b: cannot be read"):
        list(files)


def test_a_file_that_vanishes_while_it_is_read_is_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "identities").mkdir()
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / "identities" / name).write_text(name)
    files = iter(WorkingTree(tmp_path).files("identities"))
    next(files)
    (tmp_path / "identities/b.yaml").unlink()
    with pytest.raises(InputError, match=r"^identities/b\.yaml: cannot be read: No such file"):
        next(files)


def test_a_bottomless_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "/".join(["deep"] * 70)).mkdir(parents=True)
    with pytest.raises(InputError, match="more than 64 folders"):
        list(WorkingTree(tmp_path).files("."))


@pytest.mark.parametrize("taken", [0, 1, 5, 6])
def test_no_descriptor_is_left_open(tmp_path: Path, taken: int) -> None:
    for name in ("a/one", "a/two", "b/c/d/one", "b/c/two", "e"):
        (tmp_path / "identities" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "identities" / name).write_text(name)
    before = _descriptors()
    files = iter(WorkingTree(tmp_path).files("identities"))
    for _ in range(taken):
        next(files, None)
    del files
    assert _descriptors() == before


def test_a_repository_that_git_does_not_track_yet_is_one_special_file(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"identities/prod/a.yaml": "a"})
    git_repository({"b.yaml": "b"}, name="repository/identities/inner")
    assert [(file.path, file.type) for file in WorkingTree(clone.root).files("identities")] == [
        ("identities/inner", FileType.OTHER),
        ("identities/prod/a.yaml", FileType.REGULAR),
    ]


def test_the_private_folder_of_git_is_no_part_of_the_repository(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"a.yaml": "a"})
    assert list(WorkingTree(clone.root).paths(".")) == ["a.yaml"]


def test_the_walk_holds_few_descriptors_and_one_file_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "identities").mkdir()
    for number in range(50):
        (tmp_path / "identities" / f"{number}.yaml").write_text("x")
    files = iter(WorkingTree(tmp_path).files("identities"))
    next(files)
    before = len(_descriptors())
    for _ in range(48):
        next(files)
    assert len(_descriptors()) == before


def test_names_come_as_text_in_any_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "identities").mkdir()
    (tmp_path / "identities/größe.yaml").write_text("x")
    monkeypatch.setattr(worktree, "decoded", lambda raw: raw.decode() + "!")
    assert list(WorkingTree(tmp_path).paths("identities")) == ["identities/größe.yaml!"]
