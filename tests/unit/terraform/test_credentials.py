"""Which access keys a plan ends."""

import pytest

from nhi.model.identity import Json
from nhi.terraform.credentials import EndedKey, ended_keys


def key(
    before: Json, after: Json, *actions: str, kind: str = "aws_iam_access_key", module: str | None = "module.nhi-a"
) -> dict[str, Json]:
    resource: Json = {
        "address": 'module.nhi-a.aws_iam_access_key.this["x"]',
        "module_address": module,
        "type": kind,
        "change": {"actions": list(actions), "before": before, "after": after},
    }
    return {"resource_changes": [resource]}


ACTIVE: Json = {"id": "AKIA1", "user": "a", "status": "Active"}
INACTIVE: Json = {"id": "AKIA1", "user": "a", "status": "Inactive"}
FOUND = (EndedKey("prod/a", "a", "AKIA1", 'module.nhi-a.aws_iam_access_key.this["x"]'),)


@pytest.mark.parametrize(
    ("before", "after", "actions"),
    [
        (ACTIVE, None, ("delete",)),
        (INACTIVE, None, ("delete",)),
        (INACTIVE, ACTIVE, ("delete", "create")),
        (ACTIVE, ACTIVE, ("delete", "create")),
        (ACTIVE, ACTIVE, ("create", "delete")),
        (ACTIVE, INACTIVE, ("update",)),
        (ACTIVE, {"id": "AKIA1", "user": "a"}, ("update",)),
    ],
)
def test_a_key_that_is_deleted_or_works_no_more_is_ended(before: Json, after: Json, actions: tuple[str, ...]) -> None:
    assert ended_keys(key(before, after, *actions), "prod") == FOUND


@pytest.mark.parametrize(
    ("before", "after", "actions"),
    [
        (None, ACTIVE, ("create",)),
        (INACTIVE, ACTIVE, ("update",)),
        (ACTIVE, ACTIVE, ("no-op",)),
        (ACTIVE, ACTIVE, ("update",)),
    ],
)
def test_no_other_key_is(before: Json, after: Json, actions: tuple[str, ...]) -> None:
    assert ended_keys(key(before, after, *actions), "prod") == ()


def test_other_resources_are_no_keys() -> None:
    assert ended_keys(key(ACTIVE, None, "delete", kind="aws_iam_user"), "prod") == ()


def test_a_key_outside_of_any_identity_is_nobodys() -> None:
    found = ended_keys(key(ACTIVE, None, "delete", module=None), "prod")

    assert found[0].identity is None
