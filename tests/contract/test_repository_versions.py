"""What a path held over time, asked of the real git."""

from collections.abc import Callable

import pytest
from tests.fixtures.git import Clone

PATH = "identities/prod/a.yaml"


@pytest.fixture
def clone(git_repository: Callable[[], Clone]) -> Clone:
    return git_repository()


def versions(clone: Clone, *paths: str) -> dict[str, tuple[bytes | None, ...]]:
    return clone.repository.versions(clone.git("rev-parse", "HEAD"), paths)


def test_every_version_is_given_newest_first_and_a_removal_is_none(clone: Clone) -> None:
    for text in ("one", "two"):
        clone.write(PATH, text)
        clone.commit()
    (clone.root / PATH).unlink()
    clone.commit()
    clone.write(PATH, "three")
    clone.commit()

    assert versions(clone, PATH) == {PATH: (b"three", None, b"two", b"one")}


def test_what_never_stood_there_has_no_versions(clone: Clone) -> None:
    clone.write("README.md")
    clone.commit()

    assert versions(clone, PATH) == {}
    assert versions(clone) == {}


def test_what_came_with_a_merge_counts_as_the_merge(clone: Clone) -> None:
    clone.write(PATH, "one")
    clone.commit()
    clone.git("checkout", "--quiet", "-b", "request")
    for text in ("two", "three"):
        clone.write(PATH, text)
        clone.commit()
    clone.git("checkout", "--quiet", "-")
    clone.git("merge", "--quiet", "--no-ff", "--message", "Merge", "request")

    assert versions(clone, PATH) == {PATH: (b"three", b"one")}


def test_a_name_that_is_a_pattern_or_an_option_is_only_a_name(clone: Clone) -> None:
    names = ("identities/prod/*.yaml", "--all", "identities/prod/a b\n.yaml")
    for name in names:
        clone.write(name, name)
    clone.write(PATH, "another")
    clone.commit()

    assert versions(clone, *names) == {name: (name.encode(),) for name in names}
