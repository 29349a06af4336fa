"""Where and when a branch lost a file, asked of the real git: the merge counts, not the commit that was merged."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.fixtures.git import Clone

from nhi.repository.interface import Merged

A, B = "identities/prod/a.yaml", "identities/prod/b.yaml"


@pytest.fixture
def clone(git_repository: Callable[[], Clone]) -> Clone:
    clone = git_repository()
    clone.write(A)
    clone.write(B)
    clone.commit()
    return clone


def at(clone: Clone, day: int) -> Clone:
    """The clone of somebody who commits on that day of November."""
    dates: Mapping[str, str] = {"GIT_COMMITTER_DATE": f"2026-11-{day:02d}T10:00:00+01:00"}
    return replace(clone, environment={**clone.environment, **dates})


def remove(clone: Clone, path: str) -> str:
    (clone.root / path).unlink()
    return clone.commit()


def removals(clone: Clone, *paths: str) -> dict[str, Merged]:
    return clone.repository.removals(clone.git("rev-parse", "HEAD"), paths)


def test_each_path_has_the_commit_that_removed_it_and_its_date(clone: Clone) -> None:
    first, second = remove(at(clone, 3), A), remove(at(clone, 5), B)

    assert removals(clone, A, B) == {
        A: Merged(first, datetime(2026, 11, 3, 9, tzinfo=UTC)),
        B: Merged(second, datetime(2026, 11, 5, 9, tzinfo=UTC)),
    }


def test_what_a_branch_removed_is_removed_by_its_merge(clone: Clone) -> None:
    main = clone.git("symbolic-ref", "--short", "HEAD")
    clone.git("checkout", "--quiet", "-b", "sweep")
    remove(at(clone, 3), A)
    clone.git("checkout", "--quiet", main)
    at(clone, 7).git("merge", "--quiet", "--no-ff", "--message", "Merge", "sweep")

    assert removals(clone, A) == {A: Merged(clone.git("rev-parse", "HEAD"), datetime(2026, 11, 7, 9, tzinfo=UTC))}


def test_of_several_removals_the_last_counts(clone: Clone) -> None:
    remove(at(clone, 3), A)
    clone.write(A)
    clone.commit()
    last = remove(at(clone, 9), A)

    assert removals(clone, A)[A].commit == last


def test_what_was_never_removed_is_left_out(clone: Clone) -> None:
    assert removals(clone, A, "identities/prod/never.yaml") == {}
    assert removals(clone) == {}


def test_several_paths_of_one_commit_share_it(clone: Clone) -> None:
    (clone.root / A).unlink()
    commit = remove(clone, B)

    assert {one.commit for one in removals(clone, A, B).values()} == {commit}
