"""`nhi stacks`: all of them, or exactly those that a change touches; a line that a workflow can take."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fixtures.command_line import Organisation, Said
from tests.fixtures.git import Clone
from tests.fixtures.manifests import FILES, manifest

CHANGED = ("stacks", "--changed", "--base", "main")
MATRIX = ("--format", "github-matrix")


def settings(number: int) -> str:
    """An nhi.yaml with so many stacks."""
    stacks = "".join(f'  s{n:03}: {{account: "111122223333", region: eu-west-1}}\n' for n in range(number))
    return f"apiVersion: nhi/v1\nstacks:\n{stacks}"


@pytest.fixture
def many(
    git_repository: Callable[..., Clone], call: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> Organisation:
    """Fifty stacks with an identity each, on a branch of their own."""
    manifests = {f"identities/s{n:03}/ledger-writer.yaml": manifest() for n in range(50)}
    clone = git_repository({**FILES, **manifests, "nhi.yaml": settings(50)})
    clone.git("switch", "--quiet", "--create", "change")
    monkeypatch.chdir(clone.root)
    return Organisation(clone, call)


def test_all_stacks_are_listed(organisation: Organisation) -> None:
    said = organisation("stacks")

    assert (said.code, said.err) == (0, "")
    assert said.out == "production  111122223333  eu-west-1\nstaging     444455556666  eu-west-1\n"


def test_all_stacks_as_a_document(organisation: Organisation) -> None:
    document = json.loads(organisation("stacks", "--format", "json").out)

    assert document["schema"] == "nhi/stacks/v1"
    assert [(one["stack"], one["account"], one["because"]) for one in document["stacks"]] == [
        ("production", "111122223333", []),
        ("staging", "444455556666", []),
    ]


def test_a_change_in_one_of_fifty_stacks_gives_one(many: Organisation) -> None:
    many.clone.write("identities/s007/ledger-writer.yaml", manifest(expiry="2027-06-30"))
    many.clone.commit()

    assert many(*CHANGED).out == "s007  111122223333  eu-west-1  manifests\n"
    assert many(*CHANGED, *MATRIX).out == (
        '{"include":[{"stack":"s007","account":"111122223333","region":"eu-west-1"}]}\n'
    )


def test_what_is_not_committed_counts_too(many: Organisation) -> None:
    many.clone.write("identities/s008/another.yaml", manifest(name="another"))

    assert [one["stack"] for one in json.loads(many(*CHANGED, *MATRIX).out)["include"]] == ["s008"]


def test_what_happened_on_main_meanwhile_does_not(many: Organisation) -> None:
    many.clone.write("identities/s009/ledger-writer.yaml", manifest(expiry="2027-06-30"))
    many.clone.commit()
    many.clone.git("switch", "--quiet", "main")
    many.clone.write("identities/s010/ledger-writer.yaml", manifest(expiry="2027-06-30"))
    many.clone.commit()
    many.clone.git("switch", "--quiet", "change")

    assert [one["stack"] for one in json.loads(many(*CHANGED, *MATRIX).out)["include"]] == ["s009"]


def test_a_kind_in_use_touches_all_that_use_it(many: Organisation) -> None:
    many.clone.write("modules/service-role/main.tf", "# other\n")
    many.clone.write("modules/paper-account/main.tf", "# other\n")
    many.clone.write("identities/s001/ledger-writer.yaml", manifest(kind="paper-account", scope="{system: x}"))
    many.clone.git("switch", "--quiet", "main")
    many.clone.commit("Other modules on main, and one stack on paper")
    many.clone.write("modules/paper-account/main.tf", "# changed again\n")

    assert many("stacks", "--changed", "--base", "HEAD").out == "s001  111122223333  eu-west-1  kind\n"


def test_a_change_that_touches_nothing_is_an_empty_matrix(many: Organisation) -> None:
    many.clone.write("README.md", "# x\n")

    assert (many(*CHANGED).code, many(*CHANGED).out) == (0, "no stack\n")
    assert many(*CHANGED, *MATRIX).out == '{"include":[]}\n'


def test_a_stack_that_is_gone_with_its_identities_is_an_error(many: Organisation) -> None:
    many.clone.write("nhi.yaml", settings(49))
    many.clone.git("rm", "--quiet", "-r", "identities/s049")
    many.clone.commit()

    said = many(*CHANGED, *MATRIX)
    assert (said.code, said.out) == (3, "")
    assert "the stack 's049' is gone from nhi.yaml, and 1 of its manifests stood before this change" in said.err


@pytest.mark.parametrize(("number", "code"), [(256, 0), (257, 3)])
def test_a_matrix_has_no_more_jobs_than_github_takes(many: Organisation, number: int, code: int) -> None:
    many.clone.write("nhi.yaml", settings(number))

    said = many("stacks", *MATRIX)
    assert said.code == code
    assert (len(json.loads(said.out)["include"]) == number) if code == 0 else ("at most 256 jobs" in said.err)


def test_a_matrix_is_one_line_of_plain_characters(many: Organisation) -> None:
    text = many("stacks", *MATRIX).out

    assert text.count("\n") == 1
    assert text.isascii()
    assert not set(text) & set("$`'\\%<>&;|#")


@pytest.mark.parametrize("name", ["a\\nb", "${{ x }}", "a b", "::x", "A", "a" * 64])
def test_no_other_name_of_a_stack_is_taken(many: Organisation, name: str) -> None:
    many.clone.write("nhi.yaml", settings(1) + f'  "{name}": {{account: "111122223333", region: eu-west-1}}\n')

    said = many("stacks", *MATRIX)
    assert (said.code, said.out) == (3, "")


def test_what_came_and_went_since_is_touched(many: Organisation) -> None:
    new = many.clone.write("identities/s011/another.yaml", manifest(name="another"))
    many.clone.commit()
    new.unlink()
    many.clone.commit()
    many.clone.write("identities/s012/another.yaml", manifest(name="another"))

    assert many("stacks", "--since", "main").out == (
        "s011  111122223333  eu-west-1  manifests\ns012  111122223333  eu-west-1  manifests\n"
    )
    assert [one["stack"] for one in json.loads(many(*CHANGED, *MATRIX).out)["include"]] == ["s012"]


def test_a_merge_touches_what_its_branch_touched(many: Organisation) -> None:
    new = many.clone.write("identities/s011/another.yaml", manifest(name="another"))
    many.clone.commit()
    many.clone.git("switch", "--quiet", "main")
    start = many.clone.commit("Meanwhile")
    many.clone.git("merge", "--quiet", "--no-ff", "--no-edit", "change")
    new.unlink()
    many.clone.commit()

    assert many("stacks", "--since", start).out == "s011  111122223333  eu-west-1  manifests\n"


def test_nothing_is_touched_since_now(many: Organisation) -> None:
    assert many("stacks", "--since", "HEAD").out == "no stack\n"


def test_a_shallow_clone_does_not_know_what_came_and_went(many: Organisation, tmp_path: Path) -> None:
    many.clone.commit("Second")
    many.clone.git("clone", "--quiet", "--depth=1", many.clone.root.as_uri(), str(tmp_path / "shallow"))

    said = many("stacks", "--since", "HEAD", "--root", str(tmp_path / "shallow"))
    assert said.code == 3
    assert "this clone is shallow" in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--changed",),
        ("--base", "main"),
        ("--changed", "--base", "main", "--since", "main"),
        ("--changed", "--since", "main"),
    ],
)
def test_a_change_is_asked_for_in_one_way(many: Organisation, arguments: tuple[str, ...]) -> None:
    assert many("stacks", *arguments).code == 2


def test_a_revision_that_is_not_there_is_bad_input(many: Organisation) -> None:
    assert many("stacks", "--changed", "--base", "nowhere").code == 3


def test_the_help_says_how_a_workflow_skips_what_is_empty(many: Organisation) -> None:
    said = many("stacks", "--help")

    assert """if: needs.stacks.outputs.matrix != '{"include":[]}'""" in said.out
    assert "fromJSON(needs.stacks.outputs.matrix)" in said.out
