"""A kind is one folder: its schema and its Terraform agree, no Python knows its name, and a new one needs none."""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from tests.fixtures.source import PACKAGE, ROOT, modules, project_files

from nhi.model.identity import Identity
from nhi.model.instant import parse_instant
from nhi.model.module_input import module_input
from nhi.model.settings import Stack
from nhi.sandbox.examples import examples

KINDS = sorted(path.parent.name for path in (ROOT / "modules").glob("*/schema.json"))
NEW = "door-badge"
AS_OF = "2026-11-20"

Shape: TypeAlias = "str | tuple[str, Shape] | dict[str, Shape]"
"""A type: its name, or `("list", inner)`, `("optional", inner)`, or an object's keys."""


def of_schema(schema: dict[str, object]) -> Shape:
    """The shape that a JSON Schema lets through."""
    match schema:
        case {"type": "object", "properties": dict(properties)}:
            required = schema.get("required", [])
            assert isinstance(required, list)
            shapes: dict[str, Shape] = {name: of_schema(one) for name, one in properties.items()}
            return {name: shape if name in required else ("optional", shape) for name, shape in shapes.items()}
        case {"type": "object", "additionalProperties": dict(inner)}:
            return ("map", of_schema(inner))
        case {"type": "array", "items": dict(inner)}:
            return ("list", of_schema(inner))
        case {"type": str(name)}:
            return {"string": "string", "boolean": "bool", "integer": "number", "number": "number"}[name]
        case _:
            raise AssertionError(schema)


def of_terraform(variable: str, text: str) -> Shape:
    """The shape of a variable's `type` (https://developer.hashicorp.com/terraform/language/expressions/type-constraints)."""
    body = re.search(rf'^variable "{variable}" {{\n(.*?)^}}', text, re.DOTALL | re.MULTILINE)
    assert body, variable
    written = re.search(r"^  type\s*=\s*(.*?)\n(?:\n|\Z|  \w)", body[1] + "\n", re.DOTALL | re.MULTILINE)
    assert written, variable
    return _type(iter(re.findall(r'"[^"]*"|[\w.]+|[(){}\[\],=]', written[1])))


def _type(tokens: Iterator[str]) -> Shape:
    name = next(tokens)
    if name in ("string", "bool", "number", "any"):
        return name
    assert next(tokens) == "(", name
    shape: Shape
    if name == "object":
        assert next(tokens) == "{"
        entries: dict[str, Shape] = {}
        for key in tokens:
            if key == "}":
                break
            if key != ",":
                assert next(tokens) == "=", key
                entries[key] = _type(tokens)
        shape = entries
    else:
        shape = (name, _type(tokens))
    depth = 1
    while depth:  # an optional's default, whatever it is, ends where the optional does
        one = next(tokens)
        depth += (one in "([{") - (one in ")]}")
    return shape


@pytest.mark.parametrize("kind", KINDS)
def test_the_module_takes_the_scope_that_the_schema_describes(kind: str) -> None:
    folder = ROOT / "modules" / kind
    schema = json.loads((folder / "schema.json").read_text("utf-8"))

    assert of_terraform("scope", (folder / "variables.tf").read_text("utf-8")) == of_schema(schema)


