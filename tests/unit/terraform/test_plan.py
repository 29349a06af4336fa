import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.errors import OutsideError
from nhi.model.plan import Action, IdentityChange, Principal, PrincipalType, ResourceChange
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
    kind = more.get("type", "aws_iam_role_policy")
    address = f"{module}.{kind}.this" if module else f"{kind}.this"
    return {"address": address, **place, "mode": "managed", "type": kind, "change": change, **more}


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
        (["forget"], Action.FORGET),
    ],
)
def test_each_action_of_terraforms_has_its_name(actions: list[str], action: Action) -> None:
    assert summarise(_plan(_resource("module.nhi-one", *actions)), "prod").identities == (
        IdentityChange("prod/one", (ResourceChange("module.nhi-one.aws_iam_role_policy.this", action, ()),)),
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
        (
            "prod/one",
            ["module.nhi-one.module.a.aws_iam_role_policy.this", "module.nhi-one.module.b.aws_iam_role_policy.this"],
        ),
        ("prod/two", ["module.nhi-two.aws_iam_role_policy.this"]),
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


_VALUES = st.recursive(
    st.just("hunter2") | st.none() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "policy", "key"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_STATES = st.dictionaries(st.sampled_from(["name", "unique_id", "policy", "tags"]), _VALUES, max_size=4)
_SIDES = st.none() | _STATES


@given(_SIDES, _SIDES, st.sampled_from(["create", "update", "delete", "forget", "no-op"]), st.booleans())
def test_no_value_that_is_marked_as_secret_is_in_a_summary_or_in_its_error(
    before: Any,  # noqa: ANN401 - as above
    after: Any,  # noqa: ANN401 - as above
    action: str,
    importing: bool,  # noqa: FBT001 - drawn
) -> None:
    change = {"before": before, "after": after, "before_sensitive": True, "after_sensitive": True}
    one = _resource("module.nhi-one", action, type="aws_iam_role", change=change)
    if importing and action in ("update", "no-op"):
        one["change"]["importing"] = {"id": "hunter2"}
    try:
        told = repr(
            summarise(_plan(one, resource_drift=[_resource("module.nhi-one", "update", change=change)]), "prod")
        )
    except OutsideError as error:
        told = error.message
    assert "hunter2" not in told


def test_an_object_left_over_from_a_replacement_is_told_from_the_current_one() -> None:
    plan = _plan(_resource("module.nhi-one", "delete", deposed="ab12cd34"))
    assert _changes(plan)[0].address == "module.nhi-one.aws_iam_role_policy.this (deposed object ab12cd34)"


def test_a_resource_that_only_moves_is_an_update_without_attributes() -> None:
    plan = _plan(_resource("module.nhi-one", "no-op", previous_address="module.nhi-one.aws_iam_role_policy.old"))
    assert _changes(plan) == (ResourceChange("module.nhi-one.aws_iam_role_policy.this", Action.UPDATE, ()),)


@pytest.mark.parametrize(("actions", "attributes"), [("no-op", ()), ("update", ("policy",))])
def test_what_is_imported_is_no_creation_and_says_what_changes_with_it(
    actions: str, attributes: tuple[str, ...]
) -> None:
    before = {"policy": "a"}
    after = {"policy": "b"} if attributes else before
    change = {"importing": {"id": "hunter2"}, "before": before, "after": after}
    found = _changes(_plan(_resource("module.nhi-one", actions, change=change)))
    assert found == (ResourceChange("module.nhi-one.aws_iam_role_policy.this", Action.IMPORT, attributes),)


def test_what_is_taken_in_only_to_be_made_anew_is_replaced() -> None:
    (found,) = _changes(_plan(_resource("module.nhi-one", "delete", "create", change={"importing": {"id": "x"}})))
    assert found.action is Action.REPLACE


# --- roles and users -------------------------------------------------------------------------------------------------

_ROLE = {"name": "one", "unique_id": "AROAEXAMPLE", "path": "/nhi/prod/"}


def _principals(*actions: str, **more: Any) -> tuple[Principal, ...]:  # noqa: ANN401 - as above
    more.setdefault("type", "aws_iam_role")
    return summarise(_plan(_resource("module.nhi-one", *actions, **more)), "prod").principals


def test_a_new_role_has_a_name_and_no_id_yet() -> None:
    assert _principals("create", change={"after": {"name": "one"}, "after_unknown": {"unique_id": True}}) == (
        Principal("module.nhi-one.aws_iam_role.this", PrincipalType.ROLE, "one", Action.CREATE, None),
    )


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (("update",), Action.UPDATE),
        (("delete",), Action.DESTROY),
        (("forget",), Action.FORGET),
        (("delete", "create"), Action.REPLACE),
        (("create", "delete"), Action.REPLACE),
    ],
)
def test_a_role_that_stands_is_known_by_its_old_name_and_id(actions: tuple[str, ...], action: Action) -> None:
    (one,) = _principals(*actions, change={"before": _ROLE, "after": {"name": "another"}})
    assert (one.name, one.unique_id, one.action) == ("one", "AROAEXAMPLE", action)


