"""What is rendered is whole."""

from pathlib import Path

import pytest
from tests.fixtures.applying import READER, rendered
from tests.fixtures.manifests import PAPER, PATH, Tree, manifest, tree

from nhi.errors import InputError

ON_PAPER = "identities/prod/mainframe-reader.yaml"


@pytest.fixture
def one(tmp_path: Path) -> Tree:
    """A repository with two identities of one stack."""
    return tree(tmp_path / "repository", {PATH: manifest(), READER: manifest(name="ledger-reader")})


def test_a_root_has_the_modules_of_the_kinds_in_use_and_no_others(one: Tree) -> None:
    assert sorted(rendered(one).files) == ["identities.tf", "main.tf", "modules/service-role/main.tf"]


def test_only_terraforms_own_files_of_a_module_are_taken(one: Tree) -> None:
    one.write({"modules/service-role/README.md": "x", "modules/service-role/tests/a.tf": "x"})

    assert [path for path in rendered(one).files if path.startswith("modules/")] == ["modules/service-role/main.tf"]


def test_the_same_manifests_give_the_same_digest(one: Tree, tmp_path: Path) -> None:
    again = tree(tmp_path / "again", {READER: manifest(name="ledger-reader"), PATH: manifest()})

    assert rendered(again).digest == rendered(one).digest


@pytest.mark.parametrize(
    "change",
    [
        {PATH: manifest(purpose="Settlement batch writes other transactions to the ledger table.")},
        {"modules/service-role/main.tf": "# other\n"},
        {"modules/service-role/more.tf": ""},
        {ON_PAPER: PAPER},
    ],
    ids=["manifest", "module", "new file", "new identity"],
)
def test_another_root_has_another_digest(one: Tree, change: dict[str, str]) -> None:
    before = rendered(one).digest

    assert rendered(one.write(change)).digest != before


def test_what_is_no_terraform_does_not_change_it(one: Tree) -> None:
    before = rendered(one).digest

    one.write({"identities/README.md": "x", "identities/staging/other.yaml": manifest(name="other")})

    assert rendered(one).digest == before


@pytest.mark.parametrize("path", ["identities/prod/broken.yaml", "identities/stray.yaml", "identities/prod/x.txt"])
def test_a_manifest_that_cannot_be_read_stops_the_rendering(one: Tree, path: str) -> None:
    with pytest.raises(InputError, match=path):
        rendered(one.write({path: "- a\n"}))


def test_a_kind_without_terraform_stops_it(one: Tree) -> None:
    with pytest.raises(InputError, match=r"^modules/service-role holds no Terraform$"):
        rendered(one.remove("modules/service-role/main.tf"))


def test_a_link_in_a_module_stops_it(one: Tree) -> None:
    (one.root / "modules/service-role/more.tf").symlink_to("main.tf")

    with pytest.raises(InputError, match=r"modules/service-role/more\.tf is not a file"):
        rendered(one)


def test_a_module_that_is_no_text_stops_it(one: Tree) -> None:
    with pytest.raises(InputError, match=r"modules/service-role/main\.tf is not UTF-8"):
        rendered(one.write({"modules/service-role/main.tf": b"\xff"}))


def test_a_module_that_is_too_large_is_never_cut(one: Tree) -> None:
    with pytest.raises(InputError, match="at most 64 KiB"):
        rendered(one.write({"modules/service-role/main.tf": "#" * 70_000}))


def test_a_stack_without_identities_is_a_root_too(one: Tree) -> None:
    assert sorted(rendered(one, "staging").files) == ["identities.tf", "main.tf"]
