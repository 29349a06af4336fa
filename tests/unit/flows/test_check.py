"""`nhi check`: every manifest is looked at, each wrong thing is said once, and nothing is left out."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fixtures.manifests import AS_OF, FILES, PATH, RULES, Tree, manifest, tree

from nhi.errors import InputError, NhiError
from nhi.flows.check import check
from nhi.flows.judge import CheckResult
from nhi.model.finding import GrantedException, Severity
from nhi.model.instant import parse_instant

OTHER = "identities/staging/ledger-reader.yaml"


def found(one: Tree, *paths: str) -> list[tuple[str, str]]:
    """Rule and path of everything that is found."""
    return [(finding.rule, finding.path) for finding in result(one, *paths).findings]


def result(one: Tree, *paths: str) -> CheckResult:
    """The whole result."""
    return check(one.snapshot, RULES, AS_OF, paths=paths)


def test_manifests_in_order_give_nothing_but_their_count(tmp_path: Path) -> None:
    checked = result(tree(tmp_path, {PATH: manifest(), OTHER: manifest(name="ledger-reader")}))

    assert checked == CheckResult(AS_OF, 2, ())
    assert not checked.blocks


def test_what_need_not_be_a_manifest_is_not_counted(tmp_path: Path) -> None:
    assert result(tree(tmp_path, {"identities/README.md": "# x\n", "identities/prod/.gitkeep": ""})).checked == 0


def test_findings_stand_in_the_order_of_the_files(tmp_path: Path) -> None:
    one = tree(tmp_path, {OTHER: manifest(["owner"], name="ledger-reader"), PATH: manifest(["owner", "expiry"])})

    assert found(one) == [("missing-owner", PATH), ("missing-expiry", PATH), ("missing-owner", OTHER)]


def test_an_error_blocks(tmp_path: Path) -> None:
    assert result(tree(tmp_path, {PATH: manifest(["owner"])})).blocks


def test_a_warning_alone_does_not_block(tmp_path: Path) -> None:
    checked = result(tree(tmp_path, {PATH: manifest(expiry="2026-11-19")}))

    assert [one.severity for one in checked.findings] == [Severity.WARNING]
    assert not checked.blocks


def test_what_an_accepted_exception_covers_is_listed_and_does_not_block(tmp_path: Path) -> None:
    text = manifest(
        expiry="2028-03-31",
        exceptions="[{rule: overlong-lifetime, reason: r, compensating_control: c, approver: security, "
        "expiry: 2027-01-31}]",
    )

    checked = result(tree(tmp_path, {PATH: text}))

    assert [(one.rule, one.exception) for one in checked.findings] == [
        ("overlong-lifetime", GrantedException("security", parse_instant("2027-01-31"), "r"))
    ]
    assert not checked.blocks


def test_when_the_exception_ends_the_finding_blocks_again(tmp_path: Path) -> None:
    text = manifest(
        expiry="2028-03-31",
        exceptions="[{rule: overlong-lifetime, reason: r, compensating_control: c, approver: security, "
        "expiry: 2026-11-20}]",
    )

    assert result(tree(tmp_path, {PATH: text})).blocks


def test_an_expired_identity_is_due_for_removal_and_blocks_nobody(tmp_path: Path) -> None:
    [one] = result(tree(tmp_path, {PATH: manifest(expiry="2026-11-20")})).findings

    assert (one.rule, one.severity) == ("past-expiry", Severity.WARNING)
    assert "due for removal" in one.message


def test_one_second_earlier_it_is_not(tmp_path: Path) -> None:
    one = tree(tmp_path, {PATH: manifest(expiry="2026-11-20")})

    assert check(one.snapshot, RULES, AS_OF - timedelta(seconds=1)).findings == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("identities/prod/ledger.yaml", "identities/prod/payments/ledger.yaml"),
        ("identities/prod/ledger.yaml", "identities/prod/payments/Ledger.yaml"),
        ("identities/prod/a/STRASSE.yaml", "identities/prod/b/straße.yaml"),
    ],
)
def test_a_name_twice_in_a_stack_is_found_in_both_whatever_the_capitals(tmp_path: Path, one: str, other: str) -> None:
    names = [path.rsplit("/", 1)[1].removesuffix(".yaml") for path in (one, other)]
    files = {path: manifest(name=name) for path, name in zip((one, other), names, strict=True)}

    assert {path for rule, path in found(tree(tmp_path, files)) if rule == "duplicate-name"} == {one, other}


def test_a_duplicate_name_is_one_finding_at_the_name(tmp_path: Path) -> None:
    again = "identities/prod/payments/ledger-writer.yaml"

    first, second = result(tree(tmp_path, {PATH: manifest(), again: manifest()})).findings

    assert (first.rule, first.path, first.line, first.column) == ("duplicate-name", PATH, 3, 7)
    assert again in first.message
    assert (second.path, second.identity) == (again, "prod/ledger-writer")


def test_a_name_may_stand_once_in_each_stack(tmp_path: Path) -> None:
    assert found(tree(tmp_path, {PATH: manifest(), "identities/staging/ledger-writer.yaml": manifest()})) == []


def test_a_file_that_is_no_manifest_takes_no_name(tmp_path: Path) -> None:
    stray = "identities/prod/ledger-writer.yml"

    assert found(tree(tmp_path, {PATH: manifest(), stray: manifest()})) == [("wrong-extension", stray)]


def test_a_link_takes_a_name(tmp_path: Path) -> None:
    one = tree(tmp_path, {PATH: manifest(), "identities/prod/a/x": ""}).remove("identities/prod/a/x")
    (tmp_path / "identities/prod/a/ledger-writer.yaml").symlink_to("../ledger-writer.yaml")

    assert sorted(found(one)) == [
        ("duplicate-name", "identities/prod/a/ledger-writer.yaml"),
        ("duplicate-name", PATH),
        ("not-a-regular-file", "identities/prod/a/ledger-writer.yaml"),
    ]


def test_a_link_instead_of_a_stacks_folder_is_found(tmp_path: Path) -> None:
    one = tree(tmp_path, {"elsewhere/ledger-writer.yaml": manifest()})
    (tmp_path / "identities/prod").symlink_to("../elsewhere")

    assert found(one) == [("not-a-regular-file", "identities/prod")]


def test_a_file_instead_of_a_stacks_folder_is_found(tmp_path: Path) -> None:
    assert found(tree(tmp_path, {"identities/prod": "x"})) == [("wrong-extension", "identities/prod")]


def test_a_link_instead_of_all_identities_is_never_an_empty_repository(tmp_path: Path) -> None:
    one = tree(tmp_path)
    (tmp_path / "identities").rename(tmp_path / "elsewhere")
    (tmp_path / "identities").symlink_to("elsewhere")

    with pytest.raises(NhiError):
        result(one)


@pytest.mark.parametrize("path", ["nhi.yaml", "identities/owners.yaml"])
def test_without_its_configuration_nothing_is_checked(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError, match=f"^there is no {path}$"):
        result(tree(tmp_path).remove(path))


def test_without_kinds_every_kind_is_unknown(tmp_path: Path) -> None:
    one = Tree(tmp_path).write({path: FILES[path] for path in ("nhi.yaml", "identities/owners.yaml")})

    assert found(one.write({PATH: manifest()})) == [("unknown-kind", PATH)]


def test_one_file_can_be_checked_alone(tmp_path: Path) -> None:
    one = tree(tmp_path, {PATH: manifest(["owner"]), OTHER: manifest(["owner"], name="ledger-reader")})

    assert found(one, OTHER) == [("missing-owner", OTHER)]


def test_a_folder_can(tmp_path: Path) -> None:
    one = tree(tmp_path, {PATH: manifest(["owner"]), OTHER: manifest(["owner"], name="ledger-reader")})

    assert found(one, "identities/staging") == [("missing-owner", OTHER)]


def test_paths_that_overlap_are_checked_once(tmp_path: Path) -> None:
    one = tree(tmp_path, {PATH: manifest(["owner"]), OTHER: manifest(name="ledger-reader")})

    checked = result(one, "identities", PATH, "identities/prod", PATH)

    assert checked.checked == 2
    assert len(checked.findings) == 1


def test_the_repositorys_own_folder_is_all_of_it(tmp_path: Path) -> None:
    assert found(tree(tmp_path, {PATH: manifest(["owner"])}), ".") == [("missing-owner", PATH)]


def test_what_is_no_manifest_can_be_named_and_is_passed_over(tmp_path: Path) -> None:
    assert result(tree(tmp_path), "nhi.yaml", "modules", "identities/owners.yaml").checked == 0


def test_an_empty_folder_holds_nothing_to_check(tmp_path: Path) -> None:
    (tmp_path / "identities/prod/empty").mkdir(parents=True)

    assert result(tree(tmp_path), "identities/prod/empty").checked == 0


def test_a_path_where_nothing_stands_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file or folder"):
        result(tree(tmp_path), "identities/prod/nothing.yaml")


def test_a_name_that_a_file_elsewhere_in_the_stack_has_is_found_by_its_path_alone(tmp_path: Path) -> None:
    again = "identities/prod/payments/ledger-writer.yaml"

    assert found(tree(tmp_path, {PATH: manifest(), again: manifest()}), again) == [("duplicate-name", again)]


def test_as_of_is_given_back(tmp_path: Path) -> None:
    as_of = AS_OF + timedelta(days=3)

    assert check(tree(tmp_path).snapshot, RULES, as_of).as_of == as_of


def test_whether_it_blocks_follows_from_the_findings(tmp_path: Path) -> None:
    checked = result(tree(tmp_path, {PATH: manifest(["owner"])}))

    assert not replace(checked, findings=()).blocks
