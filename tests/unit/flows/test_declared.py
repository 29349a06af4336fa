"""What a snapshot declares: each manifest is an identity, or a file that could not be read. None is left out."""

from hashlib import sha256
from pathlib import Path

import pytest
from tests.fixtures.manifests import PATH, Tree, manifest, tree

from nhi.errors import InputError
from nhi.flows.declared import identities_of, read_declared, stack_named
from nhi.model.declared import UnreadableFile

OTHER = "identities/staging/ledger-reader.yaml"
READER = manifest(name="ledger-reader")


def declared(one: Tree, stack: str | None = None) -> list[str]:
    """The identities that are declared."""
    return [item.identity.id for item in read_declared(one.snapshot, one.ground(), stack).identities]


def unreadable(one: Tree, stack: str | None = None) -> list[tuple[str, str | None]]:
    """Path and stack of what could not be read."""
    return [(item.path, item.stack) for item in read_declared(one.snapshot, one.ground(), stack).unreadable]


def test_what_is_complete_is_an_identity_with_its_contents_hash(tmp_path: Path) -> None:
    one = tree(tmp_path)

    [item] = read_declared(one.snapshot, one.ground()).identities

    assert item.identity.id == "prod/ledger-writer"
    assert item.sha256 == sha256(manifest().encode()).hexdigest()


def test_all_stacks_or_one(tmp_path: Path) -> None:
    one = tree(tmp_path, {PATH: manifest(), OTHER: READER})

    assert declared(one) == ["prod/ledger-writer", "staging/ledger-reader"]
    assert declared(one, "staging") == ["staging/ledger-reader"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- a\n", "line 1: the file holds a list, not a mapping"),
        (manifest(owner="[a]"), "line 4: owner must be text, not a list"),
        (manifest(["owner"]), "it declares no owner"),
        (manifest(["owner", "purpose", "expiry", "scope"]), "it declares no owner, no purpose, no expiry, no scope"),
        (manifest(expiry="2026-02-30"), "line 6: no calendar has '2026-02-30'"),
        (manifest(hold="{authority: legal}"), "line 13: the key 'reason' is missing in hold"),
        (manifest(name="other"), "line 3: the name 'other' is not the file's name"),
    ],
)
def test_what_is_not_complete_is_unreadable_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    one = tree(tmp_path, {PATH: text})

    assert read_declared(one.snapshot, one.ground()).identities == ()
    assert read_declared(one.snapshot, one.ground()).unreadable == (UnreadableFile(PATH, "prod", reason),)


def test_a_rule_that_is_broken_leaves_an_identity_declared(tmp_path: Path) -> None:
    assert declared(tree(tmp_path, {PATH: manifest(owner="nobody", expiry="2020-01-01")})) == ["prod/ledger-writer"]


@pytest.mark.parametrize(
    "path", ["identities/stray.yaml", "identities/nowhere/ledger-writer.yaml", "identities/nowhere/notes.txt"]
)
def test_what_is_in_no_stack_may_belong_to_any(tmp_path: Path, path: str) -> None:
    one = tree(tmp_path, {PATH: manifest(), path: READER})

    assert unreadable(one) == [(path, None)]
    assert unreadable(one, "prod") == [(path, None)]


def test_a_file_that_is_no_manifest_is_unreadable_in_its_stack(tmp_path: Path) -> None:
    one = tree(tmp_path, {"identities/prod/notes.txt": "x"})

    assert unreadable(one, "prod") == [("identities/prod/notes.txt", "prod")]
    assert unreadable(one, "staging") == []


def test_a_link_instead_of_a_stacks_folder_may_hold_anything(tmp_path: Path) -> None:
    one = tree(tmp_path, {"elsewhere/ledger-writer.yaml": manifest()})
    (tmp_path / "identities/prod").symlink_to("../elsewhere")

    assert unreadable(one, "prod") == [("identities/prod", None)]
    assert unreadable(one) == [("identities/prod", None)]


def test_a_name_that_stands_twice_declares_nothing(tmp_path: Path) -> None:
    again = "identities/prod/a/ledger-writer.yaml"
    one = tree(tmp_path, {PATH: manifest(), again: manifest(), OTHER: READER})

    assert declared(one) == ["staging/ledger-reader"]
    assert unreadable(one) == [(again, "prod"), (PATH, "prod")]


def test_the_same_name_in_two_stacks_is_two_identities(tmp_path: Path) -> None:
    one = tree(tmp_path, {PATH: manifest(), "identities/staging/ledger-writer.yaml": manifest()})

    assert declared(one) == ["prod/ledger-writer", "staging/ledger-writer"]


def test_what_must_not_go_on_without_one_gets_all_or_none(tmp_path: Path) -> None:
    one = tree(tmp_path, {PATH: manifest(), OTHER: READER})
    ground = one.ground()

    assert [item.id for item in identities_of(one.snapshot, ground, ground.settings.stacks["prod"])] == [
        "prod/ledger-writer"
    ]


@pytest.mark.parametrize("path", ["identities/prod/broken.yaml", "identities/broken.yaml", "identities/prod/notes.txt"])
def test_one_that_cannot_be_read_stops_it(tmp_path: Path, path: str) -> None:
    one = tree(tmp_path, {PATH: manifest(), path: "- a\n"})
    ground = one.ground()

    with pytest.raises(InputError, match=path) as refused:
        identities_of(one.snapshot, ground, ground.settings.stacks["prod"])
    assert "would remove their identities from prod" in refused.value.hint


def test_one_of_another_stack_does_not(tmp_path: Path) -> None:
    one = tree(tmp_path, {PATH: manifest(), OTHER: "- a\n"})
    ground = one.ground()

    assert len(identities_of(one.snapshot, ground, ground.settings.stacks["prod"])) == 1


def test_a_hundred_that_cannot_be_read_are_not_a_hundred_lines(tmp_path: Path) -> None:
    one = tree(tmp_path, {f"identities/prod/a{number:03}.yaml": "- a\n" for number in range(100)})
    ground = one.ground()

    with pytest.raises(InputError) as refused:
        identities_of(one.snapshot, ground, ground.settings.stacks["prod"])

    lines = refused.value.message.split("\n")
    assert (len(lines), lines[-1]) == (11, "and 90 more")


def test_a_stack_is_found_by_its_name_or_is_an_error(tmp_path: Path) -> None:
    ground = tree(tmp_path).ground()

    assert stack_named(ground, "prod") is ground.settings.stacks["prod"]
    with pytest.raises(InputError, match=r"^there is no stack 'production'$") as refused:
        stack_named(ground, "production")
    assert refused.value.hint == "stacks: prod, staging"