@pytest.mark.parametrize("kind", KINDS)
def test_the_module_takes_the_identity_that_every_module_is_given(kind: str) -> None:
    identity = Identity("p", "s", "n", kind, "o", "why", parse_instant(AS_OF), {})
    given = module_input(identity, Stack("s", "111122223333", "eu-west-1"))["identity"]
    assert isinstance(given, dict)
    shapes = {bool: "bool", str: "string", dict: ("map", "string")}

    declared = of_terraform("identity", (ROOT / "modules" / kind / "identity.tf").read_text("utf-8"))
    assert declared == {name: shapes[type(value)] for name, value in given.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_the_files_that_every_kind_has(kind: str) -> None:
    there = {path.name for path in (ROOT / "modules" / kind).iterdir()}

    terraform = {"identity.tf", "main.tf", "variables.tf", "versions.tf"}
    assert there >= {"README.md", "schema.json", "tests"} | terraform


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_no_output_that_nobody_reads(kind: str) -> None:
    """Each costs a node of Terraform's graph for each identity: modules/README.md."""
    texts = [file.read_text("utf-8") for file in (ROOT / "modules" / kind).glob("*.tf")]
    assert [line for text in texts for line in text.splitlines() if line.startswith("output ")] == []


def test_no_kind_is_named_in_the_package_but_by_what_is_about_one_cloud() -> None:
    own = (PACKAGE / "cloud", PACKAGE / "sandbox")
    files = [file for file in PACKAGE.rglob("*") if file.is_file() and file.suffix in (".py", ".json", ".j2", ".md")]
    speaking = [kind for kind in KINDS if "-" in kind]  # `manual` is a word of English too: see the next test
    naming = [
        f"{file.relative_to(PACKAGE)}: {kind}"
        for file in files
        for kind in speaking
        if not any(file.is_relative_to(room) for room in own) and kind in file.read_text("utf-8")
    ]

    assert naming == []


def test_no_python_decides_by_a_kinds_name() -> None:
    deciding = [
        f"{one.path}:{node.lineno}"
        for one in modules()
        if one.room not in ("cloud", "sandbox")
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Constant) and node.value in KINDS
    ]

    assert deciding == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The declared state and the kinds, and a kind that nobody heard of: a copy of `manual`."""
    for path in project_files():
        if path.startswith(("identities/", "modules/")) or path == "nhi.yaml":
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, tmp_path / path)
    shutil.copytree(tmp_path / "modules/manual", tmp_path / "modules" / NEW)
    schema = tmp_path / "modules" / NEW / "schema.json"
    schema.write_text(json.dumps(json.loads(schema.read_text("utf-8")) | {"title": "Badge of a door"}), "utf-8")
    return tmp_path


def nhi(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nhi", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_new_kind_is_a_new_folder_and_no_python(copy: Path) -> None:
    example = next(iter(sorted((copy / "modules" / NEW / "tests/valid").glob("*.yaml"))))
    text = re.sub(r"^kind: .*$", f"kind: {NEW}", example.read_text("utf-8"), flags=re.MULTILINE)
    manifest = copy / "identities/staging" / example.name
    manifest.write_text(text, "utf-8")

    listed = nhi(copy, "kinds")
    checked = nhi(copy, "check", "--as-of", AS_OF, str(manifest))
    rendered = nhi(copy, "render", "--stack", "staging", "--out", "out")

    assert f"{NEW}  " in listed.stdout, listed.stderr
    assert "Badge of a door" in listed.stdout
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert rendered.returncode == 0, rendered.stderr
    assert (copy / "out/modules" / NEW / "main.tf").read_bytes() == (copy / "modules" / NEW / "main.tf").read_bytes()
    assert f"modules/{NEW}" in (copy / "out/identities.tf").read_text("utf-8")


def test_a_new_kind_is_in_the_cycle_of_all_kinds_by_itself(copy: Path) -> None:
    """What `nhi demo --kinds` plays: every folder, each with its own first example."""
    found = {one.kind: one for one in examples(copy / "modules")}

    assert sorted(found) == sorted([*KINDS, NEW])
    assert found[NEW].text == min((copy / "modules" / NEW / "tests/valid").glob("*.yaml")).read_text("utf-8")


def test_a_new_kinds_own_schema_is_enforced(copy: Path) -> None:
    example = next(iter(sorted((copy / "modules" / NEW / "tests/valid").glob("*.yaml"))))
    text = re.sub(r"^kind: .*$", f"kind: {NEW}", example.read_text("utf-8"), flags=re.MULTILINE)
    manifest = copy / "identities/staging" / example.name
    manifest.write_text(text.replace("\n  system:", "\n  sytsem:"), "utf-8")

    checked = nhi(copy, "check", "--as-of", AS_OF, str(manifest))

    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert "sytsem" in checked.stdout
