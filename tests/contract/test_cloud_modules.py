"""Each kind's examples, applied by the real Terraform, stand as the kind expects, and are gone once destroyed."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.modules import MODULES, STACK, identity

from nhi.cloud.aws_cloud import AwsCloud
from nhi.model.identity import Identity
from nhi.model.kind import Kind
from nhi.model.module_input import module_input
from nhi.model.settings import Stack
from nhi.model.verification import Absent, Present
from nhi.sandbox.aws import LoopbackAws

KINDS = sorted(template.parent for template in MODULES.glob("*/expected.json.j2"))


def _root(module: Path, identities: list[Identity], stack: Stack) -> dict[str, Any]:
    """A Terraform root in JSON. Written here and not by our renderer, which has tests of its own."""
    modules = {one.name: {"source": str(module), **_literal(module_input(one, stack))} for one in identities}
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "provider": {"aws": {"allowed_account_ids": [stack.account], "region": stack.region}},
        "module": modules,
    }


def _literal(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value with Terraform's template language escaped."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, list):
        return [_literal(one) for one in value]
    return {key: _literal(inner) for key, inner in value.items()} if isinstance(value, dict) else value


@pytest.fixture
def credentials(loopback: LoopbackAws) -> dict[str, str]:
    """For the account that the examples name. No other test makes anything there for good."""
    return loopback.credentials_for(STACK.account)


@pytest.fixture
def run_terraform(
    terraform_environment: Mapping[str, str], credentials: dict[str, str], tmp_path: Path
) -> Callable[..., None]:
    def run(*arguments: str) -> None:
        done = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=tmp_path,
            env={**terraform_environment, **credentials},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    return run


@pytest.mark.parametrize("module", KINDS, ids=lambda module: module.name)
def test_what_terraform_makes_is_what_the_kind_expects(
    module: Path, run_terraform: Callable[..., None], credentials: dict[str, str], tmp_path: Path
) -> None:
    kind = Kind(module.name, "", "", {}, (module / "expected.json.j2").read_text(encoding="utf-8"))
    identities = [identity(example) for example in sorted((module / "tests" / "valid").glob("*.yaml"))]
    (tmp_path / "main.tf.json").write_text(json.dumps(_root(module, identities, STACK)))

    run_terraform("init")
    run_terraform("apply", "-auto-approve")
    applied = AwsCloud(credentials)
    assert {one.name: applied.present(one, kind, STACK) for one in identities} == {
        one.name: Present() for one in identities
    }

    run_terraform("destroy", "-auto-approve")
    destroyed = AwsCloud(credentials)
    assert {one.name: destroyed.gone(one.name, STACK) for one in identities} == {
        one.name: Absent() for one in identities
    }
