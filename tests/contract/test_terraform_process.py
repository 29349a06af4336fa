"""The adapter on the real Terraform: what the fakes of the unit tests only pretend."""

import fcntl
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nhi.errors import OutsideError
from nhi.model.identity import Identity
from nhi.model.plan import Action, IdentityChange, ResourceChange
from nhi.model.settings import S3Backend, Stack
from nhi.terraform.interface import Terraform
from nhi.terraform.plan import plan_digest, summarise
from nhi.terraform.process import TerraformBinary
from nhi.terraform.render import render

_STACK = Stack("dev", "444455556666", "us-east-1")
_SECRET = "hunter2-and-more"  # noqa: S105 - the example of a secret

_MODULE = f"""
variable "identity" {{
  type = any
}}

variable "scope" {{
  type = any
}}

resource "terraform_data" "this" {{
  input            = var.identity.purpose
  triggers_replace = sensitive("{_SECRET} of ${{var.scope.scope}}")
}}
"""
"""A kind whose resource is replaced when its secret changes."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    module = tmp_path / "modules" / "vault"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(_MODULE)
    return tmp_path


def _write(root: Path, *identities: Identity) -> None:
    (root / "identities.tf").write_text(render(_STACK, identities, state_path="x")["identities.tf"])


def _identity(name: str, purpose: str = "reads", scope: str = "a") -> Identity:
    return Identity(
        path=f"identities/dev/{name}.yaml",
        stack="dev",
        name=name,
        kind="vault",
        owner="payments",
        purpose=purpose,
        expiry=datetime(2027, 3, 31, tzinfo=UTC),
        scope={"scope": scope},
    )


def _summary(terraform: Terraform, root: Path) -> tuple[IdentityChange, ...]:
    return summarise(terraform.show(root, root / "plan"), _STACK.name).identities


def _change(name: str, action: Action, *attributes: str) -> IdentityChange:
    return IdentityChange(
        f"dev/{name}", (ResourceChange(f"module.nhi-{name}.terraform_data.this", action, attributes),)
    )


def test_identities_are_created_changed_replaced_and_removed_as_the_summary_says(
    root: Path, terraform: TerraformBinary, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []
    plan_file = root / "plan"

    _write(root, _identity("one"), _identity("two"), _identity("three"))
    terraform.init(root, lines.append)
    terraform.validate(root)
    assert terraform.plan(root, plan_file, lines.append)
    created = ("id", "input", "output", "triggers_replace")
    assert _summary(terraform, root) == tuple(
        _change(name, Action.CREATE, *created) for name in ("one", "three", "two")
    )
    terraform.apply(root, plan_file, lines.append, transcript=root / "said")
    assert not terraform.plan(root, plan_file, lines.append)
    assert _summary(terraform, root) == ()

    _write(root, _identity("one", purpose="writes"), _identity("two", scope="b"))
    assert terraform.plan(root, plan_file, lines.append)
    digest = plan_digest(terraform.show(root, plan_file))
    assert _summary(terraform, root) == (
        _change("one", Action.UPDATE, "input", "output"),
        _change("three", Action.DESTROY, *created),
        _change("two", Action.REPLACE, "id", "output", "triggers_replace"),
    )
    assert terraform.plan(root, plan_file, lines.append)
    assert plan_digest(terraform.show(root, plan_file)) == digest
    terraform.apply(root, plan_file, lines.append, transcript=root / "said")
    assert not terraform.plan(root, plan_file, lines.append)

    assert any("Apply complete! Resources: 1 added, 1 changed, 2 destroyed." in line for line in lines)
    assert _SECRET in (root / "terraform.tfstate").read_text()
    assert _SECRET not in "\n".join(lines)
    assert caplog.records == []
    assert (root / "terraform.tfstate").stat().st_mode & 0o077 == 0
    assert plan_file.stat().st_mode & 0o077 == 0


def test_a_plan_that_the_state_has_left_behind_is_not_applied(root: Path, terraform: TerraformBinary) -> None:
    _write(root, _identity("one"))
    terraform.init(root, _ignore)
    terraform.plan(root, root / "plan", _ignore)
    terraform.apply(root, root / "plan", _ignore, transcript=root / "said")
    with pytest.raises(OutsideError, match=r"Error: Saved plan is stale") as error:
        terraform.apply(root, root / "plan", _ignore, transcript=root / "said")
    assert "plan again" in error.value.hint


def test_an_error_is_quoted_in_terraforms_own_words(root: Path, terraform: TerraformBinary) -> None:
    _write(root, _identity("one"))
    (root / "bad.tf").write_text('output "x" {\n  value = module.nhi-two\n}\n')
    terraform.init(root, _ignore)
    for attempt in (terraform.validate, lambda root: terraform.plan(root, root / "plan", _ignore)):
        with pytest.raises(OutsideError) as error:
            attempt(root)
        assert "failed:\nError: Reference to undeclared module\n\n  on bad.tf line 2" in error.value.message


def test_a_state_that_another_run_has_locked_is_left_alone(root: Path, terraform: TerraformBinary) -> None:
    _write(root, _identity("one"))
    terraform.init(root, _ignore)
    with (root / "terraform.tfstate").open("w") as state:
        fcntl.lockf(state, fcntl.LOCK_EX)
        with pytest.raises(OutsideError, match="Error: Error acquiring the state lock") as error:
            terraform.plan(root, root / "plan", _ignore)
    assert "another run holds the lock since a time that it does not tell: wait for it" in error.value.hint


def test_an_interrupted_apply_saves_its_state_and_releases_the_lock(root: Path, terraform: TerraformBinary) -> None:
    (root / "main.tf").write_text("""