def test_an_imported_role_has_the_id_under_which_it_stood() -> None:
    (one,) = _principals("no-op", change={"importing": {"id": "one"}, "before": _ROLE, "after": _ROLE})
    assert (one.action, one.unique_id) == (Action.IMPORT, "AROAEXAMPLE")


def test_a_user_is_a_principal_and_its_policy_is_none() -> None:
    (one,) = _principals("update", type="aws_iam_user", change={"before": _ROLE, "after": _ROLE})
    assert one.type is PrincipalType.USER
    assert _principals("update", type="aws_iam_user_policy") == ()


def test_a_role_that_is_only_read_is_none_of_ours() -> None:
    assert _principals("read", mode="data") == ()


def test_a_role_that_does_not_change_is_not_listed() -> None:
    assert _principals("no-op", change={"before": _ROLE, "after": _ROLE}) == ()


def test_an_id_that_is_marked_as_secret_does_not_appear() -> None:
    change = {"before": _ROLE, "after": _ROLE, "before_sensitive": {"unique_id": True}}
    assert _principals("update", change=change)[0].unique_id is None


@pytest.mark.parametrize(
    "change",
    [
        {"after": {"name_prefix": "one-"}, "after_unknown": {"name": True}},
        {"after": {"name": "hunter2"}, "after_sensitive": {"name": True}},
        {"after": {"name": "hunter2"}, "after_sensitive": True},
    ],
)
def test_a_role_whose_name_cannot_be_told_stops_the_plan(change: dict[str, Any]) -> None:
    with pytest.raises(OutsideError, match=r"which role module\.nhi-one\.aws_iam_role\.this is") as error:
        _principals("create", change=change)
    assert "hunter2" not in error.value.message


# --- what is left, and what was there --------------------------------------------------------------------------------


def _destroyed(*resources: dict[str, Any]) -> tuple[str, ...]:
    return summarise(_plan(*resources), "prod").destroyed


def test_an_identity_of_which_nothing_is_left_is_destroyed() -> None:
    assert _destroyed(_resource("module.nhi-one", "delete"), _resource("module.nhi-one.module.a", "delete")) == (
        "prod/one",
    )


@pytest.mark.parametrize("other", [("no-op",), ("update",), ("create",), ("delete", "create"), ("forget",)])
def test_an_identity_of_which_something_is_left_is_not_destroyed(other: tuple[str, ...]) -> None:
    assert _destroyed(_resource("module.nhi-one", "delete"), _resource("module.nhi-one.module.a", *other)) == ()


def test_what_is_read_does_not_keep_an_identity() -> None:
    read = _resource("module.nhi-one.module.a", "read", mode="data")
    assert _destroyed(_resource("module.nhi-one", "delete"), read) == ("prod/one",)


def test_what_belongs_to_no_identity_is_no_destroyed_identity() -> None:
    assert _destroyed(_resource(None, "delete")) == ()


