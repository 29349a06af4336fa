"""A stack's identities as a Terraform root: the same input gives the same bytes, in whatever order it comes.

A stack in parts is as many roots, each in a folder of its own, and all with the same modules beside them.

The templates print nothing but HCL that `nhi.terraform.hcl` wrote, so no manifest can add to Terraform's language.
"""

import posixpath
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from jinja2 import Environment, PackageLoader, StrictUndefined

from nhi.errors import InputError
from nhi.model.identity import Identity, Json
from nhi.model.module_input import module_input
from nhi.model.parts import part_names, part_of, state_of
from nhi.model.settings import S3Backend, Stack
from nhi.terraform.address import is_name, module_label
from nhi.terraform.hcl import Hcl, NotExpressible, expression

TERRAFORM_VERSION = ">= 1.11.0"
"""From 1.11 an S3 state is locked by a file beside it: https://developer.hashicorp.com/terraform/language/backend/s3"""

AWS_PROVIDER_VERSION = "5.100.0"
"""Exact, so that the same root is planned by the same provider everywhere."""

_NOT_OF_AWS = (
    "skip_credentials_validation",
    "skip_metadata_api_check",
    "skip_region_validation",
    "skip_requesting_account_id",
)
"""What the S3 backend would ask AWS itself, and cannot ask a store that only speaks S3."""


@dataclass(frozen=True, slots=True)
class _Block:
    label: Hcl
    source: Hcl
    identity: Hcl
    scope: Hcl


def render(stack: Stack, identities: Sequence[Identity], *, state_path: str) -> dict[str, str]:
    """The root's files, path → text: `main.tf` and `identities.tf`. `modules/` of `kinds_in_use` belong beside them.

    Of a stack in parts, each part has the two in a folder of its name.

    `state_path` is where a stack with a local backend keeps its state: absolute, or relative to the root (the stack's
    own setting is relative to the repository, which a root does not know). It is unused where the state is in S3.

    Raises:
        InputError: an identity cannot be written in HCL, stands twice, or is of another stack.
    """
    _refuse_mixed_up(stack, identities)
    blocks: dict[str, list[_Block]] = {part: [] for part in part_names(stack.parts)}
    for identity in sorted(identities, key=lambda identity: identity.name):
        blocks[part_of(identity.name, stack.parts)].append(_block(identity, stack))
    files: dict[str, str] = {}
    for part, own in blocks.items():
        seen_from_part = posixpath.join("..", state_path) if part else state_path
        files[posixpath.join(part, "main.tf")] = _main(stack, part, seen_from_part)
        files[posixpath.join(part, "identities.tf")] = TEMPLATES.get_template("identities.tf.j2").render(blocks=own)
    return files


def kinds_in_use(identities: Iterable[Identity]) -> tuple[str, ...]:
    """The kinds whose module a root of these identities calls, sorted."""
    return tuple(sorted({identity.kind for identity in identities}))


def _refuse_mixed_up(stack: Stack, identities: Iterable[Identity]) -> None:
    foreign = sorted(identity.path for identity in identities if identity.stack != stack.name)
    if foreign:
        raise InputError(
            f"{foreign[0]} is not an identity of the stack {stack.name}",
            hint=f"move it below identities/{stack.name}/, or render its own stack",
        )
    twice = [name for name, count in Counter(identity.name for identity in identities).items() if count > 1]
    if twice:
        paths = sorted(identity.path for identity in identities if identity.name == min(twice))
        raise InputError(f"{' and '.join(paths)} have the same name", hint="give each identity of a stack its own name")


def _block(identity: Identity, stack: Stack) -> _Block:
    for what, name in (("name", identity.name), ("kind", identity.kind)):
        if not is_name(name):
            raise InputError(
                f"{identity.path}: the {what} {name[:60]!a} cannot stand in a Terraform module's address",
                hint="use a-z, 0-9 and '-' only",
            )
    given = module_input(identity, stack)
    try:
        return _Block(
            label=expression(module_label(identity.name)),
            source=expression(f"{'.' if stack.parts == 1 else '..'}/modules/{identity.kind}"),
            identity=expression(given["identity"], depth=1),
            scope=expression(given["scope"], depth=1),
        )
    except NotExpressible as cause:
        raise InputError(
            f"{identity.path} cannot be written for Terraform: {cause}", hint="change that value in the manifest"
        ) from cause


def _main(stack: Stack, part: str, state_path: str) -> str:
    s3 = local = None
    try:
        if isinstance(stack.backend, S3Backend):
            s3 = expression(_s3(replace(stack.backend, key=state_of(stack.backend.key, part))), depth=1)
        else:
            local = {"path": expression(state_of(state_path, part))}
        return TEMPLATES.get_template("main.tf.j2").render(
            terraform_version=expression(TERRAFORM_VERSION),
            provider_version=expression(AWS_PROVIDER_VERSION),
            s3=s3,
            local=local,
            accounts=expression([stack.account]),
            region=expression(stack.region),
        )
    except NotExpressible as cause:
        raise InputError(
            f"the stack {stack.name} cannot be written for Terraform: {cause}", hint="change its settings in nhi.yaml"
        ) from cause


def _s3(backend: S3Backend) -> dict[str, Json]:
    """The backend's arguments, as https://developer.hashicorp.com/terraform/language/backend/s3 names them.

    Credentials are never among them: they come from the environment, so that no plan and no root holds any.
    """
    arguments: dict[str, Json] = {
        "bucket": backend.bucket,
        "encrypt": True,
        "key": backend.key,
        "region": backend.region,
        "use_lockfile": True,
    }
    if backend.kms_key_id is not None:
        arguments["kms_key_id"] = backend.kms_key_id
    if backend.use_path_style:
        arguments["use_path_style"] = True
    if backend.endpoint is not None:
        arguments["endpoints"] = {"s3": backend.endpoint}
        arguments |= dict.fromkeys(_NOT_OF_AWS, True)
    return arguments


def _only_hcl(printed: object) -> object:
    if not isinstance(printed, Hcl):
        raise TypeError(f"a template printed {type(printed).__name__}, which nhi.terraform.hcl did not write")
    return printed


TEMPLATES = Environment(
    loader=PackageLoader("nhi.terraform"),
    autoescape=False,  # noqa: S701 - it escapes for HTML; `_only_hcl` does it for HCL
    finalize=_only_hcl,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
"""They print nothing but HCL, and stop at a name that they were not given."""