resource "terraform_data" "done" {}

resource "terraform_data" "slow" {
  depends_on = [terraform_data.done]

  provisioner "local-exec" {
    command = "echo started; sleep 600"
  }
}
""")
    terraform.init(root, _ignore)
    terraform.plan(root, root / "plan", _ignore)
    lines: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        terraform.apply(root, root / "plan", _interrupting(lines, "started"), transcript=root / "said")
    assert any("Gracefully shutting down" in line for line in lines)
    state = json.loads((root / "terraform.tfstate").read_text())
    saved = {one["name"]: one["instances"][0].get("status") for one in state["resources"]}
    assert saved == {"done": None, "slow": "tainted"}
    assert not (root / ".terraform.tfstate.lock.info").exists()
    assert terraform.plan(root, root / "plan", _ignore)


def test_the_environment_cannot_change_what_is_planned(
    root: Path, terraform: TerraformBinary, terraform_environment: Mapping[str, str]
) -> None:
    (root / "main.tf").write_text(
        'variable "x" {\n  default = "declared"\n}\n\nresource "terraform_data" "x" {\n  input = var.x\n}\n'
    )
    hostile = {
        "TF_VAR_x": "from the environment",
        "TF_CLI_ARGS": "-nonsense",
        "TF_CLI_ARGS_plan": "-destroy",
        "TF_WORKSPACE": "other",
        "TF_DATA_DIR": "elsewhere",
        "TF_LOG": "trace",
    }
    misled = replace(terraform, environment={**terraform_environment, **hostile})
    lines: list[str] = []
    misled.init(root, lines.append)
    assert misled.plan(root, root / "plan", lines.append)
    assert any('input  = "declared"' in line for line in lines)
    assert not any("[TRACE]" in line for line in lines)
    assert not (root / "elsewhere").exists()


def test_a_missing_provider_is_an_error_that_names_the_setup(
    tmp_path: Path, terraform: TerraformBinary, terraform_environment: Mapping[str, str]
) -> None:
    mirror, root = tmp_path / "mirror", tmp_path / "root"
    mirror.mkdir()
    root.mkdir()
    (tmp_path / "rc").write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    for name, text in render(_STACK, [], state_path="x").items():
        (root / name).write_text(text)
    elsewhere = replace(terraform, environment={**terraform_environment, "TF_CLI_CONFIG_FILE": str(tmp_path / "rc")})
    with pytest.raises(OutsideError, match="Error: Failed to query available provider packages") as error:
        elsewhere.init(root, _ignore)
    assert "scripts/setup" in error.value.hint


def test_the_s3_backend_is_understood_up_to_the_credentials_that_it_lacks(
    root: Path, terraform: TerraformBinary, terraform_environment: Mapping[str, str]
) -> None:
    stack = replace(_STACK, backend=S3Backend("nhi-state-example", "dev/terraform.tfstate", "us-east-1"))
    nobody = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    (root / "main.tf").write_text(render(stack, [], state_path="x")["main.tf"])
    with pytest.raises(OutsideError, match="Error: No valid credential sources found") as error:
        replace(terraform, environment={**terraform_environment, **nobody}).init(root, _ignore)
    assert "give Terraform credentials" in error.value.hint


def _ignore(_: str) -> None:
    pass


def _interrupting(lines: list[str], at: str) -> Callable[[str], None]:
    def take(line: str) -> None:
        lines.append(line)
        if line.endswith(at):
            raise KeyboardInterrupt

    return take
