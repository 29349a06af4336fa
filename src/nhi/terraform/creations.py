"""What a plan would create that could stand already, and as Terraform's `import` blocks, should it do so.

A creation whose answer came to nobody, since its Terraform was killed, stands in the cloud and in no state: to create
it again fails, or makes a second one. Pure: the plan's JSON in, names out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.terraform.address import identity_in, module_label
from nhi.terraform.hcl import Hcl, NotExpressible, expression
from nhi.terraform.render import TEMPLATES

ACCESS_KEY = "aws_iam_access_key"
NAMED = ("aws_iam_role", "aws_iam_user", "aws_secretsmanager_secret")
"""Types whose name is theirs alone in an account or region."""

_TAINTED = "replace_because_tainted"
_WORD = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Creation:
    """A resource that a plan would create in the module of an identity."""

    identity: str
    """`<stack>/<name>`."""
    address: str
    type: str
    name: str
    """Its own name; of an access key, its user's."""
    to: Hcl
    """Its address as Terraform's language has it."""


@dataclass(frozen=True, slots=True)
class Import:
    """Something that stands, and the place in the root that it is."""

    creation: Creation
    id: str
    """What the provider imports it by."""


def creations(plan: Mapping[str, Json], stack: str) -> tuple[Creation, ...]:
    """What the plan would create of the types that could stand already, sorted by address.

    Raises:
        OutsideError: such a resource does not stand directly in an identity's module, or its name is not known before
            it is made, so that nobody can look whether it is there.
    """
    found = [_creation(one, stack) for one in _managed(plan) if one["change"]["actions"] == ["create"]]
    return tuple(sorted(found, key=lambda one: one.address))


def known_keys(plan: Mapping[str, Json]) -> frozenset[str]:
    """The ids of the access keys that the state knows before the plan is applied."""
    resources = (one for one in _managed(plan) if one["type"] == ACCESS_KEY and one["change"]["before"])
    return frozenset(str(one["change"]["before"]["id"]) for one in resources)


def users_in_state(plan: Mapping[str, Json]) -> frozenset[str]:
    """The names of the users that the state knows before the plan is applied."""
    resources = (one for one in _managed(plan) if one["type"] == "aws_iam_user" and one["change"]["before"])
    return frozenset(str(one["change"]["before"]["name"]) for one in resources)


def half_made(plan: Mapping[str, Json]) -> frozenset[str]:
    """The addresses of what an apply began to create and did not finish, so that Terraform makes it anew (tainted)."""
    return frozenset(str(one["address"]) for one in _managed(plan) if one.get("action_reason") == _TAINTED)


def import_blocks(imports: Iterable[Import]) -> str:
    """The imports as Terraform's language has them.

    Raises:
        OutsideError: an id cannot be written in HCL.
    """
    try:
        blocks = [{"to": one.creation.to, "id": expression(one.id)} for one in imports]
    except NotExpressible as cause:
        raise OutsideError(f"the cloud gave an id that cannot be written for Terraform: {cause}") from cause
    return TEMPLATES.get_template("imports.tf.j2").render(blocks=blocks)


def _managed(plan: Mapping[str, Json]) -> Iterator[dict[str, Any]]:
    changes: Any = plan.get("resource_changes") or []
    for one in changes:
        if one.get("mode", "managed") == "managed" and one.get("type") in (*NAMED, ACCESS_KEY):
            yield one


def _creation(resource: Mapping[str, Any], stack: str) -> Creation:
    address, module = str(resource.get("address")), str(resource.get("module_address"))
    identity = identity_in(module)
    name = resource["change"]["after"].get("user" if resource["type"] == ACCESS_KEY else "name")
    if identity is None or module != f"module.{module_label(identity)}":
        raise OutsideError(f"{address} does not stand in an identity's own module", hint="mend the kind's module")
    if not isinstance(name, str):
        raise OutsideError(
            f"the name of {address} is not known before it is made, so nobody can look whether it stands already",
            hint="mend the kind's module: its name is the identity's",
        )
    to = _traversal((module, resource["type"], resource["name"]), resource.get("index"))
    return Creation(f"{stack}/{identity}", address, resource["type"], name, to)


def _traversal(parts: Sequence[str], index: Json) -> Hcl:
    module, kind, name = parts
    if not _WORD.fullmatch(kind) or not _WORD.fullmatch(name):
        raise OutsideError(f"{module}.{kind}.{name} is no address that can be imported to")
    place = f"{module}.{kind}.{name}"
    return Hcl(place if index is None else f"{place}[{expression(index)}]")
