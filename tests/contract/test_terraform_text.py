"""Text of manifests through the real Terraform: it comes out as it went in, and is never read as language."""

import subprocess
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.model.identity import Identity, Json
from nhi.model.module_input import module_input
from nhi.model.settings import S3Backend, Stack
from nhi.terraform.process import TerraformBinary
from nhi.terraform.render import render

_STACK = Stack("prod", "111122223333", "eu-west-1", S3Backend("nhi-state", "prod/terraform.tfstate", "eu-west-1"))

_ECHO = """
variable "identity" {
  type = any
}

variable "scope" {
  type = any
}

resource "terraform_data" "this" {
  input = {
    identity = var.identity
    scope    = var.scope
  }
}
"""

_HOSTILE = (
    '${file("/etc/passwd")}',
    "${path.root}",
    "$${path.root}",
    "$$${path.root}",
    "$$$${path.root}",
    "%{ for x in [1, 2] }${x}%{ endfor }",
    "%%{ if true }read as language%{ endif }",
    "%%%{ if true }read as language%%{ endif }",
    "%${path.root}",
    "$%{ if true }x%{ endif }",
    "${${path.root}}",
    "${~ path.root ~}",
    "%{~ if true ~}x%{~ endif ~}",
    "\\${path.root}",
    "\\\\${path.root}",
    "${",
    "%{",
    "$",
    "%",
    "$$",
    "%%",
    "{",
    "}",
    '"',
    '\\"',
    '"}\n}\nresource "terraform_data" "evil" {\n  input = "x"\n}\n#',
    '"\n}\nmodule "nhi-evil" {\n  source = "./modules/echo"\n}',
    "<<EOT\n${path.root}\nEOT\n",
    "<<-EOT\nx\n  EOT",
    "# a comment",
    "// a comment",
    "/* a comment */",
    "*/",
    "\\",
    "\\\\",
    "\\n",
    "\\u0000",
    "\\u0024{path.root}",
    "\\U0000007b",
    "\\x41",
    "a\nb",
    "a\r\nb",
    "a\rb",
    "\ttab",
    " leading and trailing ",
    "\x01\x02\x07\x08\x0b\x0c\x1b[31mred\x1b[0m\x7f\x80\x9f",
    "\ufeffbom",
    "bom\ufeff",
    "\u202eright to left\u202c",
    "\u200b\u200d\u2060",
    "\u2028line\u2029paragraph\u0085",
    "\ufffd\ufffe\uffff",
    "\U0001f600\U0001f468\u200d\U0001f469\U0010ffff",
    "e\u0301 \u212b \ufb01 \u1e9b\u0323",
    "日本語 العربية עברית हिन्दी Zürich",
    "",
    " ",
    "null",
    "true",
    "0123",
    "1e3",
    "::error::not for the runner",
    "' OR 1=1 --",
    "`id` $(id) ; id | id && id",
    "<script>&amp;</script>",
    "module.nhi-x.terraform_data.this",
    "x" * 5000,
)
_NUMBERS: list[Json] = [0, -1, 2**63, 2**512 - 1, -(2**512 - 1), 0.1, -2.5e-7, 5e-324, 1e22, True, None]


def _generated() -> list[str]:
    found: list[str] = []
    anything = st.text(st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\0"), max_size=40)
    syntax = st.text(st.sampled_from('${}%"\\\n\r\t~#/*<EOTu0 '), max_size=24)

    @settings(max_examples=600, derandomize=True, database=None, deadline=None)
    @given(anything | syntax)
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return found


_TEXTS = [*_HOSTILE, *_generated()]
_COMPOSED = [unicodedata.normalize("NFC", text) for text in _TEXTS]


def _identity(name: str, purpose: str, scope: Mapping[str, Json]) -> Identity:
    return Identity(
        path=f"identities/prod/{name}.yaml",
        stack="prod",
        name=name,
        kind="echo",
        owner="payments",
        purpose=purpose,
        expiry=datetime(2027, 3, 31, tzinfo=UTC),
        scope=scope,
    )


_IDENTITIES = [
    _identity(
        "every-text",
        "",
        {
            "texts": list(_TEXTS),
            "keys": {text: number for number, text in enumerate(dict.fromkeys(_COMPOSED))},
            "numbers": _NUMBERS,
            "nested": [{"for": [{"x": {}}, []]}, "text"],
        },
    ),
    *(_identity(f"purpose-{number}", text, {text: [text]}) for number, text in enumerate(_HOSTILE)),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered root without its provider: no text stands in `main.tf` that a manifest could change."""
    folder = tmp_path_factory.mktemp("root")
    (folder / "identities.tf").write_text(render(_STACK, _IDENTITIES, state_path="x")["identities.tf"])
    module = folder / "modules" / "echo"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(_ECHO)
    return folder


@pytest.fixture(scope="module")
def received(root: Path, terraform: TerraformBinary) -> dict[str, Any]:
    """What each module received, by its address."""
    lines: list[str] = []
    terraform.init(root, lines.append)
    plan_file = root / "plan"
    assert terraform.plan(root, plan_file, lines.append)
    shown: Any = terraform.show(root, plan_file)
    return {
        module["address"]: resource["values"]["input"]
        for module in shown["planned_values"]["root_module"]["child_modules"]
        for resource in module["resources"]
    }


def _composed(value: Json) -> Json:
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case list():
            return [_composed(item) for item in value]
        case dict():
            return {unicodedata.normalize("NFC", name): _composed(item) for name, item in value.items()}
        case _:
            return value


def test_every_text_comes_out_of_terraform_as_it_went_in(received: dict[str, Any]) -> None:
    assert received["module.nhi-every-text"]["scope"]["texts"] == _COMPOSED


def test_every_input_of_every_module_is_what_the_manifest_said(received: dict[str, Any]) -> None:
    expected = {f"module.nhi-{one.name}": _composed(module_input(one, _STACK)) for one in _IDENTITIES}
    assert received == expected


def test_the_rendered_text_is_as_terraform_formats_it(tmp_path: Path, terraform_environment: Mapping[str, str]) -> None:
    for name, text in render(_STACK, _IDENTITIES, state_path="x").items():
        (tmp_path / name).write_text(text)
    found = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "-no-color"],
        cwd=tmp_path,
        env=dict(terraform_environment),
        capture_output=True,
        check=False,
    )
    assert (found.returncode, found.stdout.decode()) == (0, "")
