"""`nhi check --base`: a change answers for what it adds, edits and breaks, and for nothing else."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.fixtures.manifests import (
    AS_OF,
    FILES,
    OWNERS_TEXT,
    PATH,
    RULES,
    SETTINGS_TEXT,
    Tree,
    changes_between,
    manifest,
    tree,
)

from nhi.errors import InputError
from nhi.flows.check_change import Proposal, check_change
from nhi.flows.judge import CheckResult
from nhi.model.finding import Severity
from nhi.model.source import ChangeType, PathChange
from nhi.repository.git import GitRepository

OLD = "identities/prod/old-writer.yaml"
SCHEMA = "modules/service-role/schema.json"
BROKEN = manifest(["owner"], name="old-writer")


@pytest.fixture
def base(tmp_path: Path) -> Tree:
    """A repository with one manifest in order and one without an owner, which nobody mended."""
    return tree(tmp_path / "base", {PATH: manifest(), OLD: BROKEN})


@pytest.fixture
def head(tmp_path: Path) -> Tree:
    """The same, for a change to be made in."""
    return tree(tmp_path / "head", {PATH: manifest(), OLD: BROKEN})


def result(
    base: Tree, head: Tree, as_of: datetime = AS_OF, changes: tuple[PathChange, ...] | None = None
) -> CheckResult:
    """The check of the change from one to the other. None of these rules looks at the history."""
    paths = changes_between(base, head) if changes is None else changes
    proposal = Proposal(head.snapshot, base.snapshot, "0" * 40, paths)
    return check_change(proposal, GitRepository(head.root, {}), RULES, as_of)


def found(base: Tree, head: Tree, as_of: datetime = AS_OF) -> list[tuple[str, str]]:
    """Rule and path of everything that is blamed on the change."""
    return [(one.rule, one.path) for one in result(base, head, as_of).findings]


def test_no_change_no_finding(base: Tree, head: Tree) -> None:
    assert result(base, head) == CheckResult(AS_OF, 0, ())


def test_what_it_leaves_alone_is_not_blamed_on_it(base: Tree, head: Tree) -> None:
    head.write({PATH: manifest(ticket="PAY-2")})

    assert result(base, head) == CheckResult(AS_OF, 1, ())


def test_what_it_adds_is(base: Tree, head: Tree) -> None:
    head.write({"identities/staging/new.yaml": manifest(["owner"], name="new")})

    assert found(base, head) == [("missing-owner", "identities/staging/new.yaml")]


def test_what_it_edits_is_judged_in_full(base: Tree, head: Tree) -> None:
    head.write({OLD: BROKEN.replace("Settlement", "Settling")})

    assert found(base, head) == [("missing-owner", OLD)]


def test_what_it_removes_is_not_judged(base: Tree, head: Tree) -> None:
    assert result(base, head.remove(OLD)) == CheckResult(AS_OF, 0, ())


def test_what_it_renames_is_judged_under_its_new_name(base: Tree, head: Tree) -> None:
    head.remove(PATH).write({"identities/prod/other.yaml": manifest()})

    assert found(base, head) == [("name-mismatch", "identities/prod/other.yaml")]


def test_what_it_moves_to_another_folder_of_the_stack_is_no_duplicate(base: Tree, head: Tree) -> None:
    head.remove(PATH).write({"identities/prod/payments/ledger-writer.yaml": manifest()})

    assert found(base, head) == []


def test_a_link_that_it_puts_in_place_of_a_file_is_found(base: Tree, head: Tree) -> None:
    head.remove(PATH)
    (head.root / PATH).symlink_to("old-writer.yaml")

    assert found(base, head) == [("not-a-regular-file", PATH)]


def test_a_name_that_it_takes_twice_is_found_in_its_file_alone(base: Tree, head: Tree) -> None:
    again = "identities/prod/payments/ledger-writer.yaml"

    assert found(base, head.write({again: manifest()})) == [("duplicate-name", again)]


def test_a_name_that_stood_twice_before_is_not_blamed_on_it(base: Tree, head: Tree) -> None:
    again = {"identities/prod/payments/ledger-writer.yaml": manifest()}
    base.write(again)
    head.write(again).write({"identities/prod/new.yaml": manifest(name="new")})

    assert found(base, head) == []


def test_a_file_of_a_wrong_extension_that_it_adds_is_found(base: Tree, head: Tree) -> None:
    assert found(base, head.write({"identities/prod/new.yml": manifest(name="new")})) == [
        ("wrong-extension", "identities/prod/new.yml")
    ]


def test_other_files_are_none_of_its_business(base: Tree, head: Tree) -> None:
    assert result(base, head.write({"README.md": "x", "identities/README.md": "x"})).checked == 0


def test_removing_an_owner_is_blamed_where_it_breaks(base: Tree, head: Tree) -> None:
    for one in (base, head):
        one.write({PATH: manifest(owner="bob")})
    head.write({"identities/owners.yaml": OWNERS_TEXT.replace("bob", "rob")})

    assert found(base, head) == [("unknown-owner", PATH)]


def test_tightening_a_schema_is_blamed_where_it_breaks(base: Tree, head: Tree) -> None:
    text = FILES[SCHEMA].replace('"required": ["trust", "allow"]', '"required": ["trust", "allow", "until"]')

    assert found(base, head.write({SCHEMA: text})) == [("missing-key", PATH), ("missing-key", OLD)]


def test_loosening_a_schema_is_blamed_for_nothing(base: Tree, head: Tree) -> None:
    text = FILES[SCHEMA].replace('"required": ["trust", "allow"]', '"required": ["trust"]')

    assert found(base, head.write({SCHEMA: text})) == []


def test_dropping_a_kind_is_blamed_where_it_breaks(base: Tree, head: Tree) -> None:
    head.remove(SCHEMA).remove("modules/service-role/expected.json.j2")

    assert found(base, head) == [("unknown-kind", PATH), ("unknown-kind", OLD)]


def test_dropping_a_stack_is_blamed_where_it_breaks(base: Tree, head: Tree) -> None:
    head.write({"nhi.yaml": SETTINGS_TEXT.replace("  prod:", "  production:")})

    assert found(base, head) == [("unknown-stack", PATH), ("unknown-stack", OLD)]


def test_shortening_lifetimes_is_blamed_where_it_breaks(base: Tree, head: Tree) -> None:
    head.write({"nhi.yaml": SETTINGS_TEXT + "lifetimes: {standard: 30}\n"})

    assert found(base, head) == [("overlong-lifetime", PATH), ("overlong-lifetime", OLD)]


def test_lengthening_them_is_not_blamed_for_what_was_too_long_before(base: Tree, head: Tree) -> None:
    for one in (base, head):
        one.write({PATH: manifest(expiry="2029-03-31")})
    head.write({"nhi.yaml": SETTINGS_TEXT + "lifetimes: {standard: 400}\n"})

    assert found(base, head) == []


def test_a_new_team_is_not_blamed_for_those_who_have_no_owner(base: Tree, head: Tree) -> None:
    head.write({"identities/owners.yaml": OWNERS_TEXT + "  data: {accountable: alice, members: [alice]}\n"})

    assert found(base, head) == []


def test_another_thing_wrong_at_the_same_place_is_blamed(base: Tree, head: Tree) -> None:
    for one in (base, head):
        one.write({PATH: manifest(scope="{trust: {services: []}}")})
    text = FILES[SCHEMA].replace('"required": ["trust", "allow"]', '"required": ["trust", "allow", "until"]')
    head.write({SCHEMA: text})

    assert ("missing-key", PATH) in found(base, head)


def test_every_manifest_is_counted_where_the_ground_changed(base: Tree, head: Tree) -> None:
    assert result(base, head.write({"nhi.yaml": f"{SETTINGS_TEXT}# x\n"})).checked == 2


def test_a_file_that_changed_with_the_ground_is_judged_once(base: Tree, head: Tree) -> None:
    head.write({"nhi.yaml": f"{SETTINGS_TEXT}# x\n", PATH: manifest(["owner"])})

    assert found(base, head) == [("missing-owner", PATH)]


def test_on_a_base_that_cannot_be_read_nothing_counts_as_old(base: Tree, head: Tree) -> None:
    base.write({"nhi.yaml": "- broken\n"})

    assert found(base, head) == [("missing-owner", OLD)]


def test_a_change_that_breaks_the_configuration_is_an_error(base: Tree, head: Tree) -> None:
    with pytest.raises(InputError, match=r"^nhi\.yaml:1:1: "):
        result(base, head.write({"nhi.yaml": "- broken\n"}))


def test_a_change_that_removes_the_configuration_is_an_error(base: Tree, head: Tree) -> None:
    with pytest.raises(InputError, match=r"^there is no identities/owners\.yaml"):
        result(base, head.remove("identities/owners.yaml"))


EXPIRED = manifest(name="old-writer", expiry="2026-11-01")


def test_an_expiry_in_the_past_is_an_error_where_the_change_edits_it(base: Tree, head: Tree) -> None:
    [one] = result(base, head.write({OLD: EXPIRED})).findings

    assert (one.rule, one.severity) == ("past-expiry", Severity.ERROR)


def test_it_is_none_of_a_changes_business_elsewhere(base: Tree, head: Tree) -> None:
    for one in (base, head):
        one.write({OLD: EXPIRED})
    head.write({PATH: manifest(ticket="PAY-2")})

    assert found(base, head) == []


def test_it_is_not_blamed_on_a_changed_ground_either(base: Tree, head: Tree) -> None:
    for one in (base, head):
        one.write({OLD: EXPIRED})
    head.write({"identities/owners.yaml": f"{OWNERS_TEXT}# x\n"})

    assert found(base, head) == []


def test_where_the_base_cannot_be_read_it_is_a_warning_that_blocks_nobody(base: Tree, head: Tree) -> None:
    for one in (base, head):
        one.write({OLD: EXPIRED})
    base.write({"nhi.yaml": "- broken\n"})

    checked = result(base, head)

    assert [(one.rule, one.severity) for one in checked.findings] == [("past-expiry", Severity.WARNING)]
    assert not checked.blocks


@pytest.mark.parametrize("days", [0, 30, 100, 1000, 10_000])
@pytest.mark.parametrize(
    "change",
    [
        {"identities/README.md": "# x\n"},
        {"identities/owners.yaml": f"{OWNERS_TEXT}# x\n"},
        {"nhi.yaml": f"{SETTINGS_TEXT}# x\n"},
        {SCHEMA: f"{FILES[SCHEMA]}\n"},
    ],
    ids=["readme", "owners", "settings", "kind"],
)
def test_a_calendar_day_never_turns_an_unrelated_change_red(
    base: Tree, head: Tree, days: int, change: dict[str, str]
) -> None:
    leaving = {"identities/prod/of-bob.yaml": manifest(name="of-bob", owner="bob", expiry="2026-12-01")}
    base.write(leaving)
    head.write(leaving).write(change)

    assert found(base, head, AS_OF + timedelta(days=days)) == []


def test_a_file_that_went_away_meanwhile_is_passed_over(base: Tree, head: Tree) -> None:
    changes = (PathChange("identities/prod/gone.yaml", ChangeType.ADDED),)

    assert result(base, head, changes=changes).checked == 0
