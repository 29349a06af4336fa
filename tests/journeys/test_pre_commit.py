"""The hooks of `.pre-commit-hooks.yaml`, run on staged files as pre-commit runs them (https://pre-commit.com)."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.fixtures.git import Clone, clean_environment
from tests.fixtures.source import ROOT

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
DOCUMENTED = {
    *("id", "name", "entry", "language", "files", "exclude", "types", "types_or", "exclude_types", "always_run"),
    *("fail_fast", "verbose", "pass_filenames", "require_serial", "description", "language_version"),
    *("minimum_pre_commit_version", "args", "stages"),
}
"""https://pre-commit.com/#creating-new-hooks"""
AS_OF = ("--as-of", "2026-11-20")
MANIFEST = "identities/staging/data/schema-migrator.yaml"
OWNERS = "identities/owners.yaml"


@dataclass(frozen=True)
class Outcome:
    """What a hook that ran said."""

    code: int
    said: str


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """This repository's example organisation, committed, with a person who is about to commit more."""
    root = tmp_path / "organisation"
    shutil.copytree(ROOT / "identities", root / "identities")
    shutil.copytree(ROOT / "modules", root / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    shutil.copyfile(ROOT / "nhi.yaml", root / "nhi.yaml")
    environment = clean_environment(tmp_path)
    made = Clone(root, {**environment, "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}"})
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit("The declared state")
    return made


def staged(clone: Clone, hook: Mapping[str, Any]) -> list[str]:
    """The staged files that a hook is about: pre-commit's own question to git, then its filters."""
    names = clone.git("diff", "--staged", "--name-only", "--no-ext-diff", "--diff-filter=ACMRTUXB", "-z")
    return [name for name in names.split("\0") if name and is_about(hook, name, clone.root / name)]


def is_about(hook: Mapping[str, Any], name: str, file: Path) -> bool:
    tags = {"symlink"} if file.is_symlink() else {"file"}
    return (
        re.search(hook.get("files", ""), name) is not None
        and re.search(hook.get("exclude", "^$"), name) is None
        and tags >= set(hook.get("types", ["file"]))
        and (not hook.get("types_or") or bool(tags & set(hook["types_or"])))
    )


def commit(clone: Clone, hook_id: str, args: Sequence[str] = AS_OF) -> Outcome | None:
    """Stage everything and run one hook on it; `args` are the user's. None where pre-commit would skip it."""
    clone.git("add", "--all")
    (hook,) = (one for one in HOOKS if one["id"] == hook_id)
    names = staged(clone, hook)
    if not names:
        return None
    given = names if hook.get("pass_filenames", True) else []
    done = subprocess.run(
        [*shlex.split(hook["entry"]), *args, *given],
        cwd=clone.root,
        env=clone.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout)


def edit(clone: Clone, path: str, old: str, new: str) -> None:
    text = (clone.root / path).read_text("utf-8")
    assert re.search(old, text, re.MULTILINE), f"{path} has no {old}"
    clone.write(path, re.sub(old, new, text, count=1, flags=re.MULTILINE))


def test_the_hooks_are_what_pre_commit_documents() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]

    assert [hook["id"] for hook in HOOKS] == ["nhi-check", "nhi-check-all"]
    for hook in HOOKS:
        assert {"id", "name", "entry", "language"} <= hook.keys() <= DOCUMENTED
        assert hook["language"] == "python"
        assert shlex.split(hook["entry"])[0] in scripts
        re.compile(hook["files"])


@pytest.mark.parametrize("hook", [hook["id"] for hook in HOOKS])
def test_a_commit_of_something_else_is_not_checked(clone: Clone, hook: str) -> None:
    clone.write("README.md", "# Ours\n")
    clone.write("terraform/modules/x.tf", "")

    assert commit(clone, hook) is None


def test_a_staged_manifest_that_keeps_the_policy_passes(clone: Clone) -> None:
    edit(clone, MANIFEST, r"\Z", "# reviewed\n")
    outcome = commit(clone, "nhi-check")

    assert outcome is not None
    assert outcome.code == 0, outcome.said
    assert outcome.said.startswith("1 manifest checked")


