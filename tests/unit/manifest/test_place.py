"""What a path alone says."""

import pytest

from nhi.manifest.place import is_manifest_path, place_of

STACKS = ("prod",)


@pytest.mark.parametrize(
    "path",
    ["identities/prod/a.yaml", "identities/a.yaml", "identities/prod/a/b.txt", "identities/prod", "identities/x/y"],
)
def test_what_stands_below_identities_must_be_a_manifest(path: str) -> None:
    assert is_manifest_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "identities/owners.yaml",
        "identities/README.md",
        "identities/prod/README.md",
        "identities/prod/payments/.gitkeep",
        "identities/CODEOWNERS",
        "nhi.yaml",
        "modules/a/schema.json",
        "identities-old/prod/a.yaml",
        "docs/identities/prod/a.yaml",
    ],
)
def test_what_need_not_be_one(path: str) -> None:
    assert not is_manifest_path(path)


def test_owners_of_a_stack_are_a_manifest_as_any_other() -> None:
    assert is_manifest_path("identities/prod/owners.yaml")


@pytest.mark.parametrize(
    ("path", "stack", "name", "problem"),
    [
        ("identities/prod/a-b.yaml", "prod", "a-b", None),
        ("identities/prod/team/x/a.yaml", "prod", "a", None),
        ("identities/dev/a.yaml", "dev", "a", "unknown-stack"),
        ("identities/a.yaml", None, "a", "outside-stack"),
        ("identities/prod/a.b.yaml", "prod", "a.b", None),
        ("identities/prod/a.yml", "prod", "a", "wrong-extension"),
        ("identities/prod/a", "prod", "a", "wrong-extension"),
        ("identities/prod", None, "prod", "wrong-extension"),
    ],
)
def test_stack_name_and_problem(path: str, stack: str | None, name: str, problem: str | None) -> None:
    found = place_of(path, STACKS)

    assert (found.stack, found.name) == (stack, name)
    assert (found.problem.kind.slug if found.problem else None) == problem


@pytest.mark.parametrize(
    ("name", "hint"),
    [("a.yml", "rename it to end in .yaml"), ("a.txt", "move it out of identities/, or end it in .yaml")],
)
def test_what_to_do_about_a_wrong_extension(name: str, hint: str) -> None:
    problem = place_of(f"identities/prod/{name}", STACKS).problem

    assert problem is not None
    assert problem.hint == hint


def test_a_hostile_name_is_shown_on_one_line() -> None:
    problem = place_of("identities/prod/a\n::error::\x1b[31m.txt", STACKS).problem

    assert problem is not None
    assert problem.message.isprintable()
