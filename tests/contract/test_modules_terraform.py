"""What every kind promises as a Terraform module: valid, formatted, its own tests pass, it ends as the others do."""

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

Run: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_in_copy(kind: str, tmp_path: Path, terraform: TerraformBinary) -> Run:
    """Run Terraform in an initialised copy of the kind's folder, without a cloud's credentials."""
    copy = tmp_path / kind
    shutil.copytree(MODULES / kind, copy, ignore=shutil.ignore_patterns(".terraform*"))
    run = partial(_terraform, copy, terraform.environment)
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
def test_a_module_is_valid_without_a_warning(run_in_copy: Run) -> None:
    answer = json.loads(run_in_copy("validate", "-json").stdout)
    assert (answer["valid"], answer["diagnostics"]) == (True, [])


def test_modules_are_formatted(terraform: TerraformBinary) -> None:
    looked = _terraform(MODULES, terraform.environment, "fmt", "-check", "-diff", "-recursive", "-no-color")
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


def _makes(kind: str, resource: str) -> bool:
    code = "\n".join(file.read_text("utf-8") for file in (MODULES / kind).glob("*.tf"))
    return f'resource "{resource}" ' in code


def test_what_ends_access_is_the_same_text_in_every_kind_that_makes_roles() -> None:
    texts = {kind: (MODULES / kind / "permissions.tf").read_bytes() for kind in KINDS if _makes(kind, "aws_iam_role")}
    odd_ones = Counter(texts.values()).most_common()[1:]
    assert texts
    assert [kind for kind, text in texts.items() if text in dict(odd_ones)] == []


@_EACH_KIND
def test_a_principal_is_never_without_the_permissions_that_end_it(kind: str) -> None:
    """A kind that makes roles takes the shared file, one that makes users has its own; verification sees both."""
    makes = _makes(kind, "aws_iam_role") or _makes(kind, "aws_iam_user")
    needed = {"permissions.tf", "expected.json.j2"} if makes else set()
    assert {file.name for file in (MODULES / kind).iterdir()} >= needed
