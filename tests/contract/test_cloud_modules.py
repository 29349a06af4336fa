"""Each kind's examples, applied by the real Terraform, stand as the kind expects, and are gone once destroyed."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.modules import MODULES, STACK, Once, identity

from nhi.cloud.aws_cloud import AwsCloud
from nhi.model.kind import Kind
from nhi.model.module_input import module_input
from nhi.model.verification import Absent, Answer, Present
from nhi.sandbox.aws import loopback_aws

KINDS = sorted(template.parent for template in MODULES.glob("*/expected.json.j2"))
EXAMPLES = {module: [identity(one) for one in sorted((module / "tests" / "valid").glob("*.yaml"))] for module in KINDS}


@dataclass(frozen=True, slots=True)
class Found:
    """What the cloud was found to hold of each example, by its id."""

    applied: Mapping[str, Answer]
    destroyed: Mapping[str, Answer]


@pytest.fixture(scope="session")
def found(once: Once, terraform_environment: Mapping[str, str]) -> Found:
    return once("cloud-modules", lambda folder: _live(folder, terraform_environment))


def _live(folder: Path, environment: Mapping[str, str]) -> Found:
    """All kinds in one root: a run of Terraform takes seconds, whatever it makes."""
    (folder / "main.tf.json").write_text(json.dumps(_root()))
    with loopback_aws(environment) as aws:
        credentials = aws.credentials_for(STACK.account)
        cloud_and_terraform = {**environment, **credentials}
        _terraform(folder, cloud_and_terraform, "init")
        _terraform(folder, cloud_and_terraform, "apply", "-auto-approve")
        cloud = AwsCloud(credentials)
        applied = {
            one.id: cloud.present(one, _kind(module), STACK)
            for module, examples in EXAMPLES.items()
            for one in examples
        }
        _terraform(folder, cloud_and_terraform, "destroy", "-auto-approve")
        cloud = AwsCloud(credentials)
        destroyed = {one.id: cloud.gone(one.name, STACK) for examples in EXAMPLES.values() for one in examples}
    return Found(applied, destroyed)


def _kind(module: Path) -> Kind:
    return Kind(module.name, "", "", {}, (module / "expected.json.j2").read_text(encoding="utf-8"))


def _root() -> dict[str, Any]:
    """A Terraform root in JSON. Written here and not by our renderer, which has tests of its own."""
    modules = {
        one.name: {"source": str(module), **_literal(module_input(one, STACK))}
        for module, examples in EXAMPLES.items()
        for one in examples
    }
    assert len(modules) == sum(map(len, EXAMPLES.values()))
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "provider": {"aws": {"allowed_account_ids": [STACK.account], "region": STACK.region}},
        "module": modules,
    }


def _literal(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value with Terraform's template language escaped."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, list):
        return [_literal(one) for one in value]
    return {key: _literal(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def _terraform(folder: Path, environment: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(
        ["terraform", *arguments, "-no-color"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", KINDS, ids=lambda module: module.name)
def test_what_terraform_makes_is_what_the_kind_expects(module: Path, found: Found) -> None:
    assert [found.applied[one.id] for one in EXAMPLES[module]] == [Present()] * len(EXAMPLES[module])


@pytest.mark.parametrize("module", KINDS, ids=lambda module: module.name)
def test_what_terraform_destroyed_is_gone(module: Path, found: Found) -> None:
    assert [found.destroyed[one.id] for one in EXAMPLES[module]] == [Absent()] * len(EXAMPLES[module])
