"""What every kind promises as a Terraform module: valid, formatted, its tests pass, it ends as the others do.

Its tests are its own and, from modules/tests, those that stand once for all kinds that have something in common.
"""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest
from tests.fixtures.modules import KINDS, MODULES

from nhi.terraform.process import TerraformBinary

_EACH_KIND = pytest.mark.parametrize("kind", KINDS)
_SECONDS = 300

_ONCE_FOR_ALL = MODULES / "tests"
_ABOUT_INPUTS = "inputs.tftest.hcl"
"""Tests of variables alone: they are run without the resources, and so without the seconds that a provider takes."""

Run: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


def _tests_of(kind: str) -> dict[str, Path]:
    """The test files for a kind, by the name that they are laid under: its own, and those of modules/tests that fit it.

    A folder there is named as a file that a kind has (`permissions`: permissions.tf), or as a resource that it makes.
    """
    own = {file.name: file for file in (MODULES / kind / "tests").glob("*.tftest.hcl")}
    shared = {
        f"{file.parent.name}-{file.name}": file
        for file in _ONCE_FOR_ALL.glob("*/*.tftest.hcl")
        if (MODULES / kind / f"{file.parent.name}.tf").is_file() or _makes(kind, file.parent.name)
    }
    return own | shared


def _makes(kind: str, resource: str) -> bool:
    code = "\n".join(file.read_text("utf-8") for file in (MODULES / kind).glob("*.tf"))
    return f'resource "{resource}" ' in code


@pytest.fixture
def run_in_copy(kind: str, tmp_path: Path, terraform: TerraformBinary) -> Run:
    """Run Terraform in an initialised copy of the kind's folder, without a cloud's credentials."""
    copy = tmp_path / kind
    shutil.copytree(MODULES / kind, copy, ignore=shutil.ignore_patterns(".terraform*", "*.tftest.hcl"))
    run = partial(_terraform, copy, terraform.environment)
    prepared = run("init", "-backend=false", "-input=false", "-no-color")
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    return run


def _all_pass(run: Run, copy: Path, tests: Mapping[str, Path]) -> None:
    """Lay test files into a copy of a kind, and run them: each run is there, and passes."""
    for name, file in tests.items():
        shutil.copyfile(file, copy / "tests" / name)
    runs = sum(len(re.findall(r'^run "', file.read_text("utf-8"), re.MULTILINE)) for file in tests.values())
    done = run("test", "-json")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    failures = [
        f"{one.get('@testfile')} {one.get('@testrun')}: {one['@message']}: {one.get('diagnostic', {}).get('detail')}"
        for one in said
        if one.get("@level") == "error"
    ]
    (summary,) = [one["test_summary"] for one in said if one["type"] == "test_summary"]
    assert runs > 0
    assert (failures, done.returncode) == ([], 0)
    assert summary == {"status": "pass", "passed": runs, "failed": 0, "errored": 0, "skipped": 0}


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
def test_a_module_is_valid_without_a_warning(run_in_copy: Run) -> None:
    answer = json.loads(run_in_copy("validate", "-json").stdout)
    assert (answer["valid"], answer["diagnostics"]) == (True, [])


def test_modules_are_formatted(terraform: TerraformBinary) -> None:
    looked = _terraform(MODULES, terraform.environment, "fmt", "-check", "-diff", "-recursive", "-no-color")
    assert (looked.returncode, looked.stdout) == (0, "")


@_EACH_KIND
def test_every_run_of_a_modules_tests_passes(run_in_copy: Run, kind: str, tmp_path: Path) -> None:
    tests = {name: file for name, file in _tests_of(kind).items() if not name.endswith(_ABOUT_INPUTS)}
    _all_pass(run_in_copy, tmp_path / kind, tests)


@_EACH_KIND
def test_every_run_about_a_modules_inputs_passes(kind: str, tmp_path: Path, terraform: TerraformBinary) -> None:
    (tmp_path / "tests").mkdir()
    for name in ("identity.tf", "variables.tf", "tests/terraform.tfvars"):
        shutil.copyfile(MODULES / kind / name, tmp_path / name)
    tests = {name: file for name, file in _tests_of(kind).items() if name.endswith(_ABOUT_INPUTS)}
    _all_pass(partial(_terraform, tmp_path, terraform.environment), tmp_path, tests)


@_EACH_KIND
def test_what_is_special_about_a_kind_has_tests_of_its_own(kind: str) -> None:
    assert set(_tests_of(kind).values()) & set((MODULES / kind / "tests").iterdir())


def test_every_test_that_stands_once_for_all_comes_to_a_kind() -> None:
    taken = {file for kind in KINDS for file in _tests_of(kind).values()}
    assert [file for file in _ONCE_FOR_ALL.rglob("*") if file.is_file() and file not in taken] == []


@pytest.mark.parametrize(("file", "resource"), [("identity.tf", None), ("permissions.tf", "aws_iam_role")])
def test_what_every_kind_says_of_who_it_is_and_what_ends_it_is_the_same_text(file: str, resource: str | None) -> None:
    kinds = [kind for kind in KINDS if resource is None or _makes(kind, resource)]
    texts = {kind: (MODULES / kind / file).read_bytes() for kind in kinds}
    odd_ones = Counter(texts.values()).most_common()[1:]
    assert texts
    assert [kind for kind, text in texts.items() if text in dict(odd_ones)] == []


@_EACH_KIND
def test_a_principal_is_never_without_the_permissions_that_end_it(kind: str) -> None:
    """A kind that makes roles takes the shared file, one that makes users has its own; verification sees both."""
    makes = _makes(kind, "aws_iam_role") or _makes(kind, "aws_iam_user")
    needed = {"permissions.tf", "expected.json.j2"} if makes else set()
    assert {file.name for file in (MODULES / kind).iterdir()} >= needed
