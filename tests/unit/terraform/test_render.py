import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from nhi.errors import InputError
from nhi.model.identity import Identity, Json, Suspension
from nhi.model.parts import part_names, part_of
from nhi.model.settings import LocalBackend, S3Backend, Stack
from nhi.terraform.render import TEMPLATES, kinds_in_use, render

_GOLDEN = Path(__file__).parents[2] / "golden" / "terraform"
_S3 = Stack("prod", "111122223333", "eu-west-1", S3Backend("nhi-state-example", "prod/terraform.tfstate", "eu-west-1"))
_LOCAL = Stack("dev", "444455556666", "us-east-1", LocalBackend())


def _identity(name: str, stack: str = "prod", kind: str = "aws-service-role", **scope: Json) -> Identity:
    return Identity(
        path=f"identities/{stack}/{name}.yaml",
        stack=stack,
        name=name,
        kind=kind,
        owner="payments",
        purpose="Settlement batch writes cleared transactions to the ledger table.",
        expiry=datetime(2027, 3, 31, tzinfo=UTC),
        scope=scope,
    )


_WRITER = _identity(
    "ledger-writer",
    trust={"services": ["ecs-tasks.amazonaws.com"]},
    allow=[
        {
            "actions": ["dynamodb:PutItem", "dynamodb:UpdateItem"],
            "resources": ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"],
            "conditions": {"StringEquals": {"aws:ResourceTag/team": ["payments"]}},
        }
    ],
)
_SUSPENDED = replace(
    _identity("3rd-party", kind="manual", steps=["Log in as ${admin}.", 'Press "remove".\nConfirm.'], days=3),
    purpose="Zürich office: reads 100 % of %{ the } mail.",
    suspended=Suspension(datetime(2026, 11, 1, 8, tzinfo=UTC), "leak suspected"),
)


@pytest.mark.parametrize(
    ("folder", "stack", "identities"),
    [("s3", _S3, [_WRITER, _SUSPENDED]), ("local", _LOCAL, [_identity("report-reader", "dev", access=[])])],
)
def test_a_root_is_rendered_to_the_byte(
    folder: str, stack: Stack, identities: list[Identity], request: pytest.FixtureRequest
) -> None:
    rendered = render(stack, identities, state_path="../../state/dev.tfstate")
    if request.config.getoption("--accept", default=False):
        for name, text in rendered.items():
            (_GOLDEN / folder / name).write_bytes(text.encode())
    assert rendered == {path.name: path.read_bytes().decode() for path in (_GOLDEN / folder).iterdir()}


def test_the_order_of_identities_changes_no_byte() -> None:
    identities = [_identity(f"id-{number}") for number in range(50)]
    shuffled = random.Random(1).sample(identities, len(identities))  # noqa: S311 - an order, not a secret
    assert render(_S3, shuffled, state_path="x") == render(_S3, identities, state_path="x")


def test_the_order_of_keys_in_a_scope_changes_no_byte() -> None:
    one = _identity("one", trust={"a": 1, "b": 2}, allow=[])
    other = _identity("one", allow=[], trust={"b": 2, "a": 1})
    assert render(_S3, [one], state_path="x") == render(_S3, [other], state_path="x")


def test_a_root_without_identities_keeps_its_provider_to_remove_what_is_left() -> None:
    rendered = render(_S3, [], state_path="x")
    assert 'provider "aws" {' in rendered["main.tf"]
    assert "module" not in rendered["identities.tf"]


def test_the_provider_works_in_no_other_account() -> None:
    assert 'allowed_account_ids = ["111122223333"]' in render(_S3, [], state_path="x")["main.tf"]


def test_an_s3_state_is_locked_and_encrypted() -> None:
    main = render(_S3, [], state_path="x")["main.tf"]
    assert "use_lockfile = true" in main
    assert "encrypt      = true" in main


def _s3(**more: object) -> str:
    backend = replace(S3Backend("nhi-state-example", "k", "eu-west-1"), **more)  # type: ignore[arg-type]  # of one test
    return render(replace(_S3, backend=backend), [], state_path="x")["main.tf"]


def test_a_state_can_be_encrypted_with_a_key_of_its_own() -> None:
    arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
    assert f'kms_key_id   = "{arn}"' in _s3(kms_key_id=arn)


def test_a_store_that_is_not_aws_is_asked_nothing_that_only_aws_can_answer() -> None:
    main = _s3(endpoint="https://s3.store.example", use_path_style=True)
    assert 'endpoints = {\n      s3 = "https://s3.store.example"\n    }' in main
    for argument in ("skip_credentials_validation", "skip_requesting_account_id", "use_path_style", "use_lockfile"):
        assert f"    {argument} " in main
    assert "skip_" not in _s3()


