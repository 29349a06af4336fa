"""Which paths some commit of a history removed: what a removal is announced by."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fixtures.git import Clone

A, B, ELSEWHERE = "identities/prod/a.yaml", "identities/prod/team/b.yaml", "identities/staging/a.yaml"
Make = Callable[..., Clone]


def removed(clone: Clone) -> frozenset[str]:
    return clone.repository.removed_paths(clone.git("rev-parse", "HEAD"), "identities/prod")


@pytest.fixture
def clone(git_repository: Make) -> Clone:
    return git_repository({A: "a", B: "b", ELSEWHERE: "c", "nhi.yaml": "x"})


def remove(clone: Clone, path: str) -> None:
    (clone.root / path).unlink()
    clone.commit("Remove")


def test_a_history_without_removals_removed_nothing(clone: Clone) -> None:
    assert removed(clone) == frozenset()


def test_what_a_commit_removed_is_found_below_the_folder_alone(clone: Clone) -> None:
    for path in (A, B, ELSEWHERE, "nhi.yaml"):
        remove(clone, path)

    assert removed(clone) == {A, B}


def test_what_is_deleted_in_the_working_tree_alone_is_not_removed(clone: Clone) -> None:
    (clone.root / A).unlink()

    assert removed(clone) == frozenset()


def test_a_removal_on_a_branch_counts_once_it_is_merged(clone: Clone) -> None:
    clone.git("checkout", "--quiet", "-b", "side")
    remove(clone, A)
    clone.git("checkout", "--quiet", "main")
    clone.write("README.md", "x")
    clone.commit("Meanwhile")
    assert removed(clone) == frozenset()

    clone.git("merge", "--quiet", "--no-ff", "side")

    assert removed(clone) == {A}


def test_a_removal_that_only_the_merge_itself_makes_counts(clone: Clone) -> None:
    clone.git("checkout", "--quiet", "-b", "side")
    clone.write("README.md", "x")
    clone.commit("Side")
    clone.git("checkout", "--quiet", "main")
    clone.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    (clone.root / A).unlink()
    clone.commit("Merge, and remove")

    assert removed(clone) == {A}


def test_what_was_moved_was_removed_where_it_stood(clone: Clone) -> None:
    clone.git("mv", A, "identities/prod/moved.yaml")
    clone.commit("Move")

    assert removed(clone) == {A}


def test_names_come_as_they_are(clone: Clone) -> None:
    path = "identities/prod/a b\té.yaml"
    clone.write(path, "x")
    clone.commit("Add")
    remove(clone, path)

    assert removed(clone) == {path}


def test_configuration_does_not_change_the_answer(clone: Clone) -> None:
    for key, value in (("log.showSignature", "true"), ("diff.renames", "copies"), ("log.diffMerges", "off")):
        clone.git("config", key, value)
    remove(clone, A)

    assert removed(clone) == {A}


def test_a_shallow_clone_knows_of_no_earlier_removal(clone: Clone, tmp_path: Path) -> None:
    remove(clone, A)
    clone.write("README.md", "x")
    clone.commit("Later")
    clone.git("clone", "--quiet", "--depth", "1", f"file://{clone.root}", str(tmp_path / "shallow"))

    assert removed(Clone(tmp_path / "shallow", clone.environment)) == frozenset()
