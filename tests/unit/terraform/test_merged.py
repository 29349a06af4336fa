"""What the plans of parts say together is what one plan of the whole stack would say."""

from typing import Any

import pytest

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.terraform.merged import merged


def plan(name: str, **more: Json) -> dict[str, Json]:
    """A plan of one identity, as far as it matters here."""
    address = f"module.nhi-{name}.aws_iam_role.this"
    return {
        "format_version": "1.2",
        "timestamp": "2026-11-20T12:00:00Z",
        "applyable": True,
        "complete": True,
        "errored": False,
        "resource_changes": [{"address": address}],
        "planned_values": {"root_module": {"child_modules": [{"address": f"module.nhi-{name}"}]}},
        "configuration": {
            "provider_config": {"aws": {"expressions": {"allowed_account_ids": {"constant_value": ["111122223333"]}}}},
            "root_module": {"module_calls": {f"nhi-{name}": {"source": "../modules/aws-service-role"}}},
        },
        **more,
    }


def test_what_is_said_of_resources_is_put_together_in_the_order_of_the_parts() -> None:
    whole: Any = merged([plan("one"), plan("two"), plan("three")])

    assert [one["address"] for one in whole["resource_changes"]] == [
        "module.nhi-one.aws_iam_role.this",
        "module.nhi-two.aws_iam_role.this",
        "module.nhi-three.aws_iam_role.this",
    ]
    modules = whole["planned_values"]["root_module"]["child_modules"]
    assert [one["address"] for one in modules] == ["module.nhi-one", "module.nhi-two", "module.nhi-three"]
    assert list(whole["configuration"]["root_module"]["module_calls"]) == ["nhi-one", "nhi-two", "nhi-three"]


def test_what_is_the_same_in_all_parts_stands_once() -> None:
    whole: Any = merged([plan("one"), plan("two")])

    expressions = whole["configuration"]["provider_config"]["aws"]["expressions"]
    assert expressions == {"allowed_account_ids": {"constant_value": ["111122223333"]}}
    assert whole["format_version"] == "1.2"


def test_one_plan_is_itself() -> None:
    assert merged([plan("one")]) == plan("one")


@pytest.mark.parametrize(
    ("name", "values", "whole"),
    [
        ("applyable", (False, True), True),
        ("applyable", (False, False), False),
        ("errored", (False, True), True),
        ("complete", (True, False), False),
        ("timestamp", ("2026-11-20T12:00:09Z", "2026-11-20T12:00:01Z"), "2026-11-20T12:00:01Z"),
    ],
)
def test_what_a_plan_says_of_itself_follows_from_its_parts(name: str, values: tuple[Any, Any], whole: object) -> None:
    one, other = values

    assert merged([plan("one", **{name: one}), plan("two", **{name: other})])[name] == whole


def test_what_one_part_alone_says_is_kept() -> None:
    drift: Json = [{"address": "module.nhi-one.aws_iam_role.this"}]

    assert merged([plan("one", resource_drift=drift), plan("two")])["resource_drift"] == drift
    assert merged([plan("one"), plan("two", resource_drift=drift)])["resource_drift"] == drift


def test_parts_that_contradict_each_other_are_no_plan() -> None:
    with pytest.raises(OutsideError, match=r"contradict each other in configuration\.root_module\.variables$"):
        merged(
            [
                plan("one", configuration={"root_module": {"variables": "x"}}),
                plan("two", configuration={"root_module": {"variables": 1}}),
            ]
        )
    with pytest.raises(OutsideError, match=r"contradict each other in format_version$"):
        merged([plan("one"), plan("two", format_version="1.3")])
