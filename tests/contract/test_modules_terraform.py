"""What every kind promises as a Terraform module: valid, tested, formatted, and of one mind with its schema."""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from tests.fixtures.modules import KINDS, MODULES

_EACH_KIND = pytest.mark.parametrize("kind", KINDS)
_FILES = {"README.md", "schema.json", "main.tf", "variables.tf", "outputs.tf", "versions.tf"}
_SECONDS = 300

Run: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_in_copy(kind: str, tmp_path: Path, terraform_environment: Mapping[str, str]) -> Run:
    """Run Terraform in an initialised copy of the kind's folder, without a cloud's credentials."""
    copy = tmp_path / kind
    shutil.copytree(MODULES / kind, copy, ignore=shutil.ignore_patterns(".terraform*"))

    run = partial(_terraform, copy, terraform_environment)
    prepared = run("init", "-backend=false", "-input=false", "-no-color")
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    return run


def _terraform(folder: Path, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )


@_EACH_KIND
def test_a_kind_has_the_files_that_every_kind_has(kind: str) -> None:
    assert {file.name for file in (MODULES / kind).iterdir()} >= _FILES


@_EACH_KIND
def test_a_module_is_valid_without_a_warning(run_in_copy: Run) -> None:
    answer = json.loads(run_in_copy("validate", "-json").stdout)
    assert (answer["valid"], answer["diagnostics"]) == (True, [])


def test_modules_are_formatted(terraform_environment: Mapping[str, str]) -> None:
    looked = _terraform(MODULES, terraform_environment, "fmt", "-check", "-diff", "-recursive", "-no-color")
    assert (looked.returncode, looked.stdout) == (0, "")


@_EACH_KIND
def test_every_run_of_a_modules_own_tests_passes(run_in_copy: Run, kind: str) -> None:
    written = "\n".join(file.read_text("utf-8") for file in (MODULES / kind / "tests").glob("*.tftest.hcl"))
    done = run_in_copy("test", "-json")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    failures = [one["@message"] for one in said if one.get("@level") == "error"]
    (summary,) = [one["test_summary"] for one in said if one["type"] == "test_summary"]
    passed = len(re.findall(r'^run "', written, re.MULTILINE))
    assert passed > 0
    assert (failures, done.returncode) == ([], 0)
    assert summary == {"status": "pass", "passed": passed, "failed": 0, "errored": 0, "skipped": 0}


def test_what_ends_access_is_the_same_text_in_every_kind_that_has_it() -> None:
    texts = {kind: file.read_bytes() for kind in KINDS if (file := MODULES / kind / "permissions.tf").is_file()}
    odd_ones = Counter(texts.values()).most_common()[1:]
    assert texts
    assert [kind for kind, text in texts.items() if text in dict(odd_ones)] == []


@_EACH_KIND
def test_a_role_is_never_without_the_permissions_that_end_it(kind: str) -> None:
    """A kind that makes roles takes the shared file; there is no second way to write what ends access."""
    code = "\n".join(file.read_text("utf-8") for file in (MODULES / kind).glob("*.tf"))
    needed = {"permissions.tf", "expected.json.j2"} if 'resource "aws_iam_role" ' in code else set()
    assert {file.name for file in (MODULES / kind).iterdir()} >= needed


@_EACH_KIND
def test_every_module_takes_the_same_identity(kind: str) -> None:
    """As `nhi.model.module_input` gives it; what a module does not name, Terraform would silently leave out."""
    shape = _variable(kind, "identity")
    texts = dict.fromkeys(("name", "stack", "account", "owner", "purpose", "expiry"), ("string", True, None))
    assert shape == {**texts, "suspended": ("bool", True, None), "tags": (("map", "string"), True, None)}


@_EACH_KIND
def test_a_modules_scope_has_the_keys_types_and_defaults_of_the_schema(kind: str) -> None:
    """Terraform silently drops a key that a variable's type does not name: a condition could be lost."""
    schema = json.loads((MODULES / kind / "schema.json").read_bytes())
    assert _variable(kind, "scope") == _of_schema(schema)


# --- the shape of an input: a type's name, ("list", shape), ("map", shape), or key → (shape, required, default) ------

_TOKEN = re.compile(r"\s*(?:#[^\n]*\n\s*)*([A-Za-z_]\w*|\"[^\"]*\"|-?\d+|[^\s\w])")
_TYPES = {"string": "string", "integer": "number", "number": "number", "boolean": "bool"}
_EMPTY = {"[]": None, "{}": None}


def _of_schema(schema: Mapping[str, Any]) -> object:
    match schema["type"]:
        case "object" if "properties" in schema:
            required = schema.get("required", [])
            return {
                key: (_of_schema(inner), key in required, inner.get("default"))
                for key, inner in schema["properties"].items()
            }
        case "object":
            return ("map", _of_schema(schema["additionalProperties"]))
        case "array":
            return ("list", _of_schema(schema["items"]))
        case simple:
            return _TYPES[simple]


def _variable(kind: str, name: str) -> object:
    """The shape that a module's variables.tf gives to an input."""
    text = (MODULES / kind / "variables.tf").read_text("utf-8")
    _, found, declared = text.partition(f'variable "{name}" {{')
    _, typed, expression = declared.partition("\n  type = ")
    assert found
    assert typed
    tokens = (token[1] for token in _TOKEN.finditer(expression))
    return _of_type(next(tokens), tokens)


def _of_type(word: str, tokens: Iterator[str]) -> object:
    """The shape of a type expression that begins with this word, as `terraform fmt` leaves it."""
    match word:
        case "object":
            assert (next(tokens), next(tokens)) == ("(", "{")
            keys = {}
            while (key := next(tokens)) != "}":
                assert next(tokens) == "="
                keys[key] = _attribute(next(tokens), tokens)
            assert next(tokens) == ")"
            return keys
        case "list" | "map":
            assert next(tokens) == "("
            inner = _of_type(next(tokens), tokens)
            assert next(tokens) == ")"
            return (word, inner)
        case _:
            assert word in _TYPES.values()
            return word


def _attribute(word: str, tokens: Iterator[str]) -> tuple[object, bool, object]:
    if word != "optional":
        return _of_type(word, tokens), True, None
    assert next(tokens) == "("
    shape = _of_type(next(tokens), tokens)
    default = ""
    while (token := next(tokens)) != ")":
        default += token
    value = default.removeprefix(",")
    return shape, False, _EMPTY[value] if value in _EMPTY else json.loads(value or "null")
