"""What a change does, identity by identity, and what the history says of it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.manifests import AS_OF, FILES, GROUND, PATH, Tree, changes_between, manifest, tree

from nhi.flows.change import author_named, from_history, read_change
from nhi.flows.check_change import Proposal, check_change
from nhi.model.change import Change, ManifestChange
from nhi.model.risk import Risk
from nhi.policy.discovery import discover, rulebook
from nhi.policy.risk import risk_of_change
from nhi.repository.git import GitRepository

MOVED = "identities/prod/payments/ledger-writer.yaml"


def change(base: Tree, head: Tree) -> Change:
    grounds = (base.ground(), head.ground())
    return read_change(head.snapshot, base.snapshot, grounds, changes_between(base, head), None).change


def only(of: Change) -> ManifestChange:
    (one,) = of.manifests
    return one


def test_an_edit_has_both_sides(tmp_path: Path) -> None:
    base, head = tree(tmp_path / "base"), tree(tmp_path / "head", {PATH: manifest(expiry="2027-05-31")})

    one = only(change(base, head))

    assert (one.identity, one.before is None, one.after is None) == ("prod/ledger-writer", False, False)


def test_a_file_that_moves_within_its_stack_is_one_identity(tmp_path: Path) -> None:
    base, head = tree(tmp_path / "base"), tree(tmp_path / "head", {MOVED: manifest()})

    one = only(change(base, head))

    assert one.before is not None
    assert one.after is not None
    assert (one.before.path, one.after.path) == (PATH, MOVED)


def test_a_new_and_a_removed_identity_have_one_side(tmp_path: Path) -> None:
    with_one, without = tree(tmp_path / "with"), tree(tmp_path / "without", {})

    assert only(change(without, with_one)).before is None
    assert only(change(with_one, without)).after is None


def test_what_cannot_be_read_any_more_is_not_taken_for_removed(tmp_path: Path) -> None:
    base, head = tree(tmp_path / "base"), tree(tmp_path / "head", {PATH: "["})

    assert change(base, head).manifests == ()


def test_what_is_removed_and_could_not_be_read_is_wholly_unknown(tmp_path: Path) -> None:
    base, head = tree(tmp_path / "base", {PATH: "["}), tree(tmp_path / "head", {})

    one = only(change(base, head))

    assert one.after is None
    assert one.before is not None
    assert one.before.unreadable >= {"owner", "expiry", "scope", "hold"}
    assert risk_of_change(one, GROUND.settings).risk is Risk.HIGH


@pytest.mark.parametrize("given", ["alice", "ALICE-ACME", "alice@acme.example"])
def test_an_author_is_known_by_name_login_or_address(given: str) -> None:
    assert author_named(given, GROUND.owners) == "alice"


def test_a_stranger_is_nobody() -> None:
    assert author_named("mallory", GROUND.owners) is None
    assert author_named(None, GROUND.owners) is None


@pytest.fixture
def organisation(git_repository: Callable[[], Clone]) -> Clone:
    clone = git_repository()
    for path, text in FILES.items():
        clone.write(path, text)
    clone.commit()
    return clone


def history(clone: Clone, texts: Sequence[str | None]) -> str:
    for text in texts:
        if text is None:
            (clone.root / PATH).unlink()
        else:
            clone.write(PATH, text)
        clone.commit()
    return clone.git("rev-parse", "HEAD")


def proposed(clone: Clone, base: str, text: str) -> tuple[Change, Proposal]:
    clone.write(PATH, text)
    head = clone.commit()
    repository = clone.repository
    paths = repository.changes(base, head, (".",))
    proposal = Proposal(repository.snapshot(head), repository.snapshot(base), base, paths, "alice")
    found = read_change(proposal.head, proposal.base, (GROUND, GROUND), paths, None)
    return found.change, proposal


def test_renewals_are_counted_from_the_history(organisation: Clone) -> None:
    dates = ("2026-12-31", "2027-01-31", "2027-02-28", "2027-02-01")
    base = history(organisation, [manifest(expiry=date) for date in dates])
    made, _ = proposed(organisation, base, manifest(expiry="2027-06-30"))

    assert from_history(organisation.repository, base, made) == ({"prod/ledger-writer": 2}, frozenset())


def test_what_was_before_a_removal_is_not_counted(organisation: Clone) -> None:
    dates = ("2026-12-31", "2027-01-31", None, "2027-02-01")
    base = history(organisation, [None if date is None else manifest(expiry=date) for date in dates])
    made, _ = proposed(organisation, base, manifest(expiry="2027-06-30"))

    assert from_history(organisation.repository, base, made) == ({"prod/ledger-writer": 0}, frozenset())


def test_in_a_shallow_clone_renewals_are_unknown_and_not_none(organisation: Clone, tmp_path: Path) -> None:
    base = history(organisation, [manifest(expiry="2026-12-31"), manifest(expiry="2027-01-31")])
    made, _ = proposed(organisation, base, manifest(expiry="2027-06-30"))
    shallow = tmp_path / "shallow"
    organisation.git("clone", "--quiet", "--depth", "2", f"file://{organisation.root}", str(shallow))

    renewals, _ = from_history(GitRepository(shallow, organisation.environment), base, made)

    assert renewals == {}


def test_a_name_that_was_removed_once_is_known(organisation: Clone) -> None:
    base = history(organisation, [manifest(), None])
    made, _ = proposed(organisation, base, manifest())

    assert from_history(organisation.repository, base, made) == ({}, frozenset({"prod/ledger-writer"}))


def test_a_new_name_is_new(organisation: Clone) -> None:
    base = organisation.git("rev-parse", "HEAD")
    made, _ = proposed(organisation, base, manifest())

    assert from_history(organisation.repository, base, made) == ({}, frozenset())


@pytest.mark.parametrize("slug", ["reused-name"])
def test_a_rule_about_changes_speaks_in_the_check_of_a_change(organisation: Clone, slug: str) -> None:
    base = history(organisation, [manifest(), None])
    _, proposal = proposed(organisation, base, manifest())
    rules = rulebook(entry for entry in discover().entries if entry.slug == slug)

    found = check_change(proposal, organisation.repository, rules, AS_OF).findings

    assert [(one.rule, one.path) for one in found] == [(slug, PATH)]


def test_a_rule_about_stacks_blames_the_file_that_the_change_adds(organisation: Clone) -> None:
    base = history(organisation, [manifest()])
    organisation.write("identities/prod/ledger-copier.yaml", manifest(name="ledger-copier"))
    head = organisation.commit()
    repository = organisation.repository
    paths = repository.changes(base, head, (".",))
    proposal = Proposal(repository.snapshot(head), repository.snapshot(base), base, paths)
    rules = rulebook(entry for entry in discover().entries if entry.slug == "copied-purpose")

    found = check_change(proposal, repository, rules, AS_OF).findings

    assert [(one.rule, one.path) for one in found] == [("copied-purpose", "identities/prod/ledger-copier.yaml")]