def test_an_identity_of_which_nothing_stands_yet_is_created() -> None:
    plan = _plan(
        _resource("module.nhi-one", "create"),
        _resource("module.nhi-two", "create"),
        _resource("module.nhi-two.module.a", "no-op"),
        _resource("module.nhi-three", "delete", "create"),
        _resource("module.nhi-four", "no-op", change={"importing": {"id": "x"}}),
        _resource(None, "create"),
    )
    assert summarise(plan, "prod").created == ("prod/one",)


def _drift(*drifted: dict[str, Any], **more: Any) -> list[tuple[str | None, str, Action, tuple[str, ...]]]:  # noqa: ANN401 - as above
    resources: tuple[dict[str, Any], ...] = more.pop("resources", ())
    configured = {"resources": [{"type": "aws_iam_role_policy", "expressions": {"policy": {}}}]}
    configuration = {"root_module": {"module_calls": {"nhi-one": {"module": configured}}}}
    plan = _plan(*resources, resource_drift=list(drifted), configuration=configuration, **more)
    return [
        (one.identity, change.address, change.action, change.attributes)
        for one in summarise(plan, "prod").drift
        for change in one.changes
    ]


def test_what_was_changed_behind_terraforms_back_is_drift() -> None:
    change = {"before": {"policy": "a"}, "after": {"policy": "b"}}
    assert _drift(_resource("module.nhi-one", "update", change=change)) == [
        ("prod/one", "module.nhi-one.aws_iam_role_policy.this", Action.UPDATE, ("policy",))
    ]


def test_what_was_deleted_behind_terraforms_back_is_drift() -> None:
    change = {"before": {"policy": "a", "name": "b"}, "after": None}
    assert _drift(_resource("module.nhi-one", "delete", change=change)) == [
        ("prod/one", "module.nhi-one.aws_iam_role_policy.this", Action.DESTROY, ())
    ]


def test_what_only_mirrors_other_resources_is_no_drift() -> None:
    change = {"before": {"mirror": []}, "after": {"mirror": ["x"]}}
    assert _drift(_resource("module.nhi-one", "update", change=change)) == []


def test_what_the_plan_sets_right_is_drift_though_nobody_configured_it() -> None:
    change = {"before": {"boundary": None}, "after": {"boundary": "x"}}
    back = {"before": {"boundary": "x"}, "after": {"boundary": None}}
    planned = _resource("module.nhi-one", "update", change=back)
    drifted = _resource("module.nhi-one", "update", change=change)
    assert [one[3] for one in _drift(drifted, resources=(planned,))] == [("boundary",)]


def test_a_resource_that_only_moved_is_no_drift() -> None:
    assert _drift(_resource("module.nhi-one", "no-op", previous_address="x.y")) == []


def test_drift_alone_leaves_a_plan_empty() -> None:
    plan = _plan(resource_drift=[_resource("module.nhi-one", "delete")])
    assert summarise(plan, "prod").empty


def test_drift_that_cannot_be_shown_stops_the_plan() -> None:
    with pytest.raises(OutsideError, match="would transmogrify"):
        _drift(_resource("module.nhi-one", "transmogrify"))


# --- what cannot be shown --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (_plan(_resource("module.nhi-one", "create", "forget")), "would create and forget module.nhi-one"),
        (_plan(_resource("module.nhi-one", "transmogrify")), "would transmogrify module.nhi-one"),
        (_plan(_resource("module.nhi-one")), "does not say what happens to module.nhi-one"),
        (
            _plan(_resource("module.nhi-one", "delete", change={"importing": {"id": "x"}})),
            "would import module.nhi-one.aws_iam_role_policy.this and delete it at once",
        ),
        (
            _plan(deferred_changes=[{"reason": "unknown", "resource_change": _resource("module.nhi-one", "create")}]),
            'deferred changes, the first for "module.nhi-one.aws_iam_role_policy.this"',
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
        (_plan(resource_drift={}), "resource_drift is not a list"),
        (_plan(configuration={"root_module": {"resources": {}}}), "configuration is not a list"),
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
