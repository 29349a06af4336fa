import json
from typing import Any

import pytest

from nhi.errors import OutsideError
from nhi.model.plan import Action, IdentityChange, PlanSummary, ResourceChange
from nhi.terraform.plan import plan_digest, summarise


def _plan(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON of any shape
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": list(resources),
        "timestamp": "2026-11-20T22:59:26Z",
        "applyable": bool(resources),
        "complete": True,
        "errored": False,
        **more,
    }


def _resource(module: str | None, *actions: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    change = {"actions": list(actions), "before": None, "after": None, "after_unknown": {}, **more.pop("change", {})}
    place = {"module_address": module} if module else {}
    address = f"{module}.aws_iam_role.this" if module else "aws_iam_role.this"
    return {"address": address, **place, "mode": "managed", "type": "aws_iam_role", "change": change, **more}


def _changes(plan: dict[str, Any]) -> tuple[ResourceChange, ...]:
    return tuple(change for one in summarise(plan, "prod").identities for change in one.changes)


def _attributes(**change: Any) -> tuple[str, ...]:  # noqa: ANN401 - as above
    (found,) = _changes(_plan(_resource("module.nhi-one", "update", change=change)))
    return found.attributes


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["create"], Action.CREATE),
        (["update"], Action.UPDATE),
        (["delete"], Action.DESTROY),
        (["read"], Action.READ),
        (["delete", "create"], Action.REPLACE),
        (["create", "delete"], Action.REPLACE),
    ],
)
def test_each_action_of_terraforms_has_its_name(actions: list[str], action: Action) -> None:
    assert summarise(_plan(_resource("module.nhi-one", *actions)), "prod") == PlanSummary(
        "prod",
        (IdentityChange("prod/one", (ResourceChange("module.nhi-one.aws_iam_role.this", action, ()),)),),
    )


def test_a_plan_that_changes_nothing_is_empty() -> None:
    assert summarise(_plan(_resource("module.nhi-one", "no-op")), "prod").empty


def test_a_plan_without_resources_is_empty() -> None:
    plan = _plan()
    del plan["resource_changes"]
    assert summarise(plan, "prod").empty


def test_changes_are_grouped_by_identity_and_sorted() -> None:
    plan = _plan(
        _resource("module.nhi-two", "create"),
        _resource("module.nhi-one.module.b", "create"),
        _resource("module.nhi-one.module.a", "delete"),
    )
    assert [
        (one.identity, [change.address for change in one.changes]) for one in summarise(plan, "prod").identities
    ] == [
        ("prod/one", ["module.nhi-one.module.a.aws_iam_role.this", "module.nhi-one.module.b.aws_iam_role.this"]),
        ("prod/two", ["module.nhi-two.aws_iam_role.this"]),
    ]


@pytest.mark.parametrize("module", [None, "module.other", "module.other.module.nhi-one"])
def test_what_belongs_to_no_identity_comes_first(module: str | None) -> None:
    plan = _plan(_resource("module.nhi-one", "create"), _resource(module, "delete"))
    assert [one.identity for one in summarise(plan, "prod").identities] == [None, "prod/one"]


def test_changes_of_outputs_belong_to_no_identity() -> None:
    plan = _plan(output_changes={"arn": {"actions": ["update"]}, "same": {"actions": ["no-op"]}})
    assert _changes(plan) == (ResourceChange("output.arn", Action.UPDATE, ()),)


def test_changed_attributes_are_named() -> None:
    before = {"name": "a", "path": "/", "tags": {"x": "1"}, "gone": 1, "same": [1, {"b": 2}]}
    after = {"name": "b", "path": "/", "tags": {"x": "2"}, "new": 0, "same": [1, {"b": 2}]}
    assert _attributes(before=before, after=after) == ("gone", "name", "new", "tags")


def test_an_attribute_known_only_afterwards_is_named() -> None:
    unknown = {"arn": True, "nested": [{"id": True}], "known": [False, {}], "empty": {}}
    both = {"nested": [{}], "known": [1], "empty": {}}
    assert _attributes(before={"arn": "x", **both}, after=both, after_unknown=unknown) == ("arn", "nested")


def test_an_attribute_that_becomes_secret_is_named() -> None:
    value = {"input": "x", "other": ["y"]}
    before, after = {"other": [False]}, {"input": True, "other": [False]}
    assert _attributes(before=value, after=value, before_sensitive=before, after_sensitive=after) == ("input",)


def test_null_and_absent_are_the_same() -> None:
    assert _attributes(before={"a": None}, after={}) == ()


def test_true_and_one_are_not_the_same() -> None:
    assert _attributes(before={"a": True}, after={"a": 1}) == ("a",)


