"""What a command answered becomes each kind's own faults; what nobody's name is in is everybody's."""

import json

from nhi.sandbox.answers import (
    again_faults,
    apply_faults,
    check_faults,
    init_faults,
    plan_faults,
    standing,
    validate_faults,
)
from nhi.sandbox.examples import Example
from nhi.sandbox.person import Answer
from nhi.sandbox.table import Fault, Mark

A, AB = Example("a", "x"), Example("a-b", "x")
KINDS = (A, AB)


def _answer(document: object, code: int = 0, err: str = "") -> Answer:
    return Answer(code, json.dumps(document), err)


def _failed(words: str) -> Answer:
    return Answer(4, "", words)


def _plan(*actions: str, **more: object) -> Answer:
    resources = [{"action": one, "address": "module.nhi-one-a.x.this", "attributes": ["tags"]} for one in actions]
    return _answer({"stacks": [{"identities": [{"identity": "kinds/one-a", "resources": resources, **more}]}]})


def _guilty(faults: dict[str, list[Fault]]) -> set[str]:
    return {kind for kind, found in faults.items() if found}


def test_a_finding_is_its_own_kinds_unless_it_was_accepted_or_only_warns() -> None:
    one = {"code": "NHI1", "rule": "r", "line": 1, "message": "m", "exception": None, "severity": "error"}
    found = [
        one | {"path": "identities/kinds/one-a.yaml"},
        one | {"path": "identities/kinds/one-a-b.yaml", "severity": "warning"},
        one | {"path": "identities/kinds/one-a-b.yaml", "exception": {}},
    ]
    assert _guilty(check_faults(_answer({"findings": found}, 1), KINDS)) == {"a"}


def test_a_plan_must_do_the_one_thing_that_is_wanted() -> None:
    assert _guilty(plan_faults(_plan("create", created=True), (A,), "create")) == set()
    assert _guilty(plan_faults(_plan("create", "update", created=True), (A,), "create")) == {"a"}
    assert _guilty(plan_faults(_plan("create", created=False), (A,), "create")) == {"a"}
    assert _guilty(plan_faults(_plan("replace"), (A,), "update")) == {"a"}
    assert _guilty(plan_faults(_plan("destroy", destroyed=False), (A,), "destroy")) == {"a"}


def test_what_a_plan_does_not_name_has_no_change() -> None:
    assert plan_faults(_plan("update"), KINDS, "update")["a-b"] == [
        Fault("a plan that does update for it and nothing else", "no change")
    ]


def test_a_second_plan_must_be_empty() -> None:
    assert again_faults(_plan("update"), KINDS) == {
        "a": [Fault("no change", "update of module.nhi-one-a.x.this: tags")],
        "a-b": [],
    }


def test_a_failure_is_theirs_whom_its_words_name() -> None:
    for words in ("in modules/a-b/main.tf line 3", "module.nhi-one-a-b.aws_iam_role.this", "kinds/one-a-b: no"):
        assert _guilty(plan_faults(_failed(words), KINDS, "create")) == {"a-b"}, words


def test_a_failure_that_names_nobody_is_everybodys() -> None:
    assert _guilty(again_faults(_failed("no network"), KINDS)) == {"a", "a-b"}
    assert _guilty(check_faults(_failed("no network"), KINDS)) == {"a", "a-b"}
    assert _guilty(apply_faults(_failed("no network"), KINDS)) == {"a", "a-b"}
    assert _guilty(validate_faults(_failed("no network"), KINDS)) == {"a", "a-b"}


def test_what_an_apply_did_not_do_or_refused_is_a_fault() -> None:
    done = [{"address": f"module.nhi-one-{one}.x.this", "fate": "done"} for one in ("a", "a-b")]
    applied = {"applications": [{"resources": done}], "refused": []}
    assert _guilty(apply_faults(_answer(applied), KINDS)) == set()
    done[1]["fate"] = "failed"
    assert _guilty(apply_faults(_answer(applied, 4), KINDS)) == {"a-b"}
    refused = {"applications": [], "refused": [{"identity": "kinds/one-a", "reason": "in use"}]}
    assert apply_faults(_answer(refused, 1), KINDS) == {"a": [Fault("nothing refused", "in use")], "a-b": []}


def test_an_apply_that_did_nothing_of_a_kind_is_a_fault() -> None:
    assert _guilty(apply_faults(_answer({"applications": [{"resources": []}], "refused": []}), KINDS)) == {"a", "a-b"}


def test_init_must_have_taken_each_module_from_its_own_folder() -> None:
    taken = json.dumps({"Modules": [{"Key": f"nhi-one-{one}", "Dir": "modules/a"} for one in ("a", "a-b")]})
    assert _guilty(init_faults(_answer({}), taken, KINDS)) == {"a-b"}
    assert _guilty(init_faults(_failed("terraform init failed: no provider"), taken, KINDS)) == {"a", "a-b"}
    assert _guilty(init_faults(_failed("terraform plan failed"), taken, (A,))) == set()


def test_what_validate_finds_is_its_modules_warnings_too() -> None:
    warning = {"severity": "warning", "summary": "old", "detail": "", "range": {"filename": "modules/a-b/main.tf"}}
    assert _guilty(validate_faults(_answer({"valid": True, "diagnostics": [warning]}), KINDS)) == {"a-b"}


def test_present_as_declared_is_ok_and_a_difference_is_shown() -> None:
    said = {"identity": "kinds/one-a", "wanted": "present", "answer": "present", "holds": True, "differences": []}
    assert standing(_answer({"verified": [said]}), (A,), {"one-a"}, "present")["a"].mark is Mark.OK
    off = said | {"holds": False, "differences": [{"where": "tag", "expected": "x", "found": "y"}]}
    cell = standing(_answer({"verified": [off]}, 1), (A,), {"one-a"}, "present")["a"]
    assert (cell.mark, cell.faults) == (Mark.FAIL, (Fault("tag: x", "y"),))


def test_could_not_tell_is_neither_present_nor_absent() -> None:
    for wanted in ("present", "absent"):
        said = {
            "identity": "kinds/one-a",
            "wanted": wanted,
            "answer": "could-not-tell",
            "holds": False,
            "reason": "403",
        }
        cell = standing(_answer({"verified": [said]}, 4), (A,), (), wanted)["a"]
        assert (cell.mark, cell.faults) == (Mark.FAIL, (Fault(wanted, "could-not-tell 403"),))


def test_people_are_asked_only_about_what_aws_does_not_hold() -> None:
    people = _answer({"verified": [], "needs_attestation": ["kinds/one-a"]})
    assert standing(people, (A,), (), "present")["a"].mark is Mark.ATTEST
    assert standing(people, (A,), {"one-a"}, "present")["a"].mark is Mark.FAIL


def test_what_verify_does_not_name_is_a_fault() -> None:
    for answer in (_answer({"verified": [], "needs_attestation": []}), _failed("broken")):
        assert standing(answer, (A,), (), "absent")["a"].mark is Mark.FAIL


def test_what_is_said_to_be_absent_must_be_nowhere() -> None:
    said = {"identity": "kinds/one-a", "wanted": "absent", "answer": "absent", "holds": True}
    assert standing(_answer({"verified": [said]}), (A,), (), "absent")["a"].mark is Mark.OK
    assert standing(_answer({"verified": [said]}), (A,), {"one-a"}, "absent")["a"].mark is Mark.FAIL
