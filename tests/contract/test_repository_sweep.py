"""A whole sweep on a real repository: declared set, decision, commits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from tests.fixtures.git import Clone

from nhi.errors import InputError, UsageError
from nhi.flows.sweep import SweepOrder, SweepReport, sweep
from nhi.model.declared import DeclaredIdentity, DeclaredState, UnreadableFile
from nhi.model.identity import Identity
from nhi.model.settings import CircuitBreaker

NOW = datetime(2027, 3, 31, tzinfo=UTC)
ORDER = SweepOrder(NOW, dry_run=False)
BREAKER = CircuitBreaker()
EXPIRED, LIVE = "2027-03-30", "2027-04-30"


def declare(clone: Clone, revision: str = "main") -> DeclaredState:
    """A loader for files that hold owner and expiry, and nothing else."""
    repository = clone.repository
    found = []
    for file in repository.snapshot(repository.commit_id(revision)).files("identities"):
        owner, expiry = file.data.decode().split()
        _, stack, name = file.path.removesuffix(".yaml").split("/")
        until = datetime.fromisoformat(expiry).replace(tzinfo=UTC)
        identity = Identity(file.path, stack, name, "manual", owner, "purpose", until, {})
        found.append(DeclaredIdentity(identity, sha256(file.data).hexdigest()))
    return DeclaredState(tuple(found), ())


def run(clone: Clone, order: SweepOrder = ORDER) -> SweepReport:
    return sweep(declare(clone), clone.repository, "main", order, BREAKER)


@pytest.fixture
def clone(git_repository: Callable[..., Clone]) -> Clone:
    """Three expired identities of two owners in two stacks, and one that lives."""
    return git_repository(
        {
            "identities/prod/a.yaml": f"payments {EXPIRED}",
            "identities/prod/b.yaml": f"security {EXPIRED}",
            "identities/dev/a.yaml": f"payments {EXPIRED}",
            "identities/prod/z.yaml": f"payments {LIVE}",
        }
    )


def test_each_stack_and_owner_has_a_branch_that_removes_what_expired(clone: Clone) -> None:
    report = run(clone)
    assert report.clean
    assert {
        name.rpartition("/")[0]: clone.git("diff", "--name-status", "main", name)
        for name in clone.repository.branches("nhi/")
    } == {
        "nhi/sweep/dev/payments": "D\tidentities/dev/a.yaml",
        "nhi/sweep/prod/payments": "D\tidentities/prod/a.yaml",
        "nhi/sweep/prod/security": "D\tidentities/prod/b.yaml",
    }
    assert report.made == clone.repository.branches("nhi/")
    assert clone.git("status", "--porcelain") == ""
    assert clone.git("rev-parse", "--abbrev-ref", "HEAD") == "main"


def test_a_second_sweep_makes_nothing_new(clone: Clone) -> None:
    made = run(clone).made
    before = clone.state()
    again = run(clone, SweepOrder(NOW.replace(hour=5), dry_run=False))
    assert (again.made, again.plan.removals) == ({}, ())
    assert [group.branch for group in again.plan.already] == sorted(made)
    assert again.clean
    assert clone.state() == before


def test_a_dry_run_decides_the_same_and_makes_nothing(clone: Clone) -> None:
    before = clone.state()
    report = run(clone, replace(ORDER, dry_run=True))
    assert clone.state() == before
    assert report.made == {}
    assert report.plan == run(clone).plan


def test_a_tripped_breaker_stops_before_anything_is_made(git_repository: Callable[..., Clone]) -> None:
    clone = git_repository(
        {f"identities/prod/{number}.yaml": f"payments {EXPIRED}" for number in range(4)}
        | {"identities/dev/a.yaml": f"payments {EXPIRED}"}
    )
    before = clone.state()
    report = run(clone)
    assert not report.clean
    assert [one.words for one in report.plan.tripped] == [
        "prod: 4 of 4 identities: 1 more than circuit_breaker.percent allows (3)"
    ]
    assert len(report.plan.removals) == 2
    assert clone.state() == before
    assert len(run(clone, replace(ORDER, max_removals=5)).made) == 2


def test_merged_removals_leave_their_branch_superseded(clone: Clone) -> None:
    made = run(clone).made
    clone.git("merge", "--quiet", "--no-edit", *made)
    report = run(clone)
    assert report.plan.removals == report.plan.already == ()
    assert report.plan.superseded == tuple(sorted(made))
    assert report.clean


def test_a_removal_that_was_merged_and_undone_is_not_taken_for_done(clone: Clone) -> None:
    branch = next(iter(run(clone).made))
    clone.git("merge", "--quiet", "--no-ff", "--no-edit", branch)
    clone.git("revert", "--no-edit", "--mainline", "1", "HEAD")
    report = run(clone)
    assert [one.group.branch for one in report.occupied] == [branch]
    assert "declared again" in report.occupied[0].reason
    assert branch not in {group.branch for group in report.plan.already}
    assert not report.clean


def test_a_branch_that_somebody_pushed_to_is_not_taken_for_ours(clone: Clone) -> None:
    branch = next(iter(run(clone).made))
    clone.git("switch", "--quiet", branch)
    clone.write("workflow.yaml", "more")
    clone.commit("And more")
    clone.git("switch", "--quiet", "main")
    report = run(clone)
    assert [one.group.branch for one in report.occupied] == [branch]
    assert "changed since" in report.occupied[0].reason


def test_a_branch_of_another_history_is_not_taken_for_ours(clone: Clone) -> None:
    branch = next(iter(run(clone).made))
    alone = clone.git("commit-tree", "main^{tree}", "-m", "Another history")
    clone.git("update-ref", f"refs/heads/{branch}", alone)
    (occupied,) = run(clone).occupied
    assert "no history in common" in occupied.reason


def test_a_branch_stays_right_while_main_moves_on(clone: Clone) -> None:
    made = run(clone).made
    clone.write("identities/prod/new.yaml", f"payments {LIVE}")
    clone.commit()
    report = run(clone)
    assert (report.made, len(report.plan.already)) == ({}, len(made))


def test_a_branch_that_was_brought_up_to_date_is_still_ours(clone: Clone) -> None:
    branch = next(iter(run(clone).made))
    clone.write("identities/prod/new.yaml", f"payments {LIVE}")
    clone.commit()
    clone.git("switch", "--quiet", branch)
    clone.git("merge", "--quiet", "--no-edit", "main")
    clone.git("switch", "--quiet", "main")
    assert run(clone).clean


def test_what_was_renewed_after_it_was_read_is_not_removed(clone: Clone) -> None:
    declared = declare(clone)
    clone.write("identities/prod/a.yaml", f"payments {LIVE}")
    clone.commit("Renewed")
    before = clone.state()
    with pytest.raises(InputError, match=r"identities/prod/a\.yaml has another content"):
        sweep(declared, clone.repository, "main", ORDER, BREAKER)
    assert clone.state() == before


def test_what_another_stack_could_not_read_does_not_stop_the_rest(clone: Clone) -> None:
    unreadable = UnreadableFile("identities/prod/x.yaml", "prod", "line 1: a tab")
    declared = replace(declare(clone), unreadable=(unreadable,))
    report = sweep(declared, clone.repository, "main", ORDER, BREAKER)
    assert [name.rpartition("/")[0] for name in report.made] == ["nhi/sweep/dev/payments"]
    assert not report.clean


def test_an_owner_of_any_text_gets_a_branch(clone: Clone) -> None:
    declared = declare(clone)
    hostile = ["../../heads/main", "-x", "a.lock", "a b~^:?*[\\", "@{-1}", "", "ö\u202e\n", "x" * 300]
    identities = tuple(
        replace(one, identity=replace(one.identity, owner=owner))
        for one, owner in zip(declared.identities * 2, hostile, strict=True)
    )
    for one in identities:
        report = sweep(DeclaredState((one,), ()), clone.repository, "main", ORDER, BREAKER)
        assert report.made == {
            name: commit for name, commit in clone.repository.branches("nhi/").items() if name in report.made
        }
        assert len(report.made) == (one.identity.name != "z")


def test_a_negative_allowance_is_wrong_usage(clone: Clone) -> None:
    with pytest.raises(UsageError, match="--max-removals"):
        run(clone, replace(ORDER, max_removals=-1))


def test_what_is_not_in_git_is_not_swept(clone: Clone) -> None:
    clone.write("identities/prod/uncommitted.yaml", f"payments {EXPIRED}")
    assert not any("uncommitted" in path for group in run(clone).plan.removals for path in group.paths)