def test_no_value_of_an_attribute_is_in_a_summary() -> None:
    secret = "hunter2"  # noqa: S105 - the example of a secret
    change = {
        "before": {"password": secret, "nested": {"key": secret}},
        "after": {"password": secret + "!", "nested": {"key": [secret]}},
        "before_sensitive": {"password": True},
        "after_sensitive": {"password": True},
    }
    summary = summarise(_plan(_resource("module.nhi-one", "update", change=change)), "prod")
    assert summary.identities[0].changes[0].attributes == ("nested", "password")
    assert secret not in repr(summary)


def test_an_object_left_over_from_a_replacement_is_told_from_the_current_one() -> None:
    plan = _plan(_resource("module.nhi-one", "delete", deposed="ab12cd34"))
    assert _changes(plan)[0].address == "module.nhi-one.aws_iam_role.this (deposed object ab12cd34)"


def test_a_resource_that_only_moves_is_an_update_without_attributes() -> None:
    plan = _plan(_resource("module.nhi-one", "no-op", previous_address="module.nhi-one.aws_iam_role.old"))
    assert _changes(plan) == (ResourceChange("module.nhi-one.aws_iam_role.this", Action.UPDATE, ()),)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (_plan(_resource("module.nhi-one", "forget")), "would forget module.nhi-one.aws_iam_role.this"),
        (_plan(_resource("module.nhi-one", "create", "forget")), "would create and forget module.nhi-one"),
        (_plan(_resource("module.nhi-one", "transmogrify")), "would transmogrify module.nhi-one"),
        (_plan(_resource("module.nhi-one")), "does not say what happens to module.nhi-one"),
        (_plan(_resource("module.nhi-one", "no-op", change={"importing": {"id": "x"}})), "would import module.nhi-one"),
        (
            _plan(_resource("module.nhi-one", "update", change={"importing": {"id": "x"}})),
            "would import module.nhi-one",
        ),
        (
            _plan(deferred_changes=[{"reason": "unknown", "resource_change": _resource("module.nhi-one", "create")}]),
            'deferred changes, the first for "module.nhi-one.aws_iam_role.this"',
        ),
        (
            _plan(action_invocations=[{"address": "action.aws_x.y"}]),
            'action invocations, the first for "action.aws_x.y"',
        ),
        (_plan(deferred_action_invocations=[{}]), "deferred action invocations, the first for null"),
        (_plan(complete=False), "it is incomplete"),
        (_plan(output_changes={"x": {"actions": ["forget"]}}), "would forget output.x"),
        (_plan(format_version="2.0"), 'format version is "2.0"'),
        ({}, "format version is null"),
        ({"format_version": "1.0", "values": {"root_module": {}}}, "it is not a plan"),
        (_plan(resource_changes={}), "resource_changes is not a list"),
        (_plan(resource_changes=["x"]), "resource_changes is not an object"),
        (_plan(output_changes=["x"]), "output_changes is not an object"),
        (_plan({"change": {"actions": ["create"]}}), "a change without an address"),
        (_plan({"address": "a.b"}), "change of a.b is not an object"),
    ],
)
def test_what_cannot_be_shown_stops_the_plan(plan: dict[str, Any], said: str) -> None:
    with pytest.raises(OutsideError) as error:
        summarise(plan, "prod")
    assert said in error.value.message
    assert "do not apply it" in error.value.hint


def test_a_plan_that_broke_off_is_not_taken_for_a_small_one() -> None:
    with pytest.raises(OutsideError, match="broke off"):
        summarise(_plan(_resource("module.nhi-one", "create"), errored=True), "prod")


def test_the_digest_does_not_depend_on_when_the_plan_was_made() -> None:
    now = _plan(_resource("module.nhi-one", "create"))
    assert plan_digest(now) == plan_digest(now | {"timestamp": "2027-01-01T00:00:00Z"})


def test_the_digest_does_not_depend_on_the_order_of_keys_or_of_relevant_attributes() -> None:
    relevant = [{"resource": "a.b", "attribute": ["x"]}, {"resource": "a.c", "attribute": ["y", 0]}]
    plan = _plan(relevant_attributes=relevant)
    turned = dict(reversed(list((plan | {"relevant_attributes": relevant[::-1]}).items())))
    assert plan_digest(turned) == plan_digest(plan)


def test_the_digest_depends_on_every_value() -> None:
    one = _plan(_resource("module.nhi-one", "update", change={"before": {"a": 1}, "after": {"a": 2}}))
    other = json.loads(json.dumps(one).replace('{"a": 2}', '{"a": 3}'))
    assert plan_digest(one) != plan_digest(other)


def test_the_digest_is_fixed() -> None:
    assert plan_digest({"timestamp": "x", "b": [1, "é"], "a": None}) == (
        "sha256:a44633ba036df25280e4fd9ef09da6f54dfe6d3611c755e31f993ab16f108f34"
    )
