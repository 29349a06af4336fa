"""`nhi new`: what it writes, `nhi check` accepts; what it cannot, it refuses before it writes anything."""

from pathlib import Path

import pytest
from tests.fixtures.manifests import AS_OF, PATH, RULES, Tree, findings, manifest, tree

from nhi.errors import InputError, UsageError
from nhi.flows.new import new_manifest
from nhi.model.finding import Finding

GIVEN = {
    "owner": "payments",
    "purpose": "Settlement batch writes cleared transactions to the ledger table.",
    "expiry": "2027-03-31",
}


def new(
    one: Tree, name: str = "ledger-writer", given: dict[str, str] | None = None, **other: str
) -> tuple[str, str, tuple[Finding, ...]]:
    """A new manifest; `other` are kind, stack and scope."""
    return new_manifest(
        one.snapshot,
        RULES,
        AS_OF,
        kind=other.get("kind", "service-role"),
        name=name,
        stack=other.get("stack", "prod"),
        given=GIVEN if given is None else given,
        scope=other.get("scope"),
    )


def refusal(one: Tree, name: str = "ledger-writer", **other: str) -> str:
    """Why none is made."""
    with pytest.raises(UsageError) as refused:
        new(one, name, None, **other)
    assert refused.value.hint
    return refused.value.message


@pytest.fixture
def empty(tmp_path: Path) -> Tree:
    """A repository without manifests."""
    return tree(tmp_path, {})


def test_a_new_manifest_is_accepted(empty: Tree) -> None:
    path, text, found = new(empty)

    assert path == PATH
    assert found == ()
    assert findings(text, path) == ()


def test_nothing_is_written_here(empty: Tree) -> None:
    new(empty)

    assert not (empty.root / PATH).exists()


def test_a_scope_may_be_given_as_yaml(empty: Tree) -> None:
    _, text, found = new(empty, kind="paper-account", scope="{system: mainframe}")

    assert "system: mainframe" in text
    assert found == ()


def test_what_check_will_say_is_said_at_once(empty: Tree) -> None:
    _, _, found = new(empty, given={"owner": "nobody", "purpose": "todo", "expiry": "2020-01-01"})

    assert [one.rule for one in found] == ["unknown-owner", "vague-purpose", "past-expiry"]
    assert all(one.blocks for one in found)


@pytest.mark.parametrize("text", ["[a]", "a: b: c", "- a", "", "a: 1\na: 2", "{a: *b}", "a\x1b: 1"])
def test_a_scope_that_is_no_mapping_is_refused(empty: Tree, text: str) -> None:
    assert refusal(empty, scope=text).startswith("--scope is not a YAML mapping: ")


def test_a_kind_that_is_not_there_is_refused_with_the_list(empty: Tree) -> None:
    assert refusal(empty, kind="role") == "there is no kind 'role'"


def test_a_stack_that_is_not_there_is_refused(empty: Tree) -> None:
    assert refusal(empty, stack="production") == "there is no stack 'production'"


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "-ledger",
        "ledger-",
        "Ledger",
        "a" * 57,
        "a b",
        "a/b",
        "../../x",
        "a\nowner: x",
        "",
        "ledger\n",
        ".yaml",
        "ü-a",
    ],
)
def test_a_name_of_another_form_is_refused(empty: Tree, name: str) -> None:
    assert refusal(empty, name).endswith("is not an identity's name")


@pytest.mark.parametrize(
    "taken",
    [
        PATH,
        "identities/prod/payments/ledger-writer.yaml",
        "identities/prod/a/Ledger-Writer.yaml",
        "identities/prod/ledger-writer.yml",
    ],
)
def test_a_name_that_is_taken_in_the_stack_is_refused(empty: Tree, taken: str) -> None:
    assert refusal(empty.write({taken: manifest()})) == f"{taken} exists"


def test_a_link_takes_a_name_too(empty: Tree) -> None:
    empty.write({"identities/prod/x.yaml": ""})
    (empty.root / PATH).symlink_to("x.yaml")

    assert refusal(empty) == f"{PATH} exists"


def test_other_names_of_the_stack_are_in_nobodys_way(empty: Tree) -> None:
    assert new(empty.write({"identities/prod/ledger-reader.yaml": manifest(name="ledger-reader")}))[2] == ()


def test_another_stack_may_have_the_name(empty: Tree) -> None:
    assert new(empty.write({"identities/staging/ledger-writer.yaml": manifest()}))[2] == ()


def test_a_configuration_that_is_broken_is_an_error(empty: Tree) -> None:
    with pytest.raises(InputError):
        new(empty.write({"nhi.yaml": "- a\n"}))


def test_without_any_stack_none_can_be_made(empty: Tree) -> None:
    assert refusal(empty.write({"nhi.yaml": "apiVersion: nhi/v1\n"})) == "there is no stack 'prod'"