def test_a_staged_manifest_without_owner_is_blocked_at_its_line(clone: Clone) -> None:
    edit(clone, MANIFEST, r"^owner: .*\n", "")
    outcome = commit(clone, "nhi-check")

    assert outcome is not None
    assert outcome.code == 1
    assert re.search(rf"^{MANIFEST}:\d+:1: error NHI001 missing-owner: ", outcome.said, re.MULTILINE)


def test_other_manifests_are_not_blamed_on_the_commit(clone: Clone) -> None:
    edit(clone, MANIFEST, r"^owner: .*\n", "")
    clone.commit("Broken before")
    edit(clone, "identities/staging/platform/load-test-runner.yaml", r"\Z", "# reviewed\n")
    outcome = commit(clone, "nhi-check")

    assert outcome is not None
    assert outcome.code == 0, outcome.said


def test_a_staged_name_that_stands_elsewhere_in_its_stack_is_blocked(clone: Clone) -> None:
    shutil.copyfile(clone.root / MANIFEST, clone.root / "identities/staging/payments/schema-migrator.yaml")
    outcome = commit(clone, "nhi-check")

    assert outcome is not None
    assert outcome.code == 1
    assert "duplicate-name" in outcome.said


def test_a_staged_link_is_blocked(clone: Clone) -> None:
    (clone.root / "identities/staging/data/linked.yaml").symlink_to("schema-migrator.yaml")
    outcome = commit(clone, "nhi-check")

    assert outcome is not None
    assert outcome.code == 1
    assert "not-a-regular-file" in outcome.said


@pytest.mark.parametrize("name", ["--format=json.yaml", "a b.yaml", "$(id).yaml", "a\nb.yaml", "größe.yml", ";.yaml"])
def test_a_file_with_an_odd_name_is_a_finding_and_nothing_else(clone: Clone, name: str) -> None:
    shutil.copyfile(clone.root / MANIFEST, clone.root / "identities/staging" / name)
    outcome = commit(clone, "nhi-check")

    assert outcome is not None
    assert outcome.code == 1, outcome.said
    assert "1 manifest checked" in outcome.said


def test_a_removed_manifest_is_not_looked_for(clone: Clone) -> None:
    (clone.root / MANIFEST).unlink()

    assert commit(clone, "nhi-check") is None


def test_an_owner_who_is_renamed_is_missed_by_every_manifest_of_theirs(clone: Clone) -> None:
    edit(clone, OWNERS, r"^  data:", "  warehouse:")
    outcome = commit(clone, "nhi-check-all")

    assert commit(clone, "nhi-check") is None
    assert outcome is not None
    assert outcome.code == 1
    assert f"{MANIFEST}:" in outcome.said
    assert "unknown-owner" in outcome.said


def test_a_stack_that_is_taken_away_is_missed_by_its_manifests(clone: Clone) -> None:
    edit(clone, "nhi.yaml", r"^  staging:", "  elsewhere:")
    outcome = commit(clone, "nhi-check-all")

    assert outcome is not None
    assert outcome.code == 1
    assert "unknown-stack" in outcome.said


def test_a_kind_that_changes_is_held_against_every_manifest(clone: Clone) -> None:
    (clone.root / "modules/aws-service-role/schema.json").rename(clone.root / "modules/aws-service-role/scheme.json")
    outcome = commit(clone, "nhi-check-all")

    assert outcome is not None
    assert outcome.code == 1
    assert re.search(r"/warehouse-loader\.yaml:\d+:\d+: error \S+ unknown-kind: ", outcome.said)


def test_a_configuration_that_still_fits_passes(clone: Clone) -> None:
    edit(clone, OWNERS, r"\Z", "# reviewed\n")
    outcome = commit(clone, "nhi-check-all")

    assert outcome is not None
    assert outcome.code == 0, outcome.said
