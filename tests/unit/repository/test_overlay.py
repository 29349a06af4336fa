"""An overlay: what is proposed in one folder upon everything else of the base, and nothing else of the proposal."""

from collections.abc import Callable, Mapping

import pytest
from tests.fixtures.git import Clone

from nhi.errors import InputError
from nhi.repository.interface import Snapshot
from nhi.repository.overlay import Overlay

OWNERS = "identities/owners.yaml"
BASE = {"a.txt": "base", "nhi.yaml": "base", OWNERS: "base", "identities/prod/old.yaml": "base", "z/z.tf": "base"}
HEAD = {"b.txt": "head", "nhi.yaml": "head", OWNERS: "head", "identities/prod/new.yaml": "head", "z/z.tf": "head"}
EXPECTED = {
    "a.txt": b"base",
    OWNERS: b"base",
    "identities/prod/new.yaml": b"head",
    "nhi.yaml": b"base",
    "z/z.tf": b"base",
}


def overlay(make: Callable[..., Clone], base: Mapping[str, str] = BASE, head: Mapping[str, str] = HEAD) -> Overlay:
    return Overlay(snapshot(make(base, "base")), snapshot(make(head, "head")), "identities", frozenset({OWNERS}))


def snapshot(clone: Clone) -> Snapshot:
    return clone.repository.snapshot(clone.repository.commit_id("HEAD"))


def test_the_whole_is_the_base_with_the_heads_identities(git_repository: Callable[..., Clone]) -> None:
    whole = overlay(git_repository)

    assert {file.path: file.data for file in whole.files(".")} == EXPECTED
    assert list(whole.paths(".")) == sorted(EXPECTED)


@pytest.mark.parametrize("under", ["identities", "identities/prod", OWNERS, "z", "nhi.yaml", "nowhere", "identities/x"])
def test_a_folder_of_it_is_that_part_of_the_whole(git_repository: Callable[..., Clone], under: str) -> None:
    whole = overlay(git_repository)
    part = {path: data for path, data in EXPECTED.items() if path == under or path.startswith(f"{under}/")}

    assert {file.path: file.data for file in whole.files(under)} == part
    assert list(whole.paths(under)) == sorted(part)


def test_files_are_read_from_where_they_belong_in_order(git_repository: Callable[..., Clone]) -> None:
    whole = overlay(git_repository)

    assert [(one.path, one.data) for one in whole.read({*BASE, *HEAD})] == list(EXPECTED.items())
    assert whole.file("b.txt") is None
    assert whole.file("identities/prod/old.yaml") is None


def test_owners_that_the_head_removes_are_still_the_bases(git_repository: Callable[..., Clone]) -> None:
    whole = overlay(git_repository, head={path: text for path, text in HEAD.items() if path != OWNERS})

    assert OWNERS in list(whole.paths("identities"))


def test_owners_that_only_the_head_has_are_none(git_repository: Callable[..., Clone]) -> None:
    whole = overlay(git_repository, base={path: text for path, text in BASE.items() if path != OWNERS})

    assert whole.file(OWNERS) is None
    assert OWNERS not in list(whole.paths("identities"))


def test_a_folder_that_only_begins_with_the_name_is_the_bases(git_repository: Callable[..., Clone]) -> None:
    whole = overlay(git_repository, head={**HEAD, "identities-more/x.yaml": "head"})

    assert list(whole.paths("identities-more")) == []
    assert "identities-more/x.yaml" not in list(whole.paths("."))


def test_a_link_in_the_place_of_the_folder_is_seen_and_not_followed(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository({"nhi.yaml": "head"}, "head")
    (clone.root / "identities").symlink_to("/etc")
    clone.commit("A link")
    whole = Overlay(snapshot(git_repository(BASE, "base")), snapshot(clone), "identities", frozenset({OWNERS}))

    assert [one.path for one in whole.files("identities")] == ["identities", OWNERS]
    with pytest.raises(InputError, match="symbolic link"):
        list(whole.files("identities/prod"))
