"""Each kind's examples, applied by the real Terraform, stand as the kind expects, and are gone once destroyed."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from nhi.cloud.aws_cloud import AwsCloud
from nhi.model.identity import Identity, Suspension
from nhi.model.instant import parse_instant
from nhi.model.kind import Kind
from nhi.model.module_input import module_input
from nhi.model.settings import Stack
from nhi.model.verification import Absent, Present

MODULES = Path(__file__).parents[2] / "modules"
KINDS = sorted(template.parent for template in MODULES.glob("*/expected.json.j2"))


def _identity(example: Path) -> Identity:
    manifest: dict[str, Any] = yaml.safe_load(example.read_text(encoding="utf-8"))
    expiry = parse_instant(str(manifest["expiry"]))
    return Identity(
        path=f"identities/prod/{example.name}",
        stack="prod",
        name=manifest["name"],
        kind=manifest["kind"],
        owner=manifest["owner"],
        purpose=manifest["purpose"],
        expiry=expiry,
        scope=manifest["scope"],
        suspended=Suspension(expiry, "as in the example") if "suspended" in manifest else None,
    )


def _root(module: Path, identities: list[Identity], stack: Stack) -> dict[str, Any]:
    """A Terraform root in JSON. Written here and not by our renderer, which has tests of its own."""
    modules = {
        identity.name: {"source": str(module), **_literal(module_input(identity, stack))} for identity in identities
    }
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "provider": {"aws": {"allowed_account_ids": [stack.account]}},
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
def run_terraform(
    terraform_environment: Mapping[str, str], aws_environment: dict[str, str], tmp_path: Path
) -> Callable[..., None]:
    def run(*arguments: str) -> None:
        done = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=tmp_path,
            env={**terraform_environment, **aws_environment},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    return run


@pytest.mark.parametrize("module", KINDS, ids=lambda module: module.name)
def test_what_terraform_makes_is_what_the_kind_expects(
    module: Path,
    run_terraform: Callable[..., None],
    aws_environment: dict[str, str],
    fresh_account: str,
    tmp_path: Path,
) -> None:
    stack = Stack("prod", fresh_account, "us-east-1")
    kind = Kind(module.name, "", "", {}, (module / "expected.json.j2").read_text(encoding="utf-8"))
    identities = [_identity(example) for example in sorted((module / "tests" / "valid").glob("*.yaml"))]
    (tmp_path / "main.tf.json").write_text(json.dumps(_root(module, identities, stack)))

    run_terraform("init")
    run_terraform("apply", "-auto-approve")
    applied = AwsCloud(aws_environment)
    assert {one.name: applied.present(one, kind, stack) for one in identities} == {
        one.name: Present() for one in identities
    }

    run_terraform("destroy", "-auto-approve")
    destroyed = AwsCloud(aws_environment)
    assert {one.name: destroyed.gone(one.name, stack) for one in identities} == {
        one.name: Absent() for one in identities
    }