@pytest.mark.parametrize("path", ['x"\n}\nresource "a" "b" {}', "${path.root}"])
def test_the_path_of_a_state_is_text(path: str) -> None:
    main = render(_LOCAL, [], state_path=path)["main.tf"]
    assert len(main.splitlines()) == len(render(_LOCAL, [], state_path="x")["main.tf"].splitlines())


@pytest.mark.parametrize("name", ['x"', "a\nb", "A", "-a", "a.b", "", "é", "a" * 64])
def test_a_name_that_is_no_terraform_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"the name .* cannot stand"):
        render(_S3, [_identity(name)], state_path="x")


@pytest.mark.parametrize("kind", ["../../evil", "git::https://evil.example/x", "a/b", "..", ""])
def test_a_kind_that_leads_out_of_the_modules_is_refused(kind: str) -> None:
    with pytest.raises(InputError, match=r"the kind .* cannot stand"):
        render(_S3, [_identity("one", kind=kind)], state_path="x")


def test_an_identity_of_another_stack_is_refused() -> None:
    with pytest.raises(InputError, match=r"identities/dev/one.yaml is not an identity of the stack prod"):
        render(_S3, [_identity("one", "dev")], state_path="x")


def test_two_identities_of_one_name_are_refused() -> None:
    second = replace(_identity("one"), path="identities/prod/sub/one.yaml")
    with pytest.raises(
        InputError, match=r"identities/prod/one.yaml and identities/prod/sub/one.yaml have the same name"
    ):
        render(_S3, [second, _identity("one"), _identity("two")], state_path="x")


def test_what_cannot_be_written_names_the_manifest() -> None:
    with pytest.raises(InputError, match=r"identities/prod/one.yaml cannot be written for Terraform: .*NUL") as error:
        render(_S3, [_identity("two"), _identity("one", a=["\0"])], state_path="x")
    assert error.value.hint


def test_settings_that_cannot_be_written_name_the_stack() -> None:
    with pytest.raises(InputError, match=r"the stack prod cannot be written for Terraform: .*NUL"):
        render(replace(_S3, region="\0"), [], state_path="x")


def test_each_kind_in_use_is_named_once() -> None:
    kinds = [_identity("one", kind="b"), _identity("two", kind="a"), _identity("three", kind="b")]
    assert kinds_in_use(kinds) == ("a", "b")


@pytest.mark.parametrize("printed", ["{{ value }}", "{{ 'constant' }}", "{{ value ~ value }}", "{{ 1 }}"])
def test_a_template_cannot_print_what_was_not_escaped(printed: str) -> None:
    values: Mapping[str, str] = {"value": "${path.root}"}
    with pytest.raises(TypeError, match="did not write"):
        TEMPLATES.from_string(printed).render(values)


def test_a_template_cannot_print_what_it_was_not_given() -> None:
    with pytest.raises(TypeError, match="StrictUndefined"):
        TEMPLATES.from_string("{{ missing }}").render()


def test_a_template_cannot_decide_on_what_it_was_not_given() -> None:
    with pytest.raises(UndefinedError):
        TEMPLATES.from_string("{% if missing %}x{% endif %}").render()


def test_each_identity_of_a_stack_in_parts_is_in_its_own_part_alone() -> None:
    identities = [_identity(f"id-{number}") for number in range(50)]
    rendered = render(replace(_S3, parts=3), identities, state_path="x")

    assert sorted(rendered) == [f"{part}/{file}" for part in part_names(3) for file in ("identities.tf", "main.tf")]
    for part in part_names(3):
        own = [one for one in identities if part_of(one.name, 3) == part]
        assert own
        whole = render(_S3, own, state_path="x")["identities.tf"]
        assert rendered[f"{part}/identities.tf"] == whole.replace('"./modules/', '"../modules/')


def test_each_part_has_a_state_of_its_own_in_s3() -> None:
    rendered = render(replace(_S3, parts=2), [], state_path="x")

    for part in part_names(2):
        key = f'key          = "prod/terraform.tfstate.{part}"'
        assert key in rendered[f"{part}/main.tf"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("../../state/dev.tfstate", "../../../state/dev.tfstate"), ("/state/dev.tfstate", "/state/dev.tfstate")],
)
def test_each_part_has_a_local_state_of_its_own_where_the_stacks_would_be(given: str, kept: str) -> None:
    rendered = render(replace(_LOCAL, parts=2), [], state_path=given)

    for part in part_names(2):
        assert f'path = "{kept}.{part}"' in rendered[f"{part}/main.tf"]
